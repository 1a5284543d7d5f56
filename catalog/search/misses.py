"""Remembers the searches that found nothing: gaps in the catalog that somebody felt."""

from datetime import datetime
from typing import Final

from django.db.models import F

from catalog.models import SearchMiss
from catalog.search.words import fold

_LONGEST: Final = 200


def record(query: str, *, now: datetime) -> None:
    """Counts one search that found nothing; letters without meaning to a reader are left out."""
    folded = fold(query)[:_LONGEST]
    if len(folded) < 3:
        return
    missed, is_new = SearchMiss.objects.get_or_create(query=folded, defaults={"last_at": now})
    if not is_new:
        SearchMiss.objects.filter(pk=missed.pk).update(n_times=F("n_times") + 1, last_at=now)
