"""Filters: from the query string to values, and from values to literals in the parsed SQL, never into its text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlglot
from sqlglot import exp

from access.spans import parse_span, write_span
from portal.dashboards.definition import DateRangeFilter, DateSpan, Definition, SelectFilter

Value = str | date | None


@dataclass(frozen=True)
class Chosen:
    """One filter as it stands: what the URL carries, the placeholders it fills, and for a period its two days."""

    filter: DateRangeFilter | SelectFilter
    text: str
    values: Mapping[str, Value]
    days: tuple[date, date] | None = None


def chosen(definition: Definition, query: Mapping[str, str], now: datetime) -> tuple[Chosen, ...]:
    """Every filter with the value that the query string gives, else its default; nonsense falls back to the default."""
    return tuple(
        _period(each, query.get(each.name, ""), now.date())
        if isinstance(each, DateRangeFilter)
        else _selected(each, query.get(each.name))
        for each in definition.filters
    )


def values(every: tuple[Chosen, ...]) -> dict[str, Value]:
    """All placeholders together."""
    return {name: value for each in every for name, value in each.values.items()}


def _selected(filter: SelectFilter, text: str | None) -> Chosen:
    value = filter.default if text is None else text or None
    if value is None and filter.all is None:
        value = filter.default
    return Chosen(filter, value or "", {filter.name: value})


def _period(filter: DateRangeFilter, text: str, today: date) -> Chosen:
    first, last = _days(text, today) or _default_days(filter, today)
    shown = text if text and _days(text, today) else _default_text(filter)
    before = first - (last - first) - timedelta(days=1)
    given = dict(zip(filter.placeholders, (first, last, before), strict=True))
    return Chosen(filter, shown or f"{first}..{last}", given, (first, last))


def _default_text(filter: DateRangeFilter) -> str:
    default = filter.default
    return "" if isinstance(default, DateSpan) else write_span(default)


def _default_days(filter: DateRangeFilter, today: date) -> tuple[date, date]:
    if isinstance(filter.default, DateSpan):
        return filter.default.first, filter.default.last
    return today - filter.default + timedelta(days=1), today


def _days(text: str, today: date) -> tuple[date, date] | None:
    """`90d` or `2026-01-01..2026-06-30` as two days; nothing for anything else."""
    try:
        if ".." in text:
            first, last = (date.fromisoformat(each) for each in text.split("..", 1))
            return (first, last) if first <= last else None
        return today - parse_span(text) + timedelta(days=1), today
    except (ValueError, OverflowError):
        return None


def filled(sql: str, dialect: str, given: Mapping[str, Value]) -> str:
    """The SQL with every `:name` replaced by a literal in its tree.

    Errors: `sqlglot.errors.ParseError` for text that is no SQL; the gate says it better, so callers pass it on raw.
    """
    tree = sqlglot.parse_one(sql, dialect=dialect)
    return tree.transform(_literal, given).sql(dialect=dialect)


def _literal(node: exp.Expression, given: Mapping[str, Value]) -> exp.Expression:
    if not isinstance(node, exp.Placeholder) or node.name not in given:
        return node
    value = given[node.name]
    if value is None:
        return exp.Null()
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)
    return exp.Literal.string(value)
