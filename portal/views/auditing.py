"""The audit: who did what, when and why, for administrators, and for stewards on their own datasets."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.audit import readers, sealing
from access.audit.events import Kind, story
from access.clock import database_now
from access.discovery import dataset_for
from access.errors import NotFound
from access.models import Principal
from access.people.permissions import Permission, require
from catalog.models import Dataset
from portal.forms.reviewing import ReadersForm
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


def who(request: HttpRequest) -> HttpResponse:
    """Who could read a dataset or column on a day, who did, who approved it and why."""
    viewer = person(request)
    require(viewer, Permission.READ_AUDIT)
    form = ReadersForm(request.GET if "subject" in request.GET else None)
    context = {"form": form, "today": database_now().date(), "answer": None, "problem": ""}
    if form.is_valid():
        try:
            context["answer"] = _answer(viewer, form)
        except NotFound:
            context["problem"] = (
                "There is no such dataset or column that you know of. Write warehouse.schema.table, or a column of it "
                "as warehouse.schema.table.column."
            )
    answer = context["answer"]
    if isinstance(answer, readers.Answer):
        page = Paginator(answer.readers, 50).get_page(request.GET.get("page"))
        context |= {"page": page, **leaves(request, page)}
    return render(request, "portal/who.html", context)


def _answer(viewer: Principal, form: ReadersForm) -> readers.Answer:
    dataset, column = readers.parse_subject(form.cleaned_data["subject"].strip())
    known = dataset_for(viewer, dataset.name)
    day = form.cleaned_data["on"] or database_now().date()
    return readers.readers(known, viewer=viewer, on=day, column=column)
