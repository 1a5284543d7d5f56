"""Access that ends during a pull of fifty million rows: the client's own reader raises, soon, on every engine."""

import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from tests.journeys.pulls import N_EVENTS, N_TIMES, Office, Pull
from tests.portal.embedded.portals import eventually

SOON = 2.0


@pytest.fixture
def pulling(office: Office) -> Callable[[str], Pull]:
    """A pull that has begun, under rules and a grant as they were at first."""
    return lambda warehouse: begun(office, warehouse)


def begun(office: Office, warehouse: str) -> Pull:
    """A pull of the first person, whose rules and grant are as at first, with rows already."""
    office.rows, office.grant = "", {}
    office.apply()
    pull = Pull(office, "alice", warehouse)
    assert eventually(lambda: pull.is_running or not pull.is_alive(), 60)
    assert pull.is_running, (pull.status, pull.error)
    return pull


def revoke(office: Office, warehouse: str) -> None:
    """Olga takes the grant back."""
    _, grants = office.call("alice", "GET", "/grants")
    (number,) = (
        grant["id"]
        for grant in grants["items"]
        if grant["dataset"] == f"{warehouse}.sales.events" and grant["state"] == "live"
    )
    status, _ = office.call("olga", "DELETE", f"/grants/{number}?reason=Drill")
    assert status in {200, 204}


def narrow_columns(office: Office, warehouse: str) -> None:
    """The grant covers fewer columns."""
    office.grant = {"columns": "[id, name]"}
    office.apply()


def narrow_rows(office: Office, warehouse: str) -> None:
    """The grant covers fewer rows."""
    office.grant = {"rows": "\"country = 'DE'\""}
    office.apply()


def change_policy(office: Office, warehouse: str) -> None:
    """The dataset's own filter hides rows from everybody."""
    office.rows = "country <> 'FR'"
    office.apply()


def ends_soon(
    office: Office, pull: Pull, change: Callable[[Office, str], Any], engine: str
) -> None:
    """Makes the change and sees the pull fail, in time and with an error of the reader."""
    rows_before = pull.rows
    change(office, engine)
    changed = time.monotonic()
    pull.join(SOON + 10)

    assert not pull.is_alive(), "the pull goes on"
    assert not pull.is_whole, "a cut stream was read as whole"
    assert isinstance(pull.error, pa.ArrowInvalid | OSError), pull.error
    assert pull.failed_at - changed < SOON
    assert pull.last_at - changed < SOON
    assert rows_before <= pull.rows < N_EVENTS * N_TIMES
    assert record_of(office, pull) == "access_ended"


def record_of(office: Office, pull: Pull) -> str:
    """How the portal's own record says the query ended."""
    code = (
        "from access.models import QueryRecord;"
        f"print(QueryRecord.objects.get(pk='{pull.query}').code)"
    )
    return office.asked(code)


CHANGES = {
    "revoked": revoke,
    "columns narrowed": narrow_columns,
    "rows narrowed": narrow_rows,
    "policy changed": change_policy,
}


def test_a_pull_ends_when_its_grant_is_revoked(
    office: Office, pulling: Callable[[str], Pull]
) -> None:
    ends_soon(office, pulling("duckdb"), revoke, "duckdb")


@pytest.mark.drill
@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_ends_access_ends_a_pull(
    office: Office,
    pulling: Callable[[str], Pull],
    change: Callable[[Office, str], Any],
    engine: str,
) -> None:
    ends_soon(office, pulling(engine), change, engine)


@pytest.mark.drill
@pytest.mark.spark
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_ends_access_ends_a_pull_from_spark(
    spark_office: Office, change: Callable[[Office, str], Any]
) -> None:
    ends_soon(spark_office, begun(spark_office, "spark"), change, "spark")


@pytest.mark.drill
@pytest.mark.spark
def test_a_pull_from_spark_ends_when_its_grant_expires(spark_office: Office) -> None:
    expires_in_time(spark_office, "spark", "30s")


@pytest.mark.drill
@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_a_pull_ends_when_its_grant_expires(office: Office, engine: str) -> None:
    expires_in_time(office, engine, "12s")


def expires_in_time(office: Office, engine: str, span: str) -> None:
    """Pulls under a grant of this span, and sees the pull fail at its end."""
    office.rows, office.grant = "", {"expires": span}
    office.apply()
    _, grants = office.call("alice", "GET", "/grants")
    (ends,) = (
        grant["expires_at"]
        for grant in grants["items"]
        if grant["dataset"] == f"{engine}.sales.events" and grant["state"] == "live"
    )
    pull = Pull(office, "alice", engine)

    pull.join(60)
    failed = time.time() - (time.monotonic() - pull.failed_at)

    assert pull.rows > 0
    assert isinstance(pull.error, pa.ArrowInvalid | OSError), pull.error
    assert not pull.is_whole
    assert -0.1 < failed - _seconds(ends) < SOON


def _seconds(moment: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()
