"""The search page and the palette: hits with owner, freshness and my access, and facets that have an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from access.discovery import discoverable_by
from access.grants import AccessSummary, readable_by, summaries
from access.models import Principal
from catalog import search
from catalog.freshness import Freshness, freshness
from catalog.models import Contact, Dataset
from portal.shell import Place

KINDS = ("domain", "owner", "sensitivity", "freshness", "tag", "warehouse")
MINE = "mine"
_PLACES = 4


@dataclass(frozen=True)
class Row:
    """One hit with what a person asks first: may I use it, how fresh is it, who owns it."""

    hit: search.Hit
    access: AccessSummary
    freshness: Freshness
    owner: str
    asks: bool


@dataclass(frozen=True)
class FacetLink:
    """A choice as a link that makes or takes back the choice; `count` None where it is not counted."""

    label: str
    url: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True)
class FacetGroup:
    """The choices of one kind."""

    title: str
    items: tuple[FacetLink, ...]


@dataclass(frozen=True)
class Found:
    """What the search page shows."""

    page: search.SearchPage
    rows: tuple[Row, ...]
    facets: tuple[FacetGroup, ...]
    first_url: str
    next_url: str
    plain_url: str
    kept: tuple[tuple[str, str], ...]
    corrections: tuple[tuple[str, str], ...]

    @property
    def n_chosen(self) -> int:
        """How many choices narrow what is shown."""
        return len(self.kept)


@dataclass(frozen=True)
class PaletteHit:
    """A dataset in the palette."""

    label: str
    name: str
    url: str
    state: str
    icon: str = "dataset"


def found_for(person: Principal, asked: QueryDict, *, now: datetime) -> Found:
    """What this person finds with the query and choices of an address. Errors: `BadCursor`. Cost: about a dozen queries."""
    visible = _within(person, asked)
    page = search.search(
        visible,
        asked.get("q", ""),
        filters=search.Filters(**{kind: tuple(asked.getlist(kind)) for kind in KINDS}),
        cursor=asked.get("cursor"),
        now=now,
    )
    return Found(
        page=page,
        rows=_rows(person, page.hits, now),
        facets=(_access_facet(asked), *_facets(page.facets, asked)),
        first_url=_url(asked) if "cursor" in asked else "",
        next_url=_url(asked, cursor=page.next) if page.next else "",
        plain_url=_url(QueryDict(), q=asked.get("q", "")),
        kept=tuple((kind, value) for kind in (*KINDS, "access") for value in asked.getlist(kind)),
        corrections=tuple((words, _url(asked, q=words)) for words in page.corrections[:3]),
    )


def palette_hits(person: Principal, typed: str, *, now: datetime) -> list[PaletteHit]:
    """The datasets to offer while somebody types."""
    hits = search.suggest(discoverable_by(person), typed)
    standing = summaries(person, [hit.dataset for hit in hits], now)
    return [
        PaletteHit(
            hit.dataset.label,
            hit.dataset.name,
            reverse("dataset", args=[hit.dataset.name]),
            standing[hit.dataset.pk].state,
        )
        for hit in hits
    ]


def places_for(places: Iterable[Place], typed: str) -> list[Place]:
    """The pages whose names have what is being typed; all of them before anything is typed."""
    words = typed.lower().split()
    fitting = [place for place in places if all(word in place.label.lower() for word in words)]
    return fitting[:_PLACES] if words else fitting


def _within(person: Principal, asked: QueryDict) -> QuerySet[Dataset]:
    visible = discoverable_by(person)
    if asked.get("access") == MINE:
        return visible.filter(pk__in=readable_by(person).values("pk"))
    return visible


def _rows(person: Principal, hits: Iterable[search.Hit], now: datetime) -> tuple[Row, ...]:
    hits = tuple(hits)
    datasets = [hit.dataset for hit in hits]
    standing = summaries(person, datasets, now)
    owners = owners_of(datasets)
    return tuple(
        Row(
            hit,
            standing[hit.dataset.pk],
            freshness(hit.dataset, now),
            owners.get(hit.dataset.pk, ""),
            asks=standing[hit.dataset.pk].state in ("none", "expired", "ended"),
        )
        for hit in hits
    )


def owners_of(datasets: Iterable[Dataset]) -> Mapping[int, str]:
    """The first named owner of each of these datasets. Cost: one query."""
    named: dict[int, str] = {}
    contacts = Contact.objects.filter(dataset__in=[dataset.pk for dataset in datasets])
    for dataset, name in contacts.order_by("-role", "name").values_list("dataset", "name"):
        named.setdefault(dataset, name)
    return named


def _access_facet(asked: QueryDict) -> FacetGroup:
    chosen = asked.get("access") == MINE
    link = FacetLink("I can read it", _url(asked, access=None if chosen else MINE), chosen)
    return FacetGroup("My access", (link,))


def _facets(facets: Iterable[search.Facet], asked: QueryDict) -> Iterable[FacetGroup]:
    by_name = {facet.name: facet for facet in facets}
    for kind in KINDS:
        facet = by_name.get(kind)
        if facet:
            yield FacetGroup(
                facet.title, tuple(_link(kind, value, asked) for value in facet.values)
            )


def _link(kind: str, value: search.FacetValue, asked: QueryDict) -> FacetLink:
    others = [each for each in asked.getlist(kind) if each != value.value]
    chosen = others if value.is_chosen else [*others, value.value]
    return FacetLink(value.label, _url(asked, **{kind: chosen}), value.is_chosen, value.n)


def _url(asked: QueryDict, **changes: str | list[str] | None) -> str:
    """The address with some choices changed; always from the first page."""
    query = asked.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.setlist(name, [] if value is None else [value] if isinstance(value, str) else value)
    words = query.urlencode()
    return f"{reverse('search')}?{words}" if words else reverse("search")
