"""Finds datasets for whoever may see them.

The caller hands in what the viewer may see as a queryset, and everything here is a filter of it: hits, counts,
corrections, snippets and even how rare a word is. There is no other way in, so that nothing hidden can come out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from catalog.documentation import plain
from catalog.models import Column, Dataset
from catalog.search import facets, misses, paging, ranking
from catalog.search.asking import Asked
from catalog.search.facets import Facet
from catalog.search.filters import Filters
from catalog.search.ranking import Tier
from catalog.search.snippets import Marker, Piece, Snippet, marked_columns, snippet
from catalog.search.spelling import corrections

LONGEST_PAGE: Final = 100
_UNREAD: Final = ("search_document", "search_names", "definition")


@dataclass(frozen=True)
class Hit:
    """One dataset found, why it stands here, and its label, words and columns with what answers marked."""

    dataset: Dataset
    tier: Tier
    label: tuple[Piece, ...]
    snippet: Snippet | None
    columns: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class SearchPage:
    """One page of what was found.

    `searched` is what the hits answer: what was typed, or the likeliest correction when nothing answered that.
    `corrections` are other spellings, likeliest first. `n_capped` counts all hits and stops at 10,000. `next` is the
    cursor of the following page, or None.
    """

    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    n_capped: int
    is_capped: bool
    next: str | None
    searched: str
    corrections: tuple[str, ...] = ()
    is_corrected: bool = False
    is_loose: bool = False


@dataclass(frozen=True)
class _Row:
    dataset: Dataset
    tier: Tier
    score: int


@dataclass(frozen=True)
class _Plan:
    asked: Asked
    is_loose: bool = False
    is_corrected: bool = False
    corrections: tuple[str, ...] = ()


def search(
    visible: QuerySet[Dataset],
    query: str,
    *,
    filters: Filters | None = None,
    cursor: str | None = None,
    limit: int = 20,
    now: datetime,
) -> SearchPage:
    """The visible datasets that answer a query and fit the filters, best first; all of them when there is no query.

    Names come first (exactly what was typed, then what begins with it), then datasets with every word. When no visible
    dataset has every word, a spelling that some dataset answers is searched instead, else any of the words counts,
    rare ones most; the gap is recorded then.

    Errors: `BadCursor`.
    Cost: about six statements; a query that nothing answers costs a few more for each word.
    """
    filters = filters or Filters()
    limit = max(1, min(limit, LONGEST_PAGE))
    asked = Asked.of(query)
    if not asked:
        return _browse(visible, filters, cursor, limit, now)
    narrowed = filters.narrow(visible, now=now)
    place = paging.decode(cursor) if cursor is not None else None
    plan = _Plan(asked)
    rows = _ranked(narrowed, visible, plan, place, limit)
    if not rows and not _is_answered(visible, asked):
        plan = _mended(visible, asked)
        rows = _ranked(narrowed, visible, plan, place, limit)
        if plan.is_loose and place is None:
            misses.record(asked.text, now=now)
    counts = facets.count(
        visible, ranking.answers(plan.asked, loosely=plan.is_loose), filters, now=now
    )
    return SearchPage(
        hits=_hits(rows[:limit], plan.asked),
        facets=counts.facets,
        n_capped=counts.n,
        is_capped=counts.is_capped,
        next=_next(rows, limit),
        searched=plan.asked.text,
        corrections=plan.corrections,
        is_corrected=plan.is_corrected,
        is_loose=plan.is_loose,
    )


def _ranked(
    narrowed: QuerySet[Dataset],
    visible: QuerySet[Dataset],
    plan: _Plan,
    after: tuple[int, int, str] | None,
    limit: int,
) -> list[_Row]:
    """One page of hits, and one more to know whether there is another."""
    places = ranking.ranked(
        narrowed, plan.asked, loosely=plan.is_loose, visible=visible, after=after, limit=limit + 1
    )
    return _read(places)


def _read(places: Sequence[ranking.Place]) -> list[_Row]:
    """The datasets at these places, which were visible when they were ranked."""
    datasets = _readable(Dataset.objects.all()).in_bulk([place.id for place in places])
    return [
        _Row(datasets[place.id], Tier(place.tier), place.score)
        for place in places
        if place.id in datasets
    ]


def _is_answered(visible: QuerySet[Dataset], asked: Asked) -> bool:
    return visible.filter(ranking.answers(asked, loosely=False)).order_by().exists()


def _mended(visible: QuerySet[Dataset], asked: Asked) -> _Plan:
    """What to search for instead: decided without the filters, which narrow what is found and not what is meant."""
    spellings = corrections(visible, asked.terms, is_open=asked.is_open)
    for spelling in spellings:
        mended = Asked.of(spelling)
        if _is_answered(visible, mended):
            others = tuple(other for other in spellings if other != spelling)
            return _Plan(mended, is_corrected=True, corrections=(spelling, *others))
    return _Plan(asked, is_loose=True, corrections=spellings)


def _browse(
    visible: QuerySet[Dataset], filters: Filters, cursor: str | None, limit: int, now: datetime
) -> SearchPage:
    """Everything, the most used first; what is deprecated or gone comes last."""
    narrowed = filters.narrow(visible, now=now)
    place = paging.decode(cursor) if cursor is not None else None
    rows: list[_Row] = []
    for tier in (Tier.CURRENT, Tier.PAST):
        if len(rows) <= limit and (place is None or place[0] <= tier):
            start = place if place is not None and place[0] == tier else None
            shelf = _shelf(narrowed, tier, start)[: limit + 1 - len(rows)]
            rows += [_Row(dataset, tier, dataset.popularity) for dataset in shelf]
    counts = facets.count(visible, Q(), filters, now=now)
    return SearchPage(
        hits=_hits(rows[:limit], Asked.of("")),
        facets=counts.facets,
        n_capped=counts.n,
        is_capped=counts.is_capped,
        next=_next(rows, limit),
        searched="",
    )


def _shelf(
    datasets: QuerySet[Dataset], tier: Tier, place: tuple[int, int, str] | None
) -> QuerySet[Dataset]:
    current = Q(deprecated_at=None, missing_at=None)
    shelf = datasets.filter(current if tier is Tier.CURRENT else ~current)
    if place is not None:
        _, popularity, name = place
        shelf = shelf.filter(popularity__lte=popularity).filter(
            Q(popularity__lt=popularity) | Q(name__gt=name)
        )
    return _readable(shelf.order_by("-popularity", "name"))


def suggest(visible: QuerySet[Dataset], start: str, *, limit: int = 8) -> tuple[Hit, ...]:
    """The visible datasets whose names are or begin with what is being typed, else those that have every word.

    Cost: two statements, no facets, columns or corrections: it answers each key press.
    """
    asked = Asked.of(start)
    if not asked:
        return ()
    places = ranking.ranked(visible, asked, loosely=False, visible=visible, limit=limit)
    marker = Marker.of(asked.terms, is_open=asked.is_open)
    return tuple(_hit(row, marker) for row in _read(places))


def _readable(found: QuerySet[Dataset]) -> QuerySet[Dataset]:
    return found.select_related("domain", "warehouse").defer(*_UNREAD)


def _next(rows: Sequence[_Row], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return paging.encode((last.tier.value, last.score, last.dataset.name))


def _hits(rows: Sequence[_Row], asked: Asked) -> tuple[Hit, ...]:
    marker = Marker.of(asked.terms, is_open=asked.is_open)
    columns = _columns(rows) if asked.terms else {}
    return tuple(_hit(row, marker, columns.get(row.dataset.pk, ())) for row in rows)


def _hit(row: _Row, marker: Marker, columns: Sequence[tuple[str, str]] = ()) -> Hit:
    return Hit(
        dataset=row.dataset,
        tier=row.tier,
        label=marker.mark(row.dataset.label),
        snippet=snippet(plain(row.dataset.description), columns, marker),
        columns=marked_columns((name for name, _ in columns), marker),
    )


def _columns(rows: Sequence[_Row]) -> dict[int, list[tuple[str, str]]]:
    columns: dict[int, list[tuple[str, str]]] = defaultdict(list)
    stored = Column.objects.filter(dataset__in=[row.dataset.pk for row in rows], removed_at=None)
    for pk, name, description in stored.order_by("dataset", "position").values_list(
        "dataset", "name", "description"
    ):
        columns[pk].append((name, description))
    return columns
