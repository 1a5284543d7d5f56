"""Numbers and days as people read them on tiles; every form has one spelling, in tables, captions and charts alike."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

NOTHING = "–"

# Source: d3-format, which Plotly uses for axes and hover text.
PLOTLY = {
    "currency": ",.0f",
    "integer": ",.0f",
    "decimal": ",.2f",
    "percent": ".1%",
    "days": ".1f",
    "text": "",
    "date": "",
}
PREFIX = {"currency": "€\u202f"}
SUFFIX = {"days": " d"}


def written(value: Any, form: str | None = None) -> str:
    """A value in words. `currency` is EUR; `percent` takes 0.12 for 12 %; `days` is days."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%-d %b %Y, %H:%M")
    if isinstance(value, date):
        return value.strftime("%-d %b %Y")
    if isinstance(value, int | float | Decimal) and form != "text":
        return _number(float(value), form or _guess(value))
    return str(value)


def _guess(value: int | float | Decimal) -> str:
    return "integer" if value == int(value) else "decimal"


def _number(value: float, form: str) -> str:
    if form == "percent":
        return f"{value * 100:,.1f}\u202f%"
    if form == "days":
        return f"{value:,.1f} days"
    digits = 2 if form == "decimal" else 0
    sign = "−" if value < 0 else ""
    return f"{sign}{PREFIX.get(form, '')}{abs(value):,.{digits}f}"


def short(value: Any, form: str | None = None) -> str:
    """A large number for a KPI: `€ 1.24 M`, `312 k`, `874`."""
    if (
        not isinstance(value, int | float | Decimal)
        or isinstance(value, bool)
        or form in ("percent", "days")
    ):
        return written(value, form)
    number = float(value)
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e5, "k")):
        if abs(number) >= size:
            scaled = number / (1e3 if letter == "k" else size)
            digits = 0 if abs(scaled) >= 100 else 2
            sign = "−" if number < 0 else ""
            return f"{sign}{PREFIX.get(form or '', '')}{abs(scaled):,.{digits}f}\u202f{letter}"
    return written(value, form)
