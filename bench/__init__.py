"""Benchmarks: each a ratio against a named rival or limit, both sides measured in the same run.

A module `bench/<name>.py` has `run()`, which returns one dictionary per figure: `name`, `ours`, `rival`, `ratio`
(ours divided by rival), `unit`, and a `note` that says who the rival is and what is aimed for.
"""
