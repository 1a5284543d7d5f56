"""How moments, spans, numbers and names are written for people. Formatting only: nothing here fetches."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from access.campaigns import evidence
from catalog import documentation

register = template.Library()

_STEPS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


@register.filter
def span(value: timedelta | None) -> str:
    """The length of a time in its largest fitting unit: "3 days", "12 hours"; days are kept up to 100."""
    if value is None:
        return ""
    if timedelta(days=2) <= value < timedelta(days=100):
        return _counted(value.days, "day")
    for size, word in _STEPS:
        if value >= size:
            return _counted(round(value / size), word)
    return "less than a minute"


@register.filter
def ago(value: datetime | None) -> str:
    """How long since: "3 hours ago", "just now"; empty without a time."""
    if value is None:
        return ""
    passed = timezone.now() - value
    if passed < timedelta(0):
        return until(value)
    return "just now" if passed < timedelta(minutes=1) else f"{span(passed)} ago"


@register.filter
def until(value: datetime | None) -> str:
    """How long till: "in 12 days", "in 40 minutes"; a moment that has passed says how long ago."""
    if value is None:
        return ""
    left = value - timezone.now()
    return f"in {span(left)}" if left > timedelta(0) else ago(value)


@register.filter
def days_left(value: datetime | None) -> str:
    """What remains: "12 days left", "5 hours left", "ended"."""
    if value is None:
        return ""
    left = value - timezone.now()
    return f"{span(left)} left" if left > timedelta(0) else "ended"


@register.filter
def day(value: date | None) -> str:
    """A date as people say it: "3 March", with the year when it is not this one."""
    if value is None:
        return ""
    words = f"{value.day} {value:%B}"
    return words if value.year == timezone.now().year else f"{words} {value.year}"


@register.filter
def moment(value: datetime | None) -> str:
    """A date and a time, in UTC: "3 March 2026, 14:05 UTC"."""
    if value is None:
        return ""
    return f"{value.day} {value:%B %Y, %H:%M} UTC"


@register.filter
def short(value: float | None) -> str:
    """A number small enough for a tile: 950, 12.4k, 1.2M; with a thin space in longer plain numbers."""
    if value is None:
        return "–"
    for size, mark in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scale = 1e3 if mark == "k" else size
            return f"{value / scale:.1f}".removesuffix(".0") + mark
    return grouped(value)


@register.filter
def grouped(value: float | None) -> str:
    """A whole number with its thousands set apart by thin spaces."""
    if value is None:
        return "–"
    whole = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return whole.replace(",", "\u202f")


@register.filter
def counted(value: int | None, word: str) -> str:
    """A count with its word: `{{ 3|counted:"column" }}` is "3 columns"; irregular plurals as "person,people"."""
    return _counted(value or 0, word)


@register.filter
def initials(name: Any) -> str:
    """Two letters for an avatar: "Ana Ruiz" is AR, "loader" is LO."""
    parts = [part for part in str(name).replace(".", " ").replace("_", " ").split() if part]
    if not parts:
        return "?"
    letters = parts[0][0] + parts[-1][0] if len(parts) > 1 else parts[0][:2]
    return letters.upper()


@register.filter
def listed(values: Iterable[Any], limit: int = 3) -> str:
    """Names in a sentence: "Ana, Ben and Cleo", "Ana, Ben, Cleo and 4 others"."""
    words = [str(value) for value in values]
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {_counted(len(words) - limit, 'other')}"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _counted(number: int, word: str) -> str:
    one, _, many = word.partition(",")
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


@register.filter
def first_name(name: Any) -> str:
    """What to call somebody in a greeting."""
    return str(name).split(" ")[0]


@register.filter
def plain(markdown: str) -> str:
    """Documentation as one line of words."""
    return documentation.plain(markdown)


@register.filter
def clipped(text: Any, length: int) -> str:
    """At most `length` characters, the end marked when something is cut: SVG text does not wrap."""
    words = str(text)
    return words if len(words) <= length else f"{words[: length - 1].rstrip()}…"


@register.filter
def markdown(text: str) -> SafeString:
    """Documentation as HTML, sanitised by the catalog."""
    return mark_safe(documentation.render(text))


@register.filter
def shortened(text: str) -> str:
    """An unchanged stretch of a long text: its ends, so that the changes stay in sight."""
    return text if len(text) <= 160 else f"{text[:70]} … {text[-70:]}"


_CLAIMS = {
    "unique": "is unique",
    "not_null": "is never empty",
    "accepted_values": "has only accepted values",
    "relationships": "points to a row that exists",
    "fresh": "is fresh",
}


@register.filter
def told(value: Any) -> str:
    """What a source said about a field, as words: lists with commas, a freshness as `loaded_at within 3 days`."""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        within = value.get("within")
        parts = [value.get("column") or "", value.get("note") or ""]
        parts += [f"within {span(timedelta(seconds=within))}"] if isinstance(within, int) else []
        return " ".join(part for part in parts if part)
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


@register.filter
def check_words(check: Any) -> str:
    """What a check claims, in words; its name where there are no words for its kind. Text passes through."""
    if isinstance(check, str):
        return check
    return str(_CLAIMS.get(check.definition.get("kind", ""), check.name))


@register.filter
def check_name(kind: str) -> str:
    """The kind of a check in a word or two, for a badge."""
    return kind.replace("_", " ")


@register.filter
def besides(item: Any) -> list[str]:
    """What else speaks against access under review than what is recommended for it."""
    return evidence.besides(item.findings, item.recommended)
