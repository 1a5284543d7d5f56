"""What tiles say about their numbers; formatting only."""

from collections.abc import Mapping

import orjson
from django import template

register = template.Library()


@register.filter
def signed_percent(change: float) -> str:
    """A relative change with its sign: `+4.2 %`, `−12 %`."""
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    size = abs(change) * 100
    return f"{sign}{size:,.{0 if size >= 10 else 1}f}\u202f%"


@register.filter
def json(value: Mapping[str, str]) -> str:
    """A small mapping as JSON for a data attribute; the template escapes it."""
    return orjson.dumps(dict(value)).decode()
