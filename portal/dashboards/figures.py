"""Rows to Plotly figures: plain dicts whose numbers are typed arrays, so that nothing but orjson stands between.

Colours are left to the page's script, which reads them from the theme; the figure says what is drawn, not in which ink.
Source: plotly.js figure reference, `bdata` typed arrays.
"""

import base64
import sys
from array import array
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from math import nan
from typing import Any

from portal.dashboards.definition import Tile
from portal.dashboards.formats import PLOTLY, PREFIX

Rows = Sequence[Sequence[Any]]
# Axes have less room than words: 40M, and no noughts behind the point.
TICKS = {"currency": "~s", "integer": "~s", "decimal": ",~f"}


class MissingColumn(ValueError):
    """The tile names a column that its query does not give."""


def figure(tile: Tile, names: Sequence[str], rows: Rows) -> dict[str, Any]:
    """The figure of a line, area, bar or stacked tile."""
    traces = [_trace(tile, label, xs, ys) for label, xs, ys in _series(tile, names, rows)]
    return {"data": traces, "layout": _layout(tile, traces)}


def _series(tile: Tile, names: Sequence[str], rows: Rows) -> list[tuple[str, list[Any], list[Any]]]:
    """`(label, xs, ys)` for each series, in order of first appearance."""
    assert tile.x is not None
    x = position(names, tile.x)
    if tile.series:
        s, y = position(names, tile.series), position(names, tile.y[0])
        split: dict[Any, tuple[list[Any], list[Any]]] = {}
        for row in rows:
            xs, ys = split.setdefault(row[s], ([], []))
            xs.append(row[x])
            ys.append(row[y])
        return [(str(key if key is not None else "–"), xs, ys) for key, (xs, ys) in split.items()]
    return [
        (
            tile.labels.get(name, name.replace("_", " ").capitalize()),
            [row[x] for row in rows],
            [row[position(names, name)] for row in rows],
        )
        for name in tile.y
    ]


def position(names: Sequence[str], wanted: str) -> int:
    """Where a column stands. Errors: `MissingColumn`."""
    lowered = [name.lower() for name in names]
    if wanted.lower() not in lowered:
        raise MissingColumn(f"The query of this tile gives no column {wanted}.")
    return lowered.index(wanted.lower())


def _trace(tile: Tile, label: str, xs: list[Any], ys: list[Any]) -> dict[str, Any]:
    place, number = [_plain(x) for x in xs], typed(ys)
    form = PLOTLY[tile.format]
    across, along = ("y", "x") if tile.horizontal else ("x", "y")
    value = f"%{{{along}:{form}}}" if form else f"%{{{along}}}"
    trace: dict[str, Any] = {
        "name": label,
        across: place,
        along: number,
        # No bold: Plotly writes it as an inline style, which the pages' policy refuses.
        "hovertemplate": f"%{{{across}}}<br>{PREFIX.get(tile.format, '')}{value}"
        + ("" if len(tile.y) == 1 and not tile.series else f" {label}")
        + "<extra></extra>",
    }
    if tile.kind in ("bar", "stacked"):
        trace |= {"type": "bar", "orientation": "h" if tile.horizontal else "v"}
    else:
        trace |= {"type": "scatter", "mode": "lines", "line": {"width": 2}}
        if tile.kind == "area":
            trace |= {"stackgroup": "all"} if tile.series else {"fill": "tozeroy"}
    return trace


def _layout(tile: Tile, traces: list[dict[str, Any]]) -> dict[str, Any]:
    number = {"tickformat": TICKS.get(tile.format, PLOTLY[tile.format])}
    if tile.format in PREFIX:
        number["tickprefix"] = PREFIX[tile.format]
    place: dict[str, Any] = {"automargin": True}
    across, along = ("yaxis", "xaxis") if tile.horizontal else ("xaxis", "yaxis")
    return {
        across: place,
        along: {**number, "automargin": True, "rangemode": "tozero"},
        "barmode": "stack" if tile.kind == "stacked" else "group",
        "showlegend": len(traces) > 1,
    }


def typed(numbers: Sequence[Any]) -> dict[str, str] | list[Any]:
    """Numbers as base64 of little-endian doubles, gaps as NaN; other values as they are."""
    if all(value is None or isinstance(value, int | float | Decimal) for value in numbers):
        packed = array("d", [nan if value is None else float(value) for value in numbers])
        if sys.byteorder == "big":
            packed.byteswap()
        return {"dtype": "f8", "bdata": base64.b64encode(packed.tobytes()).decode()}
    return [_plain(value) for value in numbers]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
