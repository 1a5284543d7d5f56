"""The types a person may cast to.

Refused are types whose input function looks something up: PostgreSQL's reg* types turn text into catalog rows, and
a type made by a user may run that user's code or reveal its labels.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access.errors import Refusal
from access.sql.dialects import DUCKDB, POSTGRES, SPARK, TRINO

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
_POSTGRES = frozenset(
    {
        _T.JSONB, _T.VARBINARY, _T.BIT, _T.BPCHAR, _T.MONEY, _T.NAME, _T.INET, _T.INT4RANGE, _T.INT8RANGE, _T.NUMRANGE,
        _T.TSRANGE, _T.TSTZRANGE, _T.DATERANGE, _T.INT4MULTIRANGE, _T.INT8MULTIRANGE, _T.NUMMULTIRANGE,
        _T.TSMULTIRANGE, _T.TSTZMULTIRANGE, _T.DATEMULTIRANGE, _T.POINT, _T.POLYGON,
    }
)  # fmt: skip
# Types that sqlglot knows by name only; the engine's search path is its own catalog, so the name means the built-in.
_POSTGRES_NAMED = frozenset(
    {
        "tsvector",
        "tsquery",
        "jsonpath",
        "cidr",
        "macaddr",
        "macaddr8",
        "varbit",
        "box",
        "circle",
        "line",
        "lseg",
        "path",
    }
)

_SPARK = frozenset({_T.STRUCT, _T.MAP, _T.VARBINARY, _T.BINARY, _T.TIMESTAMPLTZ})
# Spark has no such types; sqlglot would print others in their place.
_NOT_SPARK = frozenset({_T.TIME, _T.TIMETZ, _T.UUID, _T.JSON, _T.NCHAR, _T.NVARCHAR})
_TRINO = frozenset({_T.STRUCT, _T.MAP, _T.VARBINARY})

CASTS: Mapping[str, frozenset[exp.DType]] = {
    DUCKDB: _COMMON | _DUCKDB,
    POSTGRES: _COMMON | _POSTGRES,
    SPARK: (_COMMON | _SPARK) - _NOT_SPARK,
    TRINO: _COMMON | _TRINO,
}


def check(node: exp.DataType, dialect: str) -> None:
    """Refuses a cast target that is not on the list."""
    if dialect == POSTGRES and node.this is _T.USERDEFINED:
        kind = node.args.get("kind")
        allowed = isinstance(kind, exp.Identifier) and kind.name.lower() in _POSTGRES_NAMED
    else:
        allowed = node.this in CASTS[dialect] and node.args.get("kind") is None
    if not allowed:
        raise Refusal(
            "This query casts to a type that is not allowed. Cast to a plain type such as text, integer, "
            "numeric, date or timestamp.",
            code="unsupported",
        )
