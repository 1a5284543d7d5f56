"""Evidence that survives the process that should have written it, and is counted once whoever counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from access import evidence, usage
from access.clock import database_now
from access.models import GrantUse, Principal, QueryRecord, Surface
from tests.access.gate.house import House

ROOT = Path(__file__).resolve().parents[3]
BEGINNING = """
import os, sys, time
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
"""
READER = """
from access import gate
from access.models import Principal, Surface
from catalog.models import Warehouse
result = gate.open(Principal.objects.get(username="analyst"), "SELECT id FROM events", schema="sales",
                   warehouse=Warehouse.objects.get(), surface=Surface.API)
batches = result.batches()
next(batches)
print("under way", flush=True)
time.sleep(60)
"""
COUNTER = """
from django.db import transaction
from access import usage
with transaction.atomic():
    usage.count()
    print("under way", flush=True)
    time.sleep(60)
"""


def test_a_query_whose_process_died_is_credited_later_and_once(
    house: House, analyst: Principal
) -> None:
    grant = house.grant(analyst)
    long_ago = database_now() - timedelta(hours=1)
    result = house.open(analyst, "SELECT id FROM customers", now=long_ago)
    del result

    assert usage.settle(database_now()) == 1
    assert usage.settle(database_now()) == 0

    uses = GrantUse.objects.filter(grant=grant).values_list("column_name", "n_queries", "rows")
    assert set(uses) == {("", 1, 0), ("id", 1, 0)}
    assert set(GrantUse.objects.values_list("last_used_at", flat=True)) == {long_ago}
    assert QueryRecord.objects.get().code == usage.LOST


def test_a_query_of_the_version_before_is_credited_too(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)
    result = house.open(analyst, "SELECT id FROM customers", now=_long_ago())
    del result
    QueryRecord.objects.update(credits={}, due_at=None)

    assert usage.settle(database_now()) == 1

    assert evidence.evidence([grant.pk])[grant.pk].columns == {"id"}


def test_a_query_completed_twice_counts_once(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    result = house.open(analyst, "SELECT id FROM customers")
    result.to_table()

    again = usage.finish(result.id, usage.Delivery(9, 9, timedelta(0)))
    counted = [usage.count(), usage.count()]

    assert (again, counted) == (False, [1, 0])
    assert set(GrantUse.objects.values_list("n_queries", "rows")) == {(1, 3), (1, 0)}
    assert QueryRecord.objects.get().rows == 3


def test_a_query_that_may_still_run_is_left_alone(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    with house.open(analyst, "SELECT id FROM customers"):
        assert usage.settle(database_now()) == 0
        assert usage.count() == 0
        assert QueryRecord.objects.get().finished_at is None


def test_each_clause_is_counted_by_itself(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)
    house.rows(analyst, "SELECT country, count(*) FROM customers WHERE spent > 0 GROUP BY country")
    house.rows(analyst, "SELECT * FROM customers ORDER BY country")

    used = evidence.evidence([grant.pk])[grant.pk]

    assert used.columns == {"country", "spent"}
    assert used.starred == {"id", "email"}
    assert used.by_column["country"].clauses == {
        "selected": 1, "grouped": 1, "ordered": 1,
    }  # fmt: skip
    assert used.by_column["spent"].clauses == {"filtered": 1, "starred": 1}
    assert used.by_column["email"].clauses == {"starred": 1}


def test_who_reads_the_evidence_gets_what_was_finished_a_moment_ago(
    house: House, analyst: Principal
) -> None:
    grant = house.grant(analyst)
    house.rows(analyst, "SELECT id FROM customers")

    assert evidence.last_used([grant.pk])[grant.pk] is not None


def test_a_look_to_decide_is_no_use(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    for surface in (Surface.PREVIEW, Surface.VIEW_AS):
        house.rows(analyst, "SELECT id FROM customers", surface=surface)

    assert usage.count() == 0
    assert not GrantUse.objects.exists()


def test_many_queries_are_counted_in_pieces_and_all_of_them(
    house: House, analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.grant(analyst)
    for _ in range(5):
        house.rows(analyst, "SELECT id FROM customers")
    monkeypatch.setattr(usage, "AT_ONCE", 2)

    assert usage.count() == 5

    assert set(GrantUse.objects.values_list("n_queries", flat=True)) == {5}


# Processes that die


@pytest.mark.django_db(transaction=True)
def test_killing_the_reading_process_in_the_middle_loses_no_use(house: House) -> None:
    analyst = Principal.objects.get_or_create(username="analyst")[0]
    grant = house.grant(analyst, "events")

    with _process(READER) as reader:
        reader.send_signal(signal.SIGKILL)
        reader.wait(10)
    record = QueryRecord.objects.get()
    QueryRecord.objects.update(due_at=database_now() - usage.GRACE - timedelta(seconds=1))

    assert record.finished_at is None
    assert usage.settle(database_now()) == 1
    used = evidence.evidence([grant.pk])[grant.pk]
    assert (used.n_queries, set(used.columns)) == (1, {"id"})


@pytest.mark.django_db(transaction=True)
def test_killing_the_counting_process_in_the_middle_counts_everything_once(house: House) -> None:
    analyst = Principal.objects.get_or_create(username="analyst")[0]
    grant = house.grant(analyst)
    for _ in range(3):
        house.rows(analyst, "SELECT id FROM customers")

    with _process(COUNTER) as counter:
        # What another process is counting is not counted here as well.
        assert usage.count() == 0
        counter.send_signal(signal.SIGKILL)
        counter.wait(10)
    _wait_until_alone()

    assert usage.count() == 3
    assert evidence.evidence([grant.pk])[grant.pk].n_queries == 3


@contextmanager
def _process(work: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has begun its work on this test's database and waits in the middle of it."""
    database = str(settings.DATABASES["default"]["NAME"])
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", BEGINNING + work, database],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "under way"
        yield process
    finally:
        process.kill()
        process.wait(10)


def _wait_until_alone() -> None:
    """Returns when PostgreSQL has noticed that the killed process is gone."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT count(*), pg_sleep(0.05) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            if cursor.fetchone()[0] == 0:
                return


def _long_ago() -> object:
    return database_now() - usage.ABANDONED_AFTER - timedelta(minutes=1)
