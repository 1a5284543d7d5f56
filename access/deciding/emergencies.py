"""Breaking glass: listed responders take access at once, for hours, loudly; and somebody else looks at what they read.

Whoever could have written the list of responders cannot use it. A review that is overdue suspends the responder's right
by its date alone; PostgreSQL holds to that, to the four hours, and to a review for every emergency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from access import discovery, telling
from access.asking.submission import known_columns
from access.audit.events import Kind, record
from access.deciding.approval import approval_of, authors, people_of
from access.deciding.silence import after_working_days
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed, NotFound
from access.grants.issuing import Terms, issue
from access.grants.standing import live
from access.models import (
    BREAK_GLASS_LONGEST,
    BreakGlassReview,
    Decision,
    DecisionKind,
    Grant,
    Principal,
    QueryRecord,
)
from access.people.permissions import Permission, administrators, deciders, over
from access.words import day, span
from catalog.models import Dataset

REVIEW_DAYS = 3
REASON_LIMIT = 2_000


@dataclass(frozen=True)
class Statement:
    """One query of an emergency: its own text, and what it read of the dataset."""

    at: datetime
    sql: str
    columns: tuple[str, ...]
    rows: int | None
    surface: str
    code: str


@transaction.atomic
def break_glass(
    dataset: Dataset,
    *,
    actor: Principal,
    reason: str,
    now: datetime,
    duration: timedelta = BREAK_GLASS_LONGEST,
    columns: Sequence[str] | None = None,
    unmasked: Sequence[str] = (),
) -> Grant:
    """Access at once, for four hours at most. Stewards and administrators hear of it, and one of them reviews it.

    Errors: `NotFound`; `NotAllowed` with the way to ask for whoever is not listed, could have written the list, or
    owes a review; `Invalid` with the field; `Conflict` while an earlier emergency of theirs is open.
    """
    if not discovery.discoverable_by(actor).filter(pk=dataset.pk).exists():
        raise NotFound("There is no dataset by that name, or it is not listed for you.")
    # The responder's row is held, so that two emergencies at once are one.
    Principal.objects.select_for_update(no_key=True).get(pk=actor.pk)
    against = reason_not_to(actor, dataset, now)
    if against:
        raise NotAllowed(against)
    said = " ".join(reason.split())
    _check(said, duration)
    if _open_ones(actor, dataset).exists():
        raise Conflict(
            f"You hold emergency access to {dataset.label} already. Use it, or return it first."
        )
    named = known_columns(dataset, columns, "columns")
    clear = known_columns(dataset, unmasked, "unmasked") if unmasked else ()
    grant = _give(dataset, actor, said, duration, named, clear or (), now)
    review = BreakGlassReview.objects.create(
        grant=grant, responder=actor, due_at=after_working_days(now, REVIEW_DAYS)
    )
    _note(Kind.GLASS_BROKEN, review, actor, said, now, expires_at=grant.expires_at)
    telling.tell_glass_broken(review, _alarmed(dataset, actor), now=now)
    return grant


def reason_not_to(actor: Principal, dataset: Dataset, now: datetime) -> str:
    """Why `actor` cannot break glass for this dataset, in words; empty when they can. Cost: up to five queries."""
    approval = approval_of(dataset)
    is_listed = people_of(approval.responders).filter(pk=actor.pk).exists()
    if not actor.is_active or not is_listed:
        return f"You are not listed to break glass for {dataset.label}. Ask for access instead."
    if authors(dataset, approval.sources.get("responders", "dataset")).filter(pk=actor.pk).exists():
        return (
            f"You decide who may break glass for {dataset.label}, so somebody else has to do it. "
            "Ask for access instead."
        )
    overdue = overdue_of(actor, now).order_by("due_at").first()
    if overdue is not None:
        return (
            f"Your right to break glass is suspended: the review of {day(overdue.grant.starts_at)} on "
            f"{overdue.grant.dataset.label} is overdue. Its stewards can make it."
        )
    return ""


def may_break_glass(actor: Principal, dataset: Dataset) -> bool:
    """Whether somebody is listed as a responder of this dataset and could not have listed themself."""
    approval = approval_of(dataset)
    place = approval.sources.get("responders", "dataset")
    listed = people_of(approval.responders).filter(pk=actor.pk).exists()
    return listed and not authors(dataset, place).filter(pk=actor.pk).exists()


def overdue_of(responder: Principal, now: datetime) -> QuerySet[BreakGlassReview]:
    """The reviews of somebody's emergencies that should have been made by now."""
    late = BreakGlassReview.objects.filter(responder=responder, reviewed_at=None, due_at__lte=now)
    return late.select_related("grant__dataset")


def reviews_for(actor: Principal) -> QuerySet[BreakGlassReview]:
    """The emergencies that `actor` may review, open ones, the first due first; none of their own."""
    if not actor.is_active or actor.kind != "person":
        return BreakGlassReview.objects.none()
    theirs = Q(grant__dataset__in=over(actor, Permission.DECIDE).values("pk"))
    if actor.is_administrator:
        theirs = Q()
    rows = BreakGlassReview.objects.filter(theirs, reviewed_at=None).exclude(responder=actor)
    return rows.select_related(*RELATIONS)


def visible_to(actor: Principal) -> QuerySet[BreakGlassReview]:
    """The reviews somebody may know of: of their own emergencies, and on datasets they answer for; administrators all."""
    rows = BreakGlassReview.objects.select_related(*RELATIONS)
    if not actor.is_active:
        return rows.none()
    if actor.is_administrator:
        return rows
    theirs = Q(grant__dataset__in=over(actor, Permission.DECIDE).values("pk"))
    return rows.filter(Q(responder=actor) | theirs)


RELATIONS = ("grant__dataset", "grant__decision", "grant__principal", "responder", "reviewer")


def statements_of(review: BreakGlassReview) -> list[Statement]:
    """Every query that read something under the emergency, in order, with each column it read. Cost: one query."""
    name = review.grant.dataset.name
    found = QueryRecord.objects.filter(
        principal=review.responder,
        grants__contains=[review.grant_id],
        started_at__gte=review.grant.starts_at,
    ).order_by("started_at")
    return [
        Statement(
            each.started_at,
            each.sql,
            tuple(each.columns.get(name, ())),
            each.rows,
            each.get_surface_display(),
            each.code,
        )
        for each in found
    ]


@transaction.atomic
def review_emergency(
    review: BreakGlassReview, *, actor: Principal, is_justified: bool, note: str, now: datetime
) -> BreakGlassReview:
    """Say what one found about an emergency; it gives an overdue responder their right back.

    Errors: `NotAllowed` for the responder and for whoever does not answer for the data; `Invalid` without a note or
    while the access is still open; `AlreadyDecided`.
    """
    if actor.pk == review.responder_id:
        raise NotAllowed("This was your emergency, so somebody else has to review it.")
    if not reviews_for(actor).filter(pk=review.pk).exists() and not _was_theirs(review, actor):
        raise NotAllowed("A steward of the dataset or an administrator reviews this.")
    said = note.strip()
    if not said:
        raise Invalid("Say in a sentence what you looked at and what you think of it.", "note")
    if live().filter(pk=review.grant_id).exists():
        raise Invalid(
            "The access is still open. End it, or wait until it has run out, and then review all of it.",
            "note",
        )
    waiting = BreakGlassReview.objects.filter(pk=review.pk, reviewed_at=None)
    if not waiting.update(reviewer=actor, reviewed_at=now, is_justified=is_justified, note=said):
        raise AlreadyDecided("Somebody has reviewed this already.")
    review.refresh_from_db()
    seen = {"is_justified": is_justified, "n_statements": len(statements_of(review))}
    _note(Kind.GLASS_REVIEWED, review, actor, said, now, **seen)
    telling.tell_glass_reviewed(review, administrators(), now=now)
    return review


def remind(now: datetime) -> int:
    """Tell of every review that has just become overdue, once; how many. The right was suspended by the date alone."""
    late = BreakGlassReview.objects.filter(reviewed_at=None, overdue_told_at=None, due_at__lte=now)
    return sum(_remind(review, now) for review in late.select_related(*RELATIONS))


@transaction.atomic
def _remind(review: BreakGlassReview, now: datetime) -> bool:
    waiting = BreakGlassReview.objects.filter(pk=review.pk, reviewed_at=None, overdue_told_at=None)
    if not waiting.update(overdue_told_at=now):
        return False
    _note(Kind.GLASS_OVERDUE, review, None, "", now)
    telling.tell_glass_overdue(review, _alarmed(review.grant.dataset, review.responder), now=now)
    return True


def _was_theirs(review: BreakGlassReview, actor: Principal) -> bool:
    """So that whoever is late hears that it is done, and not that they may not."""
    return review.reviewed_at is not None and (
        actor.is_administrator or over(actor, Permission.DECIDE, review.grant.dataset).exists()
    )


def _check(reason: str, duration: timedelta) -> None:
    if not reason:
        raise Invalid(
            "Say what the emergency is; everybody who answers for the data reads it.", "reason"
        )
    if len(reason) > REASON_LIMIT:
        raise Invalid(f"Keep the reason below {REASON_LIMIT:,} characters.", "reason")
    if not timedelta(0) < duration <= BREAK_GLASS_LONGEST:
        raise Invalid(f"Emergency access lasts at most {span(BREAK_GLASS_LONGEST)}.", "duration")


def _open_ones(actor: Principal, dataset: Dataset) -> QuerySet[Grant]:
    return live().filter(principal=actor, dataset=dataset, decision__kind=DecisionKind.BREAK_GLASS)


def _give(
    dataset: Dataset,
    actor: Principal,
    reason: str,
    duration: timedelta,
    columns: tuple[str, ...] | None,
    unmasked: tuple[str, ...],
    now: datetime,
) -> Grant:
    decision = Decision.objects.create(
        kind=DecisionKind.BREAK_GLASS,
        approves=True,
        requester=actor,
        columns=None if columns is None else list(columns),
        unmasked=list(unmasked),
        duration=duration,
        reason=reason,
        decided_at=now,
    )
    # The moment is part of the purpose: an ordinary grant for the same purpose is neither met nor replaced.
    terms = Terms(
        holder=actor,
        dataset=dataset,
        purpose=f"Emergency at {now:%Y-%m-%d %H:%M:%S} UTC: {reason}",
        starts_at=now,
        expires_at=now + duration,
        columns=columns,
        unmasked=unmasked,
    )
    return issue(decision, terms, actor=actor, now=now)


def _alarmed(dataset: Dataset, responder: Principal) -> list[Principal]:
    people = deciders(dataset.pk, dataset.domain_id) | administrators()
    return list(people.exclude(pk=responder.pk).distinct().order_by("username"))


def _note(
    kind: Kind,
    review: BreakGlassReview,
    actor: Principal | None,
    reason: str,
    now: datetime,
    **data: object,
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"grant:{review.grant_id}",
        dataset=review.grant.dataset,
        reason=reason,
        data={"responder": review.responder, "due_at": review.due_at, **data},
        now=now,
    )
