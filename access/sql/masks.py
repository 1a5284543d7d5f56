"""The named masks as SQL over one column, per engine.

Every mask keeps the column's declared type except `hash`, which is text, and none of them can raise: a mask that
failed on one row would tell that the row is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from access.policies import ColumnFact
from access.sql import kinds, names
from access.sql.dialects import DUCKDB

Render = Callable[[str, ColumnFact, str, str], str]


def render(kind: str, value: str, column: ColumnFact, dialect: str, key: str) -> str:
    """The mask's SQL over `value`, an expression of the column's type; `key` is the portal's secret for hashes."""
    return _MASKS[kind](value, column, dialect, key)


def result_type(kind: str, column: ColumnFact, dialect: str) -> str:
    """The type the masked column has: the column's own, except that a hash is text."""
    return _text_type(dialect) if kind == "hash" else column.type


def _text_type(dialect: str) -> str:
    return "VARCHAR" if dialect == DUCKDB else "text"


def _family(column: ColumnFact) -> str:
    return kinds.of_type(column.type)


def nothing(column: ColumnFact) -> str:
    return f"CAST(NULL AS {column.type})"


def _redact(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    if _family(column) != kinds.TEXT:
        return nothing(column)
    return f"CAST('REDACTED' AS {_text_type(dialect)})"


def _null(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    return nothing(column)


def _hash(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    text = f"CAST({value} AS {_text_type(dialect)})"
    keyed = f"{names.literal(key)} || {text}"
    if dialect == DUCKDB:
        return f"sha256({keyed})"
    return f"encode(sha256(convert_to({keyed}, 'UTF8')), 'hex')"


def _partial(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    if _family(column) != kinds.TEXT:
        return nothing(column)
    long = f"WHEN length({value}) > 8 THEN '****' || right({value}, 4)"
    return f"CASE WHEN {value} IS NULL THEN NULL {long} ELSE '****' END"


def _email(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    if _family(column) != kinds.TEXT:
        return nothing(column)
    masked = f"left({value}, 1) || '***@' || split_part({value}, '@', 2)"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN {value} LIKE '%@%' THEN {masked} ELSE '***' END"
    )


def _truncated(unit: str) -> Render:
    def mask(value: str, column: ColumnFact, dialect: str, key: str) -> str:
        if _family(column) not in kinds.MOMENTS:
            return nothing(column)
        return f"CAST(date_trunc('{unit}', {value}) AS {column.type})"

    return mask


def _round(value: str, column: ColumnFact, dialect: str, key: str) -> str:
    family = _family(column)
    if family == kinds.FLOAT:
        return f"CAST(trunc({value} / 100) * 100 AS {column.type})"
    if family not in (kinds.INT, kinds.DECIMAL) and not _is_number(column):
        return nothing(column)
    return f"CAST({value} - {value} % 100 AS {column.type})"


def _is_number(column: ColumnFact) -> bool:
    return column.type.upper().startswith(("DECIMAL", "NUMERIC", "HUGEINT", "UHUGEINT", "UBIGINT"))


_MASKS: Mapping[str, Render] = {
    "redact": _redact,
    "null_value": _null,
    "hash": _hash,
    "partial": _partial,
    "email": _email,
    "year": _truncated("year"),
    "month": _truncated("month"),
    "round": _round,
}
