"""SHOW, DESCRIBE, SUMMARIZE and information_schema: answered from our own catalog with the viewer's rights."""

from __future__ import annotations

from typing import Any

import pytest

from access import usage
from access.clock import database_now
from access.errors import Refusal
from access.models import Grant, GrantUse, Principal
from catalog.models import Column, Dataset, Visibility
from tests.access.gate.house import House, code_of

pytestmark = pytest.mark.django_db

TABLES = "SELECT table_name, access FROM information_schema.tables ORDER BY table_name"


def hide(table: str) -> None:
    """Makes a dataset unknown to whoever has nothing to do with it."""
    Dataset.objects.filter(name=f"wh.sales.{table}").update(visibility=Visibility.HIDDEN)


def names(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in rows]


def test_the_tables_are_those_somebody_may_know_of(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    hide("events")

    assert house.rows(analyst, TABLES) == [("customers", "granted"), ("territories", "not granted")]


def test_an_outsider_lists_what_is_listed_for_everybody(house: House) -> None:
    hide("customers")

    assert names(house.rows(house.person("otto"), TABLES)) == ["events", "territories"]


def test_a_hidden_table_appears_with_a_grant_and_goes_with_it(
    house: House, analyst: Principal
) -> None:
    hide("events")
    assert "events" not in names(house.rows(analyst, TABLES))
    grant = house.grant(analyst, "events")
    assert ("events", "granted") in house.rows(analyst, TABLES)

    Grant.objects.filter(pk=grant.pk).update(ended_at=database_now(), end_reason="revoked")

    assert "events" not in names(house.rows(analyst, TABLES))


def test_the_columns_are_those_a_star_would_give_with_the_types_of_their_masks(
    house: House, analyst: Principal
) -> None:
    house.policy(masks={"email": "hash"})
    house.grant(analyst, columns=["id", "email"])

    listed = house.rows(
        analyst,
        "SELECT column_name, data_type, ordinal_position, access FROM information_schema.columns"
        " WHERE table_schema = 'sales' AND table_name = 'customers' ORDER BY ordinal_position",
    )

    assert [(row[0], row[2], row[3]) for row in listed] == [
        ("id", 1, "granted"),
        ("email", 2, "masked"),
    ]
    assert listed[1][1].lower() in ("varchar", "text")


def test_without_a_grant_the_columns_are_those_one_could_ask_for(house: House) -> None:
    otto = house.person("otto")

    listed = house.rows(
        otto, "SELECT column_name FROM information_schema.columns WHERE table_name = 'customers'"
    )

    assert sorted(names(listed)) == ["country", "email", "id", "spent"]
    assert code_of(house, otto, "SELECT id FROM customers") == "no_grant"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM information_schema.columns c JOIN information_schema.tables t USING (table_name)"
         " WHERE t.table_name = 'customers'", [(4,)]),
        ("SELECT schema_name FROM information_schema.schemata", [("sales",)]),
        ("SELECT t.table_catalog FROM wh.information_schema.tables t WHERE t.table_name IN ('events')", [("wh",)]),
        ("SELECT tablename FROM pg_catalog.pg_tables WHERE tablename = 'events'", [("events",)]),
        ("SELECT tablename FROM pg_tables WHERE tablename = 'events'", [("events",)]),
        ("SELECT view_definition FROM information_schema.views", []),
        ("SELECT table_name FROM information_schema.tables WHERE table_name = 'nothing'", []),
        ("SELECT information_schema.tables.table_name FROM information_schema.tables WHERE table_name = 'events'",
         [("events",)]),
        ("WITH t AS (SELECT * FROM information_schema.tables) SELECT count(*) FROM t", [(3,)]),
        ("SELECT count(*) FROM INFORMATION_SCHEMA.TABLES x WHERE x.table_name LIKE 'e%'", [(1,)]),
        ("SELECT count(*) FROM customers c, information_schema.tables t WHERE t.table_name = 'events'", [(3,)]),
    ],
)  # fmt: skip
def test_it_is_filtered_and_joined_like_any_table(
    house: House, analyst: Principal, sql: str, expected: list[tuple[Any, ...]]
) -> None:
    house.grant(analyst)

    assert house.rows(analyst, sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM information_schema.routines",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM pg_catalog.pg_stats",
        "SELECT * FROM other.information_schema.tables",
    ],
)
def test_the_rest_of_the_catalog_stays_closed(house: House, analyst: Principal, sql: str) -> None:
    house.grant(analyst)

    assert code_of(house, analyst, sql) == "unknown_table"


def test_too_long_a_list_says_how_to_narrow_it(house: House, analyst: Principal) -> None:
    events = house.datasets["events"]
    Column.objects.bulk_create(
        Column(dataset=events, name=f"c{n}", position=n + 10, type="integer") for n in range(5_000)
    )

    with pytest.raises(Refusal) as caught:
        house.rows(analyst, "SELECT * FROM information_schema.columns")
    narrowed = house.rows(
        analyst, "SELECT column_name FROM information_schema.columns WHERE table_name = 'customers'"
    )

    assert caught.value.code == "too_large"
    assert "WHERE table_schema" in caught.value.message
    assert len(narrowed) == 4


# SHOW and DESCRIBE


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES", "show tables;", "SHOW ALL TABLES", "SHOW TABLES FROM sales", "DESCRIBE"]
)
def test_show_tables_lists_what_somebody_may_know_of(
    house: House, analyst: Principal, sql: str
) -> None:
    hide("events")

    assert names(house.rows(analyst, sql)) == ["customers", "territories"]


@pytest.mark.parametrize(
    "sql",
    [
        "DESCRIBE customers",
        "desc sales.customers",
        "DESCRIBE TABLE wh.sales.customers;",
        "SHOW COLUMNS FROM customers",
        'SHOW COLUMNS IN sales."customers"',
    ],
)
def test_describe_lists_the_columns_somebody_sees(
    house: House, analyst: Principal, sql: str
) -> None:
    house.policy(masks={"email": "email"})
    house.grant(analyst, columns=["id", "email"])

    with house.open(analyst, sql) as result:
        rows = list(result.rows())

    assert [name for name, _ in result.columns][:2] == ["column_name", "column_type"]
    assert [(row[0], row[5]) for row in rows] == [("id", "granted"), ("email", "masked")]


@pytest.mark.parametrize("sql", ["DESCRIBE {}", "SHOW COLUMNS FROM {}", "SUMMARIZE {}"])
def test_a_hidden_table_is_described_no_more_than_one_that_does_not_exist(
    house: House, analyst: Principal, sql: str
) -> None:
    hide("events")
    if house.warehouse.engine != "duckdb" and sql.startswith("SUMM"):
        return
    messages = []
    for table in ("events", "nothing"):
        with pytest.raises(Refusal) as caught:
            house.rows(analyst, sql.format(table))
        messages.append((caught.value.code, caught.value.message.replace(table, "")))

    assert messages[0] == messages[1]
    assert messages[0][0] == "unknown_table"


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW search_path now",
        "DESCRIBE customers, events",
        "DESCRIBE customers WHERE true",
        "DESCRIBE customers UNION SELECT 1",
        "SUMMARIZE SELECT * FROM customers",
        "SHOW TABLES FROM (SELECT 1)",
    ],
)
def test_other_forms_are_refused_in_words(house: House, analyst: Principal, sql: str) -> None:
    house.grant(analyst)

    assert code_of(house, analyst, sql) in ("not_a_query", "unsupported", "not_one_statement")


def test_describing_a_query_needs_the_access_it_would_need_and_reads_nothing(
    house: House, analyst: Principal
) -> None:
    grant = house.grant(analyst, columns=["id", "country"])

    rows = house.rows(analyst, "DESCRIBE SELECT id, count(*) AS n FROM customers GROUP BY id")
    usage.count()

    assert names(rows) == ["id", "n"]
    assert "int" in rows[0][1].lower()
    assert not GrantUse.objects.filter(grant=grant).exists()
    assert code_of(house, analyst, "DESCRIBE SELECT spent FROM customers") == "column_not_granted"
    assert code_of(house, house.person("otto"), "DESCRIBE SELECT id FROM customers") == "no_grant"


# SUMMARIZE


def test_a_summary_shows_what_the_reader_sees_and_nothing_else(
    house: House, analyst: Principal
) -> None:
    if house.warehouse.engine != "duckdb":
        assert code_of(house, analyst, "SUMMARIZE customers") == "not_a_query"
        return
    house.policy(masks={"email": "redact"}, rows="country <> 'XX'")
    house.grant(analyst, columns=["id", "email", "spent"])

    rows = {row[0]: row for row in house.rows(analyst, "SUMMARIZE customers")}

    assert set(rows) == {"id", "email", "spent"}
    assert rows["id"][2:4] == ("1", "2")
    assert rows["email"][2:4] == ("REDACTED", "REDACTED")
    assert rows["spent"][2:4] == ("-3.25", "10.50")
    assert rows["id"][10] == 2


def test_a_summary_is_weak_evidence_of_need(house: House, analyst: Principal) -> None:
    if house.warehouse.engine != "duckdb":
        return
    grant = house.grant(analyst, columns=["id"])
    house.rows(analyst, "SUMMARIZE customers")
    usage.count()

    uses = GrantUse.objects.filter(grant=grant).values_list("column_name", "n_queries", "n_starred")
    assert set(uses) == {("", 1, 0), ("id", 1, 1)}


def test_a_summary_without_access_names_what_to_ask_for(house: House) -> None:
    if house.warehouse.engine != "duckdb":
        return
    with pytest.raises(Refusal) as caught:
        house.rows(house.person("otto"), "SUMMARIZE customers")

    assert caught.value.code == "no_grant"
    assert caught.value.needs[0].dataset == "wh.sales.customers"
