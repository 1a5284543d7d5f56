"""Deciding a request. Every door comes through here: page, API, mail link, approval rule.

An approver may narrow what was asked and never widen it. The claim on the request is a conditional update, and
PostgreSQL repeats the separation of duties, so that neither a race nor a forgetful door makes a second or a wrong grant.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from access import notices
from access.asking.superseding import put_aside_if_overtaken
from access.audit.events import Kind, record
from access.deciding import narrowing
from access.deciding.approval import AutoRule
from access.deciding.approvers import asked_first, deciders_of, mandates_of, waits_for
from access.deciding.narrowing import Narrowed
from access.deciding.separation import objection
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.grants.issuing import Terms, issue
from access.grants.prolonging import prolong
from access.models import (
    AccessRequest,
    Decision,
    DecisionKind,
    Escalation,
    Grant,
    Principal,
    RequestState,
    Vote,
)
from access.words import listed

NO_LONGER = "This is no longer yours to decide. Load the page again."


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
    """Approve, in part if wanted. The grant; None while others still have to agree, in this stage or a later one.

    A delegate decides in the name of whose place they take. Everybody's narrowing holds: the columns all of them
    left, all their row filters, the shortest time. Errors: `NotAllowed` for anybody who may not decide, or not this; `AlreadyDecided`; `Invalid` with the field
    for anything wider than asked; `Conflict` when one has voted already, the grant cannot be made, or the rules have
    become stricter since, which puts the request aside.
    """
    with transaction.atomic():
        found = _locked(access_request)
        _require(actor, found, now)
    put_aside_if_overtaken(found, now=now)
    with transaction.atomic():
        locked = _locked(access_request)
        mandate = _require(actor, locked, now)
        narrowed = narrowing.narrow(
            locked, author=mandate, columns=columns, unmasked=unmasked, rows=rows, duration=duration
        )
        grant = _approve(locked, actor, mandate, narrowed, reason, now)
    access_request.refresh_from_db()
    return grant


def _approve(
    locked: AccessRequest,
    actor: Principal,
    mandate: Principal,
    narrowed: Narrowed,
    reason: str,
    now: datetime,
) -> Grant | None:
    votes = _vote(locked, actor, mandate, narrowed, reason, now)
    agreed = narrowing.agreed(locked, votes)
    if _is_open(locked, votes, now):
        _note(Kind.REQUEST_VOTED, locked, actor, reason, now, narrowed, mandate=mandate)
        return None
    with _walls():
        decision = _settle(locked, DecisionKind.PERSON, actor, agreed, reason.strip(), now, mandate)
    grant = _give(locked, decision, agreed, actor, now)
    _note(Kind.REQUEST_APPROVED, locked, actor, reason, now, agreed, grant, mandate)
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
    mandate = _require(actor, locked, now)
    if not reason.strip():
        raise Invalid("Say why, so that they know what to ask for instead.", "reason")
    with _walls():
        if not locked.votes.filter(_spoken(actor, mandate)).exists():
            _cast(locked, actor, mandate, now, approves=False, reason=reason.strip())
        decision = _settle(locked, DecisionKind.PERSON, actor, None, reason.strip(), now, mandate)
    _note(Kind.REQUEST_DENIED, locked, actor, reason, now, mandate=mandate)
    access_request.refresh_from_db()
    notices.tell_denied(locked, now=now)
    return decision


@transaction.atomic
def approve_by_rule(access_request: AccessRequest, rule: AutoRule, *, now: datetime) -> Grant:
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
    if mandates_of(actor, access_request):
        return ""
    names = listed([str(person) for person in deciders_of(access_request)])
    return f"This is decided by {names or 'an administrator, once there is one'}."


@contextmanager
def _walls() -> Iterator[None]:
    """In words what PostgreSQL refuses that held when it was looked up: somebody left, or joined a team, a moment ago."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NotAllowed(NO_LONGER) from error


def _locked(access_request: AccessRequest) -> AccessRequest:
    """The request as it stands now, held until the transaction ends, so that racing verdicts queue up."""
    return (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("dataset__domain", "requester", "principal", "team", "grant")
        .get(pk=access_request.pk)
    )


def _require(actor: Principal, access_request: AccessRequest, now: datetime) -> Principal:
    """In whose name the actor decides: their own, or that of whose place they take and who has not spoken yet."""
    mandates = mandates_of(actor, access_request, now)
    if not mandates:
        raise NotAllowed(reason_not_to(actor, access_request))
    if access_request.state != RequestState.PENDING:
        raise AlreadyDecided(
            f"This request has already been settled: it is {access_request.state}."
        )
    spoken = set(access_request.votes.values_list(Coalesce("on_behalf_of", "voter"), flat=True))
    return next((each for each in mandates if each.pk not in spoken), mandates[0])


def _vote(
    access_request: AccessRequest,
    actor: Principal,
    mandate: Principal,
    narrowed: Narrowed,
    reason: str,
    now: datetime,
) -> list[Vote]:
    """Cast an approval; every approval so far, of earlier stages too."""
    try:
        with transaction.atomic():
            _cast(
                access_request,
                actor,
                mandate,
                now,
                approves=True,
                columns=None if narrowed.columns is None else list(narrowed.columns),
                unmasked=list(narrowed.unmasked),
                rows=narrowed.rows,
                duration=narrowed.duration,
                reason=reason.strip(),
            )
    except IntegrityError as error:
        if not Vote.objects.filter(_spoken(actor, mandate), request=access_request).exists():
            # The wall in the database speaks of a team joined, or a delegation ended, a moment ago.
            raise NotAllowed(NO_LONGER) from error
        raise Conflict("You have approved this already. It waits for somebody else.") from error
    return list(Vote.objects.filter(request=access_request, approves=True))


def _spoken(actor: Principal, mandate: Principal) -> Q:
    """The condition over Vote that one of these two has given their word, or that it was given in the mandate's place."""
    return Q(voter__in=[actor, mandate]) | Q(on_behalf_of=mandate)


def _cast(
    access_request: AccessRequest,
    actor: Principal,
    mandate: Principal,
    now: datetime,
    **said: Any,
) -> Vote:
    return Vote.objects.create(
        request=access_request,
        voter=actor,
        on_behalf_of=None if mandate == actor else mandate,
        stage=access_request.stage,
        cast_at=now,
        **said,
    )


def _is_open(access_request: AccessRequest, votes: Sequence[Vote], now: datetime) -> bool:
    """Whether others still have to agree; the next stage opens when this one is through."""
    here = sum(vote.stage == access_request.stage for vote in votes)
    if here < access_request.present_stage["approvals"]:
        return True
    if access_request.stage >= access_request.n_stages:
        return False
    _open_next_stage(access_request, now)
    return True


def _open_next_stage(access_request: AccessRequest, now: datetime) -> None:
    number = access_request.stage + 1
    by = waits_for(access_request, access_request.stages[number - 1]["by"])
    here = AccessRequest.objects.filter(
        pk=access_request.pk, state=RequestState.PENDING, stage=access_request.stage
    )
    moved = here.update(
        stage=number,
        waits_for=by,
        escalation=Escalation.NOBODY,
        escalated_at=None,
        quiet_since=now,
    )
    if not moved:
        raise AlreadyDecided
    access_request.refresh_from_db()
    _note(Kind.REQUEST_ADVANCED, access_request, None, "", now)
    notices.tell_submitted(access_request, asked_first(access_request), now=now)


def _settle(
    access_request: AccessRequest,
    kind: DecisionKind,
    decider: Principal | None,
    agreed: Narrowed | None,
    reason: str,
    now: datetime,
    mandate: Principal | None = None,
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
        on_behalf_of=None if mandate == decider else mandate,
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
    mandate: Principal | None = None,
) -> None:
    data: dict[str, object] = {"holder": access_request.holder.label, "old": "pending"}
    if access_request.n_stages > 1:
        data["stage"] = access_request.stage
    if mandate is not None and mandate != actor:
        data["on_behalf_of"] = mandate
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
