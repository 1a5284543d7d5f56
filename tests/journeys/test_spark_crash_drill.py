"""Spark that loses its executors, or dies, while twenty people pull: no row is missing unnoticed, others are answered."""

import os
import signal
from pathlib import Path

import pytest

from tests import spark
from tests.journeys.pulls import N_EVENTS, Office, Pull
from tests.journeys.test_crash_drill import SMALL, Dora, fails, is_complete, pulls
from tests.portal.embedded.portals import eventually

pytestmark = [pytest.mark.drill, pytest.mark.spark]

N_PULLS = 20
# Twice that, of two executors, is more than there are pulls: each has begun before the first one ends.
SLOTS = 12
SHARE = "SELECT e.id, e.name, e.country FROM sales.events e, sales.times t WHERE t.n < 2"
ESTABLISHED = "01"


def connections(server: spark.Server) -> int:
    """How many connections to the server are open on this machine."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    there = f":{server.port:04X}"
    return sum(row[2].endswith(there) and row[3] == ESTABLISHED for row in rows)


def is_whole_or_failed(pull: Pull) -> bool:
    """Whether a pull has every row, or ended with an error of its reader."""
    return pull.rows == 2 * N_EVENTS if pull.is_whole else fails(pull)


def test_lost_executors_leave_no_stream_short(
    spark_office: Office, doomed_spark: spark.Server
) -> None:
    dora = Dora(spark_office, "duckdb")
    with pulls(spark_office, "spark", N_PULLS, SHARE, 300) as running:
        victims = doomed_spark.executors()
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        for pull in running:
            pull.hurry()
        for pull in running:
            pull.join(300)

        assert all(map(is_whole_or_failed, running)), [(p.rows, p.error) for p in running]
        assert eventually(
            lambda: is_complete(spark_office, [p for p in running if p.is_whole], ""), 60
        )
        broken = [pull for pull in running if not pull.is_whole]
        assert eventually(lambda: is_complete(spark_office, broken, "engine_error"), 60)
    dora.stop()
    assert not dora.bad
    assert eventually(lambda: _answers(spark_office), 120)
    assert not set(victims) & set(doomed_spark.executors())
    assert eventually(lambda: connections(doomed_spark) == 0, 20)


def test_a_server_that_dies_fails_its_streams(
    spark_office: Office, doomed_spark: spark.Server
) -> None:
    dora = Dora(spark_office, "duckdb")
    with pulls(spark_office, "spark", N_PULLS, SHARE, 300) as running:
        doomed_spark.stop()

        assert all(map(fails, running))
        status, body = spark_office.call("alice", "POST", "/queries", sql=SMALL, warehouse="spark")
        assert (status, body["code"]) == (503, "warehouse_unavailable")
    dora.stop()
    assert not dora.bad
    assert eventually(lambda: is_complete(spark_office, running, "engine_error"), 60)
    assert eventually(lambda: connections(doomed_spark) == 0, 20)


def _answers(office: Office) -> bool:
    return office.call("alice", "POST", "/queries", sql=SMALL, warehouse="spark")[0] == 200
