"""Data as somebody else sees it: the page for stewards, and the preview of what a request would give."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.asking import requests
from access.discovery import dataset_for
from access.errors import NotFound
from access.gate.seeing import eyes_of, holders_on
from access.people.permissions import Permission, require
from portal.pages.seeing import eyes_named, seen_as
from portal.views.asking import is_fragment
from portal.views.people import person


def view_as(request: HttpRequest, name: str) -> HttpResponse:
    """A dataset as one of its holders gets it."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    require(viewer, Permission.DECIDE, dataset)
    label = request.GET.get("holder", "")
    eyes = eyes_named(viewer, label)
    context = {
        "dataset": dataset,
        "holders": holders_on(viewer, dataset),
        "label": label,
        "seen": seen_as(viewer, eyes, dataset) if eyes else None,
    }
    return render(request, "portal/view_as.html", context)


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a request would give, before it is decided: what holds already and what is asked for, together."""
    viewer = person(request)
    rows = requests.visible_to(viewer).select_related(
        "dataset", "dataset__warehouse", "principal", "team", "grant"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    require(viewer, Permission.DECIDE, found.dataset)
    context = {
        "access_request": found,
        "dataset": found.dataset,
        "seen": seen_as(viewer, eyes_of(found), found.dataset),
        "is_preview": True,
        "is_part": is_fragment(request),
    }
    template = "portal/_seen_as.html" if is_fragment(request) else "portal/view_as.html"
    return render(request, template, context)
