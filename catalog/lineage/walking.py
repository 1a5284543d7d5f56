"""Walks a graph in PostgreSQL one level at a time: one query takes the whole frontier a step further.

A walk goes through what the viewer may not see, since what lies behind it may matter to them, but brings nothing of it
back except a count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from catalog.models import Dataset

Side = Literal["upstream", "downstream"]
Direction = Literal["upstream", "downstream", "both"]
Pair = tuple[int, int]

DEEPEST: Final = 50
LARGEST: Final = 1_000
_COUNTED: Final = 10_000

M = TypeVar("M", bound=Model)
M_co = TypeVar("M_co", bound=Model, covariant=True)


@dataclass(frozen=True)
class Sides:
    """A count for each side of the centre."""

    upstream: int = 0
    downstream: int = 0

    def __bool__(self) -> bool:
        return bool(self.upstream or self.downstream)


NONE: Final = Sides()


@dataclass
class Walk(Generic[M]):
    """What one side of a walk met: the level of each row by key, the rows that may be shown, how many were left out."""

    side: Side
    levels: dict[int, int] = field(default_factory=dict)
    shown: dict[int, M] = field(default_factory=dict)
    n_more: int = 0

    @property
    def n_hidden(self) -> int:
        """How many rows were met that may not be shown."""
        return len(self.levels) - len(self.shown)

    @property
    def signed(self) -> dict[int, int]:
        """Levels as the graph counts them: upstream below zero."""
        sign = -1 if self.side == "upstream" else 1
        return {key: sign * level for key, level in self.levels.items()}


class Step(Protocol[M_co]):
    """Gives the rows next to a frontier on one side, annotated with `is_visible`, those to keep first."""

    def __call__(self, frontier: Sequence[int], side: Side) -> QuerySet[M_co]: ...


def walk(start: int, side: Side, step: Step[M], *, depth: int, room: int) -> Walk[M]:
    """Walks from one row; `step` takes the frontier further.

    It ends at `depth`, when nothing new is met (so cycles end), or when `room` rows are met: what the last level had
    beyond that is counted, to 10,000.
    """
    met: Walk[M] = Walk(side)
    frontier: Sequence[int] = [start]
    for level in range(1, min(depth, DEEPEST) + 1):
        near = step(frontier, side).exclude(pk__in=[start, *met.levels])
        left = room - len(met.levels)
        rows = list(near[: left + 1])
        for row in rows[:left]:
            met.levels[row.pk] = level
            if getattr(row, "is_visible"):  # noqa: B009
                met.shown[row.pk] = row
        if len(rows) > left:
            met.n_more = near.order_by().values("pk")[:_COUNTED].count() - left
            break
        frontier = [row.pk for row in rows]
        if not frontier:
            break
    return met


def sides_of(direction: Direction) -> tuple[Side, ...]:
    """The sides a direction asks for."""
    return ("upstream", "downstream") if direction == "both" else (direction,)


def is_visible(visible: QuerySet[Dataset], reference: str) -> Exists:
    """Whether the dataset a row refers to is among the visible ones."""
    return Exists(visible.order_by().filter(pk=OuterRef(reference)))


def count_sides(walks: Iterable[Walk[Any]], name: Literal["n_hidden", "n_more"]) -> Sides:
    """One of the counts of each walk, by side."""
    return Sides(**{met.side: getattr(met, name) for met in walks})


def levels_of(start: int, walks: Iterable[Walk[Any]]) -> dict[int, int]:
    """The level of everything met; in a cycle the shorter way counts."""
    levels = {start: 0}
    for met in walks:
        for key, level in met.signed.items():
            if key not in levels or abs(level) < abs(levels[key]):
                levels[key] = level
    return levels


def between(hidden: Collection[int], edges: Iterable[Pair]) -> set[int]:
    """The hidden points that lie on a way from one visible point to another; dead ends are not worth a step."""
    after, before = defaultdict(list), defaultdict(list)
    for upstream, downstream in edges:
        after[upstream].append(downstream)
        before[downstream].append(upstream)
    return _reached(hidden, after) & _reached(hidden, before)


def _reached(hidden: Collection[int], following: Mapping[int, list[int]]) -> set[int]:
    """The hidden points that a visible one leads to, by way of hidden points only."""
    starts = [point for point in following if point not in hidden]
    reached: set[int] = set()
    while starts:
        found = {point for start in starts for point in following.get(start, ()) if point in hidden}
        starts = list(found - reached)
        reached |= found
    return reached


def keys_for(shown: Mapping[int, str], steps: Iterable[int]) -> dict[int, str]:
    """A key for each point of a graph: that of the shown ones, and a bare number for the hidden steps."""
    numbered = {point: f"hidden:{number}" for number, point in enumerate(steps, start=1)}
    return {**numbered, **shown}
