"""A policy as the subquery that stands in for its table.

The view holds the visible columns only, each shown by the cell rule, and the rows some grant covers. Columns that
the reader's query feeds to something that might raise go through a barrier (DuckDB) or the whole view through
`OFFSET 0` (PostgreSQL), because both engines otherwise run the reader's expression before the row filter.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from access.errors import Refusal
from access.policies import Case, Cell, ColumnFact, Mask, TablePolicy, cells, row_filters
from access.sql import masks, names, rules
from access.sql.dialects import DUCKDB

Variables = tuple[tuple[str, Any], ...]

BARRIER = "__internal_barrier(try({}))"
"""Keeps DuckDB's filters above the view; TRY moreover hides what it knows of a column's smallest and largest value,
by which it would otherwise decide at planning time that a filter matches nothing, hidden rows included."""


class Fence(Enum):
    """How far a view keeps the planner out: not at all, from moving conditions, or also from its statistics.

    PostgreSQL looks through a subquery for how common a value is, hidden rows included, and joins by it; through a
    UNION it does not look.
    """

    OPEN = "open"
    CLOSED = "closed"
    BLIND = "blind"


class Rendering:
    """How one policy is written for one engine and one reader."""

    __slots__ = ("dialect", "home", "key", "relations", "variables")

    def __init__(
        self, policy: TablePolicy, dialect: str, warehouse: str, variables: Variables, key: str
    ) -> None:
        self.dialect = dialect
        self.home = rules.home(policy, warehouse)
        self.variables = variables
        self.key = key
        self.relations = {(policy.schema, policy.table)}

    def expression(self, sql: str) -> str:
        found = rules.compiled(sql, self.dialect, self.home, self.variables)
        self.relations |= found.relations
        return found.text


class View(NamedTuple):
    """A policy view's text, and every real table it reads."""

    sql: str
    relations: frozenset[tuple[str, str]]


@lru_cache(maxsize=2048)
def view(
    policy: TablePolicy,
    dialect: str,
    warehouse: str,
    variables: Variables,
    key: str,
    held: frozenset[str],
    fence: Fence,
) -> View:
    """The policy view; `held` columns get a barrier, `fence` keeps everything above it out.

    Errors: Refusal policy_broken when an owner's expression no longer fits the table.
    """
    rendering = Rendering(policy, dialect, warehouse, variables, key)
    try:
        columns = [_column(cell, rendering, held) for cell in cells(policy)]
        condition = _condition(policy, rendering)
    except rules.PolicyProblem:
        raise Refusal(
            f"The rules that protect {policy.dataset} no longer fit the table, so it is closed. Its stewards can "
            "repair them.",
            code="policy_broken",
        ) from None
    table = f"{names.quote(policy.schema)}.{names.quote(policy.table)}"
    text = " ".join(("SELECT", ", ".join(columns), "FROM", table, "AS", names.quote(rules.ROW)))
    if condition:
        text += f" WHERE {condition}"
    return View(text + _fence(fence, len(columns)), frozenset(rendering.relations))


def _fence(fence: Fence, n_columns: int) -> str:
    """What follows the view's SELECT to keep an optimiser from moving a reader's condition into it."""
    if fence is Fence.OPEN:
        return ""
    nothing = ", ".join(["NULL"] * n_columns)
    blind = f" UNION ALL SELECT {nothing} WHERE FALSE" if fence is Fence.BLIND else ""
    return blind + " OFFSET 0"


def shown_type(cell: Cell, dialect: str) -> str:
    """The engine's type of a column as its reader gets it; empty where only an owner's SQL decides it."""
    if not _same_type(cell, dialect):
        return _text(dialect)
    masks_of = [case.mask for case in cell.cases if case.mask is not None]
    if not masks_of or masks_of[0].kind == "sql":
        return "" if masks_of else cell.column.type
    return masks.result_type(masks_of[0].kind, cell.column, dialect)


def _text(dialect: str) -> str:
    return "VARCHAR" if dialect == DUCKDB else "text"


def restricts_rows(policy: TablePolicy) -> bool:
    """Whether some rows of the table may be hidden from this reader."""
    return policy.rows is not None or bool(row_filters(policy))


@lru_cache(maxsize=2048)
def hidden_cells(policy: TablePolicy) -> frozenset[str]:
    """The columns of which this reader does not get every value of a visible row in the clear."""
    return frozenset(
        cell.column.name
        for cell in cells(policy)
        if len(cell.cases) > 1 or cell.cases[0].mask is not None or not cell.everywhere
    )


def _condition(policy: TablePolicy, rendering: Rendering) -> str:
    parts = [rendering.expression(policy.rows)] if policy.rows is not None else []
    granted = [rendering.expression(text) for text in row_filters(policy)]
    if granted:
        parts.append(_any(granted))
    return " AND ".join(f"({part})" for part in parts)


def _any(conditions: list[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def _column(cell: Cell, rendering: Rendering, held: frozenset[str]) -> str:
    value = _value(cell, rendering)
    if cell.column.name in held:
        value = BARRIER.format(value)
    return f"{value} AS {names.quote(cell.column.name)}"


def _value(cell: Cell, rendering: Rendering) -> str:
    """The cell rule for one column: the first case whose filter holds on the row."""
    alike = _same_type(cell, rendering.dialect)
    *first, last = cell.cases
    shown = [_when(case, cell.column, rendering, alike) for case in first]
    if cell.everywhere:
        rest = _shown(last.mask, cell.column, rendering, alike)
        return f"CASE {' '.join(shown)} ELSE {rest} END" if shown else rest
    shown.append(_when(last, cell.column, rendering, alike))
    return f"CASE {' '.join(shown)} END"


def _when(case: Case, column: ColumnFact, rendering: Rendering, alike: bool) -> str:
    conditions = [rendering.expression(text) for text in case.filters if text is not None]
    return f"WHEN {_any(conditions)} THEN {_shown(case.mask, column, rendering, alike)}"


def _same_type(cell: Cell, dialect: str) -> bool:
    """Whether all cases have the column's type; where one is a hash or an owner's SQL, all become text."""
    kinds = {case.mask.kind for case in cell.cases if case.mask is not None}
    return len(cell.cases) == 1 or not kinds & {"hash", "sql"}


def _shown(mask: Mask | None, column: ColumnFact, rendering: Rendering, alike: bool) -> str:
    value = f"{names.quote(rules.ROW)}.{names.quote(column.name)}"
    if mask is not None and mask.sql is not None:
        value = f"({rendering.expression(mask.sql)})"
    elif mask is not None:
        value = masks.render(mask.kind, value, column, rendering.dialect, rendering.key)
    return value if alike else f"CAST({value} AS {_text(rendering.dialect)})"
