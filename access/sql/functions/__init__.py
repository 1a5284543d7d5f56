"""The functions a person may call, per engine, each with the reason it is safe.

A name that is not listed is refused. The list says two more things about a function: whether it may stand in FROM,
and whether it is leakproof, meaning that with arguments of the right families it can never raise, so that running it
on rows the person may not see tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from access.errors import Refusal
from access.sql.dialects import DUCKDB, POSTGRES, SPARK, TRINO
from access.sql.functions import duckdb, postgres, spark, trino
from access.sql.functions.source import Source


class Place(StrEnum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    TABLE = "table"


@dataclass(frozen=True)
class Function:
    """One allowed function: where it may stand, why it is safe, and when it is leakproof.

    `leakproof` lists the families of arguments with which it cannot raise (empty: never promised);
    `result` is the family of what it returns then, or None for that of its first argument.
    """

    name: str
    places: frozenset[Place]
    reason: str
    leakproof: frozenset[str] = frozenset()
    result: str | None = "other"
    columns: tuple[str, ...] = ()


def _table(source: Source) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for place, reason, words in source.FUNCTIONS:
        for name in words.split():
            earlier = found.get(name)
            places = frozenset({Place(place)}) | (earlier.places if earlier else frozenset())
            families, result = source.LEAKPROOF.get(name, (frozenset(), "other"))
            if "decimal" in families:
                families |= {"numeric"}
            columns = source.COLUMNS.get(name, ())
            text = earlier.reason if earlier else reason
            found[name] = Function(name, places, text, families, result, columns)
    return found


FUNCTIONS: Mapping[str, Mapping[str, Function]] = {
    DUCKDB: _table(duckdb.SOURCE),
    POSTGRES: _table(postgres.SOURCE),
    SPARK: _table(spark.SOURCE),
    TRINO: _table(trino.SOURCE),
}


def allowed(name: str, dialect: str) -> Function:
    """The function's entry; Refusal function_not_allowed when it has none."""
    function = FUNCTIONS[dialect].get(name.lower())
    if function is None:
        raise Refusal(
            f"The function {_shown(name)} is not on the list of functions that may run here. "
            "Use another one, or ask an administrator to review it.",
            code="function_not_allowed",
        )
    return function


def _shown(name: str) -> str:
    plain = name[:60].lower()
    return f"{plain}()" if plain.replace("_", "").isalnum() and plain.isascii() else "you called"
