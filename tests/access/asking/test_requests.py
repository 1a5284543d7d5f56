"""Asking: what may be asked, by whom, for whom, and what a rule grants at once."""

from datetime import timedelta
from typing import Any

import pytest

from access.asking import requests, submission
from access.clock import database_now
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed, NotFound
from access.models import AuditEvent, Notice, Principal, RequestState, Team
from access.policies import rules
from access.policies.policy import Mask
from access.policies.rules import AutoRule
from catalog.models import Dataset, Domain
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.people import make_team

pytestmark = pytest.mark.django_db


def test_a_request_waits_for_the_steward_and_tells_them(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)

    asked = ask(dataset, analyst, columns=["country", "customer_id"])

    assert asked.state == RequestState.PENDING
    assert asked.columns == ["customer_id", "country"]
    assert list(requests.waiting_for(steward)) == [asked]
    told = Notice.objects.get(recipient=steward)
    assert "customer_id and country" in told.body
    assert AuditEvent.objects.filter(kind="request.submitted", actor=analyst).count() == 1


def test_an_outsider_sees_no_request_in_the_inbox(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    assert not requests.waiting_for(outsider).exists()
    assert not requests.visible_to(outsider).exists()
    assert list(requests.visible_to(analyst)) == [asked]


def test_a_hidden_dataset_cannot_be_asked_for_and_looks_absent(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward, visibility="hidden")

    with pytest.raises(NotFound):
        ask(dataset, analyst)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("purpose", {"purpose": "   "}),
        ("purpose", {"purpose": "x" * 3000}),
        ("duration", {"duration": timedelta(0)}),
        ("duration", {"duration": 181 * DAY}),
        ("columns", {"columns": ["ssn"]}),
        ("columns", {"columns": []}),
        ("unmasked", {"columns": ["country"], "unmasked": ["email"]}),
    ],
)
def test_a_wrong_value_is_refused_naming_its_field(
    analyst: Principal, steward: Principal, field: str, wrong: dict[str, Any]
) -> None:
    dataset = stewarded(steward)

    with pytest.raises(Invalid) as refused:
        ask(dataset, analyst, **wrong)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("sensitivity", "days"), [("restricted", 90), ("confidential", 180), ("internal", 365)]
)
def test_the_longest_time_follows_the_sensitivity(
    analyst: Principal, steward: Principal, sensitivity: str, days: int
) -> None:
    dataset = stewarded(steward, sensitivity=sensitivity)

    with pytest.raises(Invalid):
        ask(dataset, analyst, duration=(days + 1) * DAY)

    assert ask(dataset, analyst, duration=days * DAY).state == RequestState.PENDING


def test_the_owners_longest_time_wins_over_the_sensitivity(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    rules.set_policy(dataset, actor=steward, now=database_now(), longest=7 * DAY)

    with pytest.raises(Invalid, match="7 days"):
        ask(dataset, analyst, duration=8 * DAY)


def test_the_same_request_twice_is_refused(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    ask(dataset, analyst)

    with pytest.raises(Conflict, match="already waiting"):
        ask(dataset, analyst)


def test_what_is_held_already_is_not_asked_for_again(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    granted(dataset, analyst, steward, columns=["country"])

    with pytest.raises(Conflict, match="exactly this"):
        ask(dataset, analyst, columns=["country"])
    with pytest.raises(Conflict, match="other columns"):
        ask(dataset, analyst, columns=["email"])


def test_a_request_for_a_strangers_good_is_refused(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dataset = stewarded(steward)
    others = make_team("others", outsider)

    for holder in (outsider, others):
        with pytest.raises(NotAllowed):
            ask(dataset, analyst, holder=holder)


def test_asking_for_a_team_and_for_an_owned_service(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    team = make_team("sales", analyst)
    loader = Principal.objects.create(username="loader", kind="service", owner=analyst)

    assert ask(dataset, analyst, holder=team).team == team
    assert ask(dataset, analyst, holder=loader).principal == loader


def test_what_was_asked_is_hashed_and_every_part_of_it_counts(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    base = submission.Asked(dataset, analyst, "Why", 30 * DAY, ("email", "country"))

    others = [
        submission.Asked(dataset, steward, "Why", 30 * DAY, ("email", "country")),
        submission.Asked(dataset, analyst, "Why not", 30 * DAY, ("email", "country")),
        submission.Asked(dataset, analyst, "Why", 31 * DAY, ("email", "country")),
        submission.Asked(dataset, analyst, "Why", 30 * DAY, ("email",)),
        submission.Asked(dataset, analyst, "Why", 30 * DAY, None),
        submission.Asked(dataset, analyst, "Why", 30 * DAY, ("email", "country"), ("email",)),
    ]

    assert len({each.content_hash for each in (base, *others)}) == 7


def test_withdrawing_is_for_whoever_asked_and_before_the_decision(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dataset = stewarded(steward)
    asked = ask(dataset, analyst)

    for stranger in (outsider, steward):
        with pytest.raises(NotAllowed):
            requests.withdraw(asked, actor=stranger, now=database_now())
    assert requests.withdraw(asked, actor=analyst, now=database_now()).state == "withdrawn"
    with pytest.raises(AlreadyDecided):
        requests.withdraw(asked, actor=analyst, now=database_now())
    with pytest.raises(AlreadyDecided):
        approve(asked, steward)


# --- Approval rules


def _with_rule(steward: Principal, member: Principal) -> Dataset:
    dataset = stewarded(steward)
    team = make_team("sales", member)
    rules.set_policy(
        dataset,
        actor=None,
        now=database_now(),
        masks={"email": Mask("email")},
        auto_approve=[AutoRule(team.name, ("customer_id", "country"), longest=30 * DAY)],
    )
    return dataset


def test_a_rule_grants_at_once_what_it_covers(analyst: Principal, steward: Principal) -> None:
    dataset = _with_rule(steward, analyst)

    asked = ask(dataset, analyst, columns=["country"])

    assert asked.state == RequestState.APPROVED
    assert asked.decision.kind == "rule"
    assert asked.decision.decider is None
    assert AuditEvent.objects.filter(kind="grant.issued", subject__startswith="grant:").count() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"columns": ["country", "email"]},
        {"columns": None},
        {"columns": ["country"], "duration": 31 * DAY},
    ],
)
def test_a_rule_grants_nothing_beyond_itself(
    analyst: Principal, steward: Principal, more: dict[str, Any]
) -> None:
    dataset = _with_rule(steward, analyst)

    assert ask(dataset, analyst, **more).state == RequestState.PENDING


def test_a_rule_grants_an_outsider_nothing(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dataset = _with_rule(steward, analyst)

    assert ask(dataset, outsider, columns=["country"]).state == RequestState.PENDING


def test_a_rule_never_decides_for_a_steward_their_team_or_their_service(
    analyst: Principal, steward: Principal
) -> None:
    dataset = _with_rule(steward, analyst)
    team = Team.objects.get(name="sales")
    steward.groups.add(team)
    loader = Principal.objects.create(username="loader", kind="service", owner=steward)
    loader.groups.add(team)

    for holder in (steward, loader):
        assert ask(dataset, steward, holder=holder, columns=["country"]).state == "pending"
    assert ask(dataset, analyst, holder=team, columns=["country"]).state == "pending"


def test_advice_says_what_would_be_had_at_once(analyst: Principal, steward: Principal) -> None:
    dataset = _with_rule(steward, analyst)

    advice = requests.advise(
        dataset,
        actor=analyst,
        columns=["customer_id", "email", "country"],
        duration=60 * DAY,
    )

    assert advice.at_once == ("customer_id", "country")
    assert advice.at_once_for == 30 * DAY
    assert advice.deciders == (steward,)
    assert advice.longest == 180 * DAY


def test_advice_tells_the_usual_wait_once_there_are_enough_decisions(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    now = database_now()
    for hours in (1, 2, 30):
        asked = ask(dataset, analyst, purpose=f"Purpose {hours}", now=now - timedelta(days=5))
        approve(asked, steward, now=now - timedelta(days=5) + timedelta(hours=hours))

    assert requests.usual_wait(dataset) == timedelta(hours=2)


def test_where_a_dataset_had_too_few_decisions_its_domain_tells_the_usual_wait(
    analyst: Principal, steward: Principal
) -> None:
    domain = Domain.objects.create(name="commerce")
    known = stewarded(steward, "sales.known", domain=domain)
    fresh = stewarded(steward, "sales.fresh", domain=domain)
    elsewhere = stewarded(steward, "hr.payroll")
    then = database_now() - timedelta(days=5)
    for hours in (1, 2, 30):
        asked = ask(known, analyst, purpose=f"Purpose {hours}", now=then)
        approve(asked, steward, now=then + timedelta(hours=hours))

    assert requests.usual_wait(fresh) == timedelta(hours=2)
    assert requests.usual_wait(elsewhere) is None
