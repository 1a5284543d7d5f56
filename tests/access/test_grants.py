"""Holding: who reads what now, renewing, returning, revoking, restoring, leaving."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import grants, notices
from access.clock import database_now
from access.deciding.silence import after_working_days, escalate, lapse
from access.errors import Conflict, Invalid, NotAllowed
from access.models import (
    AccessRequest,
    AuditEvent,
    EndReason,
    Grant,
    Notice,
    Principal,
    RequestState,
    Team,
)
from access.people import principals, stewardship, teams
from access.people.stewardship import dismiss, stewarded_by, stewards_of
from access.policies import rules
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.datasets import NOW, make_domain
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


def test_a_grant_is_readable_exactly_from_its_start_to_its_end(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    now = database_now()
    grant = granted(dataset, analyst, steward, now=now)

    at = {
        "before": now - timedelta(microseconds=1),
        "start": now,
        "last": grant.expires_at - timedelta(microseconds=1),
        "end": grant.expires_at,
    }

    assert [name for name, moment in at.items() if grant in grants.live(moment)] == [
        "start",
        "last",
    ]


def test_an_expired_grant_reads_nothing_without_any_worker(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    grant = granted(dataset, analyst, steward, now=database_now() - 31 * DAY)

    assert grant.ended_at is None  # nobody has stamped it
    assert not grants.live().exists()
    assert not grants.readable_by(analyst).exists()


def test_readable_are_ones_own_and_ones_teams_datasets(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    own, shared, other = (stewarded(steward, f"sales.{name}") for name in ("a", "b", "c"))
    team = make_team("sales", analyst)
    granted(own, analyst, steward)
    approve(ask(shared, analyst, holder=team), steward)
    granted(other, outsider, steward)

    assert set(grants.readable_by(analyst)) == {own, shared}
    assert set(grants.readable_by(outsider)) == {other}


def test_leaving_a_team_ends_what_came_with_it_at_once(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    team = make_team("sales", analyst)
    approve(ask(dataset, analyst, holder=team), steward)
    assert grants.readable_by(analyst).exists()

    teams.remove_member(team, analyst, actor=None, now=database_now())

    assert not grants.readable_by(analyst).exists()


def test_whoever_leaves_reads_nothing_from_that_moment(
    analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    waiting = ask(stewarded(steward, "sales.more"), analyst)

    principals.deactivate(analyst, actor=None, now=database_now())
    principals.deactivate(analyst, actor=None, now=database_now())

    grant.refresh_from_db()
    waiting.refresh_from_db()
    assert grant.end_reason == EndReason.LEFT
    assert waiting.state == RequestState.WITHDRAWN
    assert AuditEvent.objects.filter(kind="principal.deactivated").count() == 1
    principals.reactivate(analyst, actor=None, now=database_now())
    assert not grants.readable_by(analyst).exists()


def test_a_principal_switched_off_by_other_means_reads_nothing_either(
    analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    Principal.objects.filter(pk=analyst.pk).update(is_active=False)

    assert not grants.readable_by(analyst).exists()


def test_a_service_account_sleeps_until_somebody_answers_for_it(
    analyst: Principal, steward: Principal, scientist: Principal
) -> None:
    loader = principals.create_service("loader", owner=analyst, actor=None, now=database_now())
    approve(ask(stewarded(steward), analyst, holder=loader), steward)

    principals.deactivate(analyst, actor=None, now=database_now())
    assert not grants.readable_by(loader).exists()
    principals.amend(loader, actor=None, now=database_now(), owner=scientist)

    assert grants.readable_by(loader).exists()


def test_the_last_administrator_cannot_be_switched_off(administrator: Principal) -> None:
    with pytest.raises(Conflict):
        principals.deactivate(administrator, actor=None, now=database_now())


# --- Ending


def test_revoking_tells_the_holder_why_and_only_once(
    analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)

    with pytest.raises(Invalid):
        grants.revoke(grant, actor=steward, reason="", now=database_now())
    for _ in range(2):
        grants.revoke(grant, actor=steward, reason="Project ended", now=database_now())

    assert not grants.live().exists()
    assert "Project ended" in Notice.objects.get(kind="grant.revoked").body
    assert AuditEvent.objects.filter(kind="grant.revoked").count() == 1


def test_only_stewards_revoke_and_only_holders_return(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)

    for stranger in (outsider, analyst):
        with pytest.raises(NotAllowed):
            grants.revoke(grant, actor=stranger, reason="No", now=database_now())
    for stranger in (outsider, steward):
        with pytest.raises(NotAllowed):
            grants.give_back(grant, actor=stranger, now=database_now())
    assert grants.give_back(grant, actor=analyst, now=database_now()).end_reason == "returned"


def test_a_member_does_not_return_what_the_team_holds(
    analyst: Principal, steward: Principal
) -> None:
    team = make_team("sales", analyst)
    grant = approve(ask(stewarded(steward), analyst, holder=team), steward)

    with pytest.raises(NotAllowed, match="leaving the team"):
        grants.give_back(grant, actor=analyst, now=database_now())


def test_suspended_access_reads_nothing_until_it_is_resumed(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)

    with pytest.raises(NotAllowed):
        grants.suspend(grant, actor=outsider, reason="Because", now=database_now())
    grants.suspend(grant, actor=steward, reason="Checking", now=database_now())
    assert not grants.live().exists()
    grants.resume(grant, actor=steward, now=database_now())

    assert grants.live().get().expires_at == grant.expires_at


def test_stamping_writes_down_what_ran_out_once(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    over = granted(dataset, analyst, steward, now=database_now() - 31 * DAY)
    still = granted(dataset, analyst, steward, purpose="Another")

    counts = [grants.stamp_expired(as_of=database_now()) for _ in range(2)]

    over.refresh_from_db()
    still.refresh_from_db()
    assert counts == [1, 0]
    assert (over.ended_at, over.end_reason) == (over.expires_at, EndReason.EXPIRED)
    assert still.ended_at is None
    assert AuditEvent.objects.get(kind="grant.expired").subject == f"grant:{over.pk}"


# --- One purpose, one grant


def test_a_wider_grant_for_the_same_purpose_takes_the_place_of_the_narrower(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    old = granted(dataset, analyst, steward, columns=["country"], now=database_now() - DAY)

    new = granted(dataset, analyst, steward, columns=["country", "email"])

    old.refresh_from_db()
    assert old.end_reason == EndReason.REPLACED
    assert list(grants.live()) == [new]


def test_a_grant_that_ran_out_unstamped_makes_room(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    old = granted(dataset, analyst, steward, now=database_now() - 31 * DAY)

    granted(dataset, analyst, steward)

    old.refresh_from_db()
    assert old.end_reason == EndReason.EXPIRED


def test_an_approval_narrowed_below_what_is_held_is_refused_in_words(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    granted(dataset, analyst, steward, columns=["country"], now=database_now() - DAY)
    asked = ask(dataset, analyst, columns=["country", "email"])

    with pytest.raises(Conflict, match="this purpose"):
        approve(asked, steward, columns=["email"])

    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING


# --- Renewal


def test_a_renewal_moves_the_end_of_the_same_grant_from_the_decision_on(
    analyst: Principal, steward: Principal
) -> None:
    start = database_now() - 20 * DAY
    grant = granted(stewarded(steward), analyst, steward, now=start)
    asked = grants.request_renewal(
        grant, actor=analyst, duration=60 * DAY, now=database_now() - 3 * DAY
    )
    now = database_now()

    grant.refresh_from_db()
    assert grant.expires_at == start + 30 * DAY  # the old end stands while it waits
    renewed = approve(asked, steward, now=now)

    assert renewed.pk == grant.pk
    assert renewed.expires_at == now + 60 * DAY
    assert AuditEvent.objects.filter(kind="grant.renewed").count() == 1


def test_a_renewal_never_shortens(analyst: Principal, steward: Principal) -> None:
    grant = granted(stewarded(steward), analyst, steward, duration=90 * DAY)
    asked = grants.request_renewal(grant, actor=analyst, duration=DAY, now=database_now())

    assert approve(asked, steward).expires_at == grant.expires_at


def test_a_renewal_may_narrow_the_grant(analyst: Principal, steward: Principal) -> None:
    grant = granted(stewarded(steward), analyst, steward, now=database_now() - DAY)
    asked = grants.request_renewal(grant, actor=analyst, duration=30 * DAY, now=database_now())

    renewed = approve(asked, steward, columns=["country"])

    assert (renewed.pk, renewed.columns) == (grant.pk, ["country"])


def test_a_renewal_with_a_new_row_filter_replaces_the_grant(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    grant = approve(ask(dataset, analyst, now=database_now() - DAY), steward, rows="country = 'DE'")
    asked = grants.request_renewal(grant, actor=analyst, duration=30 * DAY, now=database_now())

    renewed = approve(asked, steward, rows="customer_id > 10")

    assert renewed.rows == "(country = 'DE') AND (customer_id > 10)"
    assert list(grants.live()) == [renewed]


def test_a_stranger_does_not_renew_and_nobody_renews_twice(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    now = database_now()

    with pytest.raises(NotAllowed):
        grants.request_renewal(grant, actor=outsider, duration=DAY, now=now)
    grants.request_renewal(grant, actor=analyst, duration=DAY, now=now)
    with pytest.raises(Conflict):
        grants.request_renewal(grant, actor=analyst, duration=2 * DAY, now=now)


# --- Restore


def _ended_unused(grant: Grant, days_ago: int = 3) -> Grant:
    Grant.objects.filter(pk=grant.pk).update(
        ended_at=database_now() - days_ago * DAY, end_reason=EndReason.UNUSED
    )
    grant.refresh_from_db()
    return grant


def test_what_ended_unused_comes_back_in_one_step_until_its_old_end(
    analyst: Principal, steward: Principal
) -> None:
    lost = _ended_unused(granted(stewarded(steward), analyst, steward, now=database_now() - DAY))

    back = grants.restore(lost, actor=analyst, now=database_now())

    assert (back.restored_from, back.expires_at) == (lost, lost.expires_at)
    assert back.decision.kind == "restore"
    assert list(grants.live()) == [back]
    with pytest.raises(Conflict):
        grants.restore(lost, actor=analyst, now=database_now())


def test_a_shortened_longest_time_holds_for_what_comes_back(
    analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    lost = _ended_unused(granted(dataset, analyst, steward))
    rules.set_policy(dataset, actor=None, now=database_now(), longest=2 * DAY)
    now = database_now()

    assert grants.restore(lost, actor=analyst, now=now).expires_at == now + 2 * DAY


def test_nothing_else_comes_back(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dataset = stewarded(steward)
    returned = granted(dataset, analyst, steward, purpose="Returned")
    grants.give_back(returned, actor=analyst, now=database_now())
    too_old = _ended_unused(granted(dataset, analyst, steward, purpose="Old"), days_ago=30)
    fine = _ended_unused(granted(dataset, analyst, steward, purpose="Fine"))

    for grant in (returned, too_old):
        with pytest.raises(Conflict):
            grants.restore(grant, actor=analyst, now=database_now())
    for stranger in (outsider, steward):
        with pytest.raises(NotAllowed):
            grants.restore(fine, actor=stranger, now=database_now())


# --- In a sentence


def test_the_summary_says_what_until_when_and_by_whom(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dataset = stewarded(steward)
    asked = ask(dataset, analyst, columns=["email", "country"], now=NOW)
    pending = grants.summary(analyst, dataset, NOW)
    approve(asked, steward, now=NOW)

    said = grants.summary(analyst, dataset, NOW)
    assert (pending.state, pending.request) == ("pending", asked)
    assert (said.state, said.columns_seen, said.columns_total) == ("live", 2, 3)
    assert said.sentence == "You can see 2 of 3 columns until 1 April 2026. Olga Owner approved it."
    assert grants.summary(analyst, dataset, NOW + 25 * DAY).state == "expiring"
    assert grants.summary(analyst, dataset, NOW + 31 * DAY).state == "expired"
    assert grants.summary(outsider, dataset, NOW).state == "none"


# --- Silence


def test_silence_asks_the_administrators_and_then_lapses(
    analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    friday = NOW.replace(day=6)
    asked = ask(stewarded(steward), analyst, now=friday)
    tuesday = after_working_days(friday, 2)

    assert tuesday.strftime("%A") == "Tuesday"
    assert escalate(tuesday - timedelta(seconds=1)) == 0
    assert [escalate(tuesday), escalate(tuesday)] == [1, 0]
    assert Notice.objects.filter(recipient=administrator).count() == 1
    assert [lapse(friday + 14 * DAY), lapse(friday + 14 * DAY)] == [1, 0]
    assert AccessRequest.objects.get(pk=asked.pk).state == RequestState.LAPSED
    assert not Grant.objects.exists()


def test_a_dissolved_team_holds_nothing_and_stays_on_record(
    analyst: Principal, steward: Principal
) -> None:
    team = make_team("sales", analyst)
    grant = approve(ask(stewarded(steward), analyst, holder=team), steward)

    assert teams.delete_team(team, actor=None, now=database_now()) is False
    grant.refresh_from_db()
    assert grant.end_reason == EndReason.LEFT
    assert teams.delete_team(make_team("empty"), actor=None, now=database_now()) is True
    assert list(Team.objects.values_list("name", flat=True)) == ["sales"]


def test_only_administrators_manage_people_and_teams(
    outsider: Principal, administrator: Principal
) -> None:
    now = database_now()
    attempts: list[Callable[[Principal], object]] = [
        lambda actor: principals.create_person("new", actor=actor, now=now),
        lambda actor: principals.deactivate(outsider, actor=actor, now=now),
        lambda actor: principals.amend(outsider, actor=actor, now=now, is_superuser=True),
        lambda actor: teams.create_team("new", actor=actor, now=now),
        lambda actor: teams.add_member(Team.objects.get(), outsider, actor=actor, now=now),
        lambda actor: put_in_charge_as(actor, outsider),
    ]
    make_team("sales")

    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt(outsider)
    assert principals.create_person("new", actor=administrator, now=now).username == "new"


def put_in_charge_as(actor: Principal, holder: Principal) -> None:
    """Appoints somebody over a new dataset."""
    dataset = stewarded(None, f"sales.t{Grant.objects.count()}{actor.pk}")
    stewardship.appoint(holder, dataset=dataset, actor=actor, now=database_now())


def test_a_notice_with_the_same_key_is_told_once(analyst: Principal) -> None:
    told = [
        notices.tell(
            analyst, "test", "Subject", "Body", link="", dedupe_key="key", now=database_now()
        )
        for _ in range(2)
    ]

    assert told == [True, False]
    assert Notice.objects.count() == 1


def test_stewards_are_the_datasets_own_then_the_domains_then_the_administrators(
    steward: Principal, administrator: Principal
) -> None:
    domain = make_domain()
    dataset = stewarded(None, domain=domain)
    assert stewards_of(dataset) == (administrator,)
    assert list(stewarded_by(administrator)) == [dataset]
    of_domain = make_person("dora")
    put_in_charge(of_domain, domain)
    assert stewards_of(dataset) == (of_domain,)
    assert not stewarded_by(administrator).exists()
    put_in_charge(steward, dataset)
    assert stewards_of(dataset) == (steward,)
    assert list(stewarded_by(of_domain)) == [dataset]
    Principal.objects.filter(pk=steward.pk).update(is_active=False)
    dismiss(of_domain, domain=domain, actor=None, now=database_now())
    assert stewards_of(dataset) == (administrator,)
