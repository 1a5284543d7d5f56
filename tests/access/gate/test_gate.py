"""The one exit for data: who is refused, what is delivered, what is written down."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import usage
from access.clock import database_now
from access.errors import Refusal
from access.gate import judging, opening
from access.gate.turns import Hall
from access.models import (
    AuditEvent,
    ClockMark,
    DatasetPolicy,
    Grant,
    GrantUse,
    Principal,
    QueryRecord,
    Surface,
    Team,
)
from catalog.models import Dataset, Visibility
from tests.access.gate.house import House, code_of

pytestmark = pytest.mark.django_db


ALL = "SELECT id, country FROM customers ORDER BY id"


# Who is refused


def test_a_holder_reads_what_was_granted(house: House, analyst: Principal) -> None:
    house.grant(analyst, columns=["id", "country"])

    assert house.rows(analyst, ALL) == [(1, "DE"), (2, "FR"), (3, "XX")]


def test_an_outsider_is_refused_and_told_what_to_ask_for(house: House) -> None:
    outsider = house.person("outsider")

    with pytest.raises(Refusal) as caught:
        house.rows(outsider, ALL)

    assert caught.value.code == "no_grant"
    assert [(need.dataset, set(need.columns)) for need in caught.value.needs] == [
        ("wh.sales.customers", {"id", "country"})
    ]


def test_an_administrator_reads_nothing_without_a_grant(house: House) -> None:
    administrator = house.person("root", is_superuser=True, is_staff=True)

    assert code_of(house, administrator, ALL) == "no_grant"


def test_a_hidden_dataset_is_as_unknown_as_one_that_does_not_exist(
    house: House, analyst: Principal
) -> None:
    Dataset.objects.filter(name="wh.sales.customers").update(visibility=Visibility.HIDDEN)

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT id FROM customers")
    hidden = caught.value
    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT id FROM customerz")
    absent = caught.value

    assert hidden.code == absent.code == "unknown_table"
    assert hidden.needs == absent.needs == ()
    assert hidden.message.replace("customers", "") == absent.message.replace("customerz", "")


@pytest.mark.parametrize(
    ("span", "change"),
    [
        ({"starts_in": timedelta(days=-2), "ends_in": timedelta(seconds=-1)}, {}),
        ({"starts_in": timedelta(minutes=5)}, {}),
        ({}, {"suspended_at": database_now, "suspend_reason": "Away"}),
        ({}, {"ended_at": database_now, "end_reason": "revoked"}),
    ],
    ids=["expired", "scheduled", "suspended", "ended"],
)
def test_a_grant_that_is_not_live_reads_nothing_and_needs_no_sweep(
    house: House, analyst: Principal, span: dict[str, Any], change: dict[str, Any]
) -> None:
    grant = house.grant(analyst, **span)
    values = {name: value() if callable(value) else value for name, value in change.items()}
    if values:
        Grant.objects.filter(pk=grant.pk).update(**values)

    assert code_of(house, analyst, ALL) == "no_grant"


def test_a_team_reads_for_its_members_while_they_belong(house: House, analyst: Principal) -> None:
    team = Team.objects.create(name="sales")
    house.grant(team)
    assert code_of(house, analyst, ALL) == "no_grant"

    analyst.groups.add(team)
    assert len(house.rows(analyst, ALL)) == 3

    analyst.groups.remove(team)
    assert code_of(house, analyst, ALL) == "no_grant"


def test_an_inactive_principal_reads_nothing(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    Principal.objects.filter(pk=analyst.pk).update(is_active=False)

    assert code_of(house, analyst, ALL) == "inactive"


def test_a_clock_set_back_opens_nothing(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    ClockMark.objects.update_or_create(
        pk=1, defaults={"at": database_now() + timedelta(minutes=10)}
    )

    assert code_of(house, analyst, ALL) == "clock_went_back"


def test_a_broken_policy_closes_its_dataset_and_no_other(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    house.grant(analyst, "territories")
    house.policy(broken_at=database_now(), broken_reason="column gone")

    assert code_of(house, analyst, ALL) == "policy_broken"
    assert house.rows(analyst, "SELECT person FROM territories") == [("analyst",)]


def test_a_mask_this_version_does_not_know_closes_the_dataset(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst)
    house.policy(masks={"email": "from_the_future"})

    assert code_of(house, analyst, ALL) == "policy_broken"


def test_another_warehouse_of_the_same_table_is_another_dataset(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst)

    assert code_of(house, analyst, "SELECT id FROM other.sales.customers") == "unknown_table"
    assert len(house.rows(analyst, "SELECT id FROM wh.sales.customers")) == 3


# What is delivered


def test_masks_and_row_filters_hold(house: House, analyst: Principal) -> None:
    house.policy(masks={"email": "email"}, rows="country <> 'XX'")
    house.grant(
        analyst, rows="country IN (SELECT country FROM sales.territories WHERE person = :principal)"
    )

    assert house.rows(analyst, "SELECT id FROM customers") == [(2,)]
    assert "bo@" not in str(house.rows(analyst, "SELECT email FROM customers"))


def test_a_row_filter_may_leave_its_own_columns_unqualified(
    house: House, analyst: Principal
) -> None:
    house.grant(
        analyst,
        rows="EXISTS (SELECT 1 FROM sales.territories WHERE person = :principal AND id = 2)",
    )

    assert house.rows(analyst, "SELECT id FROM customers") == [(2,)]


def test_a_team_variable_follows_membership(house: House, analyst: Principal) -> None:
    house.grant(analyst, rows="country IN (:teams)")
    assert house.rows(analyst, ALL) == []

    analyst.groups.add(Team.objects.create(name="DE"))

    assert house.rows(analyst, ALL) == [(1, "DE")]


def test_a_column_outside_the_grant_is_refused_with_the_need(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, columns=["id"])

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT id, spent FROM customers")

    assert caught.value.code == "column_not_granted"
    assert "spent" in caught.value.needs[0].columns
    assert house.rows(analyst, "SELECT * FROM customers ORDER BY 1") == [(1,), (2,), (3,)]


def test_numbers_dates_and_signs_arrive_whole(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    assert house.rows(analyst, "SELECT spent FROM customers ORDER BY id") == [
        (Decimal("10.50"),),
        (Decimal("-3.25"),),
        (Decimal("7.00"),),
    ]


def test_a_limit_cuts_and_says_so(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    for limit, n_rows, is_truncated in [(0, 0, True), (2, 2, True), (3, 3, False), (9, 3, False)]:
        result = house.open(analyst, ALL, limit=limit)

        assert len(result.to_table()) == n_rows
        assert result.is_truncated is is_truncated


def test_a_result_says_until_when_and_by_which_schema(house: House, analyst: Principal) -> None:
    long = house.grant(analyst, ends_in=timedelta(days=9))
    short = house.grant(analyst, "territories", ends_in=timedelta(days=2))

    with house.open(
        analyst, "SELECT c.id FROM customers c JOIN territories t ON t.country = c.country"
    ) as result:
        assert result.valid_until == short.expires_at < long.expires_at
        assert result.dataset_versions == {"wh.sales.customers": 1, "wh.sales.territories": 1}
        assert [name for name, _ in result.columns] == ["id"]
        assert len(result.policy_fingerprint) == 64


def test_the_mask_key_is_never_shown(house: House, analyst: Principal) -> None:
    house.policy(masks={"email": "hash"})
    house.grant(analyst)

    with house.open(analyst, "SELECT email FROM customers") as result:
        assert judging.mask_key() not in result.rewritten_sql
        assert all(len(row[0]) == 64 for row in result.rows())


def test_an_engine_failure_is_told_in_our_words_alone(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT CAST(email AS INTEGER) FROM customers")

    assert caught.value.code == "engine_error"
    assert "ana@" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert QueryRecord.objects.get().code == "engine_error"
    usage.count()
    assert not GrantUse.objects.exists()


def test_a_query_that_takes_too_long_is_a_timeout(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    sql = "SELECT count(*) FROM events a, events b WHERE (a.id + b.id) % 7 = 3"

    assert code_of(house, analyst, sql, seconds=0.7) == "timeout"


def test_an_unreachable_warehouse_is_told_without_its_address(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst)
    house.warehouse.url = "postgresql://ana:hunter2@127.0.0.1:1/db"

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, ALL)

    assert caught.value.code == "warehouse_unavailable"
    assert "hunter2" not in caught.value.message


# Plans in memory


def test_a_changed_policy_is_never_answered_from_memory(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)
    policy = house.policy()
    assert len(house.rows(analyst, ALL)) == 3

    DatasetPolicy.objects.filter(pk=policy.pk).update(rows="country = 'DE'")
    assert house.rows(analyst, ALL) == [(1, "DE")]

    Grant.objects.filter(pk=grant.pk).update(columns=["id"])
    assert code_of(house, analyst, ALL) == "column_not_granted"


def test_two_people_never_share_a_plan(house: House, analyst: Principal) -> None:
    other = house.person("other")
    house.grant(analyst, rows="country = 'DE'")
    house.grant(other, rows="country = 'FR'")

    for _ in range(2):
        assert house.rows(analyst, ALL) == [(1, "DE")]
        assert house.rows(other, ALL) == [(2, "FR")]


def test_the_second_time_costs_a_fixed_number_of_queries(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    house.grant(analyst, "territories")
    sql = "SELECT c.id FROM customers c JOIN territories t ON t.country = c.country"
    house.rows(analyst, sql)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        result = house.open(analyst, sql)
    reads = [
        query for query in captured.captured_queries if query["sql"].lstrip().startswith("SELECT")
    ]
    withs = [
        query for query in captured.captured_queries if query["sql"].lstrip().startswith("WITH")
    ]
    result.close()

    assert len(reads) + len(withs) <= 2


# What is written down


def test_a_query_is_recorded_before_its_first_row(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)

    with house.open(analyst, ALL) as result:
        record = QueryRecord.objects.get()
        assert (record.pk, record.finished_at) == (result.id, None)
        assert record.columns == {"wh.sales.customers": ["country", "id"]}
        assert record.grants == [grant.pk]
        event = AuditEvent.objects.get(kind="query.opened")
        assert (event.actor, event.dataset) == (analyst, "wh.sales.customers")
        list(result.rows())

    record.refresh_from_db()
    assert (record.rows, record.code) == (3, "")
    assert record.finished_at is not None
    assert record.bytes_sent
    assert record.duration


def test_a_refusal_is_recorded_and_counts_as_no_use(house: House, analyst: Principal) -> None:
    house.grant(analyst, columns=["id"])

    code_of(house, analyst, "SELECT spent FROM customers")

    assert QueryRecord.objects.get().code == "column_not_granted"
    assert AuditEvent.objects.get(kind="query.refused").actor == analyst
    usage.count()
    assert not GrantUse.objects.exists()


def test_without_a_record_there_is_no_data(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    assert len(house.rows(analyst, ALL)) == 3
    house.warehouse.url = "duckdb:////nowhere/never-opened.duckdb"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE access_auditevent ADD CONSTRAINT full_disk CHECK (kind <> 'query.opened') NOT VALID"
        )

    assert code_of(house, analyst, ALL) == "audit_unavailable"
    assert QueryRecord.objects.count() == 1


def test_use_is_counted_once_per_grant_day_and_column(house: House, analyst: Principal) -> None:
    grant = house.grant(analyst)
    for _ in range(2):
        result = house.open(analyst, "SELECT id FROM customers WHERE country <> 'XX'")
        assert len(result.to_table()) == 2
        result.close()

    usage.count()
    uses = GrantUse.objects.filter(grant=grant, principal=analyst).order_by("column_name")
    counts = {use.column_name: (use.n_queries, use.n_starred, use.rows) for use in uses}

    assert counts == {"": (2, 0, 4), "country": (2, 0, 0), "id": (2, 0, 0)}


def test_what_came_by_a_star_alone_is_weak_evidence(house: House, analyst: Principal) -> None:
    house.grant(analyst, columns=["id", "email"])

    house.rows(analyst, "SELECT * FROM customers")

    usage.count()
    assert set(GrantUse.objects.values_list("column_name", "n_queries", "n_starred")) == {
        ("", 1, 0),
        ("id", 1, 1),
        ("email", 1, 1),
    }


def test_each_grant_is_credited_with_its_own_columns_only(house: House, analyst: Principal) -> None:
    first = house.grant(analyst, columns=["id"], purpose="One")
    second = house.grant(analyst, columns=["country"], purpose="Two")

    house.rows(analyst, ALL)

    usage.count()
    for grant, column in ((first, "id"), (second, "country")):
        columns = GrantUse.objects.filter(grant=grant).values_list("column_name", flat=True)
        assert set(columns) == {"", column}


def test_a_reader_who_leaves_early_has_used_what_arrived(house: House, analyst: Principal) -> None:
    house.grant(analyst, "events")
    result = house.open(analyst, "SELECT id FROM events")
    first = next(result.batches())
    result.close()

    usage.count()
    use = GrantUse.objects.get(column_name="")

    assert (use.n_queries, use.rows) == (1, first.rows)
    assert QueryRecord.objects.get().code == "left"


def test_a_result_nobody_read_is_no_use(house: House, analyst: Principal) -> None:
    house.grant(analyst)

    house.open(analyst, ALL).close()

    assert usage.count() == 1
    assert not GrantUse.objects.exists()


def test_every_surface_has_a_time_limit() -> None:
    # Own tools are held by the warehouse itself.
    assert set(opening.SECONDS) == set(Surface) - {Surface.NATIVE}


def test_one_person_cannot_take_every_turn_at_the_gate(
    house: House, analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("access.gate.turns.OURS", Hall(places=4, at_once=4, for_pages=0))
    other = house.person("other")
    running = [house.open(analyst, "SELECT 1"), house.open(analyst, "SELECT 1")]

    assert code_of(house, analyst, "SELECT 1") == "too_many_queries"
    assert house.rows(other, "SELECT 1") == [(1,)]
    running[0].close()
    assert house.rows(analyst, "SELECT 1") == [(1,)]
    assert code_of(house, analyst, "SELECT nothing") == "unknown_column"
    running[1].close()
    assert house.rows(analyst, "SELECT 1") == [(1,)]
