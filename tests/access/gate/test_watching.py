"""Nobody reads a silent result, and still its access is judged: while the engine works, the reader rests, or waits."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

import pytest
from django.db import connection

from access.clock import database_now
from access.errors import Refusal
from access.gate.turns import Hall
from access.models import Grant, Principal, QueryRecord
from catalog.engines.duckdb import DuckDBStream
from tests.access.gate.house import House

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = "SELECT id, name FROM events"
ENDLESS = "SELECT count(*) FROM events a, events b WHERE a.id % 7 <> b.id % 5"


def revoke() -> None:
    """Ends every grant, from whatever thread."""
    Grant.objects.update(ended_at=database_now(), end_reason="revoked")
    connection.close()


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal an act must meet."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_access_that_ends_while_the_engine_works_ends_the_query(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, "events")
    revoked: list[float] = []

    def revoke_once_it_runs() -> None:
        while not QueryRecord.objects.exists():
            time.sleep(0.05)
        time.sleep(0.5)
        revoke()
        revoked.append(time.monotonic())

    threading.Thread(target=revoke_once_it_runs).start()

    code = refused(lambda: house.rows(analyst, ENDLESS))

    assert code == "access_ended"
    assert time.monotonic() - revoked[0] < 2.0
    assert QueryRecord.objects.get().code == "access_ended"


def test_a_query_whose_access_stands_is_left_alone(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")

    code = refused(lambda: house.rows(analyst, ENDLESS, seconds=1.5))

    assert code == "timeout"


def test_a_reader_who_rests_finds_the_engine_stopped(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    with house.open(analyst, EVENTS) as result:
        batches = result.batches()
        next(batches)
        revoke()
        time.sleep(1.0)

        if isinstance(result._stream, DuckDBStream):
            assert result._stream._worker is not None
            assert not result._stream._worker.is_alive
        assert refused(lambda: list(batches)) == "access_ended"


def test_closing_from_another_thread_ends_who_reads_and_nothing_else(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, "events")
    result = house.open(analyst, "SELECT a.id FROM events a, events b")
    codes: list[str] = []

    def pull() -> None:
        codes.append(refused(lambda: deque(result.batches(), maxlen=0)))
        connection.close()

    reading = threading.Thread(target=pull)
    reading.start()
    time.sleep(0.5)
    before = set(os.listdir("/proc/self/fd"))
    result.close()
    reading.join(5)

    assert codes == ["left"]
    assert set(os.listdir("/proc/self/fd")) <= before
    assert QueryRecord.objects.get().code == "left"


def test_who_waited_for_a_turn_is_judged_again(
    house: House, analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("access.gate.turns.OURS", Hall(places=10, at_once=1, for_pages=0))
    house.grant(analyst, "events")
    other = house.open(house.person("other"), "SELECT 1")
    codes: list[str] = []

    def wait() -> None:
        codes.append(refused(lambda: house.rows(analyst, EVENTS)))
        connection.close()

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    revoke()
    other.close()
    waiting.join(10)

    assert codes == ["no_grant"]
    assert not QueryRecord.objects.filter(principal=analyst, rows__gt=0).exists()


def test_the_watch_ends_with_what_it_looks_after(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    house.rows(analyst, "SELECT count(*) FROM events")

    until = time.monotonic() + 3
    while time.monotonic() < until and any(t.name == "watch" for t in threading.enumerate()):
        time.sleep(0.05)

    assert not any(thread.name == "watch" for thread in threading.enumerate())
