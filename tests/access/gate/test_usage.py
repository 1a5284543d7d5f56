"""Evidence that survives the process that should have written it."""

from __future__ import annotations

from datetime import timedelta

from access import usage
from access.clock import database_now
from access.models import GrantUse, Principal, QueryRecord
from tests.access.gate.house import House


def test_a_query_whose_process_died_is_credited_later_and_once(
    house: House, analyst: Principal
) -> None:
    grant = house.grant(analyst)
    long_ago = database_now() - usage.ABANDONED_AFTER - timedelta(minutes=1)
    result = house.open(analyst, "SELECT id FROM customers", now=long_ago)
    del result

    assert usage.settle_abandoned(database_now()) == 1
    assert usage.settle_abandoned(database_now()) == 0

    uses = GrantUse.objects.filter(grant=grant).values_list("column_name", "n_queries", "rows")
    assert set(uses) == {("", 1, 0), ("id", 1, 0)}


def test_a_query_completed_twice_counts_once(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)
    result = house.open(analyst, "SELECT id FROM customers")
    result.to_table()
    credit = usage.Credit(grant.pk, frozenset(["id"]), False)

    again = usage.finish(
        result.id,
        usage.Delivery(9, 9, timedelta(0)),
        [credit],
        principal=analyst,
        now=database_now(),
    )

    assert again is False
    assert set(GrantUse.objects.values_list("n_queries", "rows")) == {(1, 3), (1, 0)}
    assert QueryRecord.objects.get().rows == 3


def test_a_query_that_may_still_run_is_left_alone(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    with house.open(analyst, "SELECT id FROM customers"):
        assert usage.settle_abandoned(database_now()) == 0
        assert QueryRecord.objects.get().finished_at is None
