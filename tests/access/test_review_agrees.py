"""One set of verdicts: what tonight's page shows, what is simulated, what is done and what a replay says are the same."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from access import grants, sweep
from access.clock import database_now
from access.models import AuditEvent, Exclusion, Grant, GrantUse, Principal, RightSizing
from access.sweep import Action
from access.sweep.plans import _verdicts
from access.sweep.recorded import history
from access.sweep.replaying import first_night
from access.sweep.verdicts import Verdict
from bench.habits import Company, write
from catalog.models import Dataset
from tests.access.lifecycle import COLUMNS, DAY, stewarded
from tests.people import make_person, make_team

KINDS = {
    "grant.expired": Action.EXPIRE,
    "grant.warned": Action.WARN,
    "grant.unused": Action.REVOKE,
    "grant.spared": Action.SPARE,
    "grant.left": Action.LEAVE,
    "grant.slept": Action.SLEEP,
    "grant.excluded": Action.EXCLUDE,
    "columns.proposed": Action.PROPOSE,
    "columns.kept": Action.RELEASE,
    "columns.masked": Action.MASK,
    "grant.narrowed": Action.DROP,
}

uses = st.lists(st.integers(0, 400), max_size=5)
holdings = st.fixed_dictionaries(
    {
        "dataset": st.integers(0, 2),
        "age": st.integers(1, 170),
        "lasts": st.integers(1, 179),
        "uses": uses,
        "of_team": st.booleans(),
        "columns": st.sets(st.sampled_from(COLUMNS), max_size=2),
        "warned": st.sampled_from([None, 3, 20]),
        "sizing": st.sampled_from([None, "proposed", "due", "masked"]),
        "gone": st.booleans(),
    }
)


def _world(steward: Principal, said: list[dict[str, Any]]) -> None:
    """Grants of every age and use, on data of three sensitivities."""
    now = database_now()
    levels = ("restricted", "confidential", "internal")
    datasets = [
        stewarded(steward, f"sales.t{number}", sensitivity=level)
        for number, level in enumerate(levels)
    ]
    members = [make_person("mia"), make_person("max")]
    team = make_team("sales", *members)
    for number, each in enumerate(said):
        holder = team if each["of_team"] else make_person(f"p{number}")
        grant = grants.grant_directly(
            holder,
            datasets[each["dataset"]],
            actor=None,
            reason=f"Purpose {number}",
            now=now - each["age"] * DAY,
            expires_at=now + each["lasts"] * DAY,
        )
        _use(grant, members[0] if each["of_team"] else holder, each, now)
        if each["warned"]:
            warned = now - each["warned"] * DAY
            Grant.objects.filter(pk=grant.pk).update(
                warned_at=warned, revoke_due_at=warned + 14 * DAY
            )
        if each["gone"] and isinstance(holder, Principal):
            Principal.objects.filter(pk=holder.pk).update(is_active=False)
        _size(grant, each["sizing"], now)


def _use(grant: Grant, who: Any, each: dict[str, Any], now: datetime) -> None:
    for ago in each["uses"]:
        at = now - ago * DAY
        for column in ("", *each["columns"]):
            GrantUse.objects.update_or_create(
                grant=grant,
                principal=who,
                day=at.date(),
                column_name=column,
                defaults={"n_queries": 1, "last_used_at": at},
            )


def _size(grant: Grant, state: str | None, now: datetime) -> None:
    if state is None:
        return
    proposed = now - (5 if state == "proposed" else 30) * DAY
    masked = now - 15 * DAY if state == "masked" else None
    RightSizing.objects.create(
        grant=grant,
        columns=["email"],
        reason="x",
        proposed_at=proposed,
        mask_due_at=proposed + 14 * DAY,
        masked_at=masked,
        drop_due_at=masked and masked + 14 * DAY,
    )


def _key(row: Verdict) -> tuple[Any, ...]:
    return (row.grant, row.member, row.action.value, row.reason)


def _done(since: int) -> list[tuple[int, str, str]]:
    events = AuditEvent.objects.filter(id__gt=since, kind__in=KINDS)
    return sorted(
        (int(each.subject.removeprefix("grant:")), KINDS[each.kind].value, each.reason)
        for each in events
    )


@pytest.mark.django_db
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(said=st.lists(holdings, min_size=1, max_size=9))
def test_what_tonight_shows_is_what_is_simulated_and_what_is_done(
    steward: Principal, said: list[dict[str, Any]]
) -> None:
    with transaction.atomic():
        _world(steward, said)
        as_of = sweep.next_due(database_now())
        sweep.forecast()
        simulated = sweep.run(as_of, simulate=True)
        shown = sweep.tonight(steward)
        since = AuditEvent.objects.latest("id").pk
        sweep.run(as_of)

        assert sorted(map(_key, shown.rows), key=str) == sorted(map(_key, simulated.rows), key=str)
        assert shown.stopped == simulated.stopped
        told = [(row.grant, row.action.value, row.reason) for row in simulated.rows]
        assert _done(since) == sorted(each for each in told if each[1] != "keep")
        assert [row for row in sweep.plan(as_of).rows if row.action is not Action.KEEP] == []
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_page_does_not_plan_the_whole_night(
    steward: Principal, outsider: Principal, django_assert_max_num_queries: Any
) -> None:
    stewarded(steward)
    sweep.forecast()

    with django_assert_max_num_queries(14):
        assert sweep.tonight(steward).rows == ()
    with django_assert_max_num_queries(8):
        assert sweep.tonight(outsider).rows == ()


# --- The replay

SMALL = Company(n_people=80, n_yearly=6, n_quarterly=6, n_datasets=8, n_teams=2)
FIRST = datetime(2025, 3, 3, tzinfo=UTC).date()


@pytest.fixture
def company(db: None) -> Company:
    """A seeded history of 400 days of a small company."""
    write(SMALL, FIRST)
    return SMALL


def _nights() -> tuple[datetime, datetime]:
    first = datetime.combine(FIRST, time(3), UTC) + DAY
    return first, first + timedelta(days=SMALL.n_days - 1)


@pytest.mark.parametrize("night", [15, 130, 399])
def test_a_replayed_night_is_what_the_review_would_have_planned(
    company: Company, night: int
) -> None:
    at = _nights()[0] + night * DAY
    with connection.cursor() as cursor:  # what was read later is not known on that night
        cursor.execute("DELETE FROM access_grantuse WHERE last_used_at > %s", [at])

    replayed = first_night(history(at, at), at)
    planned = [each for each in _verdicts(at) if each.action is not Action.KEEP]

    assert sorted(map(_key, replayed), key=str) == sorted(map(_key, planned), key=str)
    assert replayed


def test_yearly_people_wake_and_hardly_anybody_loses_what_they_need(company: Company) -> None:
    found = sweep.replayed(*_nights(), beyond_brake=True)

    yearly = {f"user:hab{number:06}" for number in range(SMALL.n_yearly)}
    assert yearly <= found.woken
    assert not yearly & found.wanted_back
    assert found.counts["revoke"] > 5
    assert found.counts["restored"] + found.counts["asked_again"] <= 1
    assert found.after.share <= found.before.share / 2


def test_a_replay_changes_nothing(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    before = _everything()
    first, last = _nights()

    call_command("sweep", "--replay", f"{first.date()}..{(first + 60 * DAY).date()}")

    said = capsys.readouterr().out
    assert _everything() == before
    assert "Replay of 61 nights" in said
    assert "privilege gap" in said
    assert last > first


def _everything() -> tuple[Any, ...]:
    return (
        list(Grant.objects.order_by("pk").values_list("pk", "ended_at", "warned_at", "columns")),
        Exclusion.objects.count(),
        RightSizing.objects.count(),
        AuditEvent.objects.count(),
        Dataset.objects.count(),
    )


@pytest.mark.parametrize("text", ["2026-01-01", "2026-02-01..2026-01-01", "a..b", ".."])
@pytest.mark.django_db
def test_a_replay_needs_two_dates_in_order(text: str) -> None:
    with pytest.raises(CommandError, match="--replay"):
        call_command("sweep", "--replay", text)
