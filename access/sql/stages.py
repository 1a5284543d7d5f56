"""Steps of a query that a condition cannot pass on its way down to the rows.

Below such a step (a LIMIT, a grouping, a window, a sample) an engine evaluates what is written above it in one go, and
there its statistics, hidden rows included, may decide that a condition is never true and that the one before it need
not run. So a query with such a step counts as more than one stream of rows.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from access.sql.dialects import DUCKDB

_STEPS = ("group", "distinct", "limit", "offset", "windows", "sample")
_LATE = ("having", "qualify")


def stops(
    node: exp.Select, aggregated: bool, late: bool, makes_rows: Callable[[exp.Select], bool]
) -> bool:
    """Whether conditions that the query states late, or a query around it states, stay above some step of it."""
    if late:
        return True
    if _is_result(node):
        return False
    return aggregated or any(node.args.get(step) for step in _STEPS) or makes_rows(node)


def is_late(node: exp.Select, is_limited: bool, dialect: str) -> bool:
    """Whether rows are chosen after the SELECT list, groups and windows were worked out.

    Statistics may show that HAVING or QUALIFY never holds, and then none of them runs. Under ORDER BY with LIMIT (the
    query's own, or the gate's: `is_limited`) they show DuckDB which parts of a table cannot come first, and PostgreSQL
    whether an index that yields the first rows alone is cheaper. A failure in what ran or not would tell of hidden rows.
    """
    if any(node.args.get(clause) is not None for clause in _LATE):
        return True
    # DuckDB works all groups out before it orders them.
    return is_first_few(node, is_limited) and not (dialect == DUCKDB and node.args.get("group"))


def is_first_few(node: exp.Expr, is_limited: bool) -> bool:
    """Whether ORDER BY says which rows come first, and only so many are wanted."""
    return node.args.get("order") is not None and (is_limited or cuts(node))


def cuts(node: exp.Expr) -> bool:
    """Whether parentheses, VALUES or a UNION carry a LIMIT of their own."""
    return any(node.args.get(clause) is not None for clause in ("limit", "offset"))


def _is_result(node: exp.Select) -> bool:
    """Whether nothing is around the query but the holder of the statement."""
    return node.parent is None or node.parent.parent is None
