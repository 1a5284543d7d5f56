"""The lineage page: the datasets around one, a column's path, and what breaks if it changes; each drawn and as a table."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from access.discovery import discoverable_by
from access.models import Principal
from catalog import lineage
from catalog.freshness import freshness
from catalog.models import Check, CheckStatus, Column, Dataset, Exposure
from portal.drawing import Arrow, Box, Drawing, draw

DEPTHS = (1, 2, 3, 5)
MOST_DRAWN = 60
MOST_COUNTED = 300
Tone = Literal["", "stale", "failed", "past", "hidden", "exposure"]


@dataclass(frozen=True)
class Stop:
    """One box or table row: a dataset, a column, an exposure, or a step without a name."""

    key: str
    title: str
    note: str
    status: str
    tone: Tone
    level: int
    url: str
    is_centre: bool = False

    @property
    def side(self) -> str:
        """Which way from the centre, in words."""
        if self.is_centre:
            return "this one"
        steps = abs(self.level)
        where = "upstream" if self.level < 0 else "downstream"
        return f"{where}, {steps} step{'s' if steps > 1 else ''}"


@dataclass(frozen=True)
class Picture:
    """A drawing with the same stops as a table, and what is not in it."""

    drawing: Drawing
    stops: tuple[Stop, ...]
    n_hidden: lineage.Sides
    n_more: lineage.Sides

    @property
    def n_linked(self) -> int:
        """How many stops there are beside the centre."""
        return len(self.stops) - 1


@dataclass(frozen=True)
class LineagePage:
    """What the lineage page shows. `column` is the name whose path is drawn, or empty."""

    dataset: Dataset
    picture: Picture
    depth: int
    depths: tuple[tuple[int, str], ...]
    column: str
    columns: tuple[tuple[str, str], ...]
    impact: lineage.Impact


def page_of(
    person: Principal, dataset: Dataset, *, depth: int, column: str, now: datetime
) -> LineagePage:
    """Everything on the lineage page. Errors: `UnknownName` for a column there is not. Cost: about fifteen queries."""
    visible = discoverable_by(person)
    if column:
        picture = _column_picture(
            lineage.column_path(dataset, column, visible=visible, limit=MOST_DRAWN)
        )
    else:
        picture = around(person, dataset, depth=depth, limit=MOST_DRAWN, now=now)
    page = reverse("lineage", args=[dataset.name])
    names = Column.objects.filter(dataset=dataset, removed_at=None).values_list("name", flat=True)
    return LineagePage(
        dataset=dataset,
        picture=picture,
        depth=depth,
        depths=tuple((each, f"{page}?{urlencode({'depth': each})}") for each in DEPTHS),
        column=column,
        columns=tuple((name, f"{page}?{urlencode({'column': name})}") for name in names),
        impact=lineage.impact(dataset, visible=visible),
    )


def around(
    person: Principal, dataset: Dataset, *, depth: int, limit: int, now: datetime
) -> Picture:
    """The datasets around one, as far as this person may know of them. Cost: about seven queries at depth two."""
    graph = lineage.neighbourhood(
        dataset, visible=discoverable_by(person), depth=depth, limit=limit
    )
    shown = [node.dataset for node in graph.nodes if node.dataset]
    failing = failing_checks(shown)
    stops = tuple(
        _stop(node, failing, now, is_centre=node.key == graph.centre) for node in graph.nodes
    )
    arrows = [Arrow(edge.upstream, edge.downstream) for edge in graph.edges]
    return picture_of(stops, arrows, graph.n_hidden, graph.n_more)


def failing_checks(datasets: Iterable[Dataset]) -> Mapping[int, int]:
    """How many checks of each of these datasets failed the last time. Cost: one query."""
    failed = Check.objects.filter(
        dataset__in=[dataset.pk for dataset in datasets],
        last_status__in=(CheckStatus.FAIL, CheckStatus.ERROR),
    )
    return dict(failed.order_by().values_list("dataset").annotate(Count("pk")))


def picture_of(
    stops: tuple[Stop, ...],
    arrows: Collection[Arrow],
    n_hidden: lineage.Sides,
    n_more: lineage.Sides,
) -> Picture:
    """The stops drawn, and in the order of the table: from the farthest upstream to the farthest downstream."""
    boxes = [Box(stop.key, {"stop": stop}) for stop in stops]
    ordered = tuple(sorted(stops, key=lambda stop: (stop.level, stop.title)))
    return Picture(draw(boxes, tuple(arrows)), ordered, n_hidden, n_more)


def _stop(
    node: lineage.Node, failing: Mapping[int, int], now: datetime, *, is_centre: bool
) -> Stop:
    if node.dataset:
        return _dataset_stop(node.key, node.level, node.dataset, failing, now, is_centre)
    if node.exposure:
        return _exposure_stop(node.key, node.level, node.exposure)
    return _hidden(node.key, node.level)


def _dataset_stop(
    key: str,
    level: int,
    dataset: Dataset,
    failing: Mapping[int, int],
    now: datetime,
    is_centre: bool,
) -> Stop:
    status, tone = _health(dataset, failing.get(dataset.pk, 0), now)
    return Stop(
        key=key,
        title=dataset.label,
        note=f"{dataset.schema_name}.{dataset.table_name}",
        status=status,
        tone=tone,
        level=level,
        url=reverse("lineage" if not is_centre else "dataset", args=[dataset.name]),
        is_centre=is_centre,
    )


def _health(dataset: Dataset, n_failing: int, now: datetime) -> tuple[str, Tone]:
    if n_failing:
        return f"{n_failing} check{'s' if n_failing > 1 else ''} failing", "failed"
    if freshness(dataset, now).state == "stale":
        return "Stale", "stale"
    if dataset.missing_at:
        return "Gone from the warehouse", "past"
    if dataset.deprecated_at:
        return "Deprecated", "past"
    return "", ""


def _exposure_stop(key: str, level: int, exposure: Exposure) -> Stop:
    kind = exposure.kind.replace("_", " ") or "exposure"
    note = f"{kind}, {exposure.owner_name}" if exposure.owner_name else kind
    return Stop(key, str(exposure), note, "", "exposure", level, exposure.url)


def _hidden(key: str, level: int) -> Stop:
    return Stop(key, "A step you may not see", "", "", "hidden", level, "")


def _column_picture(graph: lineage.ColumnGraph) -> Picture:
    stops = tuple(
        _column_stop(node, is_centre=node.key == graph.centre)
        if node.column
        else _hidden(node.key, node.level)
        for node in graph.nodes
    )
    arrows = [Arrow(step.upstream, step.downstream, step.transformation) for step in graph.steps]
    return picture_of(stops, arrows, graph.n_hidden, graph.n_more)


def _column_stop(node: lineage.ColumnNode, *, is_centre: bool) -> Stop:
    column = node.column
    assert column is not None
    page = reverse("lineage", args=[column.dataset.name])
    return Stop(
        key=node.key,
        title=column.name,
        note=f"{column.dataset.schema_name}.{column.dataset.table_name}",
        status="",
        tone="",
        level=node.level,
        url=f"{page}?{urlencode({'column': column.name})}",
        is_centre=is_centre,
    )
