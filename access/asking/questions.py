"""Asking back before deciding: the request stays as it is, and the clock of silence stands still until there is an answer."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from access import telling
from access.audit.events import Kind, record
from access.deciding.approvers import deciders_of, mandates_of
from access.deciding.decisions import reason_not_to
from access.deciding.separation import speaks_for
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.models import AccessRequest, Principal, Question, RequestState

LIMIT = 2_000


@transaction.atomic
def ask_back(
    access_request: AccessRequest, *, actor: Principal, text: str, now: datetime
) -> Question:
    """Ask whoever asked; only somebody who may decide the request does.

    Errors: `NotAllowed`; `AlreadyDecided`; `Invalid` without a question; `Conflict` while one of the actor's is open.
    """
    locked = _locked(access_request)
    if not mandates_of(actor, locked):
        raise NotAllowed(reason_not_to(actor, locked))
    said = _checked(text, "text")
    try:
        with transaction.atomic():
            question = Question.objects.create(request=locked, asker=actor, text=said, asked_at=now)
    except IntegrityError as error:
        raise Conflict("Your last question has no answer yet.") from error
    AccessRequest.objects.filter(pk=locked.pk, paused_at=None).update(paused_at=now)
    _note(Kind.REQUEST_QUESTIONED, locked, actor, said, now)
    access_request.refresh_from_db()
    telling.tell_question(question, now=now)
    return question


@transaction.atomic
def answer(question: Question, *, actor: Principal, text: str, now: datetime) -> Question:
    """Answer for whoever asked; when nothing is open any more, the clock goes on.

    Errors: `NotAllowed` unless the asker or somebody who may ask for the same holder answers; `AlreadyDecided` when
    the request is settled; `Conflict` when there is an answer; `Invalid` without one.
    """
    locked = _locked(question.request)
    if not answers_for(actor, locked):
        raise NotAllowed("Only whoever asked for the access can answer.")
    said = _checked(text, "answer")
    waiting = Question.objects.filter(pk=question.pk, answered_at=None)
    if not waiting.update(answer=said, answered_by=actor, answered_at=now):
        raise Conflict("This has been answered already.")
    if not open_ones(locked).exists():
        _go_on(locked, now)
    question.refresh_from_db()
    _note(Kind.REQUEST_ANSWERED, locked, actor, said, now)
    telling.tell_answer(question, deciders_of(locked), now=now)
    return question


def answers_for(actor: Principal, access_request: AccessRequest) -> bool:
    """Whether somebody may answer what is asked about this request."""
    asker = access_request.requester_id == actor.pk
    return actor.is_active and (asker or speaks_for(actor, access_request.holder))


def thread(access_request: AccessRequest) -> QuerySet[Question]:
    """Every question about a request and its answer, in order."""
    return Question.objects.filter(request=access_request).select_related("asker", "answered_by")


def open_ones(access_request: AccessRequest) -> QuerySet[Question]:
    """The questions that wait for an answer."""
    return thread(access_request).filter(answered_at=None)


def owed_by(actor: Principal) -> QuerySet[Question]:
    """The open questions about what somebody asked for, or what was asked for them, oldest first."""
    mine = AccessRequest.objects.filter(state=RequestState.PENDING, paused_at__isnull=False)
    return (
        Question.objects.filter(answered_at=None, request__in=mine, request__requester=actor)
        .select_related("asker", "request__dataset")
        .order_by("asked_at")
    )


def _locked(access_request: AccessRequest) -> AccessRequest:
    locked = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("dataset__domain", "requester", "principal", "team")
        .get(pk=access_request.pk)
    )
    if locked.state != RequestState.PENDING:
        raise AlreadyDecided
    return locked


def _go_on(access_request: AccessRequest, now: datetime) -> None:
    """The time it stood still counts for nobody: silence and lapse both move on by it."""
    if access_request.paused_at is None:
        return
    stood = now - access_request.paused_at
    AccessRequest.objects.filter(pk=access_request.pk).update(
        paused_at=None,
        paused=F("paused") + stood,
        quiet_since=Coalesce(F("quiet_since"), F("submitted_at")) + stood,
    )


def _checked(text: str, field: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid("Write a sentence.", field)
    if len(said) > LIMIT:
        raise Invalid(f"Keep it below {LIMIT:,} characters.", field)
    return said


def _note(
    kind: Kind, access_request: AccessRequest, actor: Principal, text: str, now: datetime
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"request:{access_request.pk}",
        dataset=access_request.dataset,
        reason=text,
        data={"holder": access_request.holder.label},
        now=now,
    )
