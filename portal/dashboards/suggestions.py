"""A first chart of any result: its first place or time across, its numbers along; nothing where that makes no sense."""

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
    numeric = [name for i, name in enumerate(names) if _all(rows, i, (int, float, Decimal))]
    places = [(i, name) for i, name in enumerate(names) if name not in numeric]
    if not numeric or not places:
        return None
    index, x = next(((i, name) for i, name in places if _all(rows, i, (date,))), places[0])
    tile = Tile.model_validate(
        {
            "name": "suggested",
            "title": "Result",
            "kind": "line" if _all(rows, index, (date,)) else "bar",
            "dataset": "",
            "sql": "",
            "x": x,
            "y": numeric[:MOST_SERIES],
            "format": "decimal",
        }
    )
    return figure(tile, names, rows)


def _all(rows: Sequence[Sequence[Any]], index: int, kinds: tuple[type, ...]) -> bool:
    found = [row[index] for row in rows if row[index] is not None]
    return bool(found) and all(
        isinstance(value, kinds) and not isinstance(value, bool) for value in found
    )
