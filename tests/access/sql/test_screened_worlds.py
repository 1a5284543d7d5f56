"""The two worlds of `test_worlds`, read through screens: row-level security of a role of its own, and its views.

The tables have the indexes a real one has, because an index is one more way to run a condition early.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from access.errors import Refusal
from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql.guard import Plan, guard
from access.sql.screens import screening
from catalog.engines.postgresql_screens import ScreenKeeper
from catalog.engines.postgresql_sessions import connected
from tests.access.sql.corpus import sections
from tests.access.sql.grammar import Grammar
from tests.access.sql.test_worlds import Worlds, _statements, policies_of

CORPUS = sections("worlds.sql")
READER = "screen_reader"
INDEXES = (
    "create unique index on sales.orders (id)",
    "create index on sales.orders (tag)",
    "create index on sales.orders (amount)",
    "create index on sales.orders (email)",
    "create index on sales.items (order_id)",
    "create index on sales.items (tag)",
)
# Conditions whose column has an index and whose values only hidden rows have.
INDEXED = (
    "select count(*) from orders where tag = 'gold' and cast(email as integer) > 5",
    "select count(*) from orders where amount > 4000 and cast(odd as integer) = 1",
    "select count(*) from orders where cast(odd as integer) = 1 and amount > 4000",
    "select count(*) from orders where email like 'SECRET1%' and cast(odd as integer) = 1",
    "select id from orders where tag = 'gold' order by cast(email as integer) limit 3",
    "select count(*) from orders where amount between 4000 and 6000 and 1 / (amount - 5001) > 0",
    "select max(amount) from orders where cast(odd as integer) = 1 and email > 'SECRET'",
)


def _planned(sql: str) -> Plan:
    known = policies_of("postgres")
    return guard(
        sql,
        dialect="postgres",
        lookup=lambda schema, table, warehouse: known.get(table),
        default_schema="sales",
        warehouse="wh",
        variables={"principal": "alice", "teams": [], "mask_key": "k"},
        screened=lambda policy: True,
    )


class ScreenedWorlds(Worlds):
    """Both databases as the reader's role finds them: screens, and no right to any table."""

    def __init__(self, first: str, second: str, first_reader: str, second_reader: str) -> None:
        self._keepers = [
            ScreenKeeper(lambda url=url: connected(url, time.monotonic() + 10), lambda: READER)
            for url in (first, second)
        ]
        self.readers = [
            psycopg.connect(url, autocommit=True) for url in (first_reader, second_reader)
        ]
        super().__init__("postgres", self.readers[0], self.readers[1], psycopg.Error)

    def ends_of(self, sql: str) -> list[object]:
        plan = _planned(sql)
        assert plan.screening is not None
        for keeper in self._keepers:
            assert keeper.secure(plan.screening.screens) == frozenset()
        for reader in self.readers:
            for name, value in plan.screening.settings.items():
                reader.execute("select set_config(%s, %s, false)", [name, value])
        return self.ends(plan.sql)


@pytest.fixture(scope="module")
def worlds(postgres_url: str) -> Iterator[ScreenedWorlds]:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        if admin.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone() is None:
            admin.execute(f"create role {READER} login".encode())
        urls = [_made(admin, postgres_url, world) for world in ("first", "second")]
        made = ScreenedWorlds(*urls, *(make_conninfo(url, user=READER) for url in urls))
        for reader in made.readers:
            reader.execute("set search_path = pg_catalog")
            reader.execute("set statement_timeout = '20s'")
        yield made
        for reader, keeper in zip(made.readers, made._keepers, strict=True):
            keeper.release()
            name = reader.info.dbname
            reader.close()
            admin.execute(f"drop database {name} with (force)".encode())


def _made(admin: Any, url: str, world: str) -> str:
    name = f"screens_{world}_{os.getpid()}"
    admin.execute(f"drop database if exists {name} with (force)".encode())
    admin.execute(f"create database {name}".encode())
    target = make_conninfo(url, dbname=name)
    with psycopg.connect(target, autocommit=True) as owner:
        for statement in _statements(world, "generate_series(0, {} - 1) s(i)"):
            owner.execute(statement.encode())
        for statement in INDEXES:
            owner.execute(statement.encode())
        owner.execute("analyze")
    return target


@pytest.mark.parametrize("sql", [*CORPUS["both"], *CORPUS["postgres"], *INDEXED])
def test_worlds_behind_screens_end_alike(worlds: ScreenedWorlds, sql: str) -> None:
    try:
        first, second = worlds.ends_of(sql)
    except Refusal:
        return

    assert first == second


FROM = int(os.environ.get("GATEHOUSE_GENERATED_FROM", "0"))
GENERATED = int(os.environ.get("GATEHOUSE_GENERATED_QUERIES", "80"))


def test_worlds_behind_screens_answer_generated_queries_alike(worlds: ScreenedWorlds) -> None:
    decided = 0
    for seed in range(FROM, FROM + GENERATED):
        sql = Grammar(seed).query()
        first, second = worlds.ends_of(sql)
        assert first == second, f"{seed}: {sql}"
        decided += first != "failed"
    assert decided > GENERATED // 5


# Found by generating: which side of a join runs first, and so whether its expression fails, follows from an estimate.
TOLD_BY_STATISTICS = (
    """select t1.email as a, cast(t1.order_id / (7 - 7) as integer) as b from items t1 where (t1.id >
    (select count(*) from items s2 where (s2.id + 7) >= cast(s2.tenant / (-1 - -1) as integer)) and t1.tag = 'gold')
    order by 1, 2 limit 20""",
    """select max((cast(t1.tag as integer) / nullif(cast(t2.email as integer), 0))) from
    (select *, (1 * 900) as made from items where order_id > cast(n / (7 - 7) as integer)) t1 join
    (select *, (tenant + 20000) as made from items where (900 >= coalesce(7, 14) or email = '7')) t2
    on t1.n = t2.tenant where t2.email = '7'""",
)


def _unfenced(text: str) -> str:
    bare = text.replace(" OFFSET 0", "")
    while " UNION ALL SELECT NULL" in bare:
        head, _, rest = bare.partition(" UNION ALL SELECT NULL")
        bare = head + rest.partition(" WHERE FALSE")[2]
    return bare


def test_row_level_security_alone_does_tell_by_statistics(worlds: ScreenedWorlds) -> None:
    for reader in worlds.readers:
        reader.execute("set max_parallel_workers_per_gather = 0")
    told = []
    for sql in TOLD_BY_STATISTICS:
        first, second = worlds.ends_of(sql)
        assert first == second
        told.append(worlds.ends(_unfenced(_planned(sql).sql)))

    assert any(first != second for first, second in told)


def test_a_team_s_name_stays_one_member_of_the_setting(postgres_url: str) -> None:
    teams = ['say "cheese"', "back\\slash", "a,b", "{}", "it's"]
    policy = TablePolicy("wh.s.t", "s", "t", (ColumnFact("id", "integer"),), grants=(GrantRule(1),))
    variables = (("principal", "alice"), ("teams", tuple(teams)))

    made = screening([policy], "wh", variables, "key")

    assert made is not None
    (said,) = [value for value in made.settings.values() if value.startswith("{")]
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT %s::text[]", [said]).fetchone() == (teams,)
