"""The second wall stands on its own: whatever DuckDB reads beyond the plan is refused, however it got there."""

from dataclasses import dataclass

import duckdb
import pytest

from access.errors import Refusal
from access.sql import verify


@dataclass(frozen=True)
class Planned:
    relations: frozenset[tuple[str, str]] = frozenset({("sales", "orders")})


def _verify(sql: str) -> None:
    row = duckdb.connect().execute("select json_serialize_sql(?)", [sql]).fetchone()
    assert row is not None
    verify(row[0], Planned())


PASSING = [
    'select * from "sales"."orders" as "__gh_row"',
    "select __internal_barrier(try(id)) from sales.orders",
    "with __gh_with_1 as (select 1) select * from __gh_with_1",
    "select a + 1, -b, c like 'x', d between 1 and 2, e::int, case when f then 1 end from (select 1) t",
    "select sum(x) filter (where y) over (partition by z order by w) from range(3) t(x)",
    "pivot (select 1 as a, 2 as b) on a in (1, 2) using sum(b)",
    "select 1 union all select 2 order by 1 limit 3",
    "with recursive __gh_with_1 as (select 1 union all select 2 from __gh_with_1) select * from __gh_with_1",
    "values (1), (2)",
    "select distinct a from (values (1)) t(a) order by a asc, 1 desc limit 10 percent",
    "select distinct on (a) a from (values (1)) t(a) order by a",
    "select a from (values (1)) t(a) limit 3 offset 1",
    "select a from sales.orders semi join (select 1 as b) t on a = b",
    "select a collate nocase, #1 from sales.orders order by all",
    "select a is null, a in (1, 2), a in (select 1), not a, a and b or c, coalesce(a, b), a <> b from sales.orders",
    "select rank() over (order by a), lag(a, 1, 2) over w from sales.orders window w as (partition by b)",
    "select cast(a as time with time zone), cast(a as timestamp with time zone), a::decimal(3, 1) from sales.orders",
    "select * exclude (a) replace (b as c), columns('x.*'), t.* from sales.orders t",
    "select * from sales.orders using sample 3 rows",
    "select * from range(3), unnest([1]), generate_series(1, 2)",
    "select a[1], a[1:2], s.t, a -> 'x', a ->> 'x', a || b, a ^ 2, -a, ~a, a // 2, a ~ 'x' from sales.orders",
    "select extract(year from a), interval 1 day, date '2024-01-01', true, null, 1.5 from sales.orders",
    "unpivot (select 1 as a, 2 as b) on a, b into name k value v",
    "select [x for x in [1]], {'a': 1}, map {'a': 1}, list_transform([1], lambda x: x + 1)",
]


@pytest.mark.parametrize("sql", PASSING)
def test_what_the_gate_writes_passes(sql: str) -> None:
    _verify(sql)


STOPPED = [
    "select a from __gh_x.orders",
    "select * from x.__gh_with_1",
    "select * from sales.__gh_with_1",
    "select x::main.varchar from (select 1 as x)",
    "select x::memory.main.varchar from (select 1 as x)",
    "select memory.main.lower('x')",
    "select pragma_version() from pragma_version()",
    "select row_number() over (order by getenv('x'))",
    "select count(*) over (partition by current_database())",
    "select * from sum(1)",
    "select * from lower('x')",
    "",
    "select * from sales.vault",
    "select * from orders",
    "select * from other.sales.orders",
    "select * from 'x.csv'",
    "select * from sales.orders at (version => 1)",
    "select * from read_csv('x')",
    "select * from query_table('sales.vault')",
    "select getenv('x')",
    "select current_setting('x')",
    "select main.lower('x')",
    "select x::regclass from (select 1 as x)",
    "select x::my_type from (select 1 as x)",
    "select (select secret from sales.vault)",
    "select 1 where exists (from sales.vault)",
    "with a as (select * from sales.vault) select 1",
    "select * from (describe sales.orders)",
    "select * from (show tables)",
    "select $1",
    "select 1; select 2",
    "insert into sales.orders values (1)",
    "pragma version",
    "not sql at all",
]


@pytest.mark.parametrize("sql", STOPPED)
def test_anything_else_is_stopped(sql: str) -> None:
    with pytest.raises(Refusal) as caught:
        _verify(sql)

    assert caught.value.code == "unsupported"
