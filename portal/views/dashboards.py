"""Dashboards: the gallery, a dashboard with its filters, and each tile on its own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from access.clock import database_now
from access.discovery import discoverable_by
from access.models import AccessRequest, Principal
from catalog.lineage.mentions import readable_sql
from catalog.models import Dataset
from portal.dashboards.captions import Caption, caption_of
from portal.dashboards.definition import (
    DateRangeFilter,
    Definition,
    SelectFilter,
    Tile,
    parse_definition,
)
from portal.dashboards.filters import Chosen, chosen, values
from portal.dashboards.marks import Marks, marks_of
from portal.dashboards.tiles import Drawn, Viewing, draw, options
from portal.models import Dashboard, PinnedDashboard
from portal.views.asking import pending_for, request_url
from portal.views.people import person


@dataclass(frozen=True)
class FilterBox:
    """A filter as the bar above the tiles shows it."""

    chosen: Chosen
    options: tuple[tuple[str, str], ...] = ()
    presets: tuple[tuple[str, str, bool], ...] = ()

    @property
    def is_period(self) -> bool:
        """A period has presets and two days; a choice has options."""
        return isinstance(self.chosen.filter, DateRangeFilter)


@dataclass(frozen=True)
class Shown:
    """A tile on the page: where it comes from, and what is drawn if it was drawn already."""

    tile: Tile
    caption: Caption
    url: str
    drawn: Drawn | None = None
    pending: AccessRequest | None = None
    marks: Marks | None = None
    sql: str = ""

    @property
    def figure_json(self) -> str:
        """The figure as text for a data block; `<` is escaped so that it cannot end the block."""
        if self.drawn is None or self.drawn.figure is None:
            return ""
        return orjson.dumps(self.drawn.figure).decode().replace("<", "\\u003c")

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns of its own dataset that keep it from being read, where nothing else does."""
        needs = self.drawn.needs if self.drawn else ()
        is_own = len(needs) == 1 and needs[0].dataset == self.tile.dataset
        return tuple(needs[0].columns) if is_own and self.caption.dataset else ()

    @property
    def request_url(self) -> str:
        """Where to ask for what this tile needed."""
        if self.drawn is None or not self.drawn.needs:
            return ""
        need = self.drawn.needs[0]
        return request_url(need.dataset, need.columns, origin="dashboard")


def gallery(request: HttpRequest) -> HttpResponse:
    """Every dashboard, with whether this person could see its tiles."""
    viewer = person(request)
    pinned = set(
        PinnedDashboard.objects.filter(principal=viewer).values_list("dashboard_id", flat=True)
    )
    cards = [
        {
            "dashboard": dashboard,
            "definition": parse_definition(dashboard.definition),
            "is_pinned": dashboard.pk in pinned,
        }
        for dashboard in Dashboard.objects.all()
    ]
    return render(request, "portal/dashboards.html", {"cards": cards})


def dashboard(request: HttpRequest, name: str) -> HttpResponse:
    """One dashboard. Tiles load by themselves; `?draw=now` draws them with the page, for those without scripts."""
    found = get_object_or_404(Dashboard, name=name)
    definition = parse_definition(found.definition)
    viewing = _viewing(request, definition)
    every = chosen(definition, request.GET.dict(), database_now())
    at_once = request.GET.get("draw") == "now"
    datasets = _datasets(viewing.principal, definition)
    query = urlencode({each.filter.name: each.text for each in every})
    tiles = [
        _shown(
            viewing,
            tile,
            url=f"tiles/{tile.name}/?{query}",
            dataset=datasets.get(tile.dataset),
            drawn=draw(viewing, tile) if at_once else None,
        )
        for tile in definition.tiles
    ]
    context = {
        "dashboard": found,
        "definition": definition,
        "boxes": [_box(viewing, each) for each in every],
        "tiles": tiles,
        "stalest": _stalest(tiles),
        "query": query,
        "is_pinned": PinnedDashboard.objects.filter(
            principal=viewing.principal, dashboard=found
        ).exists(),
    }
    return render(request, "portal/dashboard.html", context)


def tile(request: HttpRequest, name: str, tile_name: str) -> HttpResponse:
    """One tile, drawn as this person may see it."""
    definition = parse_definition(get_object_or_404(Dashboard, name=name).definition)
    wanted = definition.tile(tile_name)
    if wanted is None:
        raise Http404
    viewing = _viewing(request, definition)
    datasets = _datasets(viewing.principal, definition)
    shown = _shown(
        viewing,
        wanted,
        url=request.get_full_path(),
        dataset=datasets.get(wanted.dataset),
        drawn=draw(viewing, wanted),
    )
    return render(request, "portal/_tile.html", {"shown": shown})


@require_POST
def pin(request: HttpRequest, name: str) -> HttpResponse:
    """Pin a dashboard to one's home page, or take it off."""
    found = get_object_or_404(Dashboard, name=name)
    made, created = PinnedDashboard.objects.get_or_create(
        principal=person(request), dashboard=found
    )
    if not created:
        made.delete()
    return redirect("dashboard", name=name)


def _shown(
    viewing: Viewing, tile: Tile, *, url: str, dataset: Dataset | None, drawn: Drawn | None
) -> Shown:
    need = drawn.needs[0] if drawn and drawn.needs else None
    viewer = viewing.principal
    is_read = drawn is not None and bool(drawn.query_id)
    return Shown(
        tile=tile,
        caption=caption_of(dataset, viewer, drawn),
        url=url,
        drawn=drawn,
        pending=pending_for(viewer, need.dataset, need.columns) if need else None,
        marks=marks_of(tile, dataset, viewer) if drawn and drawn.figure else None,
        sql=readable_sql(tile.sql, visible=discoverable_by(viewer)) if is_read else "",
    )


def _viewing(request: HttpRequest, definition: Definition) -> Viewing:
    given = values(chosen(definition, request.GET.dict(), database_now()))
    return Viewing(person(request), definition, given)


def _datasets(principal: Principal, definition: Definition) -> dict[str, Dataset]:
    names = {tile.dataset for tile in definition.tiles}
    rows = discoverable_by(principal).filter(name__in=names).select_related("domain")
    return {dataset.name: dataset for dataset in rows}


def _box(viewing: Viewing, each: Chosen) -> FilterBox:
    filter = each.filter
    if isinstance(filter, SelectFilter):
        return FilterBox(each, options=options(viewing, filter))
    current = each.text
    presets = tuple((choice, _preset(choice), choice == current) for choice in filter.choices)
    return FilterBox(each, presets=presets)


def _preset(span: str) -> str:
    known = {
        "7d": "7 days",
        "30d": "30 days",
        "90d": "3 months",
        "180d": "6 months",
        "365d": "1 year",
        "730d": "2 years",
    }
    return known.get(span, span)


def _stalest(tiles: list[Shown]) -> Caption | None:
    """The caption with the oldest data: a dashboard is as fresh as its stalest tile."""
    dated: list[Any] = [shown.caption for shown in tiles if shown.caption.updated_at]
    return min(dated, key=lambda caption: caption.updated_at, default=None)
