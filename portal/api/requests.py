"""Asking for access and deciding on it."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.responses import Status

from access.asking import questions, requests
from access.asking.questions import thread
from access.clock import database_now
from access.deciding import decisions
from access.discovery import dataset_for
from access.errors import Invalid, NotFound
from access.models import AccessRequest, Question
from access.people.principals import parse_holder
from access.spans import parse_span, write_span
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.shapes import label, moment, request_shape

router = Router(tags=["access"])


class Submission(Schema):
    """What is asked for; `columns` left out asks for all, `principal` left out asks for the caller."""

    dataset: str
    columns: list[str] | None = None
    unmasked: list[str] = Field(default_factory=list)
    purpose: str
    duration: str = Field(description="A span such as 12h or 30d; it runs from approval.")
    principal: str | None = Field(
        None, description="user:, team: or service: of whoever shall hold it."
    )
    starts_at: datetime | None = Field(None, description="When it begins, if not on approval.")
    terms: int | None = Field(None, description="The version of the terms of use accepted with it.")


class Words(Schema):
    """A question, or its answer."""

    text: str


class Verdict(Schema):
    """A decision; the optional members narrow what is granted and can never widen it."""

    verdict: Literal["approve", "deny"]
    reason: str = ""
    columns: list[str] | None = None
    unmasked: list[str] | None = None
    rows: str | None = None
    duration: str | None = None


def span(text: str, field: str) -> Any:
    """A span out of a body. Errors: `Invalid` naming the field."""
    try:
        return parse_span(text)
    except ValueError as error:
        raise Invalid(f"{field}: {error}", field=field) from None


@router.post("/access-requests", response={201: dict[str, Any]}, summary="Ask for access")
def submit(request: HttpRequest, body: Submission) -> Any:
    """Submit a request: who decides it, and what would be granted at once if the caller asked for less."""
    actor = caller(request, "request")
    now = database_now()
    dataset = dataset_for(actor, body.dataset)
    holder = parse_holder(body.principal) if body.principal else actor
    duration = span(body.duration, "duration")
    advice = requests.advise(
        dataset,
        actor=actor,
        columns=body.columns,
        unmasked=body.unmasked,
        duration=duration,
        holder=holder,
    )
    made = requests.submit(
        dataset,
        actor=actor,
        purpose=body.purpose,
        duration=duration,
        columns=body.columns,
        unmasked=body.unmasked,
        holder=holder,
        origin="api",
        starts_at=body.starts_at,
        accepted_terms=body.terms,
        now=now,
    )
    answer = request_shape(_with_relations(AccessRequest.objects.filter(pk=made.pk)).get())
    answer["decides"] = [each.label for each in advice.deciders]
    answer["alike"] = [each.dataset.name for each in advice.alike]
    answer["usual_decision_time"] = write_span(advice.usual) if advice.usual else None
    answer["at_once"] = {"columns": list(advice.at_once)} if advice.at_once else None
    return Status(201, answer)


@router.get("/access-requests", summary="The approver's inbox, and the caller's own requests")
def inbox(
    request: HttpRequest, view: Literal["inbox", "mine"] = "inbox", cursor: str | None = None
) -> dict[str, Any]:
    """Requests that wait for the caller's decision (`view=inbox`), or that the caller made (`view=mine`)."""
    actor = caller(request, "decide" if view == "inbox" else "request")
    rows = requests.waiting_for(actor) if view == "inbox" else requests.made_by(actor)
    return page(_with_relations(rows), cursor, lambda found: map(request_shape, found))


@router.get("/access-requests/{int:id}", summary="One request")
def one(request: HttpRequest, id: int) -> dict[str, Any]:
    """A request with its questions, for who made it and for who may decide it."""
    found = _visible(id, request, "request")
    return {**request_shape(found), "questions": [_question(each) for each in thread(found)]}


@router.post(
    "/access-requests/{int:id}/questions", response={201: dict[str, Any]}, summary="Ask back"
)
def ask_back(request: HttpRequest, id: int, body: Words) -> Any:
    """Ask whoever asked. The request stays pending, and nobody's silence counts until there is an answer."""
    actor = caller(request, "decide")
    found = _visible(id, request, "decide")
    return Status(
        201, _question(questions.ask_back(found, actor=actor, text=body.text, now=database_now()))
    )


@router.post(
    "/access-requests/{int:id}/questions/{int:question}/answer", summary="Answer a question"
)
def answer(request: HttpRequest, id: int, question: int, body: Words) -> dict[str, Any]:
    """Answer as whoever asked for the access."""
    actor = caller(request, "request")
    found = thread(_visible(id, request, "request")).filter(pk=question).first()
    if found is None:
        raise NotFound("There is no such question about this request.")
    return _question(questions.answer(found, actor=actor, text=body.text, now=database_now()))


def _question(asked: Question) -> dict[str, Any]:
    return {
        "id": asked.pk,
        "asker": asked.asker.label,
        "text": asked.text,
        "asked_at": moment(asked.asked_at),
        "answer": asked.answer or None,
        "answered_by": label(asked.answered_by),
        "answered_at": moment(asked.answered_at),
    }


@router.post("/access-requests/{int:id}/decision", summary="Decide a request")
def decide(request: HttpRequest, id: int, body: Verdict) -> dict[str, Any]:
    """Approve, narrowing if wanted, or deny with a reason. A second verdict is 409 `already_decided`."""
    actor = caller(request, "decide")
    now = database_now()
    access_request = _visible(id, request, "decide")
    grant = None
    if body.verdict == "deny":
        decisions.deny(access_request, actor=actor, reason=body.reason, now=now)
    else:
        grant = decisions.approve(
            access_request,
            actor=actor,
            reason=body.reason,
            columns=body.columns,
            unmasked=body.unmasked,
            rows=body.rows or "",
            duration=span(body.duration, "duration") if body.duration else None,
            now=now,
        )
    answer = request_shape(_with_relations(AccessRequest.objects.filter(pk=id)).get())
    answer["grant"] = grant.pk if grant else None
    answer["expires_at"] = moment(grant.expires_at) if grant else None
    return answer


@router.delete("/access-requests/{int:id}", summary="Withdraw a request")
def withdraw(request: HttpRequest, id: int) -> dict[str, Any]:
    """Withdraw a pending request of the caller's own."""
    actor = caller(request, "request")
    requests.withdraw(_visible(id, request, "request"), actor=actor, now=database_now())
    return request_shape(_with_relations(AccessRequest.objects.filter(pk=id)).get())


def _visible(id: int, request: HttpRequest, scope: str) -> AccessRequest:
    actor = caller(request, scope)
    found = _with_relations(requests.visible_to(actor).filter(pk=id)).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    return found


def _with_relations(rows: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    return rows.select_related(
        "dataset", "requester", "principal", "team", "decision__decider", "decision__on_behalf_of"
    )
