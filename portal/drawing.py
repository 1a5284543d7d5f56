"""Draws a graph of boxes as SVG coordinates: left to right in layers, long edges led around the boxes between.

Pure geometry: it knows neither datasets nor pages. The layout is Sugiyama's layered drawing by fast-sugiyama; boxes are
handed to it as numbers in the order given, because it orders names by their hash, which differs between processes.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from fast_sugiyama import from_edges

# The layout library reports each of its steps, which nobody who runs a portal wants to read.
for _name in ("rust-sugiyama", "connected_components"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Point = tuple[float, float]

BOX_WIDTH = 208
BOX_HEIGHT = 54
GAP_X = 64
GAP_Y = 18
MARGIN = 8


@dataclass(frozen=True)
class Box:
    """A thing to draw; `extra` is carried through to the template untouched."""

    key: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrow:
    """`source` leads to `target`, both keys of boxes; `tone` marks it."""

    source: str
    target: str
    tone: str = ""


@dataclass(frozen=True)
class PlacedBox:
    """A box with its upper left corner in pixels and its size."""

    box: Box
    x: int
    y: int
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow as the `d` of an SVG path."""

    arrow: Arrow
    path: str


@dataclass(frozen=True)
class Drawing:
    """A finished drawing: size in pixels, arrows below boxes; boxes from left to right, then from top to bottom."""

    width: int
    height: int
    boxes: tuple[PlacedBox, ...]
    arrows: tuple[PlacedArrow, ...]


def draw(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Drawing:
    """The drawing of a graph. Arrows to or from a key that no box has, and from a box to itself, are left out.

    Cost: about 2 ms for 60 boxes, 50 ms for 300.
    """
    number = {box.key: at for at, box in enumerate(boxes)}
    kept = [
        arrow
        for arrow in arrows
        if arrow.source in number and arrow.target in number and arrow.source != arrow.target
    ]
    edges = list(dict.fromkeys((number[arrow.source], number[arrow.target]) for arrow in kept))
    spots, routes = _layout(len(boxes), edges)
    placed = [PlacedBox(box, *_corner(spots[at])) for at, box in enumerate(boxes)]
    lines = [
        PlacedArrow(arrow, _path([spots[stop] for stop in route]))
        for arrow in kept
        if (route := routes.get((number[arrow.source], number[arrow.target])))
    ]
    right = max((box.x + box.width for box in placed), default=0)
    bottom = max((_corner(spot)[1] + BOX_HEIGHT for spot in spots.values()), default=0)
    ordered = sorted(placed, key=lambda box: (box.x, box.y))
    return Drawing(right + MARGIN, bottom + MARGIN, tuple(ordered), tuple(lines))


Stop = int | tuple[int, int]
"""A box by its number, or a bend of a long edge by its part of the graph and its number there."""


def _layout(
    n_boxes: int, edges: list[tuple[int, int]]
) -> tuple[dict[Stop, Point], dict[tuple[int, int], list[Stop]]]:
    """Where each box and bend stands, in layers and rows, and the stops of each edge; parts stand below one another."""
    spots: dict[Stop, Point] = {}
    routes: dict[tuple[int, int], list[Stop]] = {}
    # Dense numbers: the layout numbers its bends from the count of nodes on, and they must not meet ours.
    joined = sorted({end for edge in edges for end in edge})
    dense = {at: number for number, at in enumerate(joined)}
    top = 0.0
    parts = from_edges([(dense[a], dense[b]) for a, b in edges], vertex_spacing=1) if edges else ()
    for part, (positions, width, height, segments) in enumerate(parts):

        def stop(node: int | str, part: int = part) -> Stop:
            at = int(node)
            return joined[at] if at < len(joined) else (part, at)

        for node, (across, along) in positions:
            spots[stop(node)] = (height - along, top + across)
        routes.update(_routes([(stop(a), stop(b)) for a, b in segments or ()]))
        top += (width if len(positions) > 2 else 0) + 1
    for alone in (at for at in range(n_boxes) if at not in spots):
        spots[alone] = (0.0, top)
        top += 1
    return spots, routes


def _routes(segments: list[tuple[Stop, Stop]]) -> dict[tuple[int, int], list[Stop]]:
    """The segments joined to whole edges: from a box over any bends to a box."""
    onward = {start: end for start, end in segments if isinstance(start, tuple)}
    routes: dict[tuple[int, int], list[Stop]] = {}
    for start, end in segments:
        if isinstance(start, tuple):
            continue
        route = [start, end]
        while isinstance(route[-1], tuple) and route[-1] in onward:
            route.append(onward[route[-1]])
        if isinstance(route[-1], int):
            routes[start, route[-1]] = route
    return routes


def _corner(spot: Point) -> tuple[int, int]:
    layer, row = spot
    x = MARGIN + layer * (BOX_WIDTH + GAP_X)
    y = MARGIN + row * (BOX_HEIGHT + GAP_Y)
    return round(x), round(y)


def _path(spots: list[Point]) -> str:
    """From the right side of the first box to the left side of the last, level where it passes between others."""
    corners = [_corner(spot) for spot in spots]
    middle = BOX_HEIGHT // 2
    points = [(corners[0][0] + BOX_WIDTH, corners[0][1] + middle)]
    for x, y in corners[1:-1]:
        points += [(x, y + middle), (x + BOX_WIDTH, y + middle)]
    points.append((corners[-1][0], corners[-1][1] + middle))
    steps = [f"M{points[0][0]} {points[0][1]}"]
    for at, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        if at % 2:
            steps.append(f"H{x2}")
        else:
            half = max((x2 - x1) // 2, GAP_X // 2)
            steps.append(f"C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}")
    return "".join(steps)
