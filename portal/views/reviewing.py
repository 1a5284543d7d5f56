"""Coming back to what the nightly review put aside, and saying that a grant may go unused: one click each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from access import grants
from access.clock import database_now
from access.words import day, listed
from portal.forms.reviewing import ExemptionForm
from portal.views.people import person


@require_POST
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Wake seasonal access."""
    viewer = person(request)
    grant = get_object_or_404(grants.held_by(viewer), pk=pk)
    woken = grants.wake(grant, actor=viewer, now=database_now())
    until = day(woken.expires_at)
    messages.success(request, f"Awake. You can read {grant.dataset.label} again until {until}.")
    return redirect("my-access")


@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Read again what one's team holds."""
    viewer = person(request)
    grant = get_object_or_404(grants.held_by(viewer), pk=pk)
    grants.readmit(grant, actor=viewer, now=database_now())
    messages.success(request, f"You read {grant.dataset.label} through {grant.holder} again.")
    return redirect("my-access")


@require_POST
def keep_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep columns that nobody has read."""
    viewer = person(request)
    as_steward = request.POST.get("as") == "steward"
    held = grants.on_data_of(viewer) if as_steward else grants.held_by(viewer)
    grant = get_object_or_404(held, pk=pk)
    wanted = request.POST.getlist("columns") or None
    kept = grants.keep_columns(grant, actor=viewer, columns=wanted, now=database_now())
    messages.success(request, f"Kept: {listed(kept)}." if kept else "They were kept already.")
    return redirect("my-data" if as_steward else "my-access")


@require_POST
def exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody's grant go unused for a while, and answer for it."""
    viewer = person(request)
    grant = get_object_or_404(grants.on_data_of(viewer), pk=pk)
    form = ExemptionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why it may go unused, and for how long, as 90d.")
        return redirect("my-data")
    now = database_now()
    made = grants.exempt(
        grant,
        actor=viewer,
        reason=form.cleaned_data["reason"],
        ends_at=now + form.cleaned_data["duration"],
        now=now,
    )
    messages.success(
        request, f"It stays until {day(made.ends_at)}, used or not. You answer for it."
    )
    return redirect("my-data")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End an exemption early."""
    viewer = person(request)
    grant = get_object_or_404(grants.on_data_of(viewer), pk=pk)
    grants.withdraw(grant, actor=viewer, now=database_now())
    messages.success(request, "The exemption has ended. The review looks at this grant again.")
    return redirect("my-data")
