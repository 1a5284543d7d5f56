"""The second wall: the engine's own reading of the rewritten text, against a list of its own.

sqlglot and the engine are two parsers; where they disagree an attack lives. DuckDB can print how it reads a
statement (`json_serialize_sql`), and that tree is judged here without any knowledge of how the text was made: only
the plan's relations, only known node kinds, only allowed functions and types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from access.errors import Refusal
from access.sql import names, verifying_spark
from access.sql.dialects import DUCKDB, SPARK
from access.sql.functions import FUNCTIONS, Place


def _words(text: str, *phrases: str) -> frozenset[str]:
    return frozenset(text.split()) | frozenset(phrases)


_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_RELATIONS = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"}
)
_MODIFIERS = frozenset(
    {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"}
)
_ORDERS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
        "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "WINDOW", "TYPE",
    }
)  # fmt: skip
_INTERNAL = _words(
    """
    __internal_barrier + - * / // % ** ^ & | << >> ~ ~~ !~~ ~~* !~~* ~~~ !~ ~* !~* || && @> <@
    ^@ @ -> ->> ! != = < > <= >= <-> not_like_escape list_value struct_pack row map
    array_extract array_slice struct_extract list_slice concat_operator is_distinct_from
    is_not_distinct_from regexp_full_match regexp_matches not_ilike_escape like_escape
    ilike_escape xor to_years to_months to_days __between __cast constant_or_null
    """
)
_TYPES = _words(
    """
    boolean bool tinyint smallint integer int bigint hugeint utinyint usmallint uinteger ubigint
    uhugeint float double real decimal numeric varchar text char bpchar string date time timetz
    timestamp timestamptz timestamp_s timestamp_ms timestamp_ns timestamp_us interval uuid json
    blob bytea bit list array struct map int128 uint128 null
    """,
    "time with time zone",
    "timestamp with time zone",
)


class Planned(Protocol):
    """What the wall needs of a plan."""

    @property
    def relations(self) -> frozenset[tuple[str, str]]: ...

    @property
    def sql(self) -> str: ...


def verify(serialized: str, plan: Planned, dialect: str = DUCKDB) -> None:
    """Refuses unless the engine reads the plan's SQL as one query over the plan's relations and nothing else.

    `serialized` is what the engine's `parse_tree` gave: for DuckDB the answer of `SELECT json_serialize_sql(sql)`.
    Errors: Refusal unsupported.
    """
    if dialect == SPARK:
        verifying_spark.verify(serialized, plan)
        return
    tree = json.loads(serialized)
    statements = tree.get("statements") or []
    if tree.get("error") or len(statements) != 1:
        raise _refused("it is not one query")
    for item in _dictionaries(statements[0]):
        _judge(item, plan)


def _dictionaries(root: Any) -> Iterator[Mapping[str, Any]]:
    pending = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def _judge(item: Mapping[str, Any], plan: Planned) -> None:
    if "class" in item:
        _expression(item)
        return
    kind = item.get("type")
    if kind == "BASE_TABLE":
        _table(item, plan)
    elif isinstance(kind, str) and kind not in _QUERIES | _RELATIONS | _MODIFIERS | _ORDERS:
        raise _refused(kind)
    if kind == "TABLE_FUNCTION":
        _table_function(item)


def _table(item: Mapping[str, Any], plan: Planned) -> None:
    schema, table = item.get("schema_name") or "", item.get("table_name") or ""
    own = not schema and table.startswith(names.RESERVED)
    if (
        item.get("catalog_name")
        or item.get("at_clause")
        or not (own or (schema, table) in plan.relations)
    ):
        raise _refused("it reads something else")


def _table_function(item: Mapping[str, Any]) -> None:
    name = str((item.get("function") or {}).get("function_name", "")).lower()
    function = FUNCTIONS[DUCKDB].get(name)
    if function is None or Place.TABLE not in function.places:
        raise _refused("it calls something else")


def _expression(item: Mapping[str, Any]) -> None:
    if item["class"] not in _EXPRESSIONS:
        raise _refused(str(item["class"]))
    if item["class"] in ("FUNCTION", "WINDOW") and item.get("function_name") is not None:
        name = str(item["function_name"]).lower()
        if (
            item.get("schema")
            or item.get("catalog")
            or (name not in FUNCTIONS[DUCKDB] and name not in _INTERNAL)
        ):
            raise _refused("it calls something else")
    if item["class"] == "TYPE":
        name = str(item.get("type_name", "")).lower()
        if item.get("schema") or item.get("catalog") or name not in _TYPES:
            raise _refused("it casts to something else")


def _refused(reason: str) -> Refusal:
    return Refusal(
        f"The engine reads this query differently than the gate does ({reason[:60].lower()}). Write it more simply.",
        code="unsupported",
    )
