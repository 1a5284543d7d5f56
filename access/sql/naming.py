"""The name a result column has when nobody wrote one: as the engine itself would name the text as written.

Both engines derive such names from the statement they run, which is the rewritten one; the gate writes the name
down as an alias, so that nothing of a policy can become the name of a column.
"""

from __future__ import annotations

import re

from sqlglot import exp

from access.sql.dialects import DUCKDB, POSTGRES, Arrow, render

_LONGEST = 120
_PLAIN = re.compile(r'["`]([a-z_][a-z0-9_]*)["`]')


def output_name(node: exp.Expr, dialect: str) -> str:
    """The column name for an unaliased projection, before anything in it was rewritten."""
    if isinstance(node, exp.Alias):
        return node.alias
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        return node.name
    return _postgres(node) if dialect == POSTGRES else _as_written(node, dialect)


def _as_written(node: exp.Expr, dialect: str) -> str:
    if isinstance(node, exp.Paren):
        return output_name(node.this, dialect)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name
    if type(node) in _KEYWORDS and type(node).__name__.startswith(("Current", "Local")):
        return _KEYWORDS[type(node)]
    if node.find(exp.Query) is not None or node.find(exp.Exists) is not None:
        return "subquery" if isinstance(node, (exp.Subquery, exp.Exists)) else "expression"
    if isinstance(node, exp.Anonymous) and node.name.lower() == "count" and _is_star(node):
        return "count_star()" if dialect == DUCKDB else "count(1)"
    text = _PLAIN.sub(r"\1", render(node.copy(), dialect))
    if isinstance(node, exp.Binary) and not isinstance(node, (exp.Dot, Arrow)):
        text = f"({text})"
    return text[:_LONGEST] or "column"


def _is_star(node: exp.Anonymous) -> bool:
    return len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Star)


def _postgres(node: exp.Expr) -> str:
    if isinstance(node, exp.Paren):
        return output_name(node.this, "postgres")
    if isinstance(node, (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls)):
        return _postgres(node.this)
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, (exp.Bracket, exp.Collate)):
        return output_name(node.this, "postgres")
    if isinstance(node, exp.Cast):
        inner = output_name(node.this, "postgres")
        return inner if inner != "?column?" else _type_name(node.to)
    if isinstance(node, exp.Subquery):
        return _of_query(node)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name
    return _KEYWORDS.get(type(node), "?column?")


def _type_name(node: exp.DataType) -> str:
    return {
        "INT": "int4",
        "BIGINT": "int8",
        "DECIMAL": "numeric",
        "BOOLEAN": "bool",
        "DOUBLE": "float8",
    }.get(
        node.this.value if hasattr(node.this, "value") else str(node.this),
        node.sql("postgres").lower(),
    )


def _of_query(node: exp.Expr) -> str:
    inner: exp.Expr = node
    while isinstance(inner, (exp.Subquery, exp.SetOperation)):
        inner = inner.this
    projections = inner.expressions if isinstance(inner, exp.Select) else []
    return output_name(projections[0], "postgres") if projections else "?column?"


_KEYWORDS: dict[type, str] = {
    exp.Case: "case",
    exp.Exists: "exists",
    exp.Array: "array",
    exp.Extract: "extract",
    exp.Substring: "substring",
    exp.Trim: "btrim",
    exp.StrPosition: "position",
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.CurrentTime: "current_time",
    exp.Localtime: "localtime",
    exp.Localtimestamp: "localtimestamp",
    exp.Tuple: "row",
    exp.AtTimeZone: "timezone",
    exp.Interval: "interval",
}
