"""What the counted use says of a grant: when it was last used, by how many, and which of its columns were read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Sum

from access.models import GrantUse


@dataclass(frozen=True)
class Evidence:
    """Use of one grant. `columns` were asked for by name; those that only ever came by a star are not among them."""

    last_used_at: datetime | None = None
    n_queries: int = 0
    n_readers: int = 0
    columns: frozenset[str] = frozenset()


NONE = Evidence()


def last_used(grants: Collection[int]) -> dict[int, datetime]:
    """When each of these grants was last used, for those that ever were."""
    rows = GrantUse.objects.filter(grant__in=grants, column_name="").values_list("grant")
    return dict(rows.annotate(at=Max("last_used_at")))


def evidence(grants: Collection[int]) -> dict[int, Evidence]:
    """The use of each of these grants, for those that ever were used. Cost: two queries."""
    whole = (
        GrantUse.objects.filter(grant__in=grants, column_name="")
        .values("grant")
        .annotate(
            at=Max("last_used_at"), n=Sum("n_queries"), readers=Count("principal", distinct=True)
        )
    )
    columns: dict[int, set[str]] = {}
    named = (
        GrantUse.objects.filter(grant__in=grants, n_queries__gt=F("n_starred"))
        .exclude(column_name="")
        .values_list("grant", "column_name")
        .distinct()
    )
    for grant, column in named:
        columns.setdefault(grant, set()).add(column)
    return {
        row["grant"]: Evidence(
            row["at"], row["n"], row["readers"], frozenset(columns.get(row["grant"], ()))
        )
        for row in whole
    }
