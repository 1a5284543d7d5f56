"""Dates, spans and lists as sentences to people spell them; the rest of the portal's words live with their pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def day(moment: datetime) -> str:
    """A date: `3 March 2027`."""
    return f"{moment.day} {moment:%B %Y}"


def span(length: timedelta) -> str:
    """A length of time, rounded to what people say: `30 days`, `1 hour`, `90 seconds`."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size and (seconds % size == 0 or seconds >= 2 * size):
            return counted(round(seconds / size), unit)
    return counted(seconds, "second")


def counted(n: int, noun: str) -> str:
    """`1 column`, `2 columns`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(names: Sequence[str], most: int = 5) -> str:
    """`a, b and c`; beyond `most`, the rest is counted."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
