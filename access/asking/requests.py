"""Asking for access: for oneself, for a team one belongs to, for a service account one owns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When

from access import discovery
from access.asking import terms
from access.asking.alike import Alike, readable_alike
from access.asking.submission import Asked, known_columns, place
from access.audit.events import Kind, record
from access.deciding import automatic
from access.deciding.approval import approval_of
from access.deciding.approvers import decidable_by, first_deciders, in_words
from access.deciding.separation import own, speaks_for
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed, NotFound
from access.grants.issuing import Terms, open_alike
from access.grants.standing import live
from access.models import AccessRequest, Grant, Principal, RequestState, Team, TermsOfUse, Vote
from access.people.permissions import Permission, over
from access.policies import rules
from access.words import day
from catalog.models import Dataset

# How long people usually take is told from this many recent decisions, and not from fewer than three.
RECENT, ENOUGH = 20, 3


@dataclass(frozen=True)
class Advice:
    """What to know before asking.

    `at_once` are the columns a rule would grant at once (all that was asked, or fewer), `at_once_for` the longest the
    rule allows where that is shorter than asked. `deciders` decide first, and then those whom `later` names in words.
    `usual` is how long recent decisions took. `already` is a live grant, `alike` what the actor reads already and could
    use instead, `terms` what they have to accept.
    """

    at_once: tuple[str, ...] | None
    at_once_for: timedelta | None
    deciders: tuple[Principal, ...]
    later: tuple[str, ...]
    usual: timedelta | None
    longest: timedelta
    already: Grant | None
    alike: tuple[Alike, ...]
    terms: TermsOfUse | None


@transaction.atomic
def submit(
    dataset: Dataset,
    *,
    actor: Principal,
    purpose: str,
    duration: timedelta,
    now: datetime,
    columns: Sequence[str] | None = None,
    unmasked: Sequence[str] = (),
    holder: Principal | Team | None = None,
    origin: str = "",
    starts_at: datetime | None = None,
    accepted_terms: int | None = None,
) -> AccessRequest:
    """Ask for access to a dataset; an approval rule of its owner may grant it at once.

    `accepted_terms` is the version of the terms of use that the actor accepts with this, where some are owed.

    What is asked is frozen. A column asked for in the clear that has no mask is simply seen: it is not kept as
    unmasked, so that a mask put on it later holds. Errors: `NotFound` for a dataset the actor may not know of;
    `NotAllowed` for a holder they do not stand for; `Invalid` with the field; `Conflict` when the same is already
    asked or held.
    """
    holder = holder or actor
    _require(dataset, actor, holder)
    asked = Asked(
        dataset=dataset,
        holder=holder,
        purpose=" ".join(purpose.split()),
        duration=duration,
        columns=known_columns(dataset, columns, "columns"),
        unmasked=_in_the_clear(dataset, columns, unmasked),
        origin=origin,
        starts_at=starts_at,
    )
    _refuse_held(asked, now)
    terms.require_accepted(dataset, accepted_terms, actor=actor, now=now)
    return place(asked, actor=actor, now=now)


@transaction.atomic
def withdraw(access_request: AccessRequest, *, actor: Principal, now: datetime) -> AccessRequest:
    """Take a request back before it is decided.

    Errors: `NotAllowed` unless the asker or the one it is for acts; `AlreadyDecided`.
    """
    mine = (access_request.requester_id, access_request.principal_id)
    if not actor.is_active or actor.pk not in mine:
        raise NotAllowed("Only whoever asked can take a request back.")
    waiting = AccessRequest.objects.filter(pk=access_request.pk, state=RequestState.PENDING)
    if not waiting.update(state=RequestState.WITHDRAWN, decided_at=now):
        raise AlreadyDecided
    access_request.refresh_from_db()
    record(
        Kind.REQUEST_WITHDRAWN,
        actor=actor,
        subject=f"request:{access_request.pk}",
        dataset=access_request.dataset,
        now=now,
    )
    return access_request


def waiting_for(actor: Principal) -> QuerySet[AccessRequest]:
    """The pending requests that wait for `actor` now, oldest first: in a stage of theirs, and none of their own.

    Whoever has approved waits for the others; while the asker owes an answer, the request waits for nobody here.
    """
    return decidable(actor).filter(paused_at=None)


def paused_for(actor: Principal) -> QuerySet[AccessRequest]:
    """The requests that `actor` could decide, and whose asker owes an answer first, oldest first."""
    return decidable(actor).filter(paused_at__isnull=False)


def decidable(actor: Principal) -> QuerySet[AccessRequest]:
    """The pending requests that `actor` could decide, whether or not an answer is owed first."""
    pending = AccessRequest.objects.filter(state=RequestState.PENDING)
    if not actor.is_active or actor.kind != "person":
        return pending.none()
    # A vote is a word given, whoever gave it in whose place.
    voted = Vote.objects.filter(Q(voter=actor) | Q(on_behalf_of=actor)).values("request")
    theirs = pending.filter(decidable_by(actor)).exclude(pk__in=voted)
    return theirs.order_by("submitted_at", "pk")


def made_by(actor: Principal) -> QuerySet[AccessRequest]:
    """The requests somebody made, or that were made for them, newest first."""
    return AccessRequest.objects.filter(Q(requester=actor) | Q(principal=actor))


def visible_to(actor: Principal) -> QuerySet[AccessRequest]:
    """The requests somebody may know of: made by or for them or their team, on their datasets, theirs to decide or
    decided with their word; administrators all."""
    if not actor.is_active:
        return AccessRequest.objects.none()
    if actor.is_administrator:
        return AccessRequest.objects.all()
    theirs = Q(dataset__in=over(actor, Permission.DECIDE).values("pk"))
    theirs |= Q(pk__in=Vote.objects.filter(voter=actor).values("request"))
    turn = AccessRequest.objects.filter(decidable_by(actor), state=RequestState.PENDING)
    return AccessRequest.objects.filter(own(actor) | theirs | Q(pk__in=turn.values("pk")))


def advise(
    dataset: Dataset,
    *,
    actor: Principal,
    columns: Sequence[str] | None = None,
    unmasked: Sequence[str] = (),
    duration: timedelta | None = None,
    holder: Principal | Team | None = None,
) -> Advice:
    """What to know before asking: what a rule would grant at once, who decides, how long they take. Changes nothing."""
    holder = holder or actor
    _require(dataset, actor, holder)
    clear = _in_the_clear(dataset, columns, unmasked)
    offer = automatic.offer(
        dataset, requester=actor, holder=holder, columns=columns, unmasked=clear
    )
    found = approval_of(dataset)
    stages = found.stages
    shorter = offer is not None and duration is not None and offer.longest < duration
    return Advice(
        at_once=offer.columns if offer else None,
        at_once_for=offer.longest if offer is not None and shorter else None,
        deciders=first_deciders(dataset, stages[0]),
        later=tuple(in_words(stage) for stage in stages[1:]),
        usual=usual_wait(dataset),
        longest=found.longest,
        already=_live_grant(dataset, holder),
        alike=readable_alike(actor, dataset),
        terms=terms.owed_by(actor, dataset),
    )


def usual_wait(dataset: Dataset) -> timedelta | None:
    """The median time people took for the last twenty decisions on a dataset, or where it had too few, in its domain.

    Nothing when the domain had too few as well. Cost: one query.
    """
    near = Q(dataset=dataset) | Q(dataset__domain__isnull=False, dataset__domain=dataset.domain_id)
    decided = AccessRequest.objects.filter(near, decision__kind="person", decided_at__isnull=False)
    own_first = Case(When(dataset=dataset, then=0), default=1)
    rows = decided.order_by(own_first, "-decided_at").values_list(
        "dataset", F("decided_at") - F("submitted_at")
    )[:RECENT]
    own = sorted(wait for key, wait in rows if key == dataset.pk)
    waits = own if len(own) >= ENOUGH else sorted(wait for _, wait in rows)
    return waits[len(waits) // 2] if len(waits) >= ENOUGH else None


def _require(dataset: Dataset, actor: Principal, holder: Principal | Team) -> None:
    if not discovery.discoverable_by(actor).filter(pk=dataset.pk).exists():
        raise NotFound("There is no dataset by that name, or it is not listed for you.")
    if not speaks_for(actor, holder):
        raise NotAllowed(
            "You can ask for yourself, for a team you belong to and for a service account you own."
        )
    if isinstance(holder, Principal) and not holder.is_active:
        raise Invalid(f"{holder.label} is not active.", "principal")


def _in_the_clear(
    dataset: Dataset, columns: Sequence[str] | None, unmasked: Sequence[str]
) -> tuple[str, ...]:
    if not unmasked:
        return ()
    named = known_columns(dataset, unmasked, "unmasked") or ()
    if columns is not None and not set(named) <= set(columns):
        raise Invalid("A column in the clear must be among the columns you ask for.", "unmasked")
    masked = rules.masks_of(dataset)
    return tuple(name for name in named if name in masked)


def _refuse_held(asked: Asked, now: datetime) -> None:
    """Refuse at once what could not be granted, or would change nothing."""
    held = open_alike(asked.holder, asked.dataset, asked.purpose, now).first()
    if held is None:
        return
    wanted = Terms(
        holder=asked.holder,
        dataset=asked.dataset,
        purpose=asked.purpose,
        starts_at=held.starts_at,
        expires_at=max(now + asked.duration, held.expires_at),
        columns=asked.columns,
        unmasked=asked.unmasked,
    )
    same = held.columns == (None if asked.columns is None else list(asked.columns))
    if same and set(held.unmasked) == set(asked.unmasked):
        raise Conflict(
            f"You hold exactly this until {day(held.expires_at)}. Renew it when it runs out."
        )
    if not wanted.covers(held, now) or now + asked.duration < held.expires_at:
        raise Conflict(
            f"You already hold access for this purpose until {day(held.expires_at)}, with other columns or for longer. "
            "Ask for those too, or say in the purpose what is different."
        )


def _live_grant(dataset: Dataset, holder: Principal | Team) -> Grant | None:
    owner = Q(team=holder) if isinstance(holder, Team) else Q(principal=holder)
    return live().filter(owner, dataset=dataset).order_by("-expires_at").first()
