"""The portal as YAML: what the files say is read, checked, compared with what is, and brought about in one transaction.

`apply` is the only way configuration changes in bulk. It decides nothing that a person decides elsewhere by other
rules: it calls the same functions, and every change it makes leaves the same audit event.
"""
