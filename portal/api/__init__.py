"""The HTTP API under `/api/v1/`: the same functions as the pages, the same errors, one problem document for each.

What the caller may not know of is 404. What it may know of but not do is 403 and names the way to ask.
"""
