"""Why a query showed these rows and columns, as a page of its own or in place."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.errors import NotFound
from access.gate import explaining
from portal.views.asking import is_fragment, pending_for, request_url
from portal.views.people import person


def query(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One query of this person: what it rested on then, and how it stands now."""
    viewer = person(request)
    record = explaining.record_for(viewer, pk)
    if record is None:
        raise NotFound("There is no query of yours by that number.")
    told = explaining.told(viewer, record)
    needs = [
        {
            "dataset": need.dataset,
            "columns": need.columns,
            "url": request_url(need.dataset, need.columns, "workbench"),
            "pending": pending_for(viewer, need.dataset, need.columns),
        }
        for need in (told.now.needs if told.now else ())
    ]
    # Pairs, because a template would look a column called `items` up in a mapping.
    used = [(dataset, list(columns.items())) for dataset, columns in told.columns.items()]
    context = {"told": told, "record": record, "needs": needs, "used": used}
    template = "portal/_why.html" if is_fragment(request) else "portal/query.html"
    return render(request, template, context)
