"""The way of one column: the columns it is computed from, and those computed from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from catalog.errors import UnknownName
from catalog.lineage.graph import key_of
from catalog.lineage.walking import (
    LARGEST,
    Direction,
    Side,
    Sides,
    Step,
    Walk,
    between,
    count_sides,
    is_visible,
    keys_for,
    levels_of,
    sides_of,
    walk,
)
from catalog.models import Column, ColumnEdge, Dataset


@dataclass(frozen=True)
class ColumnNode:
    """A column on the way, `level` steps from the one asked about; a hidden step has neither column nor dataset."""

    key: str
    level: int
    column: Column | None = None

    @property
    def dataset(self) -> Dataset | None:
        """The dataset of the column."""
        return self.column.dataset if self.column else None


@dataclass(frozen=True)
class ColumnStep:
    """`downstream` takes its values from `upstream`, unchanged (identity), computed (expression) or aggregated."""

    upstream: str
    downstream: str
    transformation: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ColumnGraph:
    """The columns before and after one column. Keys are those of the datasets in `LineageGraph`, then `#` and the column."""

    centre: str
    nodes: tuple[ColumnNode, ...]
    steps: tuple[ColumnStep, ...]
    n_hidden: Sides
    n_more: Sides


def column_path(
    dataset: Dataset,
    column_name: str,
    *,
    visible: QuerySet[Dataset],
    direction: Direction = "both",
    depth: int = 20,
    limit: int = 200,
) -> ColumnGraph:
    """Where a column's values come from and where they go; columns of hidden datasets are steps without a name.

    Errors: `UnknownName` when the dataset has no such column now.
    Cost: one query a level and side, and two more.
    """
    stored = dataset.columns.filter(removed_at=None, name=column_name).select_related("dataset")
    centre = stored.first()
    if centre is None:
        raise UnknownName(f"{dataset.label} has no column {column_name!r}.")
    sides = sides_of(direction)
    room = max(1, min(limit, LARGEST) // len(sides))
    walks = [
        walk(centre.pk, side, _step_through(visible), depth=depth, room=room) for side in sides
    ]
    return _drawn(centre, walks)


def _step_through(visible: QuerySet[Dataset]) -> Step[Column]:
    def step(frontier: Sequence[int], side: Side) -> QuerySet[Column]:
        known: Side = "downstream" if side == "upstream" else "upstream"
        edges = ColumnEdge.objects.filter(**{f"{known}__in": frontier})
        return (
            Column.objects.filter(pk__in=edges.values(side), removed_at=None)
            .annotate(is_visible=is_visible(visible, "dataset"))
            .select_related("dataset__warehouse")
            .defer("dataset__search_document", "dataset__search_names", "dataset__definition")
            .order_by("-is_visible", "-dataset__popularity", "dataset__name", "position")
        )

    return step


def _drawn(centre: Column, walks: Sequence[Walk[Column]]) -> ColumnGraph:
    levels = levels_of(centre.pk, walks)
    shown = {centre.pk: centre}
    for met in walks:
        shown.update(met.shown)
    said = _said(levels)
    steps = between(levels.keys() - shown.keys(), said)
    keys = keys_for(
        {pk: column_key(row) for pk, row in shown.items()}, (pk for pk in levels if pk in steps)
    )
    nodes = [
        ColumnNode(keys[pk], level, shown.get(pk)) for pk, level in levels.items() if pk in keys
    ]
    return ColumnGraph(
        centre=keys[centre.pk],
        nodes=tuple(sorted(nodes, key=lambda node: node.level)),
        steps=tuple(
            _step(keys[pair[0]], keys[pair[1]], sources, is_hidden=not steps.isdisjoint(pair))
            for pair, sources in said.items()
            if pair[0] in keys and pair[1] in keys
        ),
        n_hidden=count_sides(walks, "n_hidden"),
        n_more=count_sides(walks, "n_more"),
    )


def column_key(column: Column) -> str:
    """The key of a column's node."""
    return f"{key_of(column.dataset)}#{column.name}"


def _said(levels: Mapping[int, int]) -> dict[tuple[int, int], dict[str, str]]:
    """The edges among the columns met: for each, what every source calls the transformation."""
    said: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    edges = ColumnEdge.objects.filter(upstream__in=levels, downstream__in=levels).order_by("pk")
    for upstream, downstream, source, transformation in edges.values_list(
        "upstream_id", "downstream_id", "source", "transformation"
    ):
        said[upstream, downstream][source] = transformation
    return said


def _step(
    upstream: str, downstream: str, said: Mapping[str, str], *, is_hidden: bool
) -> ColumnStep:
    if is_hidden:
        return ColumnStep(upstream, downstream, "", ())
    transformation = next((said[source] for source in sorted(said) if said[source]), "")
    return ColumnStep(upstream, downstream, transformation, tuple(sorted(said)))
