"""Who decides in my place, and in whose place I decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from access.clock import database_now
from access.deciding import delegation
from access.errors import AccessError
from access.models import Principal
from access.people.permissions import Permission, may
from portal.forms.deciding import DelegationForm
from portal.views.people import person

KEPT = 20
OFFERED = 300


def delegations(request: HttpRequest) -> HttpResponse:
    """My delegations, and the form for another."""
    viewer = person(request)
    form = DelegationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _named(form, viewer):
        messages.success(
            request,
            f"{form.cleaned_data['delegate']} was told. It ends by itself on the day you said.",
        )
        return redirect("delegations")
    now = database_now()
    every = delegation.visible_to(viewer).order_by("-starts_at")
    mine = every.filter(delegator=viewer)[:KEPT]
    context = {
        "form": form,
        "mine": mine,
        "for_others": every.filter(delegate=viewer, ends_at__gt=now, ended_at=None),
        "now": now,
        "may_delegate": may(viewer, Permission.DECIDE) or viewer.is_administrator,
        "people": Principal.objects.filter(kind="person", is_active=True)
        .exclude(pk=viewer.pk)
        .order_by("username")[:OFFERED],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/delegations.html", context, status=status)


def _named(form: DelegationForm, viewer: Principal) -> bool:
    starts_at, ends_at = form.span
    try:
        delegation.name_delegate(
            form.cleaned_data["delegate"],
            actor=viewer,
            starts_at=starts_at,
            ends_at=ends_at,
            note=form.cleaned_data["note"],
            now=database_now(),
        )
    except AccessError as error:
        fields = {"delegate": "delegate", "ends_at": "last", "note": "note"}
        form.add_error(fields.get(str(getattr(error, "field", ""))), error.message)
        return False
    return True


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation before its time."""
    viewer = person(request)
    found = get_object_or_404(delegation.visible_to(viewer), pk=pk)
    delegation.end(found, actor=viewer, now=database_now())
    messages.success(request, "Ended.")
    return redirect("delegations")
