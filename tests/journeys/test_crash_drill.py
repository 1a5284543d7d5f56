"""Engines that die while twenty people pull: others are answered, streams fail cleanly, nothing is lost or left behind."""

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from portal.embedded.servers import Servers
from tests.journeys.pulls import PULL, Office, Pull
from tests.portal.embedded.portals import eventually

GREEDY = "SELECT string_agg(repeat(name, 200), ',') AS everything FROM sales.events"
SMALL = "SELECT country, count(*) AS n FROM sales.events GROUP BY country ORDER BY country"
# What each tile of the dashboard shows when it is drawn.
FIGURES = {"total": 'title="1,000,000"', "countries": "666,66"}
IDLE_WORKERS = 16


class Dora(threading.Thread):
    """Somebody who looks at a small dashboard again and again; `slowest` is in seconds."""

    def __init__(self, office: Office, warehouse: str) -> None:
        super().__init__(daemon=True)
        self._office = office
        self._warehouse = warehouse
        self._is_over = threading.Event()
        self._session = office.session
        self.n_looks = 0
        self.bad: list[str] = []
        self.slowest = 0.0
        self.start()

    def run(self) -> None:
        """Has its tiles drawn, one by one as a browser does, until told to stop."""
        while not self._is_over.wait(0.2):
            for name, figure in FIGURES.items():
                started = time.monotonic()
                status, text = self._office.tile(self._warehouse, name)
                self.slowest = max(self.slowest, time.monotonic() - started)
                self.n_looks += 1
                if status != 200 or figure not in text:
                    self.bad.append(f"{status} {text}")

    def stop(self) -> None:
        """Ends the looking."""
        self._is_over.set()
        self.join(60)
        assert self.n_looks
        print(
            f"{self.n_looks} tiles looked at, {len(self.bad)} not drawn, the slowest {self.slowest:.1f} s"
        )


@contextmanager
def pulls(
    office: Office, warehouse: str, number: int, sql: str = PULL, seconds: float = 60
) -> Iterator[list[Pull]]:
    """So many people pulling, all of them with rows already."""
    office.rows, office.grant = "", {}
    started = [
        Pull(office, person, warehouse, sql=sql, pause=0.2)
        for person in office.people[2 : 2 + number]
    ]
    assert eventually(
        lambda: all(pull.first_at or not pull.is_alive() for pull in started), seconds
    )
    assert all(pull.is_running for pull in started), [(p.status, p.error) for p in started]
    yield started
    for pull in started:
        pull.leave()
    for pull in started:
        pull.join(30)
        assert not pull.is_alive()


def workers(office: Office) -> list[int]:
    """The processes of the portal that run DuckDB queries."""
    nurseries = [
        pid
        for web in office.portal.pids("portal.embedded.web")
        for pid in _children(web)
        if b"duckdb_nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return [worker for nursery in nurseries for worker in _children(nursery)]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_complete(office: Office, pulls: list[Pull], code: str) -> bool:
    """Whether every pull's record is finished with this code, and counts rows."""
    ids = [pull.query for pull in pulls]
    told = office.asked(
        "from access.models import QueryRecord as Q;"
        f"print(Q.objects.filter(pk__in={ids!r}, code={code!r}, rows__gt=0, finished_at__isnull=False).count())"
    )
    return int(told) == len(pulls)


def broken_of(office: Office, pulls: list[Pull]) -> list[Pull]:
    """The pulls whose engine failed, as their records say."""
    ids = [pull.query for pull in pulls]
    told = office.asked(
        "from access.models import QueryRecord as Q;"
        f"print('broken:', *Q.objects.filter(pk__in={ids!r}, code='engine_error').values_list('pk', flat=True))"
    )
    return [pull for pull in pulls if str(pull.query) in told.split()]


def fails(pull: Pull) -> bool:
    """Whether a pull ended with an error of its reader."""
    pull.join(30)
    # The last is what a server that vanished leaves a client with.
    known = (pa.ArrowInvalid, OSError, http.client.HTTPException)
    return isinstance(pull.error, known) and not pull.is_whole


def killed_workers(office: Office, n_pulls: int, n_victims: int) -> None:
    """Kills some of the processes that run queries, in the middle of their streams."""
    dora = Dora(office, "duckdb")
    with pulls(office, "duckdb", n_pulls) as running:
        assert len(workers(office)) >= n_pulls
        for victim in _busy(workers(office))[:n_victims]:
            os.kill(victim, signal.SIGKILL)
        # Dora's own worker may be among the victims.
        eventually(lambda: len(broken_of(office, running)) == n_victims, 10)
        ended = broken_of(office, running)
        assert n_victims - 1 <= len(ended) <= n_victims
        # A client reads what is on its way to it before it meets the end.
        assert all(map(fails, ended))
        assert is_complete(office, ended, "engine_error")
        going = [pull for pull in running if pull not in ended]
        assert all(pull.is_alive() for pull in going)
        before = [pull.rows for pull in going]
        assert eventually(lambda: all(p.rows > n for p, n in zip(going, before, strict=True)), 20)
    dora.stop()
    assert len(dora.bad) <= 1, dora.bad
    assert eventually(lambda: len(workers(office)) <= IDLE_WORKERS, 20)
    assert eventually(lambda: is_complete(office, going, "left"), 60)


def _busy(pids: list[int]) -> list[int]:
    """Most memory first: a stream's worker holds batches."""
    return sorted(pids, key=lambda pid: -int(Path(f"/proc/{pid}/statm").read_text().split()[1]))


def test_a_killed_worker_fails_its_stream_and_nobody_elses(office: Office) -> None:
    killed_workers(office, n_pulls=4, n_victims=2)


@pytest.mark.drill
def test_ten_workers_killed_among_twenty_streams(office: Office) -> None:
    killed_workers(office, n_pulls=20, n_victims=10)


@pytest.mark.drill
def test_a_query_out_of_memory_ends_alone(office: Office) -> None:
    dora = Dora(office, "duckdb")
    with pulls(office, "duckdb", 20) as running:
        started = time.monotonic()

        status, body = office.call("alice", "POST", "/queries", sql=GREEDY, warehouse="duckdb")

        assert (status, body["code"]) == (403, "too_large"), body
        assert time.monotonic() - started < 60
        assert all(pull.is_running for pull in running)
    dora.stop()
    assert not dora.bad
    assert eventually(lambda: len(workers(office)) <= IDLE_WORKERS, 20)
    assert eventually(lambda: is_complete(office, running, "left"), 20)


@pytest.mark.drill
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_a_warehouse_that_restarts_fails_its_streams_and_is_there_again(
    office: Office, warehouse_server: Servers, number: signal.Signals
) -> None:
    dora = Dora(office, "duckdb")
    with pulls(office, "postgresql", 20) as running:
        _, process = warehouse_server.running[0]
        process.send_signal(number)
        process.wait(30)

        assert all(map(fails, running))
        status, body = office.call("alice", "POST", "/queries", sql=SMALL, warehouse="postgresql")
        assert (status, body["code"]) == (503, "warehouse_unavailable")

        warehouse_server.running.clear()
        warehouse_server.start()
        assert eventually(lambda: _answers(office), 20)
    dora.stop()
    assert not dora.bad
    assert is_complete(office, running, "engine_error")
    assert eventually(lambda: _connections(warehouse_server) <= IDLE_WORKERS, 20)


def _answers(office: Office) -> bool:
    return office.call("alice", "POST", "/queries", sql=SMALL, warehouse="postgresql")[0] == 200


def _connections(server: Servers) -> int:
    """Sessions of the portal that still do something, or would keep a transaction open."""
    with psycopg.connect(server.home.database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'pulls'"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.drill
def test_a_killed_web_process_loses_no_evidence(office: Office) -> None:
    with pulls(office, "duckdb", 20) as running:
        main, *_ = sorted(office.portal.pids("portal.embedded.web"))
        victim = next(pid for pid in office.portal.pids("portal.embedded.web") if pid != main)
        os.kill(victim, signal.SIGKILL)
        # What the kernel had taken from the server is still read, at the pace of a reader who rests after each batch.
        time.sleep(10.0)
        ended = [pull for pull in running if not pull.is_alive()]

        assert ended
        assert all(map(fails, ended))
        assert eventually(lambda: office.portal.status() == 200, 20)
    ids = [pull.query for pull in ended]
    told = office.asked(
        "from datetime import timedelta; from access import usage; from access.clock import database_now;"
        "from access.models import QueryRecord as Q;"
        "usage.settle(database_now() + timedelta(days=1));"
        f"print(Q.objects.filter(pk__in={ids!r}, finished_at__isnull=False).count(),"
        " Q.objects.filter(finished_at__isnull=True).count())"
    )
    assert told == f"{len(ids)} 0"
    assert eventually(lambda: len(workers(office)) <= IDLE_WORKERS, 20)
