"""The lineage of one dataset, drawn and as a table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.clock import database_now
from access.discovery import dataset_for
from portal.pages.lineage import DEPTHS, page_of
from portal.views.people import person


def lineage(request: HttpRequest, name: str) -> HttpResponse:
    """The datasets around one; `?depth=` how far, `?column=` the path of one column instead."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    asked = request.GET.get("depth", "")
    depth = int(asked) if asked.isdecimal() and int(asked) in DEPTHS else 2
    page = page_of(
        viewer, dataset, depth=depth, column=request.GET.get("column", ""), now=database_now()
    )
    return render(request, "portal/lineage.html", {"page": page, "dataset": dataset})
