"""Breaking glass, and looking at what was read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from access.clock import database_now
from access.deciding import emergencies
from access.discovery import dataset_for
from access.errors import AccessError, NotAllowed
from access.grants import live
from access.models import BreakGlassReview, Principal
from access.policies import rules
from catalog.models import Column, Dataset
from portal.forms.deciding import EmergencyForm, ReviewForm
from portal.pages.standing import query_url
from portal.views.people import person

KEPT = 50


def break_glass(request: HttpRequest, name: str) -> HttpResponse:
    """The form of a listed responder, and its submission."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    against = emergencies.reason_not_to(viewer, dataset, database_now())
    if against:
        raise NotAllowed(against)
    form = _form(request, dataset)
    if request.method == "POST" and form.is_valid() and _taken(form, viewer, dataset):
        messages.success(
            request,
            "You have access now. Everybody who answers for the data was told; return it when you are done.",
        )
        return redirect(query_url(dataset))
    context = {"dataset": dataset, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/emergency.html", context, status=status)


def _form(request: HttpRequest, dataset: Dataset) -> EmergencyForm:
    columns = list(Column.objects.filter(dataset=dataset, removed_at=None))
    masks = rules.masks_of(dataset)
    masked = [column.name for column in columns if column.name in masks]
    initial = {"columns": [column.name for column in columns]}
    return EmergencyForm(request.POST or None, initial=initial, columns=columns, masked=masked)


def _taken(form: EmergencyForm, viewer: Principal, dataset: Dataset) -> bool:
    try:
        emergencies.break_glass(
            dataset,
            actor=viewer,
            reason=form.cleaned_data["reason"],
            duration=form.duration,
            columns=form.asked_columns,
            unmasked=form.cleaned_data.get("unmasked") or (),
            now=database_now(),
        )
    except AccessError as error:
        field = str(getattr(error, "field", "") or "")
        form.add_error(field if field in form.fields else None, error.message)
        return False
    return True


def listing(request: HttpRequest) -> HttpResponse:
    """What waits for my review, and the emergencies I may know of."""
    viewer = person(request)
    every = emergencies.visible_to(viewer)
    context = {
        "to_review": emergencies.reviews_for(viewer)[:KEPT],
        "past": every.filter(reviewed_at__isnull=False).order_by("-reviewed_at")[:KEPT],
        "mine": every.filter(responder=viewer, reviewed_at=None),
        "now": database_now(),
    }
    return render(request, "portal/emergencies.html", context)


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One emergency with each statement and column read; its review by somebody else."""
    viewer = person(request)
    found = get_object_or_404(emergencies.visible_to(viewer), pk=pk)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _reviewed(form, found, viewer):
        messages.success(request, f"Reviewed. {found.responder} was told what you found.")
        return redirect("emergency", pk=pk)
    statements = emergencies.statements_of(found)
    context = {
        "review": found,
        "grant": found.grant,
        "statements": statements,
        "columns": sorted({name for each in statements for name in each.columns}),
        "is_open": live().filter(pk=found.grant_id).exists(),
        "may_review": emergencies.reviews_for(viewer).filter(pk=pk).exists(),
        "is_mine": found.responder_id == viewer.pk,
        "is_overdue": found.reviewed_at is None and found.due_at <= database_now(),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "portal/emergency_review.html", context, status=status)


def _reviewed(form: ReviewForm, found: BreakGlassReview, viewer: Principal) -> bool:
    said = form.cleaned_data
    try:
        emergencies.review_emergency(
            found,
            actor=viewer,
            is_justified=said["is_justified"],
            note=said["note"],
            now=database_now(),
        )
    except NotAllowed:
        raise
    except AccessError as error:
        form.add_error(None, error.message)
        return False
    return True
