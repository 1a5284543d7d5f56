"""Keeping columns that are on their way out because nobody read them: one click by the holder, or a steward's word.

Until they are dropped nothing of the grant has changed, so keeping them gives nobody more than was decided.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from access.audit.events import Kind, record
from access.errors import Conflict, Invalid, NotAllowed
from access.grants.standing import stands_for
from access.models import Grant, Principal, RightSizing
from access.people.permissions import Permission, may


@transaction.atomic
def keep_columns(
    grant: Grant, *, actor: Principal, now: datetime, columns: Collection[str] | None = None
) -> tuple[str, ...]:
    """Keep these columns, or all that are going; they are seen as before at once. Those that were kept by this.

    Errors: `NotAllowed` unless the actor stands for the holder or decides about the dataset; `Conflict` when none
    is going; `Invalid` for a column that is not.
    """
    if not (stands_for(grant, actor) or may(actor, Permission.DECIDE, grant.dataset)):
        raise NotAllowed("Only its holder or a steward of the data can keep these columns.")
    open_sizing = RightSizing.objects.select_for_update().filter(grant=grant, closed_at=None)
    sizing = open_sizing.first()
    if sizing is None:
        raise Conflict(
            "No column of this access is on its way out any more. Ask for what is missing."
        )
    wanted = sizing.going if columns is None else list(dict.fromkeys(columns))
    for name in wanted:
        if name not in sizing.columns:
            raise Invalid(f"{name} is not on its way out.", "columns")
    kept = tuple(name for name in wanted if name in sizing.going)
    if not kept:
        return ()
    sizing.kept = {**sizing.kept, **{name: now.isoformat() for name in kept}}
    sizing.closed_at = now if not sizing.going else None
    sizing.save(update_fields=["kept", "closed_at"])
    record(
        Kind.COLUMNS_KEPT,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        data={"holder": grant.holder.label, "columns": kept},
        now=now,
    )
    return kept


def going(grants: Iterable[int]) -> dict[int, RightSizing]:
    """The right-sizing under way of each of these grants, by its number. Cost: one query."""
    under_way = RightSizing.objects.filter(grant__in=list(grants), closed_at=None)
    return {each.grant_id: each for each in under_way if each.going}
