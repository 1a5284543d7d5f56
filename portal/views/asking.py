"""Asking for access: the form, wherever it stands, and the request afterwards."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.asking import questions, requests, terms
from access.clock import database_now
from access.deciding.approvers import deciders_of, in_words, stages_of
from access.discovery import dataset_for
from access.errors import AccessError, NotFound
from access.models import AccessRequest, Principal, RequestKind, RequestState
from access.people.principals import holders_for, parse_holder
from access.policies import rules
from access.spans import parse_span
from access.words import span
from catalog.models import Column, Dataset
from portal.forms.asking import RequestForm
from portal.views.people import person


def request_url(dataset: str, columns: tuple[str, ...] = (), origin: str = "") -> str:
    """The page that asks for these columns, already ticked."""
    query = {"columns": ",".join(columns), "origin": origin}
    given = urlencode({name: value for name, value in query.items() if value})
    page = reverse("request-access", args=[dataset])
    return f"{page}?{given}" if given else page


def ask(request: HttpRequest, name: str) -> HttpResponse:
    """The form, filled with what was refused or looked at; and its submission."""
    viewer = person(request)
    dataset = dataset_for(viewer, name)
    form = _form(request, viewer, dataset)
    if request.method == "POST" and form.is_valid():
        try:
            made = _submit(form, viewer, dataset)
        except AccessError as error:
            _show(form, error)
        else:
            return _answered(request, made)
    context = _context(request, viewer, dataset, form)
    template = "portal/_request.html" if is_fragment(request) else "portal/request.html"
    return render(request, template, context, status=200 if request.method == "GET" else 422)


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page; a browser without scripts always gets a whole one."""
    return bool(getattr(request, "htmx", False))


def pending_for(viewer: Principal, dataset: str, columns: tuple[str, ...]) -> AccessRequest | None:
    """A request of theirs that waits already and covers these columns."""
    waiting = requests.made_by(viewer).filter(
        dataset__name=dataset, state=RequestState.PENDING, kind=RequestKind.ACCESS
    )
    covering = (
        each for each in waiting if each.columns is None or set(columns) <= set(each.columns)
    )
    return next(covering, None)


def _place(request: HttpRequest, dataset: Dataset) -> str:
    """Where in the page the form stands, as the start of its ids: the same dataset may be asked for in two tiles."""
    target = str(request.htmx.target or "") if is_fragment(request) else ""  # type: ignore[attr-defined]
    named = re.fullmatch(r"(?:ask-)?([\w-]{1,60})", target)
    return named[1] if named else f"dataset-{dataset.pk}"


def _form(request: HttpRequest, viewer: Principal, dataset: Dataset) -> RequestForm:
    columns = list(Column.objects.filter(dataset=dataset, removed_at=None))
    policy = rules.rules_of(dataset)
    said = ",".join(request.GET.getlist("columns"))
    known = [column.name for column in columns]
    initial: dict[str, Any] = {
        "columns": [each for each in said.split(",") if each in known] or known,
        "unmasked": [each for each in request.GET.getlist("unmasked") if each in known],
        "origin": request.GET.get("origin", "dataset"),
    }
    initial |= {name: value for name in ("duration", "holder") if (value := request.GET.get(name))}
    at = {"auto_id": f"{_place(request, dataset)}-%s"} if is_fragment(request) else {}
    return RequestForm(
        request.POST or None,
        initial=initial,
        **at,
        columns=columns,
        masked=[name for name in known if name in policy.masks],
        longest=policy.limit,
        holders=holders_for(viewer),
        terms=terms.owed_by(viewer, dataset),
    )


def _submit(form: RequestForm, viewer: Principal, dataset: Dataset) -> AccessRequest:
    said = form.cleaned_data
    return requests.submit(
        dataset,
        actor=viewer,
        purpose=said["purpose"],
        duration=form.asked_duration,
        columns=form.asked_columns,
        unmasked=said.get("unmasked") or (),
        holder=parse_holder(said["holder"]) if said.get("holder") else viewer,
        origin=said["origin"],
        starts_at=form.asked_start,
        accepted_terms=said.get("terms"),
        now=database_now(),
    )


def _show(form: RequestForm, error: AccessError) -> None:
    """Put what the access room refused beside the field it is about."""
    said = str(getattr(error, "field", "") or "")
    field = {"starts_at": "starts_on"}.get(said, said)
    form.add_error(field if field in form.fields else None, error.message)


def _answered(request: HttpRequest, made: AccessRequest) -> HttpResponse:
    """The request's page; in a refused tile or query, words in the place of the form."""
    page = reverse("request", args=[made.pk])
    if is_fragment(request) and not _is_own_page(request):
        return _answered_in_place(request, made)
    if made.state == RequestState.APPROVED:
        messages.success(
            request, f"Approved at once by a rule of {made.dataset.label}. You can read it now."
        )
    else:
        messages.success(request, "Sent. You will be told as soon as it is decided.")
    if is_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = page
        return response
    return redirect(page)


def _is_own_page(request: HttpRequest) -> bool:
    """Whether the form stands on the page that is only about asking."""
    here = str(request.htmx.current_url_abs_path or "")  # type: ignore[attr-defined]
    return here.split("?")[0] == request.path


def _answered_in_place(request: HttpRequest, made: AccessRequest) -> HttpResponse:
    context = {
        "access_request": made,
        "is_approved": made.state == RequestState.APPROVED,
        "deciders": [str(each) for each in deciders_of(made)],
        "is_workbench": made.origin == "workbench",
    }
    response = render(request, "portal/_asked.html", context)
    if context["is_approved"]:
        response["HX-Trigger"] = "access-granted"
    return response


@dataclass(frozen=True)
class AtOnce:
    """What would be granted without waiting, if less were asked; `longest` in words where that is too long."""

    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    longest: str


def _context(
    request: HttpRequest, viewer: Principal, dataset: Dataset, form: RequestForm
) -> dict[str, Any]:
    wanted = list(form["columns"].value() or [])
    duration = str(form["duration"].value() or form.fields["duration"].initial)
    advice = requests.advise(
        dataset,
        actor=viewer,
        holder=form.chosen_holder,
        columns=wanted,
        unmasked=list(form["unmasked"].value() or []) if "unmasked" in form.fields else [],
        duration=_span(duration),
    )
    at_once = None
    if advice.at_once:
        left = tuple(name for name in wanted if name not in advice.at_once)
        shorter = span(advice.at_once_for) if advice.at_once_for else ""
        at_once = AtOnce(tuple(advice.at_once), left, shorter)
    return {
        "dataset": dataset,
        "place": _place(request, dataset),
        "form": form,
        "action_url": request.get_full_path(),
        "deciders": [str(each) for each in advice.deciders],
        "later": advice.later,
        "alike": advice.alike,
        "terms": advice.terms,
        "usual": span(advice.usual) if advice.usual else "",
        "longest": advice.longest,
        "already": advice.already,
        "at_once": at_once,
        "at_once_url": request_url(dataset.name, at_once.columns, "dataset") if at_once else "",
    }


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError:
        return parse_span("30d")


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A request as it stands, for who made it and who may decide it."""
    viewer = person(request)
    found = _visible(viewer, pk)
    context = {
        "access_request": found,
        "events": _events(found),
        "deciders": [str(each) for each in deciders_of(found)],
        "stages": [in_words(stage) for stage in stages_of(found)],
        "thread": questions.thread(found),
        "is_mine": found.requester_id == viewer.pk,
        "may_answer": found.state == RequestState.PENDING and questions.answers_for(viewer, found),
        "may_decide": requests.decidable(viewer).filter(pk=pk).exists(),
    }
    return render(request, "portal/access_request.html", context)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    viewer = person(request)
    requests.withdraw(_visible(viewer, pk), actor=viewer, now=database_now())
    messages.success(request, "Withdrawn. Nobody needs to decide it any more.")
    return redirect("my-access")


def _visible(viewer: Principal, pk: int) -> AccessRequest:
    rows = requests.visible_to(viewer).select_related(
        "dataset__domain", "requester", "principal", "team", "grant", "decision__decider"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    return found


def _events(found: AccessRequest) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [
        {
            "at": found.submitted_at,
            "title": f"{found.requester} asked",
            "text": found.purpose,
            "tone": "",
        }
    ]
    for vote in found.votes.select_related("voter", "on_behalf_of"):
        behalf = f" on behalf of {vote.on_behalf_of}" if vote.on_behalf_of else ""
        title = f"{vote.voter} {'approved' if vote.approves else 'denied'}{behalf}"
        tone = "good" if vote.approves else "bad"
        events.append({"at": vote.cast_at, "title": title, "text": vote.reason, "tone": tone})
    decision = getattr(found, "decision", None)
    if decision is not None and not found.votes.exists():
        who = decision.decider or "A rule of the dataset"
        title = f"{who} {'approved' if decision.approves else 'denied'}"
        tone = "good" if decision.approves else "bad"
        events.append(
            {"at": decision.decided_at, "title": title, "text": decision.reason, "tone": tone}
        )
    if found.state == RequestState.PENDING:
        waits = "Waiting for an answer" if found.paused_at else "Waiting for a decision"
        events.append({"at": None, "title": waits, "text": "", "tone": "now"})
    elif found.state not in (RequestState.APPROVED, RequestState.DENIED):
        events.append({"at": found.decided_at, "title": found.get_state_display(), "tone": ""})
    return events
