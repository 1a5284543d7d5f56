"""A stream whose access ends, or whose engine fails, fails: it never looks whole."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from django.db import connection

from access import usage
from access.clock import database_now
from access.errors import Refusal
from access.gate.results import RECHECK_AFTER, Result
from access.models import (
    AuditEvent,
    ClockMark,
    DatasetPolicy,
    Grant,
    GrantUse,
    Principal,
    QueryRecord,
    Team,
)
from catalog.engines.arrow import END_OF_STREAM
from catalog.engines.duckdb import DuckDBStream
from catalog.models import Column
from tests.access.gate.house import N_EVENTS, House, wait_until

EVENTS = "SELECT id, name FROM events"


def drain(result: Result, after_first: Callable[[], object]) -> int:
    """Reads a result, acting once after its first batch; the rows that came."""
    n_rows = 0
    with result:
        batches = result.batches()
        n_rows += next(batches).rows
        after_first()
        time.sleep(RECHECK_AFTER + 0.05)
        for batch in batches:
            n_rows += batch.rows
    return n_rows


def test_a_whole_stream_reads_whole(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")

    with house.open(analyst, EVENTS) as result:
        messages = list(result.arrow())

    table = pa.ipc.open_stream(io.BytesIO(b"".join(messages))).read_all()
    assert messages[-1] == END_OF_STREAM
    assert table.num_rows == result.rows_delivered == N_EVENTS
    assert QueryRecord.objects.get().rows == N_EVENTS


def test_access_that_expires_ends_the_stream_with_an_error(
    house: House, analyst: Principal
) -> None:
    grant = house.grant(analyst, "events", ends_in=timedelta(seconds=1))

    with pytest.raises(Refusal) as caught:
        drain(house.open(analyst, EVENTS), lambda: wait_until(grant.expires_at))

    assert caught.value.code == "access_ended"


ENDINGS: dict[str, Callable[[Principal], object]] = {
    "grant revoked": lambda person: Grant.objects.filter(principal=person).update(
        ended_at=database_now(), end_reason="revoked"
    ),
    "grant suspended": lambda person: Grant.objects.filter(principal=person).update(
        suspended_at=database_now(), suspend_reason="Idle"
    ),
    "grant narrowed": lambda person: Grant.objects.filter(principal=person).update(columns=["id"]),
    "row filter added": lambda person: DatasetPolicy.objects.update(rows="id > 5"),
    "policy broken": lambda person: DatasetPolicy.objects.update(broken_at=database_now()),
    "column removed": lambda person: Column.objects.filter(name="name").update(
        removed_at=database_now()
    ),
    "person deactivated": lambda person: Principal.objects.filter(pk=person.pk).update(
        is_active=False
    ),
    "team joined": lambda person: person.groups.add(Team.objects.create(name="more")),
    "clock set back": lambda person: ClockMark.objects.update_or_create(
        pk=1, defaults={"at": database_now() + timedelta(hours=1)}
    ),
}


@pytest.mark.parametrize("change", ENDINGS.values(), ids=ENDINGS)
def test_whatever_changes_behind_a_stream_ends_it(
    house: House, analyst: Principal, change: Callable[[Principal], object]
) -> None:
    house.policy("events")
    house.grant(analyst, "events")
    result = house.open(analyst, EVENTS)

    with pytest.raises(Refusal) as caught:
        drain(result, lambda: change(analyst))

    assert caught.value.code == "access_ended"
    assert result.rows_delivered < N_EVENTS
    record = QueryRecord.objects.get()
    assert (record.code, record.rows) == ("access_ended", result.rows_delivered)
    assert AuditEvent.objects.filter(kind="query.ended", subject=f"query:{result.id}").exists()


def test_what_was_delivered_before_the_end_counts_as_used(house: House, analyst: Principal) -> None:
    house.policy("events")
    house.grant(analyst, "events")
    result = house.open(analyst, EVENTS)

    with pytest.raises(Refusal):
        drain(result, lambda: DatasetPolicy.objects.update(rows="id > 5"))

    usage.count()
    use = GrantUse.objects.get(column_name="")
    assert (use.n_queries, use.rows) == (1, result.rows_delivered)


def test_a_cut_stream_has_no_end_marker_and_raises_in_between(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, "events")
    with house.open(analyst, EVENTS) as result:
        messages = result.arrow()
        received = [next(messages), next(messages)]
        Grant.objects.update(ended_at=database_now(), end_reason="revoked")
        time.sleep(RECHECK_AFTER + 0.05)

        with pytest.raises(Refusal):
            received.extend(messages)

    assert not received[-1].endswith(END_OF_STREAM)


def test_a_further_grant_or_a_renewal_does_not_end_a_stream(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, "events")
    rows = drain(
        house.open(analyst, EVENTS),
        lambda: (
            house.grant(analyst, "events", purpose="Another"),
            house.grant(analyst, "customers"),
        ),
    )

    assert rows == N_EVENTS


def test_a_database_that_cannot_be_asked_ends_the_stream(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")

    def break_the_question() -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE access_clockmark RENAME TO gone")

    with pytest.raises(Refusal) as caught:
        drain(house.open(analyst, EVENTS), break_the_question)

    assert caught.value.code == "audit_unavailable"


def test_a_killed_worker_is_one_clean_refusal(house: House, analyst: Principal) -> None:
    if house.warehouse.engine != "duckdb":
        pytest.skip("PostgreSQL's processes are its own; see the test of its connection")
    house.grant(analyst, "events")
    result = house.open(analyst, EVENTS)
    assert isinstance(result._stream, DuckDBStream)
    worker = result._stream._worker
    assert worker is not None

    with pytest.raises(Refusal) as caught:
        drain(result, lambda: os.kill(worker.pid, signal.SIGKILL))

    assert caught.value.code == "engine_error"
    assert QueryRecord.objects.get().code == "engine_error"
    assert house.rows(analyst, "SELECT count(*) FROM events") == [(N_EVENTS,)]


def test_a_killed_connection_is_one_clean_refusal(house: House, analyst: Principal) -> None:
    if house.warehouse.engine != "postgresql":
        pytest.skip("DuckDB has no connections")
    house.grant(analyst, "events")

    def kill() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gate_wh'"
            )

    with pytest.raises(Refusal) as caught:
        drain(house.open(analyst, EVENTS), kill)

    assert caught.value.code == "engine_error"
    assert house.rows(analyst, "SELECT count(*) FROM events") == [(N_EVENTS,)]


def test_a_forgotten_result_holds_nothing(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    result = house.open(analyst, EVENTS)
    stream = result._stream

    del result

    assert getattr(stream, "_worker", None) is None
    connection_of = getattr(stream, "_connection", None)
    assert connection_of is None or connection_of.closed
