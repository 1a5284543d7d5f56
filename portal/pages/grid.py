"""Rows of a query as a table of words: for the workbench and wherever a few rows are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.dashboards.formats import written


@dataclass(frozen=True)
class Cell:
    """One value of the grid in words."""

    text: str
    is_number: bool
    is_null: bool


@dataclass(frozen=True)
class Grid:
    """A result as a table; `columns` are names, types, and whether numbers stand in them."""

    columns: tuple[tuple[str, str, bool], ...]
    rows: list[list[Cell]]


def grid_of(columns: Sequence[tuple[str, str]], rows: list[tuple[Any, ...]]) -> Grid:
    """The rows with their headers."""
    return Grid(_headers(columns, rows), [[_cell(value) for value in row] for row in rows])


def _cell(value: Any) -> Cell:
    """Years and keys are shown as they are: grouping digits would make 2 026 of 2026."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return Cell(
        text="" if value is None else written(value, "text" if is_whole else None),
        is_number=_is_number(value),
        is_null=value is None,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _headers(
    columns: Sequence[tuple[str, str]], rows: list[tuple[Any, ...]]
) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (name, kind, any(_is_number(row[i]) for row in rows[:20]))
        for i, (name, kind) in enumerate(columns)
    )
