"""What a star over joined FROM items stands for: the columns that USING and NATURAL compare appear once.

DuckDB leaves them where the left side has them, PostgreSQL, Spark and Trino put them in front. Getting this wrong would give
columns the names, and their barriers, of their neighbours.
"""

from __future__ import annotations

from access.sql import names
from access.sql.dialects import DUCKDB
from access.sql.sources import Merge, Output, Scope, Source, merged

Cell = tuple[str, Output]


def row(scope: Scope, dialect: str) -> list[Output]:
    """Every column that `*` has in this scope, in the engine's order."""
    groups = [_cells(source, dialect) for source in scope.sources]
    for merge in scope.merges:
        left = _taken(groups, merge.start, merge.before)
        right = _taken(groups, merge.before, merge.after)
        groups[merge.start] = _together(left, right, merge, dialect)
    return [output for group in groups for _, output in group]


def _cells(source: Source, dialect: str) -> list[Cell]:
    if source.outside:
        return []
    return [(names.fold(one.name, True, dialect), one) for one in source.relation.outputs]


def _taken(groups: list[list[Cell]], start: int, end: int) -> list[Cell]:
    """The columns of some FROM items, which leave their places."""
    found = [cell for group in groups[start:end] for cell in group]
    groups[start:end] = [[] for _ in range(start, end)]
    return found


def _together(left: list[Cell], right: list[Cell], merge: Merge, dialect: str) -> list[Cell]:
    both = {
        key: merged(output for name, output in left + right if name == key)
        for key in merge.keys
        if any(name == key for name, _ in left)
    }
    beside = [(key, output) for key, output in right if key not in both]
    if dialect != DUCKDB:
        rest = [cell for cell in left if cell[0] not in both]
        return [*both.items(), *rest, *beside]
    return [(key, both.get(key, output)) for key, output in left] + beside


def note(scope: Scope, start: int, before: int, keys: list[str]) -> None:
    """Remembers that the FROM items from `before` on were joined to those from `start` on by these columns."""
    if keys:
        scope.merges.append(Merge(start, before, len(scope.sources), tuple(dict.fromkeys(keys))))


def forget(scope: Scope, before: int) -> None:
    """What was joined from `before` on has become one FROM item, by a PIVOT behind it."""
    scope.merges = [merge for merge in scope.merges if merge.start < before]
