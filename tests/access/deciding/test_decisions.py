"""Deciding: narrowing, quorum, reasons, and racing verdicts."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from access.asking import requests
from access.clock import database_now
from access.deciding import decisions, narrowing
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.models import AccessRequest, AuditEvent, Decision, Grant, Notice, Principal, Vote
from access.policies import rules
from access.policies.policy import Mask
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.access.racing import race
from tests.datasets import make_dataset
from tests.people import make_person, put_in_charge

pytestmark = pytest.mark.django_db


def test_an_approval_gives_exactly_what_was_asked(analyst: Principal, steward: Principal) -> None:
    now = database_now()
    asked = ask(stewarded(steward), analyst, columns=["email"], now=now - timedelta(hours=3))

    grant = approve(asked, steward, now=now, reason="Fine")

    assert (grant.principal, grant.columns, grant.rows) == (analyst, ["email"], "")
    assert grant.starts_at == now  # and not when it was asked
    assert grant.expires_at == now + 30 * DAY
    assert grant.decision.decider == steward
    assert Notice.objects.filter(recipient=analyst, kind="request.approved").count() == 1


def test_an_approval_may_narrow_everything(analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst)

    grant = approve(asked, steward, columns=["country"], rows="country = 'DE'", duration=7 * DAY)

    assert (grant.columns, grant.rows) == (["country"], "country = 'DE'")
    assert grant.expires_at - grant.starts_at == 7 * DAY


@pytest.mark.parametrize(
    ("field", "wider"),
    [
        ("columns", {"columns": ["email", "country"]}),
        ("columns", {"columns": []}),
        ("unmasked", {"unmasked": ["email"]}),
        ("duration", {"duration": 31 * DAY}),
        ("rows", {"rows": "no_such_column = 1"}),
    ],
)
def test_an_approval_never_widens(
    analyst: Principal, steward: Principal, field: str, wider: dict[str, Any]
) -> None:
    asked = ask(stewarded(steward), analyst, columns=["email"])

    with pytest.raises(Invalid) as refused:
        approve(asked, steward, **wider)

    assert refused.value.field == field
    assert not Grant.objects.exists()


def test_a_denial_says_why_and_settles_it(analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst)

    with pytest.raises(Invalid):
        decisions.deny(asked, actor=steward, reason=" ", now=database_now())
    decisions.deny(asked, actor=steward, reason="Use the summary instead.", now=database_now())

    assert asked.state == "denied"
    assert "Use the summary instead." in Notice.objects.get(recipient=analyst).body
    with pytest.raises(AlreadyDecided):
        approve(asked, steward)


def test_an_outsider_decides_nothing_and_hears_who_does(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    with pytest.raises(NotAllowed, match="Olga Owner"):
        approve(asked, outsider)
    with pytest.raises(NotAllowed):
        decisions.deny(asked, actor=outsider, reason="No", now=database_now())


def test_an_administrator_decides_only_what_no_steward_can(
    analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    stewarded_request = ask(stewarded(steward), analyst)
    ownerless = ask(stewarded(None, "sales.orphan"), analyst)
    of_the_only_steward = ask(stewarded_request.dataset, steward)

    with pytest.raises(NotAllowed):
        approve(stewarded_request, administrator)
    assert set(requests.waiting_for(administrator)) == {ownerless, of_the_only_steward}
    assert approve(ownerless, administrator).principal == analyst
    assert approve(of_the_only_steward, administrator).principal == steward


def test_a_quorum_needs_different_people_and_keeps_every_narrowing(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    second = make_person("sven")
    put_in_charge(second, dataset)
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=2)
    asked = ask(dataset, analyst)
    now = database_now()

    first = decisions.approve(asked, actor=steward, now=now, columns=["email", "country"])
    with pytest.raises(Conflict, match="somebody else"):
        decisions.approve(asked, actor=steward, now=now)
    assert first is None
    assert not requests.waiting_for(steward).exists()
    grant = approve(asked, second, columns=["customer_id", "country"], duration=10 * DAY)

    assert grant.columns == ["country"]
    assert grant.expires_at - grant.starts_at == 10 * DAY
    assert AuditEvent.objects.filter(kind="request.voted").count() == 1


def test_the_gain_is_what_the_holder_does_not_see_today(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    rules.set_policy(dataset, actor=None, now=database_now(), masks={"email": Mask("email")})
    granted(dataset, analyst, steward, columns=["country"], purpose="Before")

    asked = ask(dataset, analyst, columns=["email", "country"], unmasked=["email"])
    gain = narrowing.gain(asked, database_now())

    assert gain.new == ("email",)
    assert gain.in_the_clear == ("email",)
    assert gain.already == ("country",)


def test_a_column_in_the_clear_is_only_kept_where_a_mask_hides_it(
    analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst, columns=["email"], unmasked=["email"])

    assert asked.unmasked == []


def test_a_scheduled_start_is_when_the_time_begins_to_run(
    analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    asked = ask(stewarded(steward), analyst, starts_at=now + 10 * DAY, now=now)

    grant = approve(asked, steward, now=now)

    assert (grant.starts_at, grant.expires_at) == (now + 10 * DAY, now + 40 * DAY)


# --- Races


# A share of the races here, the whole of them in the drill.
ROUNDS = [10, pytest.param(200, marks=pytest.mark.drill)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_six_racing_approvals_make_one_grant_each_time(
    analyst: Principal, steward: Principal, rounds: int
) -> None:
    dataset = stewarded(steward)
    stewards = [steward, *(make_person(f"steward{n}") for n in range(5))]
    for person in stewards[1:]:
        put_in_charge(person, dataset)

    for round_number in range(rounds):
        asked = ask(dataset, analyst, purpose=f"Round {round_number}")
        now = database_now()
        outcomes = race(
            *(partial(decisions.approve, asked, actor=person, now=now) for person in stewards)
        )
        assert sum(isinstance(each, Grant) for each in outcomes) == 1
        assert sum(isinstance(each, AlreadyDecided) for each in outcomes) == 5

    assert Grant.objects.count() == Decision.objects.count() == Vote.objects.count() == rounds


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_approval_and_withdrawal_at_once_agree_on_one_outcome(
    analyst: Principal, steward: Principal, rounds: int
) -> None:
    dataset = stewarded(steward)

    for round_number in range(rounds):
        asked = ask(dataset, analyst, purpose=f"Round {round_number}")
        now = database_now()
        race(
            partial(decisions.approve, asked, actor=steward, now=now),
            partial(requests.withdraw, asked, actor=analyst, now=now),
        )
        asked = AccessRequest.objects.get(pk=asked.pk)
        n_grants = Grant.objects.filter(decision__request=asked).count()
        assert (asked.state, n_grants) in {("approved", 1), ("withdrawn", 0)}


HIDDEN_BIT = "exists (select 1 from wh.hr.payroll p where p.salary > 100000)"


@pytest.mark.parametrize(
    "rows",
    [
        HIDDEN_BIT,
        HIDDEN_BIT.replace("payroll", "nothing"),
        "email in (select email from hr.payroll)",
    ],
)
def test_a_filter_cannot_look_into_a_table_its_author_does_not_answer_for(
    analyst: Principal, steward: Principal, outsider: Principal, rows: str
) -> None:
    asked = ask(stewarded(steward), analyst)
    put_in_charge(outsider, make_dataset("hr.payroll", columns=["email", "salary"]))

    with pytest.raises(Invalid) as refused:
        approve(asked, steward, rows=rows)

    assert refused.value.field == "rows"
    table = "hr.nothing" if "nothing" in rows else "hr.payroll"
    assert f"You do not answer for a table called {table}" in refused.value.message


def test_a_filter_may_look_into_what_its_author_answers_for(
    analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    put_in_charge(steward, make_dataset("hr.payroll", columns=["email", "salary"]))

    assert approve(asked, steward, rows=HIDDEN_BIT).rows == HIDDEN_BIT


def test_a_filter_may_look_into_what_the_rules_of_the_dataset_look_into(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    make_dataset("hr.payroll", columns=["email", "salary"])
    own = "email in (select email from wh.hr.payroll)"
    rules.set_policy(dataset, actor=None, now=database_now(), rows=own)

    assert approve(ask(dataset, analyst), steward, rows=HIDDEN_BIT).rows == HIDDEN_BIT
