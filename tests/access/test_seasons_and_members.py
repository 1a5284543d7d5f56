"""What the review does instead of ending: seasonal access sleeps, idle members are left out, exempt grants stay."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from access import grants, sweep
from access.clock import database_now
from access.errors import Conflict, Invalid, NotAllowed
from access.models import (
    AuditEvent,
    Dormancy,
    Exclusion,
    Exemption,
    Grant,
    GrantUse,
    Membership,
    Notice,
    Principal,
    Team,
)
from access.people import principals, teams
from access.policies import rules
from access.policies.reading import reading_of
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded, use
from tests.people import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(analyst: Principal, steward: Principal) -> Grant:
    """A grant in daily use, without which no record of use would be trusted."""
    grant = granted(stewarded(steward, "sales.busy"), analyst, steward, purpose="Daily")
    use(grant, database_now())
    return grant


def _due(
    holder: Principal,
    steward: Principal,
    *,
    used: tuple[int, ...] = (),
    name: str = "sales.customers",
) -> Grant:
    """A grant whose warning has run its time, used so many days ago."""
    now = database_now()
    grant = granted(
        stewarded(steward, name), holder, steward, now=now - 100 * DAY, duration=180 * DAY
    )
    for days in used:
        use(grant, now - days * DAY)
    Grant.objects.filter(pk=grant.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)
    return grant


# --- Seasons


def test_who_used_it_at_this_time_last_year_is_put_to_sleep_and_wakes_in_one_step(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _due(analyst, steward, used=(360,))

    sweep.run(database_now())
    grant.refresh_from_db()
    assert (grant.ended_at, grant.warned_at) == (None, None)
    assert not grants.live().filter(pk=grant.pk).exists()
    assert "asleep" in Notice.objects.get(kind="grant.slept").subject
    assert grants.is_wakeable(grant, database_now())
    old_end = grant.expires_at
    woken = grants.wake(grant, actor=analyst, now=database_now())

    assert grants.live().filter(pk=grant.pk).exists()
    assert woken.expires_at == old_end
    assert AuditEvent.objects.get(kind="grant.woken").actor == analyst
    assert grants.wake(grant, actor=analyst, now=database_now()) == grant
    assert AuditEvent.objects.filter(kind="grant.woken").count() == 1


def test_the_rhythm_of_an_earlier_grant_counts_for_the_next_one(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    earlier = _due(analyst, steward, used=(95, 300))
    grants.revoke(earlier, actor=steward, reason="Over", now=database_now())
    now = database_now()
    again = granted(
        earlier.dataset, analyst, steward, now=now - 60 * DAY, duration=100 * DAY, purpose="Again"
    )
    Grant.objects.filter(pk=again.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)

    planned = sweep.plan(now)

    assert [(row.grant, row.action) for row in planned.rows] == [(again.pk, sweep.Action.SLEEP)]
    assert "came back before, after 205 days" in planned.rows[0].reason


@pytest.mark.parametrize("change", ["policy", "sensitivity"])
def test_nobody_wakes_into_changed_rules(
    analyst: Principal, steward: Principal, busy: Grant, change: str
) -> None:
    grant = _due(analyst, steward, used=(360,))
    sweep.run(database_now())
    grant.refresh_from_db()
    if change == "policy":
        rules.set_policy(grant.dataset, actor=steward, now=database_now(), unused_after=40 * DAY)
    else:
        grant.dataset.sensitivity = "restricted"
        grant.dataset.save(update_fields=["sensitivity"])

    with pytest.raises(Conflict, match="rules of this data have changed"):
        grants.wake(grant, actor=analyst, now=database_now())
    assert not grants.is_wakeable(grant, database_now())


def test_only_the_holder_wakes_what_sleeps(
    analyst: Principal,
    steward: Principal,
    outsider: Principal,
    administrator: Principal,
    busy: Grant,
) -> None:
    grant = _due(analyst, steward, used=(360,))
    sweep.run(database_now())

    for somebody in (outsider, steward, administrator):
        with pytest.raises(NotAllowed):
            grants.wake(grant, actor=somebody, now=database_now())


def test_what_a_steward_suspended_does_not_wake_by_a_click(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    grants.suspend(grant, actor=steward, reason="Under investigation", now=database_now())

    with pytest.raises(Conflict):
        grants.wake(grant, actor=analyst, now=database_now())


def test_a_steward_who_resumes_ends_the_sleep(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _due(analyst, steward, used=(360,))
    sweep.run(database_now())

    grants.resume(grant, actor=steward, now=database_now())

    assert not Dormancy.objects.filter(woken_at=None).exists()
    assert grants.live().filter(pk=grant.pk).exists()


def test_a_woken_grant_is_not_idle_from_long_ago(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _due(analyst, steward, used=(360,))
    sweep.run(database_now())
    grants.wake(grant, actor=analyst, now=database_now())

    assert [row for row in sweep.plan(database_now() + DAY).rows if row.grant == grant.pk] == []


# --- Members of a team


def _team_grant(steward: Principal, *members: Principal, days: int = 100) -> tuple[Team, Grant]:
    dataset = stewarded(steward)
    now = database_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gatehouse.moment', %s, true)", [str(now - days * DAY)])
    team = make_team("sales", *members)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gatehouse.moment', '', true)")
    asked = ask(dataset, members[0], holder=team, now=now - days * DAY, duration=180 * DAY)
    return team, approve(asked, steward, now=now - days * DAY)


def _reads(principal: Principal, grant: Grant) -> bool:
    dataset = grant.dataset
    found = reading_of(principal, dataset.warehouse, dataset.schema_name, dataset.table_name)
    return bool(found and found.policy.grants)


def test_an_idle_member_is_warned_then_left_out_while_the_team_reads_on(
    analyst: Principal, scientist: Principal, steward: Principal, busy: Grant
) -> None:
    _, grant = _team_grant(steward, analyst, scientist)
    now = database_now()
    use(grant, now, analyst)

    sweep.run(now)
    assert [(each.member, each.excluded_at) for each in Exclusion.objects.all()] == [
        (scientist, None)
    ]
    assert Notice.objects.get(kind="member.warned").recipient == scientist
    assert _reads(scientist, grant)
    use(grant, now + 14 * DAY, analyst)
    sweep.run(now + 14 * DAY)

    assert not _reads(scientist, grant)
    assert _reads(analyst, grant)
    assert not grants.readable_by(scientist).exists()
    assert grants.summary(scientist, grant.dataset, database_now()).state == "suspended"
    assert grants.readmit(grant, actor=scientist, now=database_now())
    assert _reads(scientist, grant)
    assert not grants.readmit(grant, actor=scientist, now=database_now())


def test_a_member_who_reads_after_the_warning_is_spared(
    analyst: Principal, scientist: Principal, steward: Principal, busy: Grant
) -> None:
    _, grant = _team_grant(steward, analyst, scientist)
    now = database_now()
    use(grant, now, analyst)
    sweep.run(now)
    use(grant, now + DAY, scientist)

    done = sweep.run(now + 2 * DAY)

    assert done.counts["spare"] == 1
    assert Exclusion.objects.get().lifted_at is not None


def test_a_member_who_just_joined_is_not_idle(
    analyst: Principal, scientist: Principal, steward: Principal, busy: Grant
) -> None:
    team, grant = _team_grant(steward, analyst)
    use(grant, database_now(), analyst)
    teams.add_member(team, scientist, actor=None, now=database_now())

    assert sweep.plan(database_now()).rows == ()


def test_only_the_member_or_a_steward_lets_a_member_in_again(
    analyst: Principal, scientist: Principal, steward: Principal, outsider: Principal, busy: Grant
) -> None:
    _, grant = _team_grant(steward, analyst, scientist)
    now = database_now()
    Exclusion.objects.create(
        grant=grant, member=scientist, warned_at=now - 2 * DAY, due_at=now - DAY, excluded_at=now
    )

    for somebody in (outsider, analyst):
        with pytest.raises(NotAllowed):
            grants.readmit(grant, actor=somebody, member=scientist, now=now)
    assert grants.readmit(grant, actor=steward, member=scientist, now=now)


def test_who_left_the_team_does_not_come_back_through_an_old_spell(
    analyst: Principal, scientist: Principal, steward: Principal, busy: Grant
) -> None:
    team, grant = _team_grant(steward, analyst, scientist)
    now = database_now()
    Exclusion.objects.create(
        grant=grant, member=scientist, warned_at=now - 2 * DAY, due_at=now - DAY, excluded_at=now
    )
    teams.remove_member(team, scientist, actor=None, now=now)

    with pytest.raises(NotAllowed):
        grants.readmit(grant, actor=scientist, now=now)
    assert not _reads(scientist, grant)
    sweep.run(now)
    assert not Exclusion.objects.filter(lifted_at=None).exists()


def test_membership_is_kept_with_its_times_whoever_writes(analyst: Principal) -> None:
    team = make_team("sales", analyst)
    teams.remove_member(team, analyst, actor=None, now=database_now())

    kept = Membership.objects.get()
    assert kept.left_at is not None
    assert kept.joined_at <= kept.left_at
    for statement in (
        "DELETE FROM access_membership",
        "UPDATE access_membership SET left_at = NULL",
    ):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# --- Exemptions


def test_an_exempt_grant_is_left_alone_until_its_exemption_ends(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _due(analyst, steward)
    now = database_now()
    grants.exempt(grant, actor=steward, reason="Audit in March", ends_at=now + 20 * DAY, now=now)

    row = sweep.plan(now).rows[0]
    assert (row.action, "Olga Owner answers for it" in row.reason) == (sweep.Action.SPARE, True)
    sweep.run(now)
    assert sweep.plan(now + 19 * DAY).rows == ()
    assert [each.action for each in sweep.plan(now + 21 * DAY).rows] == [sweep.Action.WARN]
    assert grants.exemptions_on_data_of(steward, now).count() == 1


@pytest.mark.parametrize("ends_in", [timedelta(0), 181 * DAY])
def test_an_exemption_is_neither_over_already_nor_for_ever(
    analyst: Principal, steward: Principal, ends_in: timedelta
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    now = database_now()

    with pytest.raises(Invalid):
        grants.exempt(grant, actor=steward, reason="Always", ends_at=now + ends_in, now=now)


def test_nobody_exempts_their_own_access_by_any_door(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    now = database_now()
    grant = granted(stewarded(steward), analyst, steward)
    loader = principals.create_service("loader", owner=steward, actor=None, now=now)
    theirs = grants.grant_directly(
        loader, grant.dataset, actor=None, expires_at=now + 9 * DAY, reason="Load", now=now
    )

    for actor, about in ((analyst, grant), (outsider, grant), (steward, theirs)):
        with pytest.raises(NotAllowed):
            grants.exempt(about, actor=actor, reason="Please", ends_at=now + DAY, now=now)
    with pytest.raises(NotAllowed):
        grants.exempt(grant, actor=steward, owner=analyst, reason="x", ends_at=now + DAY, now=now)
    with pytest.raises(IntegrityError, match="nobody exempts"), transaction.atomic():
        Exemption.objects.create(
            grant=grant, owner=analyst, reason="x", starts_at=now, ends_at=now + DAY
        )


def test_a_withdrawn_exemption_counts_no_more(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _due(analyst, steward)
    now = database_now()
    grants.exempt(grant, actor=steward, reason="Audit", ends_at=now + 20 * DAY, now=now)

    assert grants.withdraw(grant, actor=steward, now=now)
    assert not grants.withdraw(grant, actor=steward, now=now)
    assert [each.action for each in sweep.plan(now).rows] == [sweep.Action.REVOKE]


def test_use_by_one_member_says_nothing_about_another(
    analyst: Principal, scientist: Principal, steward: Principal, busy: Grant
) -> None:
    _, grant = _team_grant(steward, analyst, scientist)
    now = database_now()
    use(grant, now, analyst)
    use(grant, now - 20 * DAY, scientist)

    assert sweep.plan(now).rows == ()
    assert GrantUse.objects.filter(grant=grant).count() == 2
