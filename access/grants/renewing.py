"""Asking for a later end of the same grant. The old end stands until somebody has decided."""

from datetime import datetime, timedelta

from django.db import transaction

from access.asking import submission
from access.errors import Conflict, NotAllowed
from access.grants.standing import stands_for
from access.models import AccessRequest, DecisionKind, Grant, Principal, RequestKind, RequestState


@transaction.atomic
def request_renewal(
    grant: Grant, *, actor: Principal, duration: timedelta, now: datetime, purpose: str = ""
) -> AccessRequest:
    """The request for a later end, counted from the decision; an approval rule may decide it at once.

    It asks for what the grant gives, in the purpose of the grant where none is said. Errors: `NotAllowed` unless the
    actor is or stands for the holder; `Conflict` when the grant is over or a renewal is already waiting; `Invalid`.
    """
    if not stands_for(grant, actor):
        raise NotAllowed("Only its holder can ask for a renewal.")
    if grant.ended_at is not None or grant.expires_at <= now:
        raise Conflict("This access is over. Ask for it again instead of renewing it.")
    if grant.decision.kind == DecisionKind.BREAK_GLASS:
        raise Conflict("Emergency access is not prolonged. Ask for access like everybody else.")
    waiting = AccessRequest.objects.filter(grant=grant, state=RequestState.PENDING)
    if waiting.exists():
        raise Conflict("A renewal of this access is already waiting for a decision.")
    asked = submission.Asked(
        dataset=grant.dataset,
        holder=grant.holder,
        purpose=purpose or grant.purpose,
        duration=duration,
        columns=None if grant.columns is None else tuple(grant.columns),
        unmasked=tuple(grant.unmasked),
        kind=RequestKind.RENEWAL,
        grant=grant,
        origin="renewal",
    )
    return submission.place(asked, actor=actor, now=now)
