"""Counts what a search found by domain, tag, sensitivity, warehouse, owner and freshness.

Only what the viewer may see is counted, because the counting reads the same queryset as the hits. A kind in which a
choice was made is counted as if it had not been, so that the other choices stay in sight.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from catalog.models import Dataset, Sensitivity
from catalog.search.filters import FRESH, STALE, UNKNOWN, Filters, freshness_state

COUNTED: Final = 10_000
_MOST_VALUES: Final = 20

_COUNTS: Final = {
    "domain": """
        SELECT 'domain', domain.name, coalesce(nullif(domain.title, ''), domain.name), count(*)
          FROM hits JOIN catalog_domain AS domain ON domain.id = hits.domain_id GROUP BY 2, 3""",
    "tag": """
        SELECT 'tag', tag, tag, count(*) FROM hits, unnest(hits.tags) AS tag GROUP BY 2""",
    "sensitivity": """
        SELECT 'sensitivity', sensitivity, sensitivity, count(*) FROM hits GROUP BY 2""",
    "warehouse": """
        SELECT 'warehouse', warehouse.name, warehouse.name, count(*)
          FROM hits JOIN catalog_warehouse AS warehouse ON warehouse.id = hits.warehouse_id GROUP BY 2""",
    "owner": """
        SELECT 'owner', contact.name, contact.name, count(DISTINCT hits.id)
          FROM hits JOIN catalog_contact AS contact ON contact.dataset_id = hits.id GROUP BY 2""",
    "freshness": """
        SELECT 'freshness', freshness, freshness, count(*) FROM hits GROUP BY 2""",
}
_TOTAL: Final = "SELECT '', '', '', count(*) FROM hits"
_TITLES: Final = {
    "domain": "Domain",
    "tag": "Tag",
    "sensitivity": "Sensitivity",
    "warehouse": "Warehouse",
    "owner": "Owner",
    "freshness": "Freshness",
}
_LABELS: Final[dict[str, dict[str, str]]] = {
    "sensitivity": {value: str(label) for value, label in Sensitivity.choices},
    "freshness": {FRESH: "Fresh", STALE: "Stale", UNKNOWN: "No promise"},
}
# Kinds whose values have an order of their own; the others are listed most frequent first.
_ORDERS: Final = {
    "sensitivity": tuple(Sensitivity.values),
    "freshness": (FRESH, STALE, UNKNOWN),
}


@dataclass(frozen=True)
class FacetValue:
    """One choice, and how many hits it would leave."""

    value: str
    label: str
    n: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """One kind of choice. `name` is the filter's."""

    name: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True)
class Counts:
    """How many were found, and of what kinds; counting stops at 10,000 and `is_capped` says that it did."""

    n: int
    is_capped: bool
    facets: tuple[Facet, ...]


def count(visible: QuerySet[Dataset], condition: Q, filters: Filters, *, now: datetime) -> Counts:
    """Counts the visible datasets that answer a condition and fit the filters.

    Cost: one statement, and one more for each kind in which a choice was made.
    """
    chosen = filters.chosen
    open_kinds = [_COUNTS[name] for name in _COUNTS if name not in chosen]
    rows = list(
        _rows(filters.narrow(visible.filter(condition), now=now), [_TOTAL, *open_kinds], now)
    )
    for name in chosen:
        others = filters.narrow(visible.filter(condition), now=now, without=name)
        rows += _rows(others, [_COUNTS[name]], now)
    total = next((n for name, _, _, n in rows if not name), 0)
    return Counts(
        n=min(total, COUNTED), is_capped=total > COUNTED, facets=tuple(_facets(rows, chosen))
    )


def _rows(
    hits: QuerySet[Dataset], counts: Iterable[str], now: datetime
) -> Iterator[tuple[str, str, str, int]]:
    counted = (
        hits.order_by()
        .annotate(freshness=freshness_state(now))
        .values_list("pk", "domain_id", "warehouse_id", "sensitivity", "tags", "freshness")
    )[: COUNTED + 1]
    try:
        sql, params = counted.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH hits (id, domain_id, warehouse_id, sensitivity, tags, freshness)"
            f" AS MATERIALIZED ({sql}) {' UNION ALL '.join(counts)}",
            params,
        )
        yield from cursor.fetchall()


def _facets(
    rows: Iterable[tuple[str, str, str, int]], chosen: dict[str, tuple[str, ...]]
) -> Iterator[Facet]:
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for name, value, label, n in rows:
        found[name].append((value, _LABELS.get(name, {}).get(value, label), n))
    for name, title in _TITLES.items():
        picked = chosen.get(name, ())
        # A choice stays listed when nothing is left of it, or it could not be taken back.
        counted = {value for value, _, _ in found[name]}
        labels = _LABELS.get(name, {})
        lost = [(value, labels.get(value, value), 0) for value in picked if value not in counted]
        values = tuple(
            FacetValue(value, label, n, value in picked)
            for value, label, n in _ordered(name, found[name] + lost, picked)
        )
        if values:
            yield Facet(name, title, values)


def _ordered(
    name: str, values: list[tuple[str, str, int]], picked: tuple[str, ...]
) -> list[tuple[str, str, int]]:
    order = _ORDERS.get(name)
    if order:
        return sorted(
            values, key=lambda row: order.index(row[0]) if row[0] in order else len(order)
        )
    by_count = sorted(values, key=lambda row: (-row[2], row[1]))
    return [row for at, row in enumerate(by_count) if at < _MOST_VALUES or row[0] in picked]
