"""Filters: from the query string to values, and from values to literals at the tokens of the SQL, never spliced into its text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect

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
    """The SQL with every `:name` replaced by a literal, token by token; text, casts and structs are left alone.

    Errors: `sqlglot.errors.TokenError` for text that is no SQL; the gate says it better, so callers pass it on raw.
    """
    tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    pieces, end = [], 0
    for colon, name in pairwise(tokens):
        if _is_placeholder(sql, colon, name) and name.text in given:
            pieces += [sql[end : colon.start], _literal(given[name.text]).sql(dialect=dialect)]
            end = name.end + 1
    return "".join([*pieces, sql[end:]])


def _is_placeholder(sql: str, colon: Token, name: Token) -> bool:
    """A colon right before a name, after a blank, a bracket, a comma or an operator: not `{'a':b}`, not `x[1:n]`."""
    before = sql[colon.start - 1 : colon.start]
    joined = colon.token_type == TokenType.COLON and name.start == colon.end + 1
    return joined and (not before or before in " \t\r\n(,=<>+-*/|%")


def _literal(value: Value) -> exp.Expression:
    if value is None:
        return exp.Null()
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)
    return exp.Literal.string(value)
