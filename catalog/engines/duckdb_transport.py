"""How DuckDB's types travel as Arrow: what nanoarrow cannot write, or clients do not share, is cast inside the engine."""

from __future__ import annotations

from typing import Any

import duckdb

# Types nanoarrow cannot write, or that Arrow clients do not share an encoding for: they travel as text.
TEXT_TYPES = frozenset({"bit", "bignum", "variant", "union", "time with time zone", "interval"})


def transportable(cursor: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement, wrapped so that types without an Arrow encoding here travel as text."""
    relation = cursor.sql(sql)
    casts = [_transport_type(kind) for kind in relation.types]
    if not any(casts):
        return sql
    listed = ", ".join(
        _column(position, name, cast)
        for position, (name, cast) in enumerate(zip(relation.columns, casts, strict=True), 1)
    )
    return f"SELECT {listed} FROM ({sql}\n) AS gate_output"  # noqa: S608 - sql passed the gate


def _column(position: int, name: str, cast: str | None) -> str:
    alias = '"' + name.replace('"', '""') + '"'
    if cast == "JSON":
        return f"CAST(to_json(#{position}) AS VARCHAR) AS {alias}"
    return f"CAST(#{position} AS {cast}) AS {alias}" if cast else f"#{position} AS {alias}"


def _transport_type(kind: Any) -> str | None:
    """The type to cast to before encoding, None to leave it: enumerations are text, maps and odd nestings JSON."""
    if kind.id == "enum" or kind.id in TEXT_TYPES:
        return "VARCHAR"
    if kind.id == "map":
        return "JSON"
    if kind.id in {"list", "array", "struct"}:
        return "JSON" if any(_transport_type(child) for child in _children(kind)) else None
    return None


def _children(kind: Any) -> list[Any]:
    return [child for _, child in kind.children if not isinstance(child, int)]
