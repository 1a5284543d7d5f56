"""The audit: who did what, when and why, for administrators, and for stewards on their own datasets."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access import sealing
from access.audit import Kind, story
from access.models import Principal
from access.permissions import Permission, require
from catalog.models import Dataset
from portal.views.paging import leaves
from portal.views.people import person


def audit(request: HttpRequest) -> HttpResponse:
    """Events this person may read, narrowed by dataset, actor, kind or subject."""
    viewer = person(request)
    require(viewer, Permission.READ_AUDIT)
    wanted = {
        name: request.GET.get(name, "").strip() for name in ("dataset", "actor", "kind", "subject")
    }
    events = story(viewer, subject=wanted["subject"])
    if wanted["dataset"]:
        events = events.filter(dataset=wanted["dataset"])
    if wanted["actor"]:
        actor = Principal.objects.filter(username=wanted["actor"].split(":")[-1])
        events = events.filter(actor__in=actor)
    if wanted["kind"] in {kind.value for kind in Kind}:
        events = events.filter(kind=wanted["kind"])
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "wanted": wanted,
        "kinds": [kind.value for kind in Kind],
        "datasets": Dataset.objects.filter(name__in=story(viewer).values("dataset")).values_list(
            "name", flat=True
        ),
        **leaves(request, page),
        "head": sealing.head() if viewer.is_administrator else None,
    }
    return render(request, "portal/audit.html", context)
