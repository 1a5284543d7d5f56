"""The gate before a real Spark server: the same promises as on one machine."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from django.utils import timezone

from access.clock import database_now
from access.errors import Refusal
from access.gate import plans
from access.models import Grant, Principal, QueryRecord, Surface
from catalog.importers import import_warehouse
from catalog.models import Dataset, Warehouse
from tests import spark
from tests.access.gate.house import N_EVENTS, House, build_spark, code_of, wait_until
from tests.access.gate.test_streams import drain

pytestmark = pytest.mark.spark

EVENTS = "SELECT id, name FROM events"


@pytest.fixture(scope="module")
def spark_url(spark_server: spark.Server) -> str:
    return build_spark(spark_server)


@pytest.fixture
def house(db: None, spark_url: str) -> House:
    plans.forget()
    return House.at(spark_url)


@pytest.fixture
def analyst(house: House) -> Principal:
    return house.person("analyst")


def test_a_holder_reads_and_an_outsider_is_told_what_to_ask_for(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst)
    outsider = house.person("outsider")

    assert house.rows(analyst, "SELECT id FROM customers ORDER BY id") == [(1,), (2,), (3,)]
    assert code_of(house, outsider, "SELECT id FROM customers") in ("no_grant", "unknown_table")


def test_masks_row_filters_and_entitlements_hold(house: House, analyst: Principal) -> None:
    house.policy(masks={"email": "email", "spent": "round"}, rows="country <> 'XX'")
    house.grant(
        analyst, rows="country IN (SELECT country FROM territories WHERE person = :principal)"
    )

    rows = house.rows(analyst, "SELECT id, email, spent FROM customers")

    assert [(row[0], row[1], float(row[2])) for row in rows] == [(2, "b***@example.com", 0.0)]
    assert house.rows(
        analyst, "SELECT count(*) FROM customers WHERE CAST(email AS STRING) LIKE 'a%'"
    ) == [(0,)]


def test_what_a_filter_hides_fails_no_query(house: House, analyst: Principal) -> None:
    house.grant(
        analyst, rows="country IN (SELECT country FROM territories WHERE person = :principal)"
    )

    for condition in ("10 / (id - 1) > 0", "CAST(substr(email, 1, 0) || id AS INT) > 1"):
        assert house.rows(analyst, f"SELECT id FROM customers WHERE {condition}") == [(2,)]


def test_several_grants_combine_by_cell(house: House, analyst: Principal) -> None:
    house.grant(analyst, columns=["id", "country"])
    house.grant(analyst, purpose="More", rows="country = 'DE'", columns=["id", "email"])

    rows = house.rows(analyst, "SELECT id, country, email FROM customers ORDER BY id")

    assert rows == [(1, "DE", "ana@example.com"), (2, "FR", None), (3, "XX", None)]


@pytest.mark.parametrize(
    "mask", ["redact", "null_value", "hash", "partial", "email", "year", "round"]
)
@pytest.mark.parametrize("column", ["email", "spent"])
def test_every_mask_hides_every_value(
    house: House, analyst: Principal, column: str, mask: str
) -> None:
    house.policy(masks={column: mask})
    house.grant(analyst)
    clear = {"ana@example.com", "bo@example.com", "cy@example.com", "10.50", "-3.25", "7.00"}

    rows = house.rows(analyst, f"SELECT {column} FROM customers")

    assert len(rows) == 3
    assert not clear & {str(value) for (value,) in rows}


ATTACKS = {
    "SELECT * FROM csv.`/etc/passwd`": "unknown_table",
    "SELECT java_method('java.lang.System', 'getProperty', 'user.home')": "function_not_allowed",
    "SELECT current_user()": "function_not_allowed",
    "SELECT * FROM default.anything": "unknown_table",
    "SELECT * FROM spark_catalog.sales.customers": "unknown_table",
    "SET spark.sql.ansi.enabled = false": "not_a_query",
    "SELECT country FROM customers": "column_not_granted",
    "SELECT 'a\nb' AS x FROM customers": "unsupported",
}


@pytest.mark.parametrize("sql", ATTACKS)
def test_an_attack_is_refused(house: House, analyst: Principal, sql: str) -> None:
    house.grant(analyst, columns=["id"])

    assert code_of(house, analyst, sql) == ATTACKS[sql]


def test_an_engine_failure_is_told_in_our_words_alone(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT CAST(email AS INT) FROM customers")

    assert caught.value.code == "engine_error"
    assert "ana@" not in f"{caught.value}{caught.value.__cause__}"


def test_a_limit_cuts_and_says_so(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    with house.open(analyst, "SELECT id FROM customers ORDER BY id", limit=2) as result:
        assert list(result.rows()) == [(1,), (2,)]
        assert result.is_truncated


def test_a_whole_stream_reads_whole(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")

    with house.open(analyst, EVENTS) as result:
        body = b"".join(result.arrow())

    table = pa.ipc.open_stream(io.BytesIO(body)).read_all()
    table.validate(full=True)
    assert table.num_rows == result.rows_delivered == N_EVENTS
    assert QueryRecord.objects.get().rows == N_EVENTS


@pytest.mark.parametrize("ending", ["expired", "revoked"])
def test_access_that_ends_breaks_the_stream(house: House, analyst: Principal, ending: str) -> None:
    seconds = 3 if ending == "expired" else 3000
    grant = house.grant(analyst, "events", ends_in=timedelta(seconds=seconds))

    def end() -> None:
        if ending == "expired":
            wait_until(grant.expires_at)
        else:
            Grant.objects.update(ended_at=database_now(), end_reason="revoked")

    with pytest.raises(Refusal) as caught:
        drain(house.open(analyst, EVENTS), end)

    assert caught.value.code == "access_ended"


def test_a_query_that_takes_too_long_is_a_timeout(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    sql = "SELECT count(*) FROM events a, events b WHERE a.id * b.id % 7 = 9"

    assert code_of(house, analyst, sql, seconds=2.0) == "timeout"


# Among the drills: right after a cancelled query two executors on a busy machine can be slow to be free again.
@pytest.mark.drill
def test_a_dashboard_reads_through_the_same_gate(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    rows = house.rows(
        analyst,
        "SELECT country, count(*) AS n FROM customers GROUP BY 1 ORDER BY 1",
        surface=Surface.DASHBOARD,
        seconds=120.0,
    )

    assert rows == [("DE", 1), ("FR", 1), ("XX", 1)]


def test_an_import_finds_the_tables_and_finds_nothing_new_the_second_time(
    db: None, spark_url: str
) -> None:
    warehouse = Warehouse.objects.create(name="lake", url=spark_url, engine="spark")

    import_warehouse(warehouse, now=timezone.now())
    again = import_warehouse(warehouse, now=timezone.now())

    customers: Any = Dataset.objects.get(name="lake.sales.customers")
    assert [column.type for column in customers.columns.order_by("position")] == [
        "int",
        "string",
        "string",
        "decimal(10,2)",
    ]
    assert again.total.is_quiet
