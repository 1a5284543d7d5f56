"""The approver's inbox: each request with what would be gained, decided with one key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from access import decisions, requests, rules
from access.clock import database_now
from access.errors import AccessError, NotFound
from access.evidence import NONE, Evidence, evidence
from access.grants import live
from access.grants.standing import live_of
from access.models import AccessRequest, Principal, Team
from access.narrowing import Gain, gain
from access.words import counted
from catalog.models import Column
from portal.forms.asking import DecisionForm, spans_up_to
from portal.views.people import person

PAGE = 25
RELATIONS = ("dataset", "dataset__domain", "requester", "principal", "team", "grant")


@dataclass(frozen=True)
class Case:
    """One request with what helps to decide it."""

    access_request: AccessRequest
    gain: Gain
    lines: list[dict[str, str]]
    columns: tuple[str, ...]
    used: Evidence | None
    peers: tuple[str, ...]
    n_other: int
    approvals: int
    n_approved: int
    shorter: list[tuple[str, str]]


def inbox(request: HttpRequest) -> HttpResponse:
    """The requests that wait for this person, oldest first."""
    viewer = person(request)
    now = database_now()
    rows = requests.waiting_for(viewer).select_related(*RELATIONS)
    found = list(rows[: PAGE + 1])
    context = {
        "cases": [_case(each, now) for each in found[:PAGE]],
        "n_more": max(0, rows.count() - PAGE) if len(found) > PAGE else 0,
        "ways_on": [{"label": "See who holds access", "url": reverse("my-data"), "icon": "shield"}],
        "shortcuts": [
            ("j k", "Next, previous request"),
            ("a", "Approve"),
            ("s", "Shorten or narrow"),
            ("d", "Deny, with a reason"),
        ],
    }
    return render(request, "portal/inbox.html", context)


def _case(access_request: AccessRequest, now: datetime) -> Case:
    """Cost: about ten queries; a page of an inbox is short."""
    gained = gain(access_request, now)
    policy = rules.rules_of(access_request.dataset)
    peers = _peers(access_request)
    names = tuple(
        Column.objects.filter(dataset=access_request.dataset, removed_at=None).values_list(
            "name", flat=True
        )
    )
    asked = names if access_request.columns is None else tuple(access_request.columns)
    return Case(
        access_request=access_request,
        gain=gained,
        lines=_lines(gained),
        columns=asked,
        used=_used(access_request),
        peers=tuple(str(peer) for peer in peers),
        n_other=_other(access_request.holder),
        approvals=policy.approvals,
        n_approved=access_request.votes.filter(approves=True).count(),
        shorter=spans_up_to(access_request.duration),
    )


def _lines(gained: Gain) -> list[dict[str, str]]:
    masked = dict(gained.masked)
    clear = set(gained.in_the_clear)
    lines = [
        {
            "change": "added",
            "label": name,
            "note": "in the clear"
            if name in clear
            else f"masked: {masked[name]}"
            if name in masked
            else "",
        }
        for name in gained.new
    ]
    lines += [
        {"change": "changed", "label": name, "note": "from masked to in the clear"}
        for name in gained.in_the_clear
        if name not in gained.new
    ]
    return lines


def _peers(access_request: AccessRequest) -> list[Principal | Team]:
    """Who else can read the dataset now, the asker aside."""
    held = live().filter(dataset=access_request.dataset).select_related("principal", "team")[:50]
    holders = {grant.holder for grant in held} - {access_request.holder}
    return sorted(holders, key=str)


def _used(access_request: AccessRequest) -> Evidence | None:
    """What became of the grant that would last longer; None for a first request."""
    grant = access_request.grant_id
    return None if grant is None else evidence([grant]).get(grant, NONE)


def _other(holder: Principal | Team) -> int:
    """How many datasets the holder can read already."""
    held = live().filter(team=holder) if isinstance(holder, Team) else live_of(holder)
    return held.values("dataset").distinct().count()


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, narrowing if wanted, or deny with a reason."""
    viewer = person(request)
    found = requests.visible_to(viewer).select_related(*RELATIONS).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    form = DecisionForm(request.POST, columns=_asked(found), unmasked=found.unmasked)
    if not form.is_valid():
        messages.error(
            request, " ".join(str(each) for errors in form.errors.values() for each in errors)
        )
        return redirect("inbox")
    try:
        said = _decide(found, viewer, form.cleaned_data)
    except AccessError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("inbox")


def _asked(access_request: AccessRequest) -> list[str]:
    if access_request.columns is not None:
        return list(access_request.columns)
    names = Column.objects.filter(dataset=access_request.dataset, removed_at=None)
    return list(names.values_list("name", flat=True))


def _decide(access_request: AccessRequest, viewer: Principal, said: dict[str, Any]) -> str:
    now = database_now()
    asker = access_request.requester
    if said["verdict"] == "deny":
        decisions.deny(access_request, actor=viewer, reason=said["reason"], now=now)
        return f"Denied. {asker} reads your reason."
    narrowed = said["narrowed"]
    grant = decisions.approve(
        access_request,
        actor=viewer,
        reason=said["reason"],
        columns=said["columns"] if narrowed else None,
        unmasked=said["unmasked"] if narrowed else None,
        rows=said["rows"],
        duration=said["duration"],
        now=now,
    )
    if grant is None:
        return f"Noted. It takes effect when {counted(_missing(access_request), 'more person')} agrees."
    return f"Approved. {asker} can read {access_request.dataset.label} now."


def _missing(access_request: AccessRequest) -> int:
    wanted = rules.rules_of(access_request.dataset).approvals
    return wanted - access_request.votes.filter(approves=True).count()
