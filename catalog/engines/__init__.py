"""Drivers of warehouses. They describe what is there to importers, and run statements for `access.gate` alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from catalog.engines.base import (
    Batch,
    BatchStream,
    Engine,
    EngineError,
    Relation,
    RelationColumn,
)
from catalog.engines.screens import Screening

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

SCHEMES = {
    "duckdb": "duckdb",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "sc": "spark",
    "trino": "trino",
}
# The class of an engine whose driver comes with an extra of that name.
OPTIONAL = {"spark": ("SparkEngine", "spark"), "trino": ("TrinoEngine", "trino")}


def kind_of(url: str) -> str:
    """The engine of a warehouse, such as `duckdb`, read from the URL's scheme.

    Errors: `EngineError` naming the schemes that work; the URL itself, which may hold a password, is not repeated.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise EngineError(
            "unreachable",
            "A warehouse URL begins with duckdb:///, postgresql://, sc:// or trino://.",
        )
    return SCHEMES[scheme]


def engine_for(url: str, manage: str = "", screening: Screening | None = None) -> Engine:
    """The engine of a warehouse URL. Nothing is connected yet and `${NAME}` references stay unresolved.

    `manage` and `screening` are for PostgreSQL alone, see `catalog.engines.postgresql`.
    """
    # Drivers are imported when needed: a worker imports this package and must start in a blink.
    if kind_of(url) == "duckdb":
        from catalog.engines.duckdb import DuckDBEngine

        return DuckDBEngine(url)
    if kind_of(url) in OPTIONAL:
        return _optional(kind_of(url))(url)
    from catalog.engines.postgresql import PostgreSQLEngine

    return PostgreSQLEngine(url, manage, screening)


def _optional(kind: str) -> Callable[[str], Engine]:
    """The class of an engine whose driver need not be installed."""
    name, extra = OPTIONAL[kind]
    try:
        found: Callable[[str], Engine] = getattr(import_module(f"catalog.engines.{kind}"), name)
    except ModuleNotFoundError:
        raise EngineError(
            "unreachable",
            f"The driver of this warehouse is not installed. Run: pip install 'gatehouse[{extra}]'",
        ) from None
    return found
