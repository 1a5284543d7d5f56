"""What the counted use says of a grant: when it was last used, by how many, and which of its columns were read for what.

Whoever asks here gets counts that include every query finished by then.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, Max, Sum

from access import usage
from access.models import GrantUse
from access.sql.clauses import CLAUSES, STARRED


@dataclass(frozen=True)
class ColumnUse:
    """Reads of one column: how many, and in how many it stood in each clause. A star alone names nothing."""

    n_queries: int = 0
    clauses: Mapping[str, int] = field(default_factory=dict)
    last_used_at: datetime | None = None

    @property
    def is_weak(self) -> bool:
        """Whether it only ever came by a star, which is no evidence that somebody needs it."""
        return self.n_queries <= self.clauses.get(STARRED, 0)


@dataclass(frozen=True)
class Evidence:
    """Use of one grant. `columns` were asked for by name; those in `starred` only ever came by a star."""

    last_used_at: datetime | None = None
    n_queries: int = 0
    n_readers: int = 0
    by_column: Mapping[str, ColumnUse] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that somebody named."""
        return frozenset(name for name, use in self.by_column.items() if not use.is_weak)

    @property
    def starred(self) -> frozenset[str]:
        """The columns that were read, but that nobody ever named."""
        return frozenset(name for name, use in self.by_column.items() if use.is_weak)


NONE = Evidence()


def last_used(grants: Collection[int]) -> dict[int, datetime]:
    """When each of these grants was last used, for those that ever were. Cost: two queries."""
    usage.count()
    rows = GrantUse.objects.filter(grant__in=grants, column_name="").values_list("grant")
    return dict(rows.annotate(at=Max("last_used_at")))


def evidence(grants: Collection[int]) -> dict[int, Evidence]:
    """The use of each of these grants, for those that ever were used. Cost: two queries."""
    usage.count()
    counted = (
        GrantUse.objects.filter(grant__in=grants)
        .values_list("grant", "column_name")
        .annotate(Sum("n_queries"), Max("last_used_at"), Count("principal", distinct=True))
        .annotate(*(Sum(f"n_{clause}") for clause in CLAUSES))
    )
    whole: dict[int, Evidence] = {}
    columns: dict[int, dict[str, ColumnUse]] = {}
    for grant, column, n_queries, last_used_at, n_readers, *sums in counted:
        if not column:
            whole[grant] = Evidence(last_used_at, n_queries, n_readers)
            continue
        clauses = {clause: n for clause, n in zip(CLAUSES, sums, strict=True) if n}
        use = ColumnUse(n_queries, clauses, last_used_at)
        columns.setdefault(grant, {})[column] = use
    return {
        grant: replace(found, by_column=columns.get(grant, {})) for grant, found in whole.items()
    }
