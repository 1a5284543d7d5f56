"""Asking back: the request stays, the clock stands still, the thread stays as it was."""

import pytest
from django.db import IntegrityError, transaction

from access.asking import questions, requests
from access.clock import database_now
from access.deciding import decisions
from access.deciding.silence import after_working_days, escalate, lapse
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.models import AccessRequest, Notice, Principal, Question
from tests.access.lifecycle import DAY, approve, ask, stewarded
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


def back(
    asked: AccessRequest, actor: Principal, text: str = "Why the mail address?", **fields: object
) -> Question:
    now = fields.pop("now", None) or database_now()
    return questions.ask_back(asked, actor=actor, text=text, now=now)  # type: ignore[arg-type]


def test_a_question_pauses_the_request_and_its_answer_brings_it_back(
    analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    question = back(asked, steward)
    assert not requests.waiting_for(steward).exists()
    assert list(requests.paused_for(steward)) == [asked]
    assert list(questions.owed_by(analyst)) == [question]
    assert Notice.objects.filter(recipient=analyst, kind="request.questioned").count() == 1

    questions.answer(question, actor=analyst, text="To write to them.", now=database_now())
    assert list(requests.waiting_for(steward)) == [asked]
    assert not questions.owed_by(analyst).exists()
    assert Notice.objects.filter(recipient=steward, kind="request.answered").count() == 1
    assert approve(asked, steward).principal == analyst


def test_only_who_decides_asks_and_only_who_asked_answers(
    analyst: Principal, steward: Principal, outsider: Principal, administrator: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    for stranger in (analyst, outsider, administrator):
        with pytest.raises(NotAllowed):
            back(asked, stranger)
    question = back(asked, steward)
    for stranger in (steward, outsider, administrator):
        with pytest.raises(NotAllowed):
            questions.answer(question, actor=stranger, text="Because.", now=database_now())


def test_a_colleague_answers_for_their_team(
    analyst: Principal, scientist: Principal, steward: Principal
) -> None:
    team = make_team("sales", analyst, scientist)
    question = back(ask(stewarded(steward), analyst, holder=team), steward)

    answered = questions.answer(question, actor=scientist, text="We all do.", now=database_now())

    assert answered.answered_by == scientist


def test_the_clock_of_silence_stands_still_meanwhile(
    analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    start = asked.submitted_at
    question = back(asked, steward, now=start + DAY)

    assert escalate(start + 6 * DAY) == 0
    assert lapse(start + 14 * DAY) == 0
    questions.answer(question, actor=analyst, text="Here.", now=start + 11 * DAY)

    due = after_working_days(start + 10 * DAY, 2)
    assert escalate(due - DAY / 24) == 0
    assert escalate(due) == 1
    assert lapse(start + 23 * DAY) == 0
    assert lapse(start + 24 * DAY) == 1


def test_an_asker_who_never_answers_lets_it_lapse(analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst)
    back(asked, steward, now=asked.submitted_at + DAY)

    assert lapse(asked.submitted_at + 14 * DAY) == 0
    assert lapse(asked.submitted_at + 15 * DAY) == 1


def test_the_clock_goes_on_with_the_last_answer(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    second = make_person("sven")
    put_in_charge(second, dataset)
    asked = ask(dataset, analyst)
    one, other = back(asked, steward), back(asked, second)

    questions.answer(one, actor=analyst, text="Yes.", now=database_now())
    asked.refresh_from_db()
    assert asked.paused_at is not None
    questions.answer(other, actor=analyst, text="No.", now=database_now())

    asked.refresh_from_db()
    assert asked.paused_at is None


def test_one_question_at_a_time_and_none_after_the_decision(
    analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    question = back(asked, steward)

    with pytest.raises(Conflict):
        back(asked, steward, "And the country?")
    for text in ("", "x" * 2001):
        with pytest.raises(Invalid):
            questions.answer(question, actor=analyst, text=text, now=database_now())
    decisions.deny(asked, actor=steward, reason="Never mind.", now=database_now())
    with pytest.raises(AlreadyDecided):
        questions.answer(question, actor=analyst, text="Wait", now=database_now())
    with pytest.raises(AlreadyDecided):
        back(asked, steward)


def test_a_thread_stays_as_it_was(analyst: Principal, steward: Principal) -> None:
    question = back(ask(stewarded(steward), analyst), steward)
    questions.answer(question, actor=analyst, text="For mail.", now=database_now())

    for change in ({"answer": "Else"}, {"text": "Else"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.all().delete()
