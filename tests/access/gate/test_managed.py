"""A PostgreSQL in which the portal keeps screens, read through the gate by a role that has no right to any table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from access import gate
from access.errors import Refusal
from access.gate import plans
from access.gate.seeing import Eyes
from access.models import Principal, QueryRecord
from access.policies import screening
from catalog.engines import engine_for
from catalog.engines.postgresql import PostgreSQLEngine
from tests.access.gate.house import EVENTS, TABLES, House
from tests.people import put_in_charge

NAME = "managed_wh"
READER = "managed_reader"


@pytest.fixture(scope="module")
def urls(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The reader's and the administrator's."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {NAME}".encode())
        server.execute(f"DROP ROLE IF EXISTS {READER}".encode())
        server.execute(f"CREATE ROLE {READER} LOGIN".encode())
        host = server.info.host
    with psycopg.connect(make_conninfo(postgres_url, dbname=NAME), autocommit=True) as database:
        database.execute((TABLES + EVENTS["postgresql"].format(n=100)).encode())
    reader, manage = (f"postgresql://{role}@/{NAME}?host={host}" for role in (READER, "portal"))
    yield reader, manage
    engine = engine_for(reader, manage)
    assert isinstance(engine, PostgreSQLEngine)
    engine.tidy(everything=True)


@pytest.fixture
def house(db: None, urls: tuple[str, str]) -> House:
    plans.forget()
    made = House.at(urls[0])
    made.warehouse.manage = urls[1]
    made.warehouse.save()
    engine = engine_for(*urls)
    assert isinstance(engine, PostgreSQLEngine)
    assert engine._keeper is not None
    engine._keeper._refused.clear()
    return made


@pytest.fixture
def analyst(house: House) -> Principal:
    return house.person("analyst")


def _owner(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(statement.encode())


ENTITLED = "country IN (SELECT t.country FROM sales.territories t WHERE t.person = :principal)"


@pytest.mark.django_db(transaction=True)
class TestReading:
    def test_rows_and_masks_are_those_of_the_policy(self, house: House, analyst: Principal) -> None:
        house.policy(masks={"email": "email"})
        house.grant(analyst, rows=ENTITLED)

        assert house.rows(analyst, "select id, email from sales.customers") == [
            (2, "b***@example.com")
        ]

    def test_the_rewritten_query_names_no_table(self, house: House, analyst: Principal) -> None:
        house.grant(analyst, rows=ENTITLED)

        with house.open(analyst, "select id from sales.customers") as result:
            assert '"sales".' not in result.rewritten_sql
            assert "gatehouse" in result.rewritten_sql

    def test_people_with_alike_rules_share_a_screen_and_see_their_own(
        self, house: House, analyst: Principal
    ) -> None:
        other = house.person("other")
        house.grant(analyst, rows=ENTITLED)
        house.grant(other, rows=ENTITLED)

        assert house.rows(analyst, "select id from sales.customers") == [(2,)]
        assert house.rows(other, "select id from sales.customers") == []

    def test_an_outsider_is_refused(self, house: House, analyst: Principal) -> None:
        house.grant(analyst)
        house.rows(analyst, "select id from sales.customers")

        with pytest.raises(Refusal):
            house.rows(house.person("otto"), "select id from sales.customers")

    def test_access_that_ended_reads_nothing_although_its_screen_is_there(
        self, house: House, analyst: Principal
    ) -> None:
        grant = house.grant(analyst)
        house.rows(analyst, "select id from sales.customers")
        grant.expires_at = grant.starts_at + timedelta(seconds=1)
        grant.save()

        with pytest.raises(Refusal):
            house.rows(analyst, "select id from sales.customers")

    def test_a_hash_is_the_same_as_without_a_screen(self, house: House, analyst: Principal) -> None:
        house.policy(masks={"email": "hash"})
        house.grant(analyst)
        sql = "select email from sales.customers order by id"
        screened = house.rows(analyst, sql)
        _owner(house.warehouse.manage, f"GRANT USAGE ON SCHEMA sales TO {READER}; GRANT SELECT ON sales.customers TO {READER}")  # fmt: skip
        house.warehouse.manage = ""

        assert house.rows(analyst, sql) == screened
        assert len(screened[0][0]) == 64

    def test_a_replaced_table_is_read_again_at_once(self, house: House, analyst: Principal) -> None:
        house.grant(analyst, rows="country <> 'XX'")
        house.rows(analyst, "select id from sales.customers")
        _owner(
            house.warehouse.manage,
            "CREATE TABLE sales.made AS SELECT * FROM sales.customers;"
            " DROP TABLE sales.customers CASCADE; ALTER TABLE sales.made RENAME TO customers",
        )

        assert sorted(house.rows(analyst, "select id from sales.customers")) == [(1,), (2,)]

    def test_describe_and_its_like_need_no_table_either(
        self, house: House, analyst: Principal
    ) -> None:
        house.grant(analyst)

        assert [row[0] for row in house.rows(analyst, "describe sales.customers")][:2] == [
            "id",
            "email",
        ]

    def test_a_steward_looks_through_screens_too(self, house: House, analyst: Principal) -> None:
        olga = house.person("olga")
        put_in_charge(olga, house.datasets["customers"])
        house.grant(olga, rows="id < 3")
        house.grant(analyst, rows=ENTITLED)

        with gate.look(
            olga, Eyes(analyst), "select id from sales.customers", warehouse=house.warehouse
        ) as result:
            assert result.to_table() == [(2,)]


@pytest.mark.django_db(transaction=True)
class TestFallingBack:
    def test_a_table_that_cannot_be_screened_is_read_more_slowly(
        self, house: House, analyst: Principal
    ) -> None:
        _owner(
            house.warehouse.manage,
            f"GRANT USAGE ON SCHEMA sales TO {READER}; GRANT SELECT ON sales.events TO {READER};"
            " ALTER TABLE sales.events ENABLE ROW LEVEL SECURITY;"
            f" CREATE POLICY own ON sales.events TO {READER} USING (id < 4)",
        )
        house.grant(analyst, "events", rows="id > 1")

        assert house.rows(analyst, "select id from sales.events order by 1") == [(2,), (3,)]

    def test_without_any_right_the_reader_gets_a_refusal_and_no_row(
        self, house: House, analyst: Principal
    ) -> None:
        house.grant(analyst, "events")
        _owner(
            house.warehouse.manage,
            f"REVOKE ALL ON sales.events FROM {READER}; ALTER TABLE sales.events ENABLE ROW LEVEL SECURITY",
        )

        with pytest.raises(Refusal):
            house.rows(analyst, "select id from sales.events")
        assert QueryRecord.objects.latest("started_at").rows == 0

    def test_a_lost_administrator_closes_nothing_that_may_be_read(
        self, house: House, analyst: Principal
    ) -> None:
        _owner(house.warehouse.manage, f"GRANT USAGE ON SCHEMA sales TO {READER}; GRANT SELECT ON sales.territories TO {READER}")  # fmt: skip
        house.warehouse.manage += "&port=1"
        house.grant(analyst, "territories")

        assert house.rows(analyst, "select person from sales.territories") == [("analyst",)]


@pytest.mark.django_db(transaction=True)
def test_release_takes_everything_out(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    house.rows(analyst, "select id from sales.customers")

    assert screening.release(house.warehouse) > 0
    assert house.rows(analyst, "select count(*) from sales.customers") == [(3,)]
