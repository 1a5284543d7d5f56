"""The approver's inbox: each request with what would be gained, decided with one key."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.asking import requests
from access.clock import database_now
from access.deciding import decisions, emergencies
from access.deciding.approval import writes_rules
from access.deciding.approvers import in_words, stages_of
from access.deciding.delegation import delegators_of
from access.errors import AccessError, NotFound
from access.models import AccessRequest, Principal
from access.people import stewardship
from access.words import counted, day, listed
from portal.forms.asking import DecisionForm
from portal.forms.deciding import BulkForm
from portal.pages.cases import cases_of, columns_asked
from portal.views.asking import is_fragment
from portal.views.people import person

PAGE = 25
# A verdict waits this long in the browser, where it can still be taken back (docs/decisions/0016); inbox.css knows it too.
HOLD_SECONDS = 5
RELATIONS = ("dataset", "dataset__domain", "requester", "principal", "team", "grant")


def inbox(request: HttpRequest) -> HttpResponse:
    """The requests that wait for this person, oldest first."""
    viewer = person(request)
    now = database_now()
    rows = requests.waiting_for(viewer).select_related(*RELATIONS)
    found = list(rows[: PAGE + 1])
    paused = list(requests.paused_for(viewer).select_related(*RELATIONS)[:PAGE])
    context = {
        "cases": cases_of(found[:PAGE], viewer, now),
        "paused": cases_of(paused, viewer, now),
        "notes": _notes(viewer),
        "n_unowned": stewardship.unowned(viewer).count(),
        "n_more": max(0, rows.count() - PAGE) if len(found) > PAGE else 0,
        "hold_seconds": HOLD_SECONDS,
        "may_rule": writes_rules(viewer),
        "ways_on": [
            {"label": "See who holds access", "url": reverse("my-data"), "icon": "shield"},
            {"label": "Name a delegate", "url": reverse("delegations"), "icon": "people"},
        ],
        "shortcuts": [
            ("j k", "Next, previous request"),
            ("a", "Approve"),
            ("s", "Shorten or narrow"),
            ("d", "Deny, with a reason"),
            ("w", "Ask back"),
            ("v", "See the rows as they would"),
            ("x", "Choose, for one verdict on several"),
            ("z", "Take the last verdict back, before it is sent"),
        ],
    }
    return render(request, "portal/inbox.html", context)


def _notes(viewer: Principal) -> list[dict[str, str]]:
    """What else waits: emergencies to review, and for whom this person decides."""
    notes = [
        {
            "title": f"{review.responder} broke glass for {review.grant.dataset.label}",
            "text": f"“{review.grant.decision.reason}” The review is due on {day(review.due_at)}.",
            "tone": "warn",
            "icon": "warning",
            "url": reverse("emergency", args=[review.pk]),
            "link": "Look at what they read",
        }
        for review in emergencies.reviews_for(viewer)[:PAGE]
    ]
    standing_in = [str(each) for each in delegators_of(viewer)]
    if standing_in:
        notes.append(
            {
                "title": f"You decide for {listed(standing_in)}",
                "text": "What waits for them is here too. Every decision of yours names you both.",
                "tone": "",
                "icon": "people",
                "url": reverse("delegations"),
                "link": "Until when",
            }
        )
    return notes


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, narrowing if wanted, or deny with a reason."""
    viewer = person(request)
    found = requests.visible_to(viewer).select_related(*RELATIONS).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    form = DecisionForm(request.POST, columns=columns_asked(found), unmasked=found.unmasked)
    tone, said = "good", ""
    if not form.is_valid():
        tone = "bad"
        said = " ".join(str(each) for errors in form.errors.values() for each in errors)
    else:
        try:
            said = settle(found, viewer, form.cleaned_data)
        except AccessError as error:
            tone, said = "bad", error.message
    if is_fragment(request):
        return render(request, "portal/_decided.html", {"tone": tone, "said": said})
    messages.add_message(request, messages.ERROR if tone == "bad" else messages.SUCCESS, said)
    return redirect("inbox")


@require_POST
def decide_several(request: HttpRequest) -> HttpResponse:
    """One verdict on several requests, each as if it were the only one: what cannot be decided is named and left."""
    viewer = person(request)
    waiting = {each.pk: each for each in requests.waiting_for(viewer).select_related(*RELATIONS)}
    form = BulkForm(request.POST, offered=list(waiting))
    if not form.is_valid():
        messages.error(request, "Choose requests that still wait for you, and a verdict.")
        return redirect("inbox")
    said = {"narrowed": False, "rows": "", "duration": None, **form.cleaned_data}
    n_decided = 0
    for pk in said["requests"]:
        try:
            settle(waiting[pk], viewer, said)
        except AccessError as error:
            messages.error(
                request, f"{waiting[pk].requester}, {waiting[pk].dataset.label}: {error.message}"
            )
        else:
            n_decided += 1
    if n_decided:
        verb = "Denied" if said["verdict"] == "deny" else "Approved"
        messages.success(request, f"{verb} {counted(n_decided, 'request')}.")
    return redirect("inbox")


def settle(access_request: AccessRequest, viewer: Principal, said: dict[str, Any]) -> str:
    """Approve or deny as a form says it; what became of it, in a sentence."""
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
        return f"Noted. {_still_missing(access_request)}"
    return f"Approved. {asker} can read {access_request.dataset.label} now."


def _still_missing(access_request: AccessRequest) -> str:
    """What it waits for after a vote."""
    stage = access_request.present_stage
    here = access_request.votes.filter(approves=True, stage=access_request.stage).count()
    if not here:
        words = in_words(stages_of(access_request)[access_request.stage - 1])
        return (
            f"Now it waits for stage {access_request.stage} of {access_request.n_stages}: {words}."
        )
    n_missing = stage["approvals"] - here
    return f"It takes effect when {n_missing} more {'person agrees' if n_missing == 1 else 'people agree'}."
