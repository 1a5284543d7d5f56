"""My access: what I hold, what was used of it, what I asked for; renew, return, restore."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from access import evidence, grants
from access.asking import requests
from access.clock import database_now
from access.models import (
    Dormancy,
    Exemption,
    Grant,
    GrantState,
    NativeAccess,
    Principal,
    RightSizing,
)
from access.words import day
from catalog.models import Column
from portal.forms.asking import RenewalForm
from portal.views.people import person

KEPT = timedelta(days=90)
SOON = timedelta(days=7)
LOGINS_OFFERED = NativeAccess.objects.filter(
    warehouse=OuterRef("dataset__warehouse"), is_on=True
).order_by()


@dataclass(frozen=True)
class Holding:
    """A grant as its holder sees it."""

    grant: Grant
    state: str
    n_columns: int
    n_total: int
    evidence: evidence.Evidence
    warning: str = ""
    may_return: bool = False
    may_renew: bool = False
    may_restore: bool = False
    may_wake: bool = False
    may_come_back: bool = False
    may_keep: bool = False
    sizing: RightSizing | None = None
    exemption: Exemption | None = None

    @property
    def starts(self) -> datetime | None:
        """When a scheduled grant begins to count."""
        return self.grant.starts_at if self.state == GrantState.SCHEDULED else None

    @property
    def gap(self) -> int:
        """The privilege gap in percent: 1 - columns named / columns granted."""
        return round(100 * (1 - self.n_used / self.n_columns)) if self.n_columns else 0

    @property
    def n_used(self) -> int:
        """How many of the granted columns were asked for by name."""
        return len(self._of_grant(self.evidence.columns))

    @property
    def n_starred(self) -> int:
        """How many more were read, but only ever by a star: that says little about whether they are needed."""
        return len(self._of_grant(self.evidence.starred))

    def _of_grant(self, columns: frozenset[str]) -> frozenset[str]:
        granted = self.grant.columns
        return columns if granted is None else columns & set(granted)


def my_access(request: HttpRequest) -> HttpResponse:
    """Everything this person holds or held lately, and their requests."""
    viewer = person(request)
    now = database_now()
    recent = Q(ended_at=None) | Q(ended_at__gte=now - KEPT)
    rows = list(
        grants.held_by(viewer)
        .filter(recent)
        .select_related("dataset", "dataset__domain", "principal", "team", "decision__decider")
        .annotate(has_logins=Exists(LOGINS_OFFERED))
        .order_by("expires_at")
    )
    every = holdings(rows, viewer, now)
    open_states = (GrantState.LIVE, GrantState.SCHEDULED, GrantState.SUSPENDED, "expiring")
    context = {
        "current": [each for each in every if each.state in open_states],
        "past": [each for each in every if each.state not in open_states][::-1],
        "ways_on": [{"label": "Find data", "url": reverse("search"), "icon": "search"}],
        "own_tools": any(getattr(grant, "has_logins", False) for grant in rows),
        "requests": requests.made_by(viewer).select_related("dataset", "principal", "team")[:20],
    }
    return render(request, "portal/my_access.html", context)


def holdings(rows: Iterable[Grant], viewer: Principal, now: datetime) -> list[Holding]:
    """The grants with their use and with what the viewer may do about each. Cost: seven queries."""
    found = list(rows)
    keys = [grant.pk for grant in found]
    used = evidence.evidence(keys)
    totals = _totals(found)
    review = _review(found, viewer, now)
    return [
        _holding(grant, viewer, now, used.get(grant.pk, evidence.NONE), totals, review)
        for grant in found
    ]


@dataclass(frozen=True)
class Review:
    """What the nightly review put aside or left alone of some grants, by their keys."""

    asleep: set[int]
    left_out: set[int]
    going: dict[int, RightSizing]
    exempt: dict[int, Exemption]


def _review(found: list[Grant], viewer: Principal, now: datetime) -> Review:
    keys = [grant.pk for grant in found]
    suspended = [grant.pk for grant in found if grant.suspended_at is not None]
    asleep = Dormancy.objects.filter(grant__in=suspended, woken_at=None)
    return Review(
        set(asleep.values_list("grant", flat=True)) if suspended else set(),
        grants.left_out_of(viewer) if any(grant.team_id for grant in found) else set(),
        grants.going(keys),
        {each.grant_id: each for each in grants.exemptions(now).filter(grant__in=keys)},
    )


def _totals(found: list[Grant]) -> dict[int, int]:
    datasets = Column.objects.filter(
        dataset__in={grant.dataset_id for grant in found}, removed_at=None
    ).values_list("dataset", flat=True)
    totals: dict[int, int] = {}
    for dataset in datasets:
        totals[dataset] = totals.get(dataset, 0) + 1
    return totals


def _holding(
    grant: Grant,
    viewer: Principal,
    now: datetime,
    used: evidence.Evidence,
    totals: dict[int, int],
    review: Review,
) -> Holding:
    state = grant.state_at(now)
    total = totals.get(grant.dataset_id, 0)
    is_open = state in (GrantState.LIVE, GrantState.SCHEDULED, GrantState.SUSPENDED)
    mine = grants.is_holder(grant, viewer)
    stands = grants.stands_for(grant, viewer)
    sizing = review.going.get(grant.pk) if is_open else None
    is_left_out = grant.pk in review.left_out and state == GrantState.LIVE
    return Holding(
        grant=grant,
        state=_shown(grant, GrantState.SUSPENDED if is_left_out else state, now),
        n_columns=total if grant.columns is None else len(grant.columns),
        n_total=total,
        evidence=used,
        warning=_warning(grant, used) if is_open else "",
        may_return=mine and is_open,
        may_renew=state == GrantState.LIVE and stands and not is_left_out,
        may_restore=stands and grants.is_restorable(grant, now),
        may_wake=stands and grant.pk in review.asleep and grants.is_wakeable(grant, now),
        may_come_back=stands and is_left_out,
        may_keep=stands and sizing is not None,
        sizing=sizing,
        exemption=review.exempt.get(grant.pk),
    )


def _shown(grant: Grant, state: GrantState, now: datetime) -> str:
    ends_soon = state == GrantState.LIVE and grant.expires_at - now < SOON
    return "expiring" if ends_soon else state.value


def _warning(grant: Grant, used: evidence.Evidence) -> str:
    if grant.revoke_due_at is None:
        return ""
    since = f"since {day(used.last_used_at)}" if used.last_used_at else "so far"
    return f"Not used {since}. It ends on {day(grant.revoke_due_at)} unless it is read before."


@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a later end."""
    viewer = person(request)
    form = RenewalForm(request.POST)
    grant = get_object_or_404(grants.held_by(viewer), pk=pk)
    if not form.is_valid():
        messages.error(request, "Say for how much longer, as 30d.")
        return redirect("my-access")
    grants.request_renewal(
        grant,
        actor=viewer,
        duration=form.cleaned_data["duration"],
        purpose=form.cleaned_data["purpose"] or grant.purpose,
        now=database_now(),
    )
    messages.success(
        request, "Asked for more time. What you hold stays as it is until somebody decides."
    )
    return redirect("my-access")


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a grant early."""
    viewer = person(request)
    grant = get_object_or_404(grants.held_by(viewer), pk=pk)
    grants.give_back(grant, actor=viewer, now=database_now())
    messages.success(request, f"Returned. You no longer read {grant.dataset.label} with it.")
    return redirect("my-access")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what ended for lack of use."""
    viewer = person(request)
    grant = get_object_or_404(grants.held_by(viewer), pk=pk)
    restored = grants.restore(grant, actor=viewer, now=database_now())
    until = day(restored.expires_at)
    messages.success(request, f"Restored. You can read {grant.dataset.label} again until {until}.")
    return redirect("my-access")
