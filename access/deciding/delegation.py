"""Deciding in somebody's place for a while.

Whether a delegation stands is a fact about time, asked of PostgreSQL when somebody decides; nothing has to end it. A
delegate decides what their principal could decide, never what either of them would gain by, and passes nothing on.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from access import telling
from access.audit.events import Kind, record
from access.clock import furthest_now
from access.errors import Conflict, Invalid, NotAllowed
from access.models import Delegation, Principal
from access.people.permissions import Permission, may

LONGEST = timedelta(days=92)
NOTE_LIMIT = 300


@transaction.atomic
def name_delegate(
    delegate: Principal,
    *,
    actor: Principal,
    ends_at: datetime,
    now: datetime,
    starts_at: datetime | None = None,
    note: str = "",
) -> Delegation:
    """Let somebody decide in the actor's place from `starts_at`, or now, until `ends_at`.

    Errors: `NotAllowed` unless the actor decides about some data; `Invalid` with the field; `Conflict` where the span
    meets another of the actor's delegations.
    """
    starts_at = max(now, starts_at or now)
    _require(actor)
    _check(delegate, actor, starts_at, ends_at, note)
    # The actor's row is held, so that two browsers cannot name two people for the same days.
    Principal.objects.select_for_update(no_key=True).get(pk=actor.pk)
    met = made_by(actor).filter(starts_at__lt=ends_at, ends_at__gt=starts_at, ended_at=None).first()
    if met is not None:
        raise Conflict(
            f"{met.delegate} already decides for you in that time. End that first, or choose other days."
        )
    made = Delegation.objects.create(
        delegator=actor,
        delegate=delegate,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note.strip(),
        created_at=now,
    )
    _note(Kind.DELEGATION_MADE, made, actor, now)
    telling.tell_delegated(made, now=now)
    return made


@transaction.atomic
def end(delegation: Delegation, *, actor: Principal, now: datetime) -> Delegation:
    """End a delegation before its time; once is enough.

    Errors: `NotAllowed` for anybody but the two of them and administrators; `Conflict` when it is over.
    """
    two = (delegation.delegator_id, delegation.delegate_id)
    if not actor.is_active or (actor.pk not in two and not actor.is_administrator):
        raise NotAllowed("Only the two of you, or an administrator, can end this.")
    open_one = Delegation.objects.filter(pk=delegation.pk, ended_at=None, ends_at__gt=now)
    if not open_one.update(ended_at=now):
        raise Conflict("This is over already.")
    delegation.refresh_from_db()
    _note(Kind.DELEGATION_ENDED, delegation, actor, now)
    telling.tell_delegation_ended(delegation, actor=actor, now=now)
    return delegation


def stands(at: datetime | None = None) -> Q:
    """The condition over Delegation that it holds at `at`, or now by the database's clock, between people who are here."""
    moment = at or furthest_now()
    return Q(
        Q(ended_at__isnull=True) | Q(ended_at__gt=moment),
        starts_at__lte=moment,
        ends_at__gt=moment,
        delegator__is_active=True,
        delegate__is_active=True,
    )


def delegators_of(actor: Principal, at: datetime | None = None) -> list[Principal]:
    """In whose place `actor` decides now. Cost: one query."""
    if not actor.is_active or actor.kind != "person":
        return []
    found = Delegation.objects.filter(stands(at), delegate=actor).select_related("delegator")
    return [each.delegator for each in found.order_by("delegator__username")]


def delegates_of(people: QuerySet[Principal], at: datetime | None = None) -> QuerySet[Principal]:
    """Who decides in the place of any of these people now."""
    standing = Delegation.objects.filter(stands(at), delegator__in=people.order_by().values("pk"))
    return Principal.objects.filter(pk__in=standing.values("delegate"))


def made_by(actor: Principal) -> QuerySet[Delegation]:
    """The delegations somebody made, past ones too."""
    return Delegation.objects.filter(delegator=actor).select_related("delegate", "delegator")


def visible_to(actor: Principal) -> QuerySet[Delegation]:
    """The delegations somebody may know of: their own and those that name them; administrators all."""
    every = Delegation.objects.select_related("delegate", "delegator")
    if not actor.is_active:
        return every.none()
    if actor.is_administrator:
        return every
    return every.filter(Q(delegator=actor) | Q(delegate=actor))


def _require(actor: Principal) -> None:
    if not (may(actor, Permission.DECIDE) or actor.is_administrator):
        raise NotAllowed("Only somebody who decides about data can name a delegate.")


def _check(
    delegate: Principal, actor: Principal, starts_at: datetime, ends_at: datetime, note: str
) -> None:
    if delegate.pk == actor.pk:
        raise Invalid("Name somebody else.", "delegate")
    if not delegate.is_active or delegate.kind != "person":
        raise Invalid("A delegate is a person who is active here.", "delegate")
    if ends_at <= starts_at:
        raise Invalid("It ends after it starts, and not in the past.", "ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(
            f"Name somebody for at most {LONGEST.days} days; for longer, make them a steward.",
            "ends_at",
        )
    if len(note.strip()) > NOTE_LIMIT:
        raise Invalid(f"Keep the note below {NOTE_LIMIT} characters.", "note")


def _note(kind: Kind, delegation: Delegation, actor: Principal, now: datetime) -> None:
    record(
        kind,
        actor=actor,
        subject=f"delegation:{delegation.pk}",
        reason=delegation.note,
        data={
            "delegator": delegation.delegator.label,
            "delegate": delegation.delegate.label,
            "starts_at": delegation.starts_at,
            "ends_at": delegation.ends_at,
        },
        now=now,
    )
