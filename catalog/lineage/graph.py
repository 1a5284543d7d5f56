"""The lineage around a dataset: what it is made from, what is made from it, and the dashboards at the end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from django.db.models import QuerySet

from catalog.lineage.walking import (
    LARGEST,
    NONE,
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
from catalog.models import ColumnEdge, Dataset, Exposure, ExposureInput, LineageEdge

_UNREAD: Final = ("search_document", "search_names", "definition", "description")
_MOST_LINKS: Final = 5_000


class NodeKind(StrEnum):
    """What stands at a point of the graph."""

    DATASET = "dataset"
    EXPOSURE = "exposure"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Node:
    """A point of the graph. `level` counts steps from the centre, upstream below zero. A hidden step is only a key."""

    key: str
    kind: NodeKind
    level: int
    dataset: Dataset | None = None
    exposure: Exposure | None = None


@dataclass(frozen=True)
class Edge:
    """`downstream` is made from `upstream`, as `sources` say; both are keys of nodes."""

    upstream: str
    downstream: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnLink:
    """A column takes its values from another; both nodes are datasets of the graph."""

    upstream: str
    upstream_column: str
    downstream: str
    downstream_column: str
    transformation: str


@dataclass(frozen=True)
class LineageGraph:
    """A part of the lineage around one dataset, which has the key `centre`.

    `nodes` are ordered by level, within one the most used first. `n_hidden` counts datasets met that the viewer may
    not see, whether or not they show as a step. `n_more` counts what the limit left out, to 10,000 a side.
    """

    centre: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    columns: tuple[ColumnLink, ...] = ()
    n_hidden: Sides = NONE
    n_more: Sides = NONE


def key_of(thing: Dataset | Exposure) -> str:
    """The key of a node: `dataset:` and its name, or `exposure:` and its number."""
    if isinstance(thing, Dataset):
        return f"dataset:{thing.name}"
    return f"exposure:{thing.pk}"


def neighbourhood(
    dataset: Dataset,
    *,
    visible: QuerySet[Dataset],
    direction: Direction = "both",
    depth: int = 2,
    limit: int = 200,
    columns: bool = False,
) -> LineageGraph:
    """The lineage within `depth` steps of a visible dataset, with at most `limit` nodes beside it.

    When a level does not fit, the visible and most used stay; upstream and downstream have half the room each when
    both are asked for. `columns` adds the links between columns of the datasets shown.

    Cost: one query a level and side, then two; one more with columns.
    """
    sides = sides_of(direction)
    room = max(1, min(limit, LARGEST) // len(sides))
    walks = [
        walk(dataset.pk, side, step_through(visible), depth=max(0, depth), room=room)
        for side in sides
    ]
    graph = _drawn(dataset, walks)
    if "downstream" in sides:
        taken = len(walks[-1].levels)
        graph = _with_exposures(graph, depth=depth, room=room - taken)
    return replace(graph, columns=_links(graph)) if columns else graph


def step_through(visible: QuerySet[Dataset]) -> Step[Dataset]:
    """A step from datasets to those next to them, the visible and most used first."""

    def step(frontier: Sequence[int], side: Side) -> QuerySet[Dataset]:
        known: Side = "downstream" if side == "upstream" else "upstream"
        edges = LineageEdge.objects.filter(**{f"{known}__in": frontier})
        return (
            Dataset.objects.filter(pk__in=edges.values(side))
            .annotate(is_visible=is_visible(visible, "pk"))
            .select_related("domain", "warehouse")
            .defer(*_UNREAD)
            .order_by("-is_visible", "-popularity", "name")
        )

    return step


def _drawn(centre: Dataset, walks: Sequence[Walk[Dataset]]) -> LineageGraph:
    levels = levels_of(centre.pk, walks)
    shown = {centre.pk: centre}
    for met in walks:
        shown.update(met.shown)
    sources = _sources(levels)
    steps = between(levels.keys() - shown.keys(), sources)
    keys = keys_for(
        {pk: key_of(row) for pk, row in shown.items()}, (pk for pk in levels if pk in steps)
    )
    nodes = [_node(keys[pk], level, shown.get(pk)) for pk, level in levels.items() if pk in keys]
    return LineageGraph(
        centre=keys[centre.pk],
        nodes=tuple(sorted(nodes, key=lambda node: node.level)),
        edges=tuple(
            Edge(
                keys[upstream],
                keys[downstream],
                said if steps.isdisjoint((upstream, downstream)) else (),
            )
            for (upstream, downstream), said in sources.items()
            if upstream in keys and downstream in keys
        ),
        n_hidden=count_sides(walks, "n_hidden"),
        n_more=count_sides(walks, "n_more"),
    )


def _node(key: str, level: int, dataset: Dataset | None) -> Node:
    kind = NodeKind.DATASET if dataset else NodeKind.HIDDEN
    return Node(key, kind, level, dataset=dataset)


def _sources(levels: Mapping[int, int]) -> dict[tuple[int, int], tuple[str, ...]]:
    """The edges among the datasets met, and who says each."""
    said: dict[tuple[int, int], list[str]] = defaultdict(list)
    edges = LineageEdge.objects.filter(upstream__in=levels, downstream__in=levels)
    for upstream, downstream, source in edges.order_by("pk").values_list(
        "upstream_id", "downstream_id", "source"
    ):
        said[upstream, downstream].append(source)
    return {pair: tuple(sorted(names)) for pair, names in said.items()}


def _with_exposures(graph: LineageGraph, *, depth: int, room: int) -> LineageGraph:
    """Adds what reads the centre and the visible datasets downstream of it, where a step is left to reach it."""
    readable = {
        node.dataset.pk: node for node in graph.nodes if node.dataset and 0 <= node.level < depth
    }
    inputs = ExposureInput.objects.filter(dataset__in=readable).select_related("exposure")
    by_exposure: dict[Exposure, list[Node]] = defaultdict(list)
    for read in inputs.order_by("exposure__name", "exposure", "dataset__name"):
        by_exposure[read.exposure].append(readable[read.dataset_id])
    kept = dict(list(by_exposure.items())[: max(room, 0)])
    nodes = [
        Node(
            key_of(exposure),
            NodeKind.EXPOSURE,
            max(node.level for node in read) + 1,
            exposure=exposure,
        )
        for exposure, read in kept.items()
    ]
    edges = [Edge(node.key, key_of(exposure)) for exposure, read in kept.items() for node in read]
    n_more = graph.n_more.downstream + len(by_exposure) - len(kept)
    return replace(
        graph,
        nodes=tuple(sorted((*graph.nodes, *nodes), key=lambda node: node.level)),
        edges=(*graph.edges, *edges),
        n_more=replace(graph.n_more, downstream=n_more),
    )


def _links(graph: LineageGraph) -> tuple[ColumnLink, ...]:
    keys = {node.dataset.pk: node.key for node in graph.nodes if node.dataset}
    edges = ColumnEdge.objects.filter(
        upstream__dataset__in=keys,
        downstream__dataset__in=keys,
        upstream__removed_at=None,
        downstream__removed_at=None,
    )
    rows = edges.order_by("downstream__position", "upstream__position").values_list(
        "upstream__dataset",
        "upstream__name",
        "downstream__dataset",
        "downstream__name",
        "transformation",
    )
    links = (
        ColumnLink(keys[upstream], source, keys[downstream], target, transformation)
        for upstream, source, downstream, target, transformation in rows[:_MOST_LINKS]
    )
    return tuple(dict.fromkeys(links))
