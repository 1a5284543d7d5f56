"""A request that the rules have overtaken: it was placed under weaker ones, and is put aside when somebody would approve it.

The asker is told and asks again under the rules that hold now. A rule that became weaker overtakes nothing.
"""

from datetime import datetime

from django.db import transaction

from access import telling
from access.audit.events import Kind, record
from access.deciding.approval import Approval, approval_of
from access.errors import Conflict
from access.models import AccessRequest, RequestState
from access.words import span


def overtaken(access_request: AccessRequest, now_holds: Approval) -> str:
    """Why the rules that hold now ask for more than those it was placed under; empty when they do not. Pure."""
    if more_have_to_agree(access_request, now_holds):
        return "More people have to agree now than when it was asked."
    if access_request.duration > now_holds.longest:
        return f"Access lasts at most {span(now_holds.longest)} now."
    return ""


def more_have_to_agree(access_request: AccessRequest, now_holds: Approval) -> bool:
    """Whether there are more stages now, or one of them asks for more approvals, than when it was placed. Pure."""
    then = [stage["approvals"] for stage in access_request.stages] or [1]
    today = [stage.approvals for stage in now_holds.stages]
    return len(today) > len(then) or any(n > m for n, m in zip(today, then, strict=False))


def put_aside_if_overtaken(access_request: AccessRequest, *, now: datetime) -> None:
    """Put an overtaken request aside, for good, and tell whoever asked. Errors: `Conflict` when it was; then it stays so."""
    if access_request.state != RequestState.PENDING:
        return
    reason = overtaken(access_request, approval_of(access_request.dataset))
    if not reason:
        return
    with transaction.atomic():
        pending = AccessRequest.objects.filter(pk=access_request.pk, state=RequestState.PENDING)
        if not pending.update(state=RequestState.SUPERSEDED, decided_at=now):
            return
        access_request.refresh_from_db()
        record(
            Kind.REQUEST_SUPERSEDED,
            actor=None,
            subject=f"request:{access_request.pk}",
            dataset=access_request.dataset,
            reason=reason,
            data={"holder": access_request.holder.label},
            now=now,
        )
        telling.tell_superseded(access_request, reason, now=now)
    raise Conflict(
        f"The rules of {access_request.dataset.label} have changed since. {reason} It is put aside, and "
        f"{access_request.requester} was told to ask again."
    )
