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
from access.policies.policy import Case, Cell, ColumnFact, Mask, TablePolicy, cells, row_filters
from access.sql import guarded, masks, names, rules
from access.sql.names import DISTRIBUTED

Variables = tuple[tuple[str, Any], ...]
_WITHIN = f"{names.RESERVED}_within"

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

    def own(self, mask: Mask, column: ColumnFact) -> str | None:
        """A mask that is an expression over the table; None for masks over the one value."""
        text = masks.expression(mask, self.home.table, column.name, self.dialect)
        return None if text is None else self.expression(text)


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
        condition = _condition(policy, rendering)
        if dialect in DISTRIBUTED:
            text = _guarded(policy, rendering, condition, held, fence)
            return View(text, frozenset(rendering.relations))
        columns = _columns(cells(policy), rendering, held)
    except rules.PolicyProblem:
        raise broken(policy) from None
    table = f"{names.quote(policy.schema)}.{names.quote(policy.table)}"
    text = " ".join(
        ("SELECT", ", ".join(columns.inner), "FROM", table, "AS", names.quote(rules.ROW))
    )
    if condition:
        text += f" WHERE {condition}"
    if columns.outer:
        # The list is made of quoted names and the text below it of checked parts.
        text = f"SELECT {', '.join(columns.outer)} FROM ({text}) AS {names.quote(_WITHIN)}"  # noqa: S608
    return View(text + fenced(fence, len(columns.inner)), frozenset(rendering.relations))


def broken(policy: TablePolicy) -> Refusal:
    """What is said when an owner's expression no longer fits the table."""
    return Refusal(
        f"The rules that protect {policy.dataset} no longer fit the table, so it is closed. Its stewards can "
        "repair them.",
        code="policy_broken",
    )


def parts(policy: TablePolicy, rendering: Rendering) -> tuple[tuple[str, ...], str]:
    """The SELECT list and the row condition of a policy's view, for whoever builds another form of it.

    Errors: Refusal policy_broken.
    """
    try:
        return _columns(cells(policy), rendering, frozenset()).inner, _condition(policy, rendering)
    except rules.PolicyProblem:
        raise broken(policy) from None


def _guarded(
    policy: TablePolicy,
    rendering: Rendering,
    condition: str,
    held: frozenset[str],
    fence: Fence,
) -> str:
    dialect = rendering.dialect
    columns = [
        guarded.Shown(cell.column.name, _value(cell, rendering), cell.column.name in held)
        for cell in cells(policy)
    ]
    table = f"{names.quote(policy.schema, dialect)}.{names.quote(policy.table, dialect)}"
    row = names.quote(rules.ROW, dialect)
    fenced = fence is not Fence.OPEN
    return guarded.guarded(columns, table, row, condition, dialect, fenced=fenced)


def fenced(fence: Fence, n_columns: int) -> str:
    """What follows the view's SELECT to keep an optimiser from moving a reader's condition into it."""
    if fence is Fence.OPEN:
        return ""
    nothing = ", ".join(["NULL"] * n_columns)
    blind = f" UNION ALL SELECT {nothing} WHERE FALSE" if fence is Fence.BLIND else ""
    return blind + " OFFSET 0"


def shown_type(cell: Cell, dialect: str) -> str:
    """The engine's type of a column as its reader gets it; empty where only an owner's SQL decides it."""
    if not same_type(cell, dialect):
        return masks.text_type(dialect)
    found = [case.mask for case in cell.cases if case.mask is not None]
    return masks.result_type(found[0], cell.column, dialect) if found else cell.column.type


def told_type(cell: Cell, dialect: str) -> str:
    """The type a reader is told: as `shown_type`, and of an expression what the engine said when it was saved."""
    found = shown_type(cell, dialect)
    return found or next((case.mask.type for case in cell.cases if case.mask is not None), "")


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


class Columns(NamedTuple):
    """The SELECT list of a view; `outer` stands around it where barriers cannot stand inside."""

    inner: tuple[str, ...]
    outer: tuple[str, ...] = ()


def _columns(shown: tuple[Cell, ...], rendering: Rendering, held: frozenset[str]) -> Columns:
    """The columns with the barriers they need; DuckDB's TRY takes no subquery and nothing random, so then it stands outside."""
    values = [(names.quote(cell.column.name), _value(cell, rendering)) for cell in shown]
    is_held = [cell.column.name in held for cell in shown]
    if any(cell.column.name in held and _is_expression(cell) for cell in shown):
        return Columns(
            tuple(f"{value} AS {name}" for name, value in values),
            tuple(
                _behind(name, name, here) for (name, _), here in zip(values, is_held, strict=True)
            ),
        )
    return Columns(
        tuple(
            _behind(value, name, here) for (name, value), here in zip(values, is_held, strict=True)
        )
    )


def _behind(value: str, name: str, is_held: bool) -> str:
    return f"{BARRIER.format(value) if is_held else value} AS {name}"


def _is_expression(cell: Cell) -> bool:
    """Whether an expression of somebody's own, which may hold a subquery, decides what the column shows."""
    filters = [text for case in cell.cases for text in case.filters if text is not None]
    return any("(" in text for text in filters) or any(
        case.mask is not None and case.mask.looks_up for case in cell.cases
    )


def _value(cell: Cell, rendering: Rendering) -> str:
    """The cell rule for one column: the first case whose filter holds on the row."""
    alike = same_type(cell, rendering.dialect)
    *first, last = cell.cases
    shown = [_when(case, cell.column, rendering, alike) for case in first]
    if cell.everywhere:
        rest = displayed(last.mask, cell.column, rendering, alike)
        return f"CASE {' '.join(shown)} ELSE {rest} END" if shown else rest
    shown.append(_when(last, cell.column, rendering, alike))
    return f"CASE {' '.join(shown)} END"


def _when(case: Case, column: ColumnFact, rendering: Rendering, alike: bool) -> str:
    conditions = [rendering.expression(text) for text in case.filters if text is not None]
    return f"WHEN {_any(conditions)} THEN {displayed(case.mask, column, rendering, alike)}"


def same_type(cell: Cell, dialect: str) -> bool:
    """Whether all cases have the column's type; where a mask may give another, all become text."""
    found = [case.mask for case in cell.cases if case.mask is not None]
    return len(cell.cases) == 1 or all(
        masks.result_type(mask, cell.column, dialect) == cell.column.type for mask in found
    )


def displayed(mask: Mask | None, column: ColumnFact, rendering: Rendering, alike: bool) -> str:
    """A column's value behind a mask; as text unless all its cases are `alike` in type."""
    dialect = rendering.dialect
    value = f"{names.quote(rules.ROW, dialect)}.{names.quote(column.name, dialect)}"
    own = rendering.own(mask, column) if mask is not None else None
    if own is not None:
        value = f"({own})"
    elif mask is not None:
        value = masks.written(mask, value, column, rendering.dialect, rendering.key)
    return value if alike else f"CAST({value} AS {masks.text_type(rendering.dialect)})"
