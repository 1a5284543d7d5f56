"""Who leaves keeps nothing, what sleeps is not woken past a steward's word, and nothing comes back under stricter rules."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from access import grants
from access.clock import database_now
from access.deciding import decisions, emergencies
from access.errors import AccessError, Conflict, NotAllowed
from access.models import AccessRequest, AuditEvent, Dormancy, Grant, Principal
from access.people import principals, teams
from access.policies import rules
from catalog.models import Dataset
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.people import make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    return stewarded(steward)


def _unused(grant: Grant) -> Grant:
    Grant.objects.filter(pk=grant.pk).update(ended_at=database_now(), end_reason="unused")
    grant.refresh_from_db()
    return grant


def _asleep(grant: Grant) -> Grant:
    now = database_now()
    Grant.objects.filter(pk=grant.pk).update(suspended_at=now, suspend_reason="Not used")
    Dormancy.objects.create(
        grant=grant, since=now, reason="Not used", sensitivity="confidential", policy_version=0
    )
    grant.refresh_from_db()
    return grant


# --- Stricter rules


def test_what_two_have_to_agree_to_now_does_not_come_back_by_one_click(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    lost = _unused(granted(dataset, analyst, steward))
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=2)

    assert not grants.is_restorable(lost, database_now())
    with pytest.raises(Conflict):
        grants.restore(lost, actor=analyst, now=database_now())


def test_nor_when_it_was_brought_back_once_before(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    back = grants.restore(
        _unused(granted(dataset, analyst, steward)), actor=analyst, now=database_now()
    )
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=2)

    with pytest.raises(Conflict):
        grants.restore(_unused(back), actor=analyst, now=database_now())


def test_what_was_approved_under_the_stricter_rules_comes_back(
    dataset: Dataset, analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=1)
    lost = _unused(granted(dataset, analyst, steward))
    rules.set_policy(dataset, actor=None, now=database_now(), approvals=1, unused_after=9 * DAY)

    assert grants.restore(lost, actor=analyst, now=database_now()).purpose == lost.purpose


# --- A steward's word over a sleep


def test_a_steward_who_suspends_what_sleeps_takes_the_click_from_its_holder(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    grant = _asleep(granted(dataset, analyst, steward))

    for _ in range(2):
        grants.suspend(grant, actor=steward, reason="Under investigation", now=database_now())

    assert grant.suspend_reason == "Under investigation"
    assert AuditEvent.objects.filter(kind="grant.suspended").count() == 1
    with pytest.raises(Conflict):
        grants.wake(grant, actor=analyst, now=database_now())
    assert not grants.live_of(analyst).exists()
    grants.resume(grant, actor=steward, now=database_now())
    assert grants.live_of(analyst).exists()


def test_a_new_owner_does_not_wake_what_a_steward_suspended_meanwhile(
    dataset: Dataset, analyst: Principal, scientist: Principal, steward: Principal
) -> None:
    robot = principals.create_service("robot", owner=analyst, actor=None, now=database_now())
    grant = approve(ask(dataset, analyst, holder=robot), steward)
    principals.deactivate(analyst, actor=None, now=database_now())
    grants.suspend(grant, actor=steward, reason="Under investigation", now=database_now())

    principals.amend(robot, actor=None, now=database_now(), owner=scientist)

    assert not grants.live_of(robot).exists()


def test_a_second_suspension_by_a_steward_changes_nothing(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    grant = granted(dataset, analyst, steward)
    grants.suspend(grant, actor=steward, reason="First", now=database_now())
    grants.suspend(grant, actor=steward, reason="Second", now=database_now())

    assert grant.suspend_reason == "First"


# --- Who has left


def test_who_has_left_does_nothing_in_the_name_of_the_team_they_were_in(
    dataset: Dataset, analyst: Principal, scientist: Principal, steward: Principal
) -> None:
    team = make_team("sales", analyst, scientist)
    grant = approve(ask(dataset, analyst, holder=team), steward)
    principals.deactivate(analyst, actor=None, now=database_now())
    analyst.refresh_from_db()
    acts: list[Callable[[], object]] = [
        lambda: grants.request_renewal(grant, actor=analyst, duration=DAY, now=database_now()),
        lambda: grants.wake(_asleep(grant), actor=analyst, now=database_now()),
        lambda: grants.restore(_unused(grant), actor=analyst, now=database_now()),
    ]

    for act in acts:
        with pytest.raises(NotAllowed):
            act()


def test_nobody_is_given_anything_after_they_left(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    robot = principals.create_service("robot", owner=analyst, actor=None, now=database_now())
    asked = ask(dataset, analyst, holder=robot)
    Principal.objects.filter(pk=robot.pk).update(is_active=False)

    with pytest.raises(Conflict, match="not active"):
        approve(asked, steward)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(8))
def test_leaving_while_somebody_approves_leaves_nothing_behind(
    round_: int, steward: Principal
) -> None:
    dataset = stewarded(steward)
    leaver = make_person("leaver")
    asked = ask(dataset, leaver)
    barrier = threading.Barrier(2)
    faults: list[BaseException] = []

    def act(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            what()
        except AccessError:
            pass
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    def leave() -> None:
        principals.deactivate(Principal.objects.get(pk=leaver.pk), actor=None, now=database_now())

    def say_yes() -> None:
        waiting = AccessRequest.objects.get(pk=asked.pk)
        decisions.approve(waiting, actor=steward, now=database_now())

    threads = [threading.Thread(target=act, args=(each,)) for each in (leave, say_yes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults
    principals.reactivate(Principal.objects.get(pk=leaver.pk), actor=None, now=database_now())
    assert not Grant.objects.filter(ended_at=None).exists()


# --- Gaining by who belongs to what


def test_an_administrator_does_not_let_themself_into_a_team(
    administrator: Principal, analyst: Principal
) -> None:
    team = make_team("sales", analyst)

    with pytest.raises(NotAllowed):
        teams.add_member(team, administrator, actor=administrator, now=database_now())
    assert teams.add_member(team, make_person("ida"), actor=administrator, now=database_now())


def test_an_administrator_does_not_take_over_a_service_account_that_holds_access(
    administrator: Principal, analyst: Principal, steward: Principal, dataset: Dataset
) -> None:
    robot = principals.create_service("robot", owner=analyst, actor=None, now=database_now())
    approve(ask(dataset, analyst, holder=robot), steward)

    with pytest.raises(NotAllowed):
        principals.amend(robot, actor=administrator, now=database_now(), owner=administrator)
    principals.amend(robot, actor=administrator, now=database_now(), owner=make_person("ida"))


def test_an_emergency_of_somebody_who_has_just_left_is_refused(
    dataset: Dataset, outsider: Principal
) -> None:
    rules.set_policy(dataset, actor=None, now=database_now(), responders=[outsider.label])
    stale = Principal.objects.get(pk=outsider.pk)
    principals.deactivate(outsider, actor=None, now=database_now())

    with pytest.raises(NotAllowed):
        emergencies.break_glass(dataset, actor=stale, reason="Fire", now=database_now())
