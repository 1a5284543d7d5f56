"""Asking for data: what a request says, what is asked back, and what overtakes it."""
