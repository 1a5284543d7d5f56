"""Nobody decides what they would gain: every path, and the wall behind every path."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from access import grants
from access.asking import requests
from access.clock import database_now
from access.deciding import decisions
from access.errors import NotAllowed
from access.models import (
    AccessRequest,
    Decision,
    DecisionKind,
    Grant,
    Principal,
    RequestKind,
    RequestState,
    Vote,
)
from access.policies import rules
from catalog.models import Dataset
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


def _for_themself(dataset: Dataset, steward: Principal, colleague: Principal) -> AccessRequest:
    return ask(dataset, steward)


def _for_their_team(dataset: Dataset, steward: Principal, colleague: Principal) -> AccessRequest:
    return ask(dataset, steward, holder=make_team("sales", steward, colleague))


def _for_their_team_by_a_colleague(
    dataset: Dataset, steward: Principal, colleague: Principal
) -> AccessRequest:
    return ask(dataset, colleague, holder=make_team("sales", steward, colleague))


def _for_their_service(dataset: Dataset, steward: Principal, colleague: Principal) -> AccessRequest:
    service = Principal.objects.create(username="loader", kind="service", owner=steward)
    return ask(dataset, steward, holder=service)


def _by_their_service_for_itself(
    dataset: Dataset, steward: Principal, colleague: Principal
) -> AccessRequest:
    service = Principal.objects.create(username="loader", kind="service", owner=steward)
    return ask(dataset, service)


def _by_their_service_for_a_team_of_others(
    dataset: Dataset, steward: Principal, colleague: Principal
) -> AccessRequest:
    service = Principal.objects.create(username="loader", kind="service", owner=steward)
    return ask(dataset, service, holder=make_team("sales", service, colleague))


def _for_a_team_their_service_belongs_to(
    dataset: Dataset, steward: Principal, colleague: Principal
) -> AccessRequest:
    service = Principal.objects.create(username="loader", kind="service", owner=steward)
    return ask(dataset, colleague, holder=make_team("sales", service, colleague))


def _renewal_of_their_own(
    dataset: Dataset, steward: Principal, colleague: Principal
) -> AccessRequest:
    second = make_person("sven")
    put_in_charge(second, dataset)
    grant = granted(dataset, steward, second)
    return grants.request_renewal(grant, actor=steward, duration=30 * DAY, now=database_now())


PATHS = [
    _for_themself,
    _for_their_team,
    _for_their_team_by_a_colleague,
    _for_their_service,
    _by_their_service_for_itself,
    _by_their_service_for_a_team_of_others,
    _for_a_team_their_service_belongs_to,
    _renewal_of_their_own,
]
Path = Callable[[Dataset, Principal, Principal], AccessRequest]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_a_steward_neither_approves_nor_denies_their_own(
    path: Path, analyst: Principal, steward: Principal
) -> None:
    asked = path(stewarded(steward), steward, analyst)

    with pytest.raises(NotAllowed, match="somebody"):
        approve(asked, steward)
    with pytest.raises(NotAllowed):
        decisions.deny(asked, actor=steward, reason="No", now=database_now())
    assert asked not in requests.waiting_for(steward)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_an_administrator_does_not_decide_their_own_either(
    path: Path, analyst: Principal, administrator: Principal
) -> None:
    asked = path(stewarded(None), administrator, analyst)

    with pytest.raises(NotAllowed):
        approve(asked, administrator)
    assert asked not in requests.waiting_for(administrator)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_the_database_refuses_their_vote_and_their_decision(
    path: Path, analyst: Principal, steward: Principal
) -> None:
    asked = path(stewarded(steward), steward, analyst)
    now = database_now()

    with pytest.raises(IntegrityError, match="gain"), transaction.atomic():
        Vote.objects.create(request=asked, voter=steward, approves=True, cast_at=now)
    AccessRequest.objects.filter(pk=asked.pk).update(state=RequestState.APPROVED, decided_at=now)
    with pytest.raises(IntegrityError, match=r"gain|own"), transaction.atomic():
        _decide_behind_our_back(asked, steward)


def _decide_behind_our_back(asked: AccessRequest, decider: Principal) -> Decision:
    return Decision.objects.create(
        request=asked,
        kind=DecisionKind.PERSON,
        approves=True,
        decider=decider,
        requester=asked.requester,
        columns=asked.columns,
        duration=asked.duration,
        decided_at=database_now(),
    )


def test_an_escalated_request_is_still_not_decided_by_whoever_gains(
    administrator: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), administrator)
    AccessRequest.objects.filter(pk=asked.pk).update(escalated_at=database_now())

    with pytest.raises(NotAllowed):
        approve(asked, administrator)
    assert asked not in requests.waiting_for(administrator)


def test_a_member_of_a_stewarding_team_is_bound_as_well(
    analyst: Principal, steward: Principal
) -> None:
    stewards = make_team("stewards", steward, analyst)
    dataset = stewarded(stewards)
    asked = ask(dataset, steward)

    with pytest.raises(NotAllowed):
        approve(asked, steward)
    assert approve(asked, analyst).principal == steward


def test_an_administrator_cannot_grant_directly_to_themself(administrator: Principal) -> None:
    dataset = stewarded(None)
    now = database_now()

    with pytest.raises(NotAllowed):
        grants.grant_directly(
            administrator,
            dataset,
            actor=administrator,
            expires_at=now + DAY,
            reason="Because I can",
            now=now,
        )


def test_the_database_refuses_a_direct_grant_by_whoever_gains(administrator: Principal) -> None:
    dataset = stewarded(None)
    now = database_now()
    decision = Decision.objects.create(
        kind="configuration", approves=True, decider=administrator, duration=DAY, decided_at=now
    )

    with pytest.raises(IntegrityError, match="gain"), transaction.atomic():
        Grant.objects.create(
            principal=administrator,
            dataset=dataset,
            decision=decision,
            purpose="Because I can",
            starts_at=now,
            expires_at=now + DAY,
            created_at=now,
        )


def test_nobody_wakes_their_own_suspended_access(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    second = make_person("sven")
    put_in_charge(second, dataset)
    grant = granted(dataset, steward, second)
    grants.suspend(grant, actor=second, reason="Checking", now=database_now())

    with pytest.raises(NotAllowed):
        grants.resume(grant, actor=steward, now=database_now())


def test_a_service_account_never_decides(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    robot = Principal.objects.create(username="robot", kind="service", owner=steward)
    put_in_charge(robot, dataset)
    asked = ask(dataset, analyst)

    with pytest.raises(NotAllowed, match="people"):
        approve(asked, robot)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(request=asked, voter=robot, approves=True, cast_at=database_now())


def test_somebody_who_left_does_not_decide(analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst)
    Principal.objects.filter(pk=steward.pk).update(is_active=False)

    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(request=asked, voter=steward, approves=True, cast_at=database_now())
    steward.refresh_from_db()
    with pytest.raises(NotAllowed):
        approve(asked, steward)


# --- Illegal states, by raw SQL


def _refused(sql: str, *values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


STATES = [state.value for state in RequestState]


@pytest.mark.parametrize("before", [state for state in STATES if state != "pending"])
@pytest.mark.parametrize("after", STATES)
def test_a_settled_request_does_not_move(
    before: str, after: str, analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    AccessRequest.objects.filter(pk=asked.pk).update(state=before, decided_at=database_now())
    at = None if after == "pending" else database_now()

    _refused(
        "UPDATE access_accessrequest SET state = %s, decided_at = %s, stage = stage + 1 WHERE id = %s",
        after,
        at,
        asked.pk,
    )


@pytest.mark.parametrize(
    "change",
    [
        "purpose = 'Something else'",
        "columns = NULL",
        "unmasked = ARRAY['email']",
        "duration = duration * 2",
        "requester_id = requester_id + 1",
        "dataset_id = dataset_id + 1",
        "content_hash = repeat('0', 64)",
        "submitted_at = now()",
        "state = 'invented', decided_at = now()",
    ],
)
def test_what_was_asked_is_frozen(change: str, analyst: Principal, steward: Principal) -> None:
    asked = ask(stewarded(steward), analyst, columns=["email"])

    _refused(f"UPDATE access_accessrequest SET {change} WHERE id = %s", asked.pk)


def test_requests_votes_decisions_and_grants_stay_on_record(
    analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)

    for table in ("access_vote", "access_decision", "access_grant", "access_accessrequest"):
        _refused(f"DELETE FROM {table}")
    _refused("UPDATE access_vote SET approves = false")
    _refused("UPDATE access_decision SET duration = duration * 2")
    assert Grant.objects.get() == grant


@pytest.mark.parametrize(
    "change",
    [
        "expires_at = expires_at + interval '1 second'",
        "columns = NULL",
        "columns = ARRAY['email', 'country']",
        "unmasked = ARRAY['email']",
        "rows = ''",
        'masks = \'{"email": {"kind": "hash", "sql": ""}}\'',
        "starts_at = starts_at - interval '1 day'",
        "purpose = 'Something else'",
        "principal_id = principal_id + 1",
        "decision_id = decision_id + 1",
        "suspended_at = now(), ended_at = now()",
    ],
)
def test_an_open_grant_is_neither_widened_nor_prolonged(
    change: str, analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst, columns=["email"])
    grant = approve(asked, steward, rows="country = 'DE'")

    _refused(f"UPDATE access_grant SET {change} WHERE id = %s", grant.pk)


@pytest.mark.parametrize(
    "change",
    [
        "ended_at = NULL, end_reason = ''",
        "ended_at = now() + interval '1 day'",
        "end_reason = 'expired'",
        "suspended_at = now()",
        "expires_at = expires_at - interval '1 day'",
        "warned_at = now()",
    ],
)
def test_an_ended_grant_stays_as_it_was(
    change: str, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    grants.give_back(grant, actor=analyst, now=database_now())

    _refused(f"UPDATE access_grant SET {change} WHERE id = %s", grant.pk)


def test_a_grant_that_ran_out_is_not_moved_by_a_later_decision(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    start = database_now() - 40 * DAY
    grant = granted(dataset, analyst, steward, now=start)
    asked = AccessRequest.objects.create(
        requester=analyst,
        principal=analyst,
        dataset=dataset,
        kind=RequestKind.RENEWAL,
        grant=grant,
        purpose="Longer",
        duration=30 * DAY,
        content_hash="a" * 64,
        submitted_at=start,
    )
    renewed = approve(asked, steward)

    assert renewed.pk != grant.pk
    _refused(
        "UPDATE access_grant SET expires_at = now() + interval '1 day' WHERE id = %s", grant.pk
    )


def test_a_decision_is_not_used_twice_nor_for_another_holder(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)

    for holder in (analyst, outsider):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(
                principal=holder,
                dataset=grant.dataset,
                decision=grant.decision,
                purpose="Again",
                starts_at=grant.starts_at,
                expires_at=grant.expires_at,
                created_at=grant.created_at,
            )


@pytest.mark.parametrize(
    "terms",
    [
        {"columns": None},
        {"columns": ["email", "country"]},
        {"columns": ["email"], "unmasked": ["email"]},
        {"columns": ["email"], "rows": "true"},
        {"columns": ["email"], "expires_in": 31 * DAY},
        {"columns": ["email"], "suspended_at": "now"},
    ],
)
def test_a_grant_is_held_to_its_decision(
    terms: dict[str, object], analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    decision = Decision.objects.create(
        kind="configuration", approves=True, columns=["email"], duration=30 * DAY, decided_at=now
    )
    expires_in = terms.pop("expires_in", 30 * DAY) if "expires_in" in terms else 30 * DAY
    assert isinstance(expires_in, timedelta)
    fields = {key: now if value == "now" else value for key, value in terms.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            principal=analyst,
            dataset=stewarded(steward),
            decision=decision,
            purpose="More",
            starts_at=now,
            expires_at=now + expires_in,
            created_at=now,
            **fields,
        )


def test_the_database_counts_the_quorum(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=2)
    asked = ask(dataset, analyst)
    now = database_now()
    assert decisions.approve(asked, actor=steward, now=now) is None

    AccessRequest.objects.filter(pk=asked.pk).update(state="approved", decided_at=now)
    with pytest.raises(IntegrityError, match="quorum"), transaction.atomic():
        _decide_behind_our_back(asked, steward)
