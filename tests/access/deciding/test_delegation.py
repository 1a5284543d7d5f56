"""Delegates decide in somebody's place, for a while, and never what either of them would gain."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from access.asking import requests
from access.clock import database_now
from access.deciding import decisions, delegation, narrowing
from access.deciding.silence import after_working_days, escalate
from access.errors import AccessError, AlreadyDecided, Conflict, Invalid, NotAllowed
from access.models import AuditEvent, Delegation, Grant, Notice, Principal, Vote
from access.policies import rules
from tests.access.lifecycle import DAY, approve, ask, stewarded
from tests.datasets import NOW, make_domain
from tests.people import make_person, put_in_charge

pytestmark = pytest.mark.django_db


@pytest.fixture
def delegate(db: None) -> Principal:
    """Decides nothing themself."""
    return make_person("dana", name="Dana Delegate")


def name(
    delegate: Principal, steward: Principal, *, starts_in: timedelta | None = None, days: int = 7
) -> Delegation:
    now = database_now()
    starts_at = now + starts_in if starts_in else None
    return delegation.name_delegate(
        delegate, actor=steward, starts_at=starts_at, ends_at=now + days * DAY, now=now
    )


def test_a_delegate_decides_and_the_audit_names_both(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    dataset = stewarded(steward)
    name(delegate, steward)
    asked = ask(dataset, analyst)

    assert list(requests.waiting_for(delegate)) == [asked]
    grant = approve(asked, delegate)

    decision = grant.decision
    assert (decision.decider, decision.on_behalf_of) == (delegate, steward)
    event = AuditEvent.objects.get(kind="request.approved")
    assert (event.actor, event.data["on_behalf_of"]) == (delegate, steward.label)


def test_a_delegate_is_told_of_what_is_asked(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    dataset = stewarded(steward)
    name(delegate, steward)

    ask(dataset, analyst)

    kinds = Notice.objects.filter(recipient=delegate).values_list("kind", flat=True)
    assert set(kinds) == {"delegation.made", "request.submitted"}


def test_a_delegation_ends_itself(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    now = database_now()
    Delegation.objects.create(
        delegator=steward,
        delegate=delegate,
        starts_at=now - 2 * DAY,
        ends_at=now - DAY,
        created_at=now - 2 * DAY,
    )
    name(delegate, steward, starts_in=DAY)

    assert not requests.waiting_for(delegate).exists()
    with pytest.raises(NotAllowed):
        approve(asked, delegate)


def test_ending_it_early_takes_effect_at_once(
    analyst: Principal, steward: Principal, delegate: Principal, outsider: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    made = name(delegate, steward)

    with pytest.raises(NotAllowed):
        delegation.end(made, actor=outsider, now=database_now())
    delegation.end(made, actor=delegate, now=database_now())

    with pytest.raises(NotAllowed):
        approve(asked, delegate)
    with pytest.raises(Conflict):
        delegation.end(made, actor=steward, now=database_now())
    assert name(delegate, steward)


def test_a_delegate_never_decides_their_own_nor_their_principals(
    steward: Principal, delegate: Principal
) -> None:
    dataset = stewarded(steward)
    name(delegate, steward)
    now = database_now()
    for asked in (ask(dataset, delegate), ask(dataset, steward)):
        assert asked not in requests.waiting_for(delegate)
        with pytest.raises(NotAllowed):
            approve(asked, delegate)
        with pytest.raises(NotAllowed):
            decisions.deny(asked, actor=delegate, reason="No", now=now)
        with pytest.raises(IntegrityError, match="gain"), transaction.atomic():
            Vote.objects.create(
                request=asked, voter=delegate, on_behalf_of=steward, approves=True, cast_at=now
            )


def test_the_database_asks_for_a_delegation_that_stands(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    with pytest.raises(IntegrityError, match="delegation"), transaction.atomic():
        Vote.objects.create(
            request=asked,
            voter=outsider,
            on_behalf_of=steward,
            approves=True,
            cast_at=database_now(),
        )


def test_a_delegate_passes_nothing_on(
    analyst: Principal, steward: Principal, delegate: Principal, outsider: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    name(delegate, steward)

    with pytest.raises(NotAllowed, match="decides about data"):
        name(outsider, delegate)
    now = database_now()
    Delegation.objects.create(
        delegator=delegate, delegate=outsider, starts_at=now, ends_at=now + DAY, created_at=now
    )
    with pytest.raises(NotAllowed):
        approve(asked, outsider)


def test_who_is_no_steward_any_more_has_no_delegate(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    name(delegate, steward)

    Principal.objects.filter(pk=steward.pk).update(is_active=False)

    with pytest.raises(NotAllowed):
        approve(asked, delegate)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("ends_at", {"ends_at": -DAY}),
        ("ends_at", {"ends_at": 93 * DAY}),
        ("note", {"note": "x" * 301}),
    ],
)
def test_a_delegation_is_refused_with_its_field(
    steward: Principal, delegate: Principal, field: str, said: dict[str, object]
) -> None:
    stewarded(steward)
    now = database_now()
    length = said.pop("ends_at", 7 * DAY)
    assert isinstance(length, timedelta)

    with pytest.raises(Invalid) as refused:
        delegation.name_delegate(
            delegate,
            actor=steward,
            ends_at=now + length,
            now=now,
            **said,  # type: ignore[arg-type]
        )

    assert refused.value.field == field


def test_nobody_is_their_own_delegate_and_nobody_has_two_at_once(
    steward: Principal, delegate: Principal, outsider: Principal
) -> None:
    stewarded(steward)

    with pytest.raises(Invalid):
        name(steward, steward)
    name(delegate, steward)
    with pytest.raises(Conflict, match="Dana"):
        name(outsider, steward)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.update(ends_at=NOW + 900 * DAY)


@pytest.mark.django_db(transaction=True)
def test_delegate_and_principal_at_once_give_one_word(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    dataset = stewarded(steward)
    name(delegate, steward)
    asked = ask(dataset, analyst)
    barrier = threading.Barrier(2)

    def vote(person: Principal) -> None:
        barrier.wait()
        try:
            decisions.approve(asked, actor=person, now=database_now())
        except AccessError:
            pass
        finally:
            connection.close()

    racers = [threading.Thread(target=vote, args=(person,)) for person in (steward, delegate)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert (Vote.objects.count(), Grant.objects.count()) == (1, 1)


def test_a_quorum_of_two_is_not_filled_by_a_person_and_their_delegate(
    analyst: Principal, steward: Principal, delegate: Principal
) -> None:
    dataset = stewarded(steward)
    rules.set_policy(dataset, actor=None, approvals=2, now=database_now())
    name(delegate, steward)
    asked = ask(dataset, analyst)
    decisions.approve(asked, actor=delegate, now=database_now())

    assert asked not in requests.waiting_for(steward)
    with pytest.raises(Conflict):
        decisions.approve(asked, actor=steward, now=database_now())


# --- Silence


def test_silence_asks_delegates_then_the_domain_then_the_administrators(
    analyst: Principal, steward: Principal, delegate: Principal, administrator: Principal
) -> None:
    domain = make_domain("commerce")
    chief = make_person("chief")
    put_in_charge(chief, domain)
    asked = ask(stewarded(steward, domain=domain), analyst)
    name(delegate, steward, days=60)
    moment = asked.submitted_at
    told = []
    for _ in range(3):
        moment = after_working_days(moment, 2)
        assert escalate(moment) == 1
        asked.refresh_from_db()
        told.append(asked.escalation)
        assert escalate(moment) == 0

    assert told == [1, 2, 3]
    kinds = {"kind": "request.submitted"}
    for person in (delegate, chief, administrator):
        assert Notice.objects.filter(recipient=person, **kinds).count() == 1
    assert escalate(after_working_days(moment, 2)) == 0
    assert not Grant.objects.exists()
    assert approve(asked, administrator).principal == analyst


def test_an_administrator_is_not_asked_before_their_step(
    analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    domain = make_domain("commerce")
    put_in_charge(make_person("chief"), domain)
    asked = ask(stewarded(steward, domain=domain), analyst)

    escalate(after_working_days(asked.submitted_at, 2))

    asked.refresh_from_db()
    assert asked.escalation == 2
    with pytest.raises(NotAllowed):
        approve(asked, administrator)


def test_a_settled_request_is_not_escalated(analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst)
    decisions.deny(asked, actor=steward, reason="No", now=database_now())

    assert escalate(asked.submitted_at + 10 * DAY) == 0
    with pytest.raises(AlreadyDecided):
        approve(asked, steward)


def test_a_delegation_that_ends_while_they_decide_is_no_vote_given_twice(
    analyst: Principal,
    steward: Principal,
    delegate: Principal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = stewarded(steward)
    made = name(delegate, steward)
    asked = ask(dataset, analyst)
    check = narrowing.narrow

    def and_meanwhile(*given: object, **said: object) -> object:
        delegation.end(made, actor=steward, now=database_now())
        return check(*given, **said)  # type: ignore[arg-type]

    monkeypatch.setattr(narrowing, "narrow", and_meanwhile)

    with pytest.raises(NotAllowed, match="no longer yours"):
        decisions.approve(asked, actor=delegate, now=database_now() + timedelta(seconds=5))
    assert not Vote.objects.exists()
