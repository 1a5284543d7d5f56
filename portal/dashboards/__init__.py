"""Dashboards as data: filters in the URL, tiles that are governed queries, figures that are plain dicts.

Every tile's SQL goes through the gate as the person who looks. A tile fails alone, and one that is refused offers the
request for exactly the columns it needed.
"""
