"""What one person may see of one dataset, as values.

A policy is worked out from rows elsewhere and is pure here: frozen, comparable, with a fingerprint that changes
whenever the answer to any query could. Rendering it for an engine lives in `access.sql.views`; nothing in this
module reads a database or knows SQL beyond carrying the owner's own expressions as text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import cached_property

from access.policies.masks import Mask

CLEAR = "clear"
MASKED = "masked"
CONDITIONAL = "conditional"

__all__ = [
    "CLEAR", "CONDITIONAL", "MASKED", "Case", "Cell", "ColumnFact", "GrantRule", "Mask", "TablePolicy", "VisibleColumn",
    "cells", "mask_for", "row_filters", "visible_columns",
]  # fmt: skip


class ColumnFact(NamedTuple):
    """A column of the current schema: its name as the engine spells it, and the engine's type text."""

    name: str
    type: str


@dataclass(frozen=True)
class GrantRule:
    """One live grant as the gate sees it; `columns` None covers every column, now and later."""

    grant_id: int
    columns: frozenset[str] | None = None
    unmasked: frozenset[str] = frozenset()
    masks: Mapping[str, Mask] = field(default_factory=dict)
    rows: str | None = None

    def covers(self, column: str) -> bool:
        return self.columns is None or column in self.columns


@dataclass(frozen=True)
class TablePolicy:
    """What one principal may see of one dataset at this moment; no grants means it may not read at all.

    `related` optionally lists the columns of tables that row filters and masks look into, keyed by
    "schema.table" as the engine spells them; with it, an unqualified name in such a subquery binds exactly as
    the engine would bind it. Without it the name is taken to belong to the subquery's only table.
    """

    dataset: str
    schema: str
    table: str
    columns: tuple[ColumnFact, ...]
    masks: Mapping[str, Mask] = field(default_factory=dict)
    rows: str | None = None
    grants: tuple[GrantRule, ...] = ()
    schema_version: int = 0
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """A hexadecimal digest of everything that decides what this person sees."""
        parts: list[object] = [self.dataset, self.schema, self.table, self.schema_version]
        parts += [tuple(tuple(column) for column in self.columns), _masks(self.masks), self.rows]
        parts += [_grant(grant) for grant in sorted(self.grants, key=lambda grant: grant.grant_id)]
        parts.append(sorted((name, tuple(columns)) for name, columns in self.related.items()))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @cached_property
    def types(self) -> Mapping[str, str]:
        return {column.name: column.type for column in self.columns}

    @cached_property
    def visible(self) -> tuple[str, ...]:
        """The columns that at least one live grant covers, in table order."""
        return tuple(
            column.name
            for column in self.columns
            if any(grant.covers(column.name) for grant in self.grants)
        )

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def _masks(masks: Mapping[str, Mask]) -> list[tuple[str, str]]:
    return sorted((name, repr(mask)) for name, mask in masks.items())


def _grant(grant: GrantRule) -> tuple[object, ...]:
    columns = None if grant.columns is None else sorted(grant.columns)
    return grant.grant_id, columns, sorted(grant.unmasked), _masks(grant.masks), grant.rows


class Case(NamedTuple):
    """One way a cell is shown: under any of these row filters (None = every row), behind this mask (None = clear)."""

    filters: tuple[str | None, ...]
    mask: Mask | None


class Cell(NamedTuple):
    """How one column is shown: the first case whose filter holds; where none holds, NULL.

    `everywhere` says that a visible row always meets one of the cases, so that no NULL remains.
    """

    column: ColumnFact
    cases: tuple[Case, ...]
    everywhere: bool


def row_filters(policy: TablePolicy) -> tuple[str, ...]:
    """The grants' row filters, any of which makes a row visible; empty when some grant covers every row."""
    filters = {grant.rows for grant in policy.grants}
    if None in filters:
        return ()
    return tuple(sorted(text for text in filters if text is not None))


@lru_cache(maxsize=2048)
def cells(policy: TablePolicy) -> tuple[Cell, ...]:
    """The visible columns in table order, each with the cases of the cell rule.

    A clear view wins over a masked one on the same row; among masks the oldest grant's comes first, so that the
    answer never depends on the order in which grants were fetched.
    """
    visible = set(policy.visible)
    return tuple(_cell(policy, column) for column in policy.columns if column.name in visible)


def _cell(policy: TablePolicy, column: ColumnFact) -> Cell:
    covering = sorted(
        (grant for grant in policy.grants if grant.covers(column.name)),
        key=lambda grant: grant.grant_id,
    )
    grouped: dict[Mask | None, list[str | None]] = {}
    for grant in covering:
        grouped.setdefault(mask_for(policy, grant, column.name), []).append(grant.rows)
    ordered = sorted(grouped, key=lambda mask: mask is not None)
    cases = _reachable([Case(_distinct(grouped[mask]), mask) for mask in ordered])
    filters = {text for case in cases for text in case.filters}
    everywhere = None in filters or filters >= set(row_filters(policy)) != set()
    return Cell(column, cases, everywhere)


def _reachable(cases: list[Case]) -> tuple[Case, ...]:
    """The cases up to the first that holds on every row: what follows it can never be shown."""
    for position, case in enumerate(cases):
        if None in case.filters:
            return tuple(cases[: position + 1])
    return tuple(cases)


def mask_for(policy: TablePolicy, grant: GrantRule, column: str) -> Mask | None:
    """How a column that a grant covers is masked through that grant; None when it is seen in the clear."""
    if column in grant.unmasked:
        return None
    return grant.masks.get(column) or policy.masks.get(column)


def _distinct(filters: list[str | None]) -> tuple[str | None, ...]:
    if None in filters:
        return (None,)
    return tuple(sorted({text for text in filters if text is not None}))


class VisibleColumn(NamedTuple):
    """A column as its reader sees it: clear, masked, or conditional (it differs from row to row).

    `mask` is the kind of the first mask that may apply, `words` what it leaves of a value, and `type` the engine's type
    of what the reader gets; empty where nobody has said.
    """

    name: str
    how: str
    mask: str | None
    words: str = ""
    type: str = ""


def visible_columns(policy: TablePolicy) -> tuple[VisibleColumn, ...]:
    """The columns this person would find in the dataset, in table order, and how each is shown."""
    return tuple(_shown(cell) for cell in cells(policy))


def _shown(cell: Cell) -> VisibleColumn:
    mask = next((case.mask for case in cell.cases if case.mask is not None), None)
    kind, words = (mask.kind, mask.words) if mask else (None, "")
    if len(cell.cases) > 1 or not cell.everywhere:
        return VisibleColumn(cell.column.name, CONDITIONAL, kind, words)
    return VisibleColumn(cell.column.name, CLEAR if mask is None else MASKED, kind, words)
