"""The types a person may cast to.

Refused are types whose input function looks something up: PostgreSQL's reg* types turn text into catalog rows, and
a type made by a user may run that user's code or reveal its labels.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access.errors import Refusal
from access.sql.dialects import DUCKDB, POSTGRES

_T = exp.DType
_COMMON = frozenset(
    {
        _T.BOOLEAN, _T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT, _T.FLOAT, _T.DOUBLE, _T.DECIMAL,
        _T.TEXT, _T.VARCHAR, _T.CHAR, _T.NCHAR, _T.NVARCHAR, _T.DATE, _T.TIME, _T.TIMETZ,
        _T.TIMESTAMP, _T.TIMESTAMPTZ, _T.TIMESTAMPNTZ, _T.INTERVAL, _T.UUID, _T.JSON, _T.ARRAY,
    }
)  # fmt: skip
_DUCKDB = frozenset(
    {
        _T.UTINYINT, _T.USMALLINT, _T.UINT, _T.UBIGINT, _T.INT128, _T.UINT128, _T.STRUCT, _T.MAP,
        _T.TIMESTAMP_S, _T.TIMESTAMP_MS, _T.TIMESTAMP_NS, _T.VARBINARY, _T.BIT,
    }
)  # fmt: skip
_POSTGRES = frozenset({_T.JSONB, _T.VARBINARY, _T.BIT})

CASTS: Mapping[str, frozenset[exp.DType]] = {
    DUCKDB: _COMMON | _DUCKDB,
    POSTGRES: _COMMON | _POSTGRES,
}


def check(node: exp.DataType, dialect: str) -> None:
    """Refuses a cast target that is not on the list."""
    if node.this not in CASTS[dialect]:
        raise Refusal(
            "This query casts to a type that is not allowed. Cast to a plain type such as text, integer, "
            "numeric, date or timestamp.",
            code="unsupported",
        )
