"""Renewal: a later end of the same grant, once somebody has decided it. It never shortens."""

from datetime import datetime

from django.db import transaction

from access.audit.events import Kind, record
from access.deciding.narrowing import Narrowed
from access.grants.issuing import Terms, issue
from access.models import Decision, Grant, Principal


@transaction.atomic
def prolong(
    grant: Grant, decision: Decision, agreed: Narrowed, *, actor: Principal | None, now: datetime
) -> Grant:
    """The grant with its end moved to what was decided, counted from the decision, and narrowed if that was decided.

    A grant that ran out or ended while the renewal waited is not revived: its holder gets a new one on the same
    terms. So it is when a row filter was added, because the rows of a grant never change.
    """
    locked = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    is_open = locked.ended_at is None and locked.expires_at > now
    if not is_open or agreed.rows != locked.rows:
        return issue(decision, _terms(locked, agreed, now), actor=actor, now=now, replaces=True)
    old = {"expires_at": locked.expires_at, "columns": locked.columns, "unmasked": locked.unmasked}
    locked.expires_at = max(locked.expires_at, now + agreed.duration)
    locked.columns, locked.unmasked = _left(locked, agreed)
    locked.warned_at = locked.revoke_due_at = None
    locked.save(update_fields=["expires_at", "columns", "unmasked", "warned_at", "revoke_due_at"])
    new = {"expires_at": locked.expires_at, "columns": locked.columns, "unmasked": locked.unmasked}
    record(
        Kind.GRANT_RENEWED,
        actor=actor,
        subject=f"grant:{locked.pk}",
        dataset=locked.dataset,
        reason=decision.reason,
        data={"holder": locked.holder.label, "decision": decision.pk, "old": old, "new": new},
        now=now,
    )
    return locked


def _left(grant: Grant, agreed: Narrowed) -> tuple[list[str] | None, list[str]]:
    """What was agreed, without columns that the review dropped while the renewal waited: nothing widens by waiting."""
    columns = None if agreed.columns is None else list(agreed.columns)
    if grant.columns is not None:
        columns = [name for name in columns or grant.columns if name in grant.columns]
    return columns, [name for name in agreed.unmasked if name in grant.unmasked]


def _terms(grant: Grant, agreed: Narrowed, now: datetime) -> Terms:
    return Terms(
        holder=grant.holder,
        dataset=grant.dataset,
        purpose=grant.purpose,
        starts_at=now,
        expires_at=now + agreed.duration,
        columns=agreed.columns,
        unmasked=agreed.unmasked,
        rows=agreed.rows,
        masks=grant.masks,
    )
