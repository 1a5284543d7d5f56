"""Two imports at once: the second waits, finds everything done, and makes nothing twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from catalog.importers import ImportReport, import_dbt, import_openlineage
from catalog.models import Check, Dataset, QuarantinedName, RunEvent
from tests.catalog.contents import BAKERY, NOW
from tests.datasets import make_warehouse

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[], ImportReport], times: int = 4) -> list[ImportReport]:
    """The same work in several threads that begin together, each with a connection of its own."""
    barrier = Barrier(times)

    def run() -> ImportReport:
        barrier.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]


def test_one_project_imported_four_times_at_once_lands_once() -> None:
    warehouse = make_warehouse()

    reports = at_once(lambda: import_dbt(BAKERY, warehouse, now=NOW))

    assert (Dataset.objects.count(), Check.objects.count()) == (6, 5)
    assert sorted(report.added > 0 for report in reports) == [False, False, False, True]


def test_one_event_posted_four_times_at_once_counts_once() -> None:
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T05:00:00Z",
        "run": {"runId": "r"},
        "job": {"namespace": "dbt", "name": "daily"},
        "outputs": [{"namespace": "duckdb:///nowhere", "name": "a.b.c"}],
    }

    at_once(lambda: import_openlineage([event], now=NOW))

    assert RunEvent.objects.count() == 1
    assert QuarantinedName.objects.get().n_seen == 1
