"""Access to my data: who holds what on the datasets I answer for, how they use it, and what tonight will end."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from access import grants
from access.clock import database_now
from access.models import Grant
from access.people.permissions import Permission, may
from access.sweep import tonight
from portal.forms.asking import ReasonForm
from portal.views.holdings import Holding, holdings
from portal.views.people import person

PAGE = 100


@dataclass(frozen=True)
class Held:
    """The open grants of one dataset."""

    dataset: object
    holdings: list[Holding]


def my_data(request: HttpRequest) -> HttpResponse:
    """Open grants by dataset, the unused first to end, and tonight's review."""
    viewer = person(request)
    now = database_now()
    rows = (
        grants.on_data_of(viewer)
        .filter(ended_at=None, expires_at__gt=now)
        .select_related("dataset", "principal", "team", "decision__decider")
        .order_by("dataset__name", "expires_at")[: PAGE + 1]
    )
    every = holdings(rows, viewer, now)
    groups: dict[int, Held] = {}
    for each in every[:PAGE]:
        held = groups.setdefault(each.grant.dataset_id, Held(each.grant.dataset, []))
        held.holdings.append(each)
    plan = tonight(viewer)
    context = {
        "groups": list(groups.values()),
        "is_cut": len(every) > PAGE,
        "tonight": plan,
        "n_exempt": grants.exemptions_on_data_of(viewer, now).count(),
        "n_by_state": Counter(each.state for each in every),
        "is_steward": bool(groups) or may(viewer, Permission.DECIDE),
    }
    return render(request, "portal/my_data.html", context)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's grant, with the reason they will read."""
    viewer = person(request)
    grant: Grant = get_object_or_404(grants.on_data_of(viewer), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why; the person will read it.")
        return redirect("my-data")
    grants.revoke(grant, actor=viewer, reason=form.cleaned_data["reason"], now=database_now())
    messages.success(request, f"Ended. {grant.holder} was told why.")
    # Who ended an emergency goes on to its review.
    emergency = request.POST.get("emergency", "")
    return (
        redirect("emergency", pk=int(emergency)) if emergency.isdecimal() else redirect("my-data")
    )
