"""Deciding a request. Every door comes through here: page, API, mail link, approval rule.

An approver may narrow what was asked and never widen it. The claim on the request is a conditional update, and
PostgreSQL repeats the separation of duties, so that neither a race nor a forgetful door makes a second or a wrong grant.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from access import narrowing, notices, rules
from access.audit import Kind, record
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.grants.issuing import Terms, issue
from access.grants.prolonging import prolong
from access.models import (
    AccessRequest,
    Decision,
    DecisionKind,
    Grant,
    Principal,
    RequestState,
    Vote,
)
from access.narrowing import Narrowed
from access.permissions import Permission, may
from access.separation import deciders_of, objection
from access.words import listed


@transaction.atomic
def approve(
    access_request: AccessRequest,
    *,
    actor: Principal,
    now: datetime,
    reason: str = "",
    columns: Sequence[str] | None = None,
    unmasked: Sequence[str] | None = None,
    rows: str = "",
    duration: timedelta | None = None,
) -> Grant | None:
    """Approve, in part if wanted. The grant; None while the dataset's quorum still waits for others.

    With a quorum, everybody's narrowing holds: the columns all of them left, all their row filters, the shortest
    time. Errors: `NotAllowed` for anybody who may not decide, or not this; `AlreadyDecided`; `Invalid` with the field
    for anything wider than asked; `Conflict` when one has voted already or the grant cannot be made.
    """
    locked = _locked(access_request)
    _require(actor, locked)
    narrowed = narrowing.narrow(
        locked, author=actor, columns=columns, unmasked=unmasked, rows=rows, duration=duration
    )
    votes = _vote(locked, actor, narrowed, reason, now)
    if len(votes) < rules.rules_of(locked.dataset).approvals:
        _note(Kind.REQUEST_VOTED, locked, actor, reason, now, narrowed)
        return None
    agreed = narrowing.agreed(locked, votes)
    decision = _settle(locked, DecisionKind.PERSON, actor, agreed, reason.strip(), now)
    grant = _give(locked, decision, agreed, actor, now)
    _note(Kind.REQUEST_APPROVED, locked, actor, reason, now, agreed, grant)
    access_request.refresh_from_db()
    notices.tell_approved(locked, grant, now=now)
    return grant


@transaction.atomic
def deny(
    access_request: AccessRequest, *, actor: Principal, reason: str, now: datetime
) -> Decision:
    """Deny with a reason, which the asker reads; one denial settles it whatever the quorum.

    Errors: `NotAllowed`; `AlreadyDecided`; `Invalid` without a reason.
    """
    locked = _locked(access_request)
    _require(actor, locked)
    if not reason.strip():
        raise Invalid("Say why, so that they know what to ask for instead.", "reason")
    if not locked.votes.filter(voter=actor).exists():
        Vote.objects.create(
            request=locked, voter=actor, approves=False, reason=reason.strip(), cast_at=now
        )
    decision = _settle(locked, DecisionKind.PERSON, actor, None, reason.strip(), now)
    _note(Kind.REQUEST_DENIED, locked, actor, reason, now)
    access_request.refresh_from_db()
    notices.tell_denied(locked, now=now)
    return decision


@transaction.atomic
def approve_by_rule(access_request: AccessRequest, rule: rules.AutoRule, *, now: datetime) -> Grant:
    """Grant at once what a rule of the owner covers; the decision says which rule."""
    agreed = Narrowed(
        columns=None if access_request.columns is None else tuple(access_request.columns),
        unmasked=tuple(access_request.unmasked),
        rows="",
        duration=access_request.duration,
    )
    reason = f"The rule for the team {rule.team} covers it."
    decision = _settle(access_request, DecisionKind.RULE, None, agreed, reason, now)
    grant = _give(access_request, decision, agreed, None, now)
    _note(Kind.REQUEST_APPROVED, access_request, None, reason, now, agreed, grant)
    access_request.refresh_from_db()
    notices.tell_approved(access_request, grant, now=now)
    return grant


def reason_not_to(actor: Principal, access_request: AccessRequest) -> str:
    """Why `actor` cannot decide this request, in words; empty when they can. Cost: up to four queries."""
    if not actor.is_active or actor.kind != "person":
        return "Only people decide."
    against = objection(actor, access_request)
    if against:
        return against
    if may(actor, Permission.DECIDE, access_request.dataset):
        return ""
    deciders = deciders_of(access_request)
    if actor in deciders:
        return ""
    names = listed([str(person) for person in deciders]) or "an administrator, once there is one"
    return f"This is decided by {names}."


def _locked(access_request: AccessRequest) -> AccessRequest:
    """The request as it stands now, held until the transaction ends, so that racing verdicts queue up."""
    return (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("dataset__domain", "requester", "principal", "team", "grant")
        .get(pk=access_request.pk)
    )


def _require(actor: Principal, access_request: AccessRequest) -> None:
    against = reason_not_to(actor, access_request)
    if against:
        raise NotAllowed(against)
    if access_request.state != RequestState.PENDING:
        raise AlreadyDecided(
            f"This request has already been settled: it is {access_request.state}."
        )


def _vote(
    access_request: AccessRequest, actor: Principal, narrowed: Narrowed, reason: str, now: datetime
) -> list[Vote]:
    """Cast an approval; every approval so far."""
    try:
        with transaction.atomic():
            Vote.objects.create(
                request=access_request,
                voter=actor,
                approves=True,
                columns=None if narrowed.columns is None else list(narrowed.columns),
                unmasked=list(narrowed.unmasked),
                rows=narrowed.rows,
                duration=narrowed.duration,
                reason=reason.strip(),
                cast_at=now,
            )
    except IntegrityError as error:
        raise Conflict("You have approved this already. It waits for somebody else.") from error
    return list(Vote.objects.filter(request=access_request, approves=True))


def _settle(
    access_request: AccessRequest,
    kind: DecisionKind,
    decider: Principal | None,
    agreed: Narrowed | None,
    reason: str,
    now: datetime,
) -> Decision:
    """Claim the request and write the decision; without terms it is denied. Errors: `AlreadyDecided`."""
    state = RequestState.DENIED if agreed is None else RequestState.APPROVED
    pending = AccessRequest.objects.filter(pk=access_request.pk, state=RequestState.PENDING)
    if not pending.update(state=state, decided_at=now):
        raise AlreadyDecided
    access_request.state, access_request.decided_at = state, now
    decision = Decision.objects.create(
        request=access_request,
        kind=kind,
        approves=agreed is not None,
        decider=decider,
        requester=access_request.requester,
        columns=list(agreed.columns) if agreed and agreed.columns is not None else None,
        unmasked=list(agreed.unmasked) if agreed else [],
        rows=agreed.rows if agreed else "",
        duration=agreed.duration if agreed else None,
        reason=reason,
        decided_at=now,
    )
    access_request.decision = decision
    return decision


def _give(
    access_request: AccessRequest,
    decision: Decision,
    agreed: Narrowed,
    actor: Principal | None,
    now: datetime,
) -> Grant:
    """What the decision brings about: a new grant, or a later end of the one it renews."""
    if access_request.grant is not None:
        return prolong(access_request.grant, decision, agreed, actor=actor, now=now)
    starts_at = max(now, access_request.starts_at or now)
    terms = Terms(
        holder=access_request.holder,
        dataset=access_request.dataset,
        purpose=access_request.purpose,
        starts_at=starts_at,
        expires_at=starts_at + agreed.duration,
        columns=agreed.columns,
        unmasked=agreed.unmasked,
        rows=agreed.rows,
    )
    return issue(decision, terms, actor=actor, now=now)


def _note(
    kind: Kind,
    access_request: AccessRequest,
    actor: Principal | None,
    reason: str,
    now: datetime,
    agreed: Narrowed | None = None,
    grant: Grant | None = None,
) -> None:
    data: dict[str, object] = {"holder": access_request.holder.label, "old": "pending"}
    if agreed is not None:
        data |= {
            "columns": agreed.columns,
            "unmasked": agreed.unmasked,
            "rows": agreed.rows,
            "duration": agreed.duration,
        }
    if grant is not None:
        data |= {"grant": grant.pk, "expires_at": grant.expires_at}
    record(
        kind,
        actor=actor,
        subject=f"request:{access_request.pk}",
        dataset=access_request.dataset,
        reason=reason.strip(),
        data=data,
        now=now,
    )
