"""The nightly review on the real database: what it plans is what it does, however often, and wherever it was killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from access import grants, locks, sweep, tasks
from access.clock import database_now
from access.errors import Conflict
from access.models import (
    AuditEvent,
    ClockMark,
    Grant,
    Notice,
    OutboxMessage,
    Principal,
    QueryRecord,
    SweepRun,
)
from access.people import principals
from access.sweep.applying import carry_out
from access.sweep.schedule import last_due
from catalog.models import Dataset
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded, use
from tests.people import make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(analyst: Principal, steward: Principal) -> Grant:
    """A grant in daily use, without which no record of use would be trusted."""
    grant = granted(stewarded(steward, "sales.busy"), analyst, steward, purpose="Daily")
    use(grant, database_now())
    return grant


def _aged(
    dataset: Dataset,
    holder: Principal,
    steward: Principal,
    *,
    purpose: str = "Old",
    days: int = 100,
) -> Grant:
    return granted(
        dataset,
        holder,
        steward,
        now=database_now() - days * DAY,
        duration=180 * DAY,
        purpose=purpose,
    )


def _told(plan: sweep.SweepPlan) -> list[tuple[int, str, str]]:
    return [(row.grant, row.action.value, row.reason) for row in plan.rows]


def _recorded(since: int) -> list[tuple[int, str, str]]:
    """What the audit says was done to grants, in the words of a plan."""
    kinds = {
        "grant.expired": "expire",
        "grant.warned": "warn",
        "grant.unused": "revoke",
        "grant.spared": "spare",
        "grant.left": "leave",
    }
    events = AuditEvent.objects.filter(id__gt=since, kind__in=kinds)
    return sorted(
        (int(each.subject.removeprefix("grant:")), kinds[each.kind], each.reason) for each in events
    )


def _mixed(steward: Principal, analyst: Principal, scientist: Principal) -> None:
    """One grant for each thing that can happen."""
    dataset = stewarded(steward)
    now = database_now()
    _aged(dataset, analyst, steward, purpose="Idle")
    granted(dataset, analyst, steward, now=now - 40 * DAY, purpose="Ran out")
    due = _aged(dataset, analyst, steward, purpose="Warned and due")
    spared = _aged(dataset, analyst, steward, purpose="Used again")
    Grant.objects.filter(pk__in=[due.pk, spared.pk]).update(
        warned_at=now - 15 * DAY, revoke_due_at=now - DAY
    )
    use(spared, now - 2 * DAY)
    _aged(dataset, scientist, steward, purpose="Of a leaver")
    Principal.objects.filter(pk=scientist.pk).update(is_active=False)
    kept = _aged(dataset, analyst, steward, purpose="In use")
    use(kept, now - 3 * DAY)


def test_what_is_simulated_is_what_is_done_row_for_row(
    analyst: Principal, steward: Principal, scientist: Principal, busy: Grant
) -> None:
    _mixed(steward, analyst, scientist)
    as_of = database_now()
    since = AuditEvent.objects.latest("id").pk

    simulated = sweep.run(as_of, simulate=True)
    assert AuditEvent.objects.latest("id").pk == since
    done = sweep.run(as_of)

    assert _recorded(since) == sorted(_told(simulated))
    assert {key: n for key, n in done.counts.items() if n} == simulated.counts
    assert simulated.counts == {"expire": 1, "leave": 1, "warn": 1, "spare": 1, "revoke": 1}


def test_a_second_review_of_the_same_moment_changes_nothing(
    analyst: Principal, steward: Principal, scientist: Principal, busy: Grant
) -> None:
    _mixed(steward, analyst, scientist)
    as_of = database_now()
    sweep.run(as_of)
    before = _everything()

    again = sweep.run(as_of)

    assert not any(
        again.counts[action] for action in ("expire", "leave", "warn", "spare", "revoke")
    )
    assert _everything() == before


def _everything() -> tuple[object, ...]:
    return (
        list(Grant.objects.order_by("pk").values_list("pk", "ended_at", "end_reason", "warned_at")),
        Notice.objects.count(),
        OutboxMessage.objects.count(),
        AuditEvent.objects.filter(kind__startswith="grant.").count(),
    )


def test_an_idle_grant_is_warned_then_ended_then_comes_back_in_one_step(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)
    now = database_now()

    sweep.run(now)
    grant.refresh_from_db()
    assert grant.revoke_due_at == now + 14 * DAY
    assert "ends on" in Notice.objects.get(kind="grant.warned").body
    sweep.run(now + 13 * DAY)
    assert grants.live().filter(pk=grant.pk).exists()
    sweep.run(now + 14 * DAY)

    grant.refresh_from_db()
    assert grant.end_reason == "unused"
    assert f"#grant-{grant.pk}" in Notice.objects.get(kind="grant.unused").link
    back = grants.restore(grant, actor=analyst, now=database_now())
    assert list(grants.live().filter(dataset=grant.dataset)) == [back]


def test_a_grant_used_after_the_plan_was_made_is_not_ended(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)
    now = database_now()
    Grant.objects.filter(pk=grant.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)
    planned = sweep.plan(now).of(sweep.Action.REVOKE)
    use(grant, now)

    assert [each.grant for each in planned] == [grant.pk]
    assert carry_out(sweep.Action.REVOKE, planned, now) == 0
    assert grants.live().filter(pk=grant.pk).exists()


def test_a_grant_in_use_this_moment_is_not_ended_though_nothing_is_counted_yet(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)
    now = database_now()
    Grant.objects.filter(pk=grant.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)
    planned = sweep.plan(now).of(sweep.Action.REVOKE)
    QueryRecord.objects.create(
        principal=analyst,
        surface="api",
        sql="SELECT 1",
        credits={str(grant.pk): {}},
        started_at=now,
        due_at=now + DAY,
    )

    assert [each.grant for each in planned] == [grant.pk]
    assert carry_out(sweep.Action.REVOKE, planned, now) == 0
    assert grants.live().filter(pk=grant.pk).exists()


def test_without_any_recorded_use_nobody_loses_anything(
    analyst: Principal, steward: Principal
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)

    done = sweep.run(database_now())

    grant.refresh_from_db()
    assert grant.warned_at is None
    assert done.counts["held_back"] == 1
    assert "No use was recorded" in done.stopped


def test_the_brake_holds_and_tells_the_administrators(
    analyst: Principal, steward: Principal, administrator: Principal, busy: Grant
) -> None:
    dataset = stewarded(steward)
    now = database_now()
    for number in range(4):
        grant = _aged(dataset, analyst, steward, purpose=f"Purpose {number}")
        Grant.objects.filter(pk=grant.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)

    held = sweep.run(now)
    assert (held.counts["revoke"], held.counts["held_back"]) == (0, 4)
    assert Notice.objects.filter(recipient=administrator, kind="sweep.held_back").count() == 1
    released = sweep.run(now, beyond_brake=True)

    assert released.counts["revoke"] == 4


def test_everybody_behind_a_team_or_a_service_is_told(
    analyst: Principal, steward: Principal, scientist: Principal, outsider: Principal, busy: Grant
) -> None:
    dataset = stewarded(steward)
    team = make_team("sales", analyst, scientist)
    loader = principals.create_service("loader", owner=outsider, actor=None, now=database_now())
    for actor, holder in ((analyst, team), (outsider, loader)):
        asked = ask(
            dataset, actor, holder=holder, now=database_now() - 100 * DAY, duration=180 * DAY
        )
        approve(asked, steward, now=database_now() - 100 * DAY)

    sweep.run(database_now())

    told = Notice.objects.filter(kind="grant.warned").values_list("recipient__username", flat=True)
    assert sorted(told) == ["alice", "otto", "samir"]


def test_a_coming_end_is_told_a_week_and_a_day_before_and_once_each(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    grant = granted(stewarded(steward), analyst, steward, now=database_now() - DAY)
    use(grant, database_now())

    for days_before in (8, 6, 6, 1, 0.5):
        sweep.run(grant.expires_at - days_before * DAY)

    links = list(Notice.objects.filter(kind="grant.expiring").values_list("link", flat=True))
    assert links.count(f"/access/#grant-{grant.pk}") == 2


def test_tonights_page_shows_a_steward_their_part_only(
    analyst: Principal, steward: Principal, outsider: Principal, busy: Grant
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)

    assert [row.grant for row in sweep.tonight(steward).rows] == [grant.pk]
    assert [row.grant for row in sweep.tonight(analyst).rows] == [grant.pk]
    assert sweep.tonight(outsider).rows == ()


# --- When it runs


def test_the_first_night_only_takes_note_and_missed_nights_are_caught_up() -> None:
    now = database_now()

    assert sweep.run_if_due(now) is None
    assert "just started" in SweepRun.objects.get().stopped
    assert not sweep.is_due(now)
    assert sweep.is_due(sweep.next_due(now))
    assert sweep.is_due(sweep.next_due(now) + 3 * DAY)


def test_a_night_is_reviewed_once(busy: Grant) -> None:
    due = last_due(database_now())
    SweepRun.objects.create(as_of=due - DAY, started_at=due - DAY, finished_at=due - DAY)

    runs = [sweep.run_if_due(database_now()) for _ in range(3)]

    assert [run is not None for run in runs] == [True, False, False]


def test_a_review_that_was_killed_is_due_again() -> None:
    now = database_now()
    SweepRun.objects.create(as_of=now, started_at=now)

    assert sweep.is_due(now)


# --- Two at once, and killed


def _many(steward: Principal, n: int) -> list[int]:
    """Grants that are all due to end tonight, each of somebody else's on a dataset of its own kind."""
    dataset = stewarded(steward)
    now = database_now()
    people = [make_person(f"p{number}") for number in range(n)]
    made = [_aged(dataset, person, steward) for person in people]
    keys = [grant.pk for grant in made]
    Grant.objects.filter(pk__in=keys).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)
    return keys


@pytest.mark.django_db(transaction=True)
def test_two_reviews_at_once_do_everything_once(steward: Principal) -> None:
    keys = _many(steward, 12)
    as_of = database_now()
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def review() -> None:
        barrier.wait()
        try:
            outcomes.append(str(sweep.run(as_of, beyond_brake=True).counts["revoke"]))
        except Conflict as error:
            outcomes.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=review) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "12" in outcomes
    assert set(outcomes) <= {"12", "0", sweep.BUSY}
    _assert_each_ended_once(keys)


def _assert_each_ended_once(keys: Sequence[int]) -> None:
    assert Grant.objects.filter(pk__in=keys, end_reason="unused").count() == len(keys)
    events = (
        AuditEvent.objects.filter(kind="grant.unused").values("subject").annotate(n=Count("id"))
    )
    assert sorted((each["subject"], each["n"]) for each in events) == sorted(
        (f"grant:{key}", 1) for key in keys
    )
    assert Notice.objects.filter(kind="grant.unused").count() == len(keys)


SLOW_SWEEP = """
import sys, time
import django
django.setup()
from access import sweep
from access.sweep import applying
applying.BATCH = 1
inner = applying._carry_out_batch
def slow(*args):
    done = inner(*args)
    print("batch", flush=True)
    time.sleep(0.05)
    return done
applying._carry_out_batch = slow
from datetime import datetime
sweep.run(datetime.fromisoformat(sys.argv[1]), beyond_brake=True)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n_batches", [1, 4, 9])
def test_a_review_killed_half_way_and_run_again_ends_as_if_undisturbed(
    n_batches: int, steward: Principal
) -> None:
    keys = _many(steward, 12)
    as_of = database_now()

    _kill_after(n_batches, as_of)
    n_done = Grant.objects.filter(pk__in=keys, end_reason="unused").count()
    assert n_batches <= n_done < 12
    with locks.held("sweep") as free:
        assert free  # the lock died with its holder
    sweep.run(as_of, beyond_brake=True)

    _assert_each_ended_once(keys)
    assert SweepRun.objects.filter(finished_at=None).count() == 1


def _kill_after(n_batches: int, as_of: datetime) -> None:
    """A review in a process of its own, killed without warning once so many batches are committed."""
    database: dict[str, Any] = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    if database["PORT"]:
        url += f"&port={database['PORT']}"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_SWEEP, as_of.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": url},
    )
    assert process.stdout is not None
    for _ in range(n_batches):
        assert process.stdout.readline() == "batch\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    _wait_for_lock()


def _wait_for_lock() -> None:
    """PostgreSQL notices a dead client when it next talks to it."""
    for _ in range(100):
        with locks.held("sweep") as free:
            if free:
                return
        time.sleep(0.05)


# --- The tick


def test_the_tick_does_what_is_due_and_is_safe_to_repeat(
    analyst: Principal, steward: Principal, busy: Grant
) -> None:
    over = granted(stewarded(steward), analyst, steward, now=database_now() - 31 * DAY)

    tasks.tick()
    tasks.tick()

    over.refresh_from_db()
    assert over.end_reason == "expired"
    assert ClockMark.objects.exists()
    assert not OutboxMessage.objects.filter(delivered_at=None).exists()


def test_one_failing_part_is_told_and_does_not_stop_the_others(
    administrator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now: datetime) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(tasks.PARTS, "expiry", fail)
    tasks.tick()
    tasks.tick()

    told = Notice.objects.get(recipient=administrator, kind="tick.failed")
    assert "expiry" in told.body
    assert "secret detail" not in told.body
    assert ClockMark.objects.exists()
    assert SweepRun.objects.exists()


# --- The command


def test_the_command_lists_each_grant_with_its_reason_and_changes_nothing(
    analyst: Principal, steward: Principal, busy: Grant, capsys: pytest.CaptureFixture[str]
) -> None:
    grant = _aged(stewarded(steward), analyst, steward)

    call_command("sweep", "--simulate")
    said = capsys.readouterr().out
    assert f"warn    grant {grant.pk}" in said
    assert "user:alice on wh.sales.customers: Never used since" in said
    assert "Nothing was changed" in said
    grant.refresh_from_db()
    assert grant.warned_at is None
    call_command("sweep", "--at", (database_now() + DAY).isoformat())

    assert "1 warned" in capsys.readouterr().out
