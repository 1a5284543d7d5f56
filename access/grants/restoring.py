"""Bringing back what ended for lack of use: one click by its holder, a new grant, never later than the old end."""

from datetime import datetime, timedelta

from django.db import transaction

from access import notices
from access.asking.superseding import more_have_to_agree
from access.audit.events import Kind
from access.deciding.approval import approval_of
from access.errors import Conflict, NotAllowed
from access.grants.issuing import Terms, issue
from access.grants.standing import stands_for
from access.models import (
    AccessRequest,
    Decision,
    DecisionKind,
    EndReason,
    Grant,
    Principal,
    RequestState,
)
from access.policies import rules

RESTORE_WINDOW = timedelta(days=30)


def is_restorable(grant: Grant, now: datetime) -> bool:
    """Whether it ended for lack of use, not too long ago, with time left, and no more people have to agree by now.

    Cost: up to four queries.
    """
    return (
        grant.end_reason == EndReason.UNUSED
        and grant.ended_at is not None
        and now < grant.ended_at + RESTORE_WINDOW
        and grant.expires_at > now
        and not Grant.objects.filter(restored_from=grant).exists()
        and not _is_overtaken(grant)
    )


def _is_overtaken(grant: Grant) -> bool:
    """Whether the rules have become stricter than those under which people last agreed to it."""
    while grant.restored_from is not None:
        grant = grant.restored_from
    agreed = AccessRequest.objects.filter(grant=grant, state=RequestState.APPROVED)
    asked = agreed.order_by("-decided_at").first() or grant.decision.request
    return asked is not None and more_have_to_agree(asked, approval_of(grant.dataset))


@transaction.atomic
def restore(grant: Grant, *, actor: Principal, now: datetime) -> Grant:
    """A new grant with what the unused one gave, until its original end, without asking a steward again.

    The decision behind it is of its own kind and points at nobody's judgement but the holder's wish. Where the owner
    has shortened the longest time since, the new grant obeys. Errors: `NotAllowed` unless the actor is or stands for
    the holder; `Conflict` when it ended otherwise, too long ago, was restored before, has no time left, or more people
    have to agree now than when it was approved.
    """
    if not stands_for(grant, actor):
        raise NotAllowed("Only its holder can bring this access back.")
    locked = Grant.objects.select_for_update().get(pk=grant.pk)
    if not is_restorable(locked, now):
        raise Conflict("This access can no longer be brought back. Ask for it again.")
    expires_at = min(locked.expires_at, now + rules.rules_of(locked.dataset).limit)
    decision = Decision.objects.create(
        kind=DecisionKind.RESTORE,
        approves=True,
        decider=actor,
        requester=actor,
        columns=locked.columns,
        unmasked=locked.unmasked,
        rows=locked.rows,
        duration=expires_at - now,
        reason=f"Restored grant {locked.pk}, which had ended for lack of use.",
        decided_at=now,
    )
    terms = Terms(
        holder=locked.holder,
        dataset=locked.dataset,
        purpose=locked.purpose,
        starts_at=now,
        expires_at=expires_at,
        columns=None if locked.columns is None else tuple(locked.columns),
        unmasked=tuple(locked.unmasked),
        rows=locked.rows,
        masks=locked.masks,
    )
    restored = issue(
        decision, terms, actor=actor, now=now, restored_from=locked, kind=Kind.GRANT_RESTORED
    )
    notices.tell_restored(restored, actor=actor, now=now)
    return restored
