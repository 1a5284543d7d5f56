"""Calls that take the name of something as text: only a constant will do, and only a name that is listed.

DuckDB's `list_aggregate(list, 'sum')` calls a function by name, PostgreSQL's text search looks up a configuration. A
name made by an expression could be anything, so it is refused.
"""

from __future__ import annotations

import re

from sqlglot import exp

from access.errors import Refusal
from access.sql.dialects import DUCKDB, POSTGRES
from access.sql.functions import FUNCTIONS, Place

_BY_NAME = frozenset(["aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate"])
_SEARCHES = frozenset(
    [
        "to_tsvector",
        "to_tsquery",
        "plainto_tsquery",
        "phraseto_tsquery",
        "websearch_to_tsquery",
        "ts_headline",
        "json_to_tsvector",
        "jsonb_to_tsvector",
    ]
)
_OF_TWO = frozenset(["ts_headline", "json_to_tsvector", "jsonb_to_tsvector"])
# Their input functions read the text and nothing else, which those of `regclass` and its like do not.
_TYPES = frozenset(
    [
        *[
            "bigint",
            "bool",
            "boolean",
            "bytea",
            "date",
            "decimal",
            "double",
            "float4",
            "float8",
            "inet",
            "int",
        ],
        *[
            "int2",
            "int4",
            "int8",
            "integer",
            "interval",
            "json",
            "jsonb",
            "numeric",
            "real",
            "smallint",
            "text",
        ],
        *["time", "timestamp", "timestamptz", "timetz", "uuid", "varchar"],
    ]
)
_TYPE = re.compile(r"(\w+)(?: precision)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?")
# The configurations that PostgreSQL ships; one made by an owner may hold words of theirs in its dictionaries.
_CONFIGURATIONS = frozenset(
    [
        "simple",
        "arabic",
        "armenian",
        "basque",
        "catalan",
        "danish",
        "dutch",
        "english",
        "estonian",
        "finnish",
        "french",
        "german",
        "greek",
        "hindi",
        "hungarian",
        "indonesian",
        "irish",
        "italian",
        "lithuanian",
        "nepali",
        "norwegian",
        "portuguese",
        "romanian",
        "russian",
        "serbian",
        "spanish",
        "swedish",
        "tamil",
        "turkish",
        "yiddish",
    ]
)


def check(node: exp.Anonymous, dialect: str) -> None:
    """Refuses the call when what it names by text is not a constant on the list."""
    name = node.name.lower()
    if dialect == DUCKDB and name in _BY_NAME:
        _aggregate(node)
    elif dialect == POSTGRES and name in _SEARCHES:
        _configuration(node, 2 if name in _OF_TWO else 1)
    elif dialect == POSTGRES and name == "pg_input_is_valid":
        _type(node)


def _aggregate(node: exp.Anonymous) -> None:
    arguments = node.expressions
    chosen = _constant(arguments[1]) if len(arguments) > 1 else None
    function = FUNCTIONS[DUCKDB].get(chosen) if chosen is not None else None
    if function is None or Place.AGGREGATE not in function.places:
        raise Refusal(
            f"{node.name.lower()}() needs the name of a listed aggregate as a constant, such as 'sum', as its second "
            "argument here.",
            code="function_not_allowed",
        )


def _configuration(node: exp.Anonymous, n_texts: int) -> None:
    """A constant in front of the text and query names a configuration; anything else has another type and cannot."""
    arguments = node.expressions
    chosen = _constant(arguments[0]) if len(arguments) > n_texts else None
    if chosen is not None and chosen.removeprefix("pg_catalog.") not in _CONFIGURATIONS:
        raise Refusal(
            f"{node.name.lower()}() takes a text search configuration that PostgreSQL ships here, as a constant such "
            "as 'english'.",
            code="function_not_allowed",
        )


def _type(node: exp.Anonymous) -> None:
    arguments = node.expressions
    chosen = _constant(arguments[1]) if len(arguments) == 2 else None
    found = _TYPE.fullmatch(chosen) if chosen is not None else None
    if found is None or found[1] not in _TYPES:
        raise Refusal(
            "pg_input_is_valid() takes a plain type as a constant here, such as 'integer' or 'date'.",
            code="function_not_allowed",
        )


def _constant(node: exp.Expr) -> str | None:
    while isinstance(node, exp.Paren):
        node = node.this
    return node.name.lower() if isinstance(node, exp.Literal) and node.is_string else None
