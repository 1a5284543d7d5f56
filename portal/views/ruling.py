"""How requests are decided, as written for a dataset, a domain or a sensitivity; and the datasets nobody answers for."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.asking import terms
from access.clock import database_now
from access.deciding import approval
from access.deciding.approval import approval_of, said_by
from access.discovery import dataset_for
from access.errors import AccessError, NotAllowed
from access.models import Principal
from access.people import stewardship
from access.people.permissions import Permission, require
from catalog.models import Dataset, Domain, Sensitivity
from portal.forms.deciding import Ruling
from portal.pages.sayings import what_holds, what_it_says
from portal.views.people import person

PAGE = 200
SAVED = "Saved. What already waits is decided as it was placed."


def rules(request: HttpRequest, name: str) -> HttpResponse:
    """The rules of approval as their steward writes them, with what holds where they say nothing."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    require(viewer, Permission.DECIDE, dataset)
    wanted = terms.terms_of(dataset)
    ruling = Ruling(request.POST or None, said_by(dataset), wanted.text if wanted else "")
    context = {
        "title": dataset.label,
        "heading": "How requests are decided",
        "back_label": dataset.label,
        "back": reverse("dataset", args=[dataset.name]),
        "lead": "What you leave empty is left to the domain, and then to what holds for all data this sensitive.",
        "holds": what_holds(approval_of(dataset)),
        "api": f"/api/v1/datasets/{dataset.name}/rules",
        "version": wanted.version if wanted else None,
        "n_accepted": wanted.acceptances.count() if wanted else 0,
    }
    return _written(request, ruling, dataset, viewer, context)


def domain_rules(request: HttpRequest, name: str) -> HttpResponse:
    """What a domain says for all its datasets."""
    viewer = person(request)
    domain = approval.domain_to_write(viewer, name)
    lead = (
        "It holds for every dataset of the domain that says nothing itself. "
        "What you leave empty is left to the sensitivity."
    )
    return _place(request, domain, str(domain), lead, viewer)


def sensitivity_rules(request: HttpRequest, level: str) -> HttpResponse:
    """What holds for all data of one sensitivity."""
    viewer = person(request)
    found = approval.sensitivity_to_write(viewer, level)
    lead = (
        f"It holds for all {level} data whose dataset and domain say nothing. "
        "What you leave empty keeps its default."
    )
    return _place(request, found, f"{level} data", lead, viewer)


def places(request: HttpRequest) -> HttpResponse:
    """What each sensitivity says, and each domain whose word this person writes."""
    viewer = person(request)
    if not approval.writes_rules(viewer):
        raise NotAllowed("Only stewards and administrators write how requests are decided.")
    said = approval.said_by_places()
    domains = [_row(each, said, True) for each in approval.domains_to_write(viewer)]
    levels = [_row(each, said, viewer.is_administrator) for each in reversed(Sensitivity)]
    return render(request, "portal/rules_by_place.html", {"domains": domains, "levels": levels})


def _row(
    about: Domain | Sensitivity, said: dict[Domain | Sensitivity, approval.Said], may_write: bool
) -> dict[str, Any]:
    sayings = what_it_says(about, said.get(about, approval.NOTHING))
    return {"about": about, "sayings": sayings, "url": _address(about) if may_write else ""}


def _address(about: Domain | Sensitivity) -> str:
    if isinstance(about, Domain):
        return reverse("domain-rules", args=[about.name])
    return reverse("sensitivity-rules", args=[about.value])


def _place(
    request: HttpRequest, about: Domain | Sensitivity, title: str, lead: str, viewer: Principal
) -> HttpResponse:
    said = said_by(about)
    kind = "domains" if isinstance(about, Domain) else "sensitivities"
    context = {
        "title": title,
        "heading": f"How requests for {title} are decided",
        "back_label": "Rules of approval",
        "back": reverse("rules-by-place"),
        "lead": lead,
        "holds": what_it_says(about, said),
        "api": f"/api/v1/rules/{kind}/{about.name if isinstance(about, Domain) else about.value}",
    }
    return _written(request, Ruling(request.POST or None, said, None), about, viewer, context)


def _written(
    request: HttpRequest,
    ruling: Ruling,
    about: Dataset | Domain | Sensitivity,
    viewer: Principal,
    context: dict[str, Any],
) -> HttpResponse:
    if request.method == "POST" and ruling.is_valid() and _said(ruling, about, viewer):
        messages.success(request, SAVED)
        return redirect(context["back"])
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/rules.html", {**context, "ruling": ruling}, status=status)


def _said(ruling: Ruling, about: Dataset | Domain | Sensitivity, viewer: Principal) -> bool:
    """Says it; a refusal is put beside what it is about."""
    now = database_now()
    try:
        approval.say(about, ruling.said, actor=viewer, now=now)
        if isinstance(about, Dataset):
            terms.set_terms(about, ruling.form.cleaned_data["terms"], actor=viewer, now=now)
    except AccessError as error:
        field = str(getattr(error, "field", "") or "")
        ruling.form.add_error(field if field in ruling.form.fields else None, error.message)
        return False
    return True


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
