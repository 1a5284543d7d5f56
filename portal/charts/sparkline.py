"""A sparkline as SVG coordinates: a line and the area under it, in a box of 100 by 30."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100.0
HEIGHT = 30.0
_MARGIN = 2.0


@dataclass(frozen=True)
class Sparkline:
    """What a template needs to draw one: `line` for a polyline, `area` for a polygon, `words` for who cannot see it."""

    line: str
    area: str
    words: str


def sparkline(values: Sequence[float], label: str = "") -> Sparkline | None:
    """The drawing of `values` from left to right, or None when there are fewer than two."""
    if len(values) < 2:
        return None
    points = _points(values)
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    words = f"{label or 'Trend'}: from {values[0]:g} to {values[-1]:g}, between {min(values):g} and {max(values):g}"
    return Sparkline(line=line, area=f"0,{HEIGHT:g} {line} {WIDTH:g},{HEIGHT:g}", words=words)


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    reach = (high - low) or 1.0
    usable = HEIGHT - 2 * _MARGIN
    step = WIDTH / (len(values) - 1)
    return [
        (at * step, HEIGHT - _MARGIN - (value - low) / reach * usable)
        for at, value in enumerate(values)
    ]
