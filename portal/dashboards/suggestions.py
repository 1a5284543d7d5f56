"""A first chart of any result: its first place or time across, its numbers along; nothing where that makes no sense.

A place that comes twice means the rows are not summed up, and a chart of them would say nothing.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.dashboards.definition import Tile
from portal.dashboards.figures import figure

MOST_MARKS = 500
MOST_SERIES = 4


def suggested_figure(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any] | None:
    """A line over time or bars over names; None for results without a number beside a place."""
    if not 2 <= len(rows) <= MOST_MARKS or len({name.lower() for name in names}) < len(names):
        return None
    numbers = [name for i, name in enumerate(names) if _all(rows, i, (int, float, Decimal))]
    places = [(i, name) for i, name in enumerate(names) if name not in numbers]
    numeric = [name for name in numbers if not name.lower().endswith(("id", "_key"))]
    if not numeric or not places:
        return None
    index, x = next(((i, name) for i, name in places if _all(rows, i, (date,))), places[0])
    if len({row[index] for row in rows}) < len(rows):
        return None
    tile = Tile.model_validate(
        {
            "name": "suggested",
            "title": "Result",
            "kind": "line" if _all(rows, index, (date,)) else "bar",
            "dataset": "",
            "sql": "",
            "x": x,
            "y": numeric[:MOST_SERIES],
            "format": "integer" if _are_whole(names, rows, numeric) else "decimal",
        }
    )
    return figure(tile, names, rows)


def _all(rows: Sequence[Sequence[Any]], index: int, kinds: tuple[type, ...]) -> bool:
    found = [row[index] for row in rows if row[index] is not None]
    return bool(found) and all(
        isinstance(value, kinds) and not isinstance(value, bool) for value in found
    )


def _are_whole(names: Sequence[str], rows: Sequence[Sequence[Any]], numeric: list[str]) -> bool:
    places = [i for i, name in enumerate(names) if name in numeric]
    return all(row[i] is None or row[i] == int(row[i]) for row in rows for i in places)
