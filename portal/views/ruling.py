"""Who decides about a dataset and how: its rules of approval, and the datasets nobody answers for."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from access import approval, stewardship, terms
from access.approval import Approval, approval_of, said_by
from access.approvers import in_words
from access.clock import database_now
from access.discovery import dataset_for
from access.errors import AccessError
from access.models import Principal
from access.permissions import Permission, require
from access.words import span
from catalog.models import Dataset
from portal.forms.deciding import Ruling
from portal.views.people import person

PLACES = {
    "dataset": "said here",
    "domain": "said by the domain",
    "sensitivity": "said for all data this sensitive",
}
PAGE = 200


def rules(request: HttpRequest, name: str) -> HttpResponse:
    """The rules of approval as their steward writes them, with what holds where they say nothing."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    require(viewer, Permission.DECIDE, dataset)
    wanted = terms.terms_of(dataset)
    ruling = Ruling(request.POST or None, said_by(dataset), wanted.text if wanted else "")
    if request.method == "POST" and ruling.is_valid() and _said(ruling, dataset, viewer):
        messages.success(request, "Saved. What already waits is decided as it was placed.")
        return redirect("dataset", name=dataset.name)
    context = {
        "dataset": dataset,
        "ruling": ruling,
        "holds": _holding(approval_of(dataset)),
        "version": wanted.version if wanted else None,
        "n_accepted": wanted.acceptances.count() if wanted else 0,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/rules.html", context, status=status)


def _said(ruling: Ruling, dataset: Dataset, viewer: Principal) -> bool:
    """Says it; a refusal is put beside what it is about."""
    now = database_now()
    try:
        approval.say(dataset, ruling.said, actor=viewer, now=now)
        terms.set_terms(dataset, ruling.form.cleaned_data["terms"], actor=viewer, now=now)
    except AccessError as error:
        field = str(getattr(error, "field", "") or "")
        ruling.form.add_error(field if field in ruling.form.fields else None, error.message)
        return False
    return True


def _holding(found: Approval) -> list[Mapping[str, str]]:
    """What holds now, in words, with the place that says it."""
    rules = [
        f"{rule.team}: {_columns(rule.columns, rule.except_tags)}" for rule in found.auto_approve
    ]
    words = {
        "stages": ("Who decides", ", then ".join(in_words(stage) for stage in found.stages)),
        "longest": ("Longest access", span(found.longest)),
        "auto_approve": ("Granted at once", "; ".join(rules) or "nothing"),
        "responders": (
            "May break glass",
            ", ".join(label.partition(":")[2] for label in found.responders) or "nobody",
        ),
    }
    return [
        {
            "title": title,
            "text": text,
            "place": PLACES.get(found.sources.get(member, ""), "by default"),
        }
        for member, (title, text) in words.items()
    ]


def _columns(columns: tuple[str, ...] | None, except_tags: tuple[str, ...]) -> str:
    named = "all columns" if columns is None else ", ".join(columns)
    return f"{named} but those tagged {', '.join(except_tags)}" if except_tags else named


def unowned(request: HttpRequest) -> HttpResponse:
    """The datasets nobody answers for by name, until somebody takes them."""
    viewer = person(request)
    rows = stewardship.unowned(viewer).select_related("domain")
    context = {"datasets": rows[:PAGE], "n_datasets": rows.count()}
    return render(request, "portal/unowned.html", context)


@require_POST
def take(request: HttpRequest, name: str) -> HttpResponse:
    """Become the steward of a dataset that has none."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    stewardship.take(dataset, actor=viewer, now=database_now())
    messages.success(request, f"You answer for {dataset.label} now.")
    return redirect("unowned")
