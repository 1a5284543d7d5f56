"""Spans of time as people and programs write them here: `90s`, `45m`, `12h`, `30d`, `2w`."""

import re
from datetime import timedelta

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
LONGEST = timedelta(days=3660)


def parse_span(text: str) -> timedelta:
    """The span that `text` writes. Errors: `ValueError` when it is no positive span of at most ten years."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text.strip())
    if found is None:
        raise ValueError("expected a span such as 90s, 12h or 30d")
    try:
        span = int(found[1]) * UNITS[found[2]]
    except OverflowError:
        span = LONGEST + timedelta(days=1)
    if not timedelta(0) < span <= LONGEST:
        raise ValueError("expected a span longer than nothing and at most ten years")
    return span


def write_span(span: timedelta) -> str:
    """The shortest exact writing of a span of whole seconds, in days where it can be: `30d`, `36h`, `90s`."""
    seconds = int(span.total_seconds())
    for unit in ("d", "h", "m"):
        size = int(UNITS[unit].total_seconds())
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
