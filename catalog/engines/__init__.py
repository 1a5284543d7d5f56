"""Drivers of warehouses. They describe what is there to importers, and run statements for `access.gate` alone."""

from __future__ import annotations

from catalog.engines.base import (
    Batch,
    BatchStream,
    Engine,
    EngineError,
    Relation,
    RelationColumn,
)

__all__ = [
    "Batch",
    "BatchStream",
    "Engine",
    "EngineError",
    "Relation",
    "RelationColumn",
    "engine_for",
    "kind_of",
]

SCHEMES = {"duckdb": "duckdb", "postgresql": "postgresql", "postgres": "postgresql"}


def kind_of(url: str) -> str:
    """`duckdb` or `postgresql`, read from the URL's scheme.

    Errors: `EngineError` naming the schemes that work; the URL itself, which may hold a password, is not repeated.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise EngineError("unreachable", "A warehouse URL begins with duckdb:/// or postgresql://.")
    return SCHEMES[scheme]


def engine_for(url: str) -> Engine:
    """The engine of a warehouse URL. Nothing is connected yet and `${NAME}` references stay unresolved."""
    # Drivers are imported when needed: a worker imports this package and must start in a blink.
    if kind_of(url) == "duckdb":
        from catalog.engines.duckdb import DuckDBEngine

        return DuckDBEngine(url)
    from catalog.engines.postgresql import PostgreSQLEngine

    return PostgreSQLEngine(url)
