"""What somebody may read now, a page at a time, for holders of a handful and of a fifth of the catalog alike."""

import math
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from access.grants.standing import datasets_held, live
from access.models import Principal
from catalog.models import Dataset

LONGEST_PAGE: Final = 200
_UNREAD: Final = ("search_document", "search_names", "definition")


@dataclass(frozen=True)
class ReadablePage:
    """One page of the datasets somebody may read, by name. `n` counts them all; `next` is what to ask for after it."""

    datasets: tuple[Dataset, ...]
    n: int
    next: str | None


def readable_page(principal: Principal, *, after: str = "", limit: int = 25) -> ReadablePage:
    """The datasets that `principal` may read at this moment, by name, beginning after the name `after`.

    Somebody who holds few has them fetched and sorted; for somebody who holds many PostgreSQL walks the names and
    looks for a grant at each, since a page is soon full. Where the one becomes cheaper than the other depends on both
    numbers: the walk passes (all / held) names for each line, the other way touches each dataset held.

    Cost: three queries.
    """
    limit = max(1, min(limit, LONGEST_PAGE))
    n = datasets_held(principal).count()
    walks = n > math.sqrt(limit * _n_datasets())
    held = _walked(principal) if walks else Dataset.objects.filter(pk__in=datasets_held(principal))
    page = held.filter(name__gt=after) if after else held
    rows = list(
        page.select_related("domain", "warehouse").defer(*_UNREAD).order_by("name")[: limit + 1]
    )
    last = rows[limit - 1].name if len(rows) > limit else None
    return ReadablePage(tuple(rows[:limit]), n, last)


def _walked(principal: Principal) -> QuerySet[Dataset]:
    active = Principal.objects.filter(pk=principal.pk, is_active=True)
    of_this = live().filter(dataset=OuterRef("pk"))
    teams = principal.groups.order_by().values("pk")
    return Dataset.objects.filter(
        Exists(of_this.filter(principal=principal)) | Exists(of_this.filter(team__in=teams)),
        Exists(active),
    )


def _n_datasets() -> int:
    """How many datasets there are, as PostgreSQL last estimated: it only has to be of the right size."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'catalog_dataset'::regclass"
        )
        return int(cursor.fetchone()[0])
