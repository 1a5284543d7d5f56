"""SHOW, DESCRIBE and SUMMARIZE, spelled out as the SELECT they stand for.

They never reach an engine. What they list comes from our own catalog with the reader's rights, and SUMMARIZE becomes
a query over the reader's view of the table like any other: what it says could have been asked by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import dialects, kinds, listings, names, parsing, tables
from access.sql.clauses import STARRED
from access.sql.dialects import DUCKDB, POSTGRES
from access.sql.listings import ListedTable

if TYPE_CHECKING:
    from access.sql.guard import Plan
    from access.sql.scopes import Walk

_VERB = re.compile(r"\s*(show|describe|desc|summarize)\b", re.I)
_TABLES = re.compile(r"(?:all\s+)?tables(?:\s+(?:from|in)\s+(?P<schema>.+))?\Z", re.I | re.S)
_SCHEMAS = re.compile(r"(?:all\s+)?(?:schemas|databases)\Z", re.I)
_COLUMNS = re.compile(r"(?:full\s+)?columns\s+(?:from|in)\s+(?P<table>.+)\Z", re.I | re.S)
_TABLE = re.compile(r"(?:table\s+)?(?:extended\s+)?(?P<table>.+)\Z", re.I | re.S)
_QUERY = re.compile(r"(select|with|from|values|pivot|unpivot|\()", re.I)
_MOST_SUMMARIZED = 100

_TABLES_LISTED = (
    "SELECT table_name AS name, table_schema AS schema, lower(table_type) AS kind, access, table_comment AS comment"
    " FROM information_schema.tables"
)
_EACH = ("column_name", "column_type", "null", "key", "default", "extra")
_ORDERED = kinds.NUMBERS | kinds.MOMENTS | {kinds.TEXT, kinds.BOOL, kinds.TIME, kinds.UUID}


@dataclass(frozen=True)
class Spelled:
    """The SELECT a statement stands for; `describes` asks for its columns, `is_summary` that nothing was named."""

    sql: str
    describes: bool = False
    is_summary: bool = False

    def finished(self, plan: Plan) -> Plan:
        """The plan as that of the statement."""
        if not self.is_summary:
            return replace(plan, describes=self.describes)
        clauses = {
            dataset: dict.fromkeys(columns, frozenset({STARRED}))
            for dataset, columns in plan.used.items()
        }
        return replace(plan, clauses=clauses, starred=frozenset(clauses))


def spelled_out(sql: str, walk: Walk) -> Spelled | None:
    """The statement as a SELECT, None when it is one already.

    Errors: Refusal when it names nothing the reader may know of, or is a form that is not answered here.
    """
    found = _VERB.match(sql)
    if found is None or len(sql) > parsing.LONGEST_TEXT:
        return None
    verb, rest = found[1].lower(), sql[found.end() :].strip(" \t\r\n;")
    if verb == "show":
        return _show(rest, walk)
    if verb == "summarize":
        return _summarize(rest, walk)
    if _QUERY.match(rest):
        return Spelled(rest, describes=True)
    described = _TABLE.match(rest)
    return _describe(described["table"], walk) if described else _list_tables("", walk)


def _show(rest: str, walk: Walk) -> Spelled:
    if found := _TABLES.match(rest):
        return _list_tables(found["schema"] or "", walk)
    if _SCHEMAS.match(rest):
        return Spelled("SELECT schema_name AS name FROM information_schema.schemata ORDER BY 1")
    if found := _COLUMNS.match(rest):
        return _describe(found["table"], walk)
    if walk.dialect == POSTGRES or not rest or " " in rest:
        raise Refusal(
            "The engine's settings are not readable here. SHOW TABLES, SHOW SCHEMAS, SHOW COLUMNS FROM a table and "
            "DESCRIBE work.",
            code="not_a_query",
        )
    return _describe(rest, walk)


def _list_tables(schema: str, walk: Walk) -> Spelled:
    named = names.literal(_name(schema, walk).name) if schema else ""
    where = f" WHERE table_schema = {named}" if named else ""
    return Spelled(f"{_TABLES_LISTED}{where} ORDER BY table_schema, table_name")


def _describe(text: str, walk: Walk) -> Spelled:
    """One row per column the reader would find, or could ask for; `extra` says how they would see it."""
    table = _listed(text, walk)
    rows: list[listings.Row] = [
        (column.name, column.type, "YES" if column.is_nullable else "NO", None, None, column.access)
        for column in table.columns
    ]
    return Spelled(described(rows, walk.dialect))


def described(rows: list[listings.Row], dialect: str) -> str:
    """A query over constants with one row per column, in the form that DuckDB gives DESCRIBE."""
    values = listings.constants(_EACH, rows)
    values.args["alias"].set("this", exp.to_identifier("described", quoted=True))
    query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=values))
    return dialects.render(query, dialect)


def _summarize(rest: str, walk: Walk) -> Spelled:
    if walk.dialect != DUCKDB or _QUERY.match(rest):
        raise Refusal(
            "SUMMARIZE takes one table of a DuckDB warehouse here. Elsewhere select count(*), min(), max() and avg() "
            "of the columns you need.",
            code="not_a_query",
        )
    table = _listed(rest, walk)
    readable = [column for column in table.columns if column.access != NOT_GRANTED]
    if len(readable) > _MOST_SUMMARIZED:
        raise Refusal(
            f"SUMMARIZE takes tables of up to {_MOST_SUMMARIZED} columns here. Select min(), max() and avg() of the "
            "columns you need.",
            code="too_large",
        )
    place = f"{names.quote(table.schema)}.{names.quote(table.name)}"
    each = [_measured(index, column.name, column.type) for index, column in enumerate(readable)]
    lines = [_line(index, column.name, column.type) for index, column in enumerate(readable)] or [
        "SELECT 0 AS count FROM summary"
    ]
    measured = ", ".join(["count(*) AS n", *(part for parts in each for part in parts)])
    body = " UNION ALL ".join(lines)
    return Spelled(
        f"WITH summary AS (SELECT {measured} FROM {place}) {body}",  # noqa: S608
        is_summary=True,
    )


NOT_GRANTED = "not granted"


def _measured(index: int, name: str, type_text: str) -> list[str]:
    """What one scan of the table computes for a column; nothing that its type has no answer for."""
    column, family = names.quote(name), kinds.of_type(type_text)
    found = [f"count({column}) AS n_{index}"]
    if family in _ORDERED:
        found += [
            f"CAST(min({column}) AS VARCHAR) AS min_{index}",
            f"CAST(max({column}) AS VARCHAR) AS max_{index}",
            f"approx_count_distinct({column}) AS unique_{index}",
        ]
    if family in kinds.NUMBERS:
        found += [
            f"CAST(avg({column}) AS VARCHAR) AS avg_{index}",
            f"CAST(stddev({column}) AS VARCHAR) AS std_{index}",
        ]
        found += [
            f"CAST(approx_quantile({column}, 0.{share}) AS VARCHAR) AS q{share}_{index}"
            for share in (25, 50, 75)
        ]
    return found


def _line(index: int, name: str, type_text: str) -> str:
    """The row of the answer about one column, in the form that DuckDB gives SUMMARIZE."""
    family = kinds.of_type(type_text)
    is_ordered, is_number = family in _ORDERED, family in kinds.NUMBERS
    texts = [("min", is_ordered), ("max", is_ordered), ("unique", is_ordered)]
    texts += [(word, is_number) for word in ("avg", "std", "q25", "q50", "q75")]
    labels = {"unique": "approx_unique"}
    empty = {"unique": "CAST(NULL AS BIGINT)"}
    parts = [f"{names.literal(name)} AS column_name", f"{names.literal(type_text)} AS column_type"]
    parts += [
        f"{f'{word}_{index}' if known else empty.get(word, 'CAST(NULL AS VARCHAR)')} AS {labels.get(word, word)}"
        for word, known in texts
    ]
    parts += [
        "n AS count",
        f"CASE WHEN n > 0 THEN round(100.0 * (n - n_{index}) / n, 2) END AS null_percentage",
    ]
    return f"SELECT {', '.join(parts)} FROM summary"  # noqa: S608


def _listed(text: str, walk: Walk) -> ListedTable:
    """The table a statement names, as its reader may know it. Errors: Refusal unknown_table."""
    node = _name(text, walk)
    policy = tables.known(walk, node, names.fold(node.name, True, walk.dialect))
    found = None
    if policy is not None and walk.listing is not None:
        place = frozenset({policy.schema}), frozenset({policy.table})
        narrowed = walk.listing(*place, with_columns=True)
        found = next(iter(narrowed), None)
    if found is None:
        walk.findings.unknown_tables.append(".".join(part.name for part in node.parts))
        walk.findings.verdict()
        raise AssertionError("An unknown table is always refused.")
    return found


def _name(text: str, walk: Walk) -> exp.Table:
    """The name and nothing else. Errors: Refusal when more stands there."""
    root = parsing.query(f"SELECT * FROM {text}", walk.dialect).root  # noqa: S608
    table: exp.Expr | None = root.args["from_"].this if _given(root) == _PLAIN else None
    if (
        not isinstance(table, exp.Table)
        or not isinstance(table.this, exp.Identifier)
        or _given(table) - {"this", "db", "catalog"}
    ):
        raise Refusal("Name one table here. DESCRIBE takes a SELECT as well.", code="not_a_query")
    return table


_PLAIN = {"expressions", "from_"}


def _given(node: exp.Expr) -> set[str]:
    return {key for key, value in node.args.items() if value}
