"""Two Spark schemas that differ only in what Alice may not see must answer each of her queries alike.

The data is that of `test_worlds`, laid out so that a plain filter does leak: a test below shows that it does.
`make drill` runs every query, `GATEHOUSE_GENERATED_QUERIES` says how many generated ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import guard, rewriting
from access.sql.views import Fence
from catalog.engines import EngineError, engine_for
from tests import spark
from tests.access.sql.company import SPARK, alike
from tests.access.sql.corpus import sections, share
from tests.access.sql.grammar import Grammar
from tests.access.sql.test_worlds import ITEMS, ORDERS, ROWS, VISIBLE

pytestmark = pytest.mark.spark

WORLDS = ("first", "second")
LITERAL = "tenant % 2 = 0 AND tenant < 10000"
# Written in ways that Spark has not.
ELSEWHERE = re.compile(r"materialized|\^@|::")
QUERIES = [sql for sql in sections("worlds.sql")["both"] if not ELSEWHERE.search(sql)]
OWN = sections("spark.sql")["worlds"]
GENERATED = int(os.environ.get("GATEHOUSE_GENERATED_QUERIES", "4"))
# Generated queries come in a fixed order; the drill goes on where the daily share ends.
DRILLED = 600
NUMBERED = "(select i, (i * 7919) % 12000 as t from (select id as i from range({})) s) numbered"


def _statements(world: str) -> Iterator[str]:
    first = world == "first"
    email = "'SECRET' || i" if first else "'7'"
    tag = "'gold'" if first else "'plain'"
    amount = "5000 + i % 7" if first else "0"
    odd = "'zz'" if first else "'2'"
    yield f"drop schema if exists {world} cascade"
    yield f"create schema {world}"
    yield f"""create table {world}.ent as select 'alice' as username, cast((id % 5000) * 2 as int) as tenant
      from range(100000) union all select 'bob', cast(id as int) from range(20000)"""
    yield f"""create table {world}.orders as select /*+ repartition(3) */ i as id, cast(t as int) as tenant,
      case when {VISIBLE} then cast(i % 100 as string) else {email} end as email,
      case when {VISIBLE} then 'plain' else {tag} end as tag,
      cast(case when {VISIBLE} then 1 + i % 900 else {amount} end as int) as amount,
      case when {VISIBLE} and i <> 14 then '1' when {VISIBLE} then 'x' else {odd} end as odd,
      date '2020-01-01' + cast(i % 100 as int) as day from {NUMBERED.format(12000)}"""
    yield f"""create table {world}.items as select /*+ repartition(3) */ i as id, (i * 31) % 12000 as order_id,
      cast(t as int) as tenant, case when {VISIBLE} then 'plain' else {tag} end as tag, cast(i % 9 as int) as n,
      case when {VISIBLE} then cast(i % 50 as string) else {email} end as email from {NUMBERED.format(15000)}"""


def _facts(columns: str) -> tuple[ColumnFact, ...]:
    spelled = {"text": "string", "integer": "int"}
    pairs = [text.strip().split(" ", 1) for text in columns.split(",")]
    return tuple(ColumnFact(name, spelled.get(kind, kind)) for name, kind in pairs)


def _planned(sql: str, world: str, rows: str) -> str:
    known = {
        name: TablePolicy(
            f"wh.{world}.{name}", world, name, _facts(columns), rows=rows, grants=(GrantRule(1),)
        )
        for name, columns in (("orders", ORDERS), ("items", ITEMS))
    }
    return guard(
        sql.replace(" as text)", " as string)"),
        dialect=SPARK,
        lookup=lambda schema, table, warehouse: known.get(table),
        default_schema=world,
        warehouse="wh",
        variables={"principal": "alice", "teams": [], "mask_key": "k"},
    ).sql


class Worlds:
    """The two schemas of one server."""

    def __init__(self, url: str) -> None:
        self._engine = engine_for(url)
        self._threads = ThreadPoolExecutor(4)
        for world in WORLDS:
            spark.execute(url, *_statements(world))

    def ends(self, sql: str, rows: str = ROWS) -> list[object]:
        """How the query ends in each world: its rows, or the fact that it failed."""
        texts = [_planned(sql, world, rows) for world in WORLDS]
        return list(self._threads.map(self._end, texts))

    def differing(self, queries: list[str]) -> list[str]:
        """Those of the queries that tell the worlds apart."""
        with ThreadPoolExecutor(2) as askers:
            found = askers.map(lambda sql: (sql, self.ends(sql)), queries)
            return [sql for sql, (one, two) in found if one != two]

    def _end(self, sql: str) -> object:
        try:
            return alike(spark.read(self._engine, sql)[1])
        except EngineError as error:
            return error.cause if error.cause in ("deadline", "unreachable") else "failed"


@pytest.fixture(scope="module")
def worlds(spark_server: spark.Server) -> Worlds:
    return Worlds(spark_server.url)


@pytest.mark.parametrize("sql", [*share(QUERIES, 15), *share(OWN, 6)])
def test_worlds_answer_alike(worlds: Worlds, sql: str) -> None:
    first, second = worlds.ends(sql)

    assert first == second


@pytest.mark.parametrize("sql", share(QUERIES, 45))
def test_worlds_answer_alike_under_a_literal_filter(worlds: Worlds, sql: str) -> None:
    first, second = worlds.ends(sql, LITERAL)

    assert first == second


LEAKING = [
    "select count(*) from orders where cast(email as integer) > 5",
    "select count(*) from orders where tag = 'gold' and 1 / (amount - amount) = 1",
    "select count(*) from orders o cross join lateral (select cast(o.email as integer) as e) l where e > 5",
]


@pytest.mark.parametrize("sql", share(LEAKING, len(LEAKING)))
def test_the_layout_does_leak_without_the_guard(
    worlds: Worlds, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = worlds.ends(sql)

    monkeypatch.setattr(rewriting, "_guard", lambda *_: (frozenset(), Fence.OPEN))
    first, second = worlds.ends(sql)

    assert guarded[0] == guarded[1] != "failed"
    assert first != second


def test_worlds_answer_generated_queries_alike(worlds: Worlds) -> None:
    assert worlds.differing([Grammar(seed).query() for seed in range(GENERATED)]) == []


@pytest.mark.drill
def test_worlds_answer_many_generated_queries_alike(worlds: Worlds) -> None:
    queries = [Grammar(seed).query() for seed in range(GENERATED, GENERATED + DRILLED)]

    assert worlds.differing(queries) == []
