"""What exactly the engines are sent: the rewritten text of a query of each kind, so that a change of it is seen.

Other tests say that an answer is right and tells nothing; this one makes every change of the form deliberate. After one,
read the difference and write the file anew: `python -m tests.access.sql.test_rewritten`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from access.errors import Refusal
from access.sql import Plan
from tests.access.sql.company import DUCKDB, POSTGRES, SPARK, plan

FILE = Path(__file__).with_name("rewritten.txt")
DIALECTS = (DUCKDB, POSTGRES, SPARK, "trino")
WHOLE = {table: f"select * from {table}" for table in ("customers", "orders", "items")}
QUERIES = """
select * from customers
select * from orders
select * from items
select email, phone, ssn from customers
select c.* from customers c where c.country = 'DE'
select name from customers where cast(phone as integer) > 5
select name from customers where score / 2 > 1 and birth >= date '1980-01-01'
select upper(email), length(phone) from customers where email like 'u%' order by 1 limit 3
select country, count(*), avg(score) from customers group by country having count(*) > 2 order by 2 desc
select country, sum(score) over (partition by country order by id) from customers
select * from orders where tenant between 1 and 3 and status in ('open', 'paid')
select note, amount + tax as total from orders where amount / tax > 3
select * from orders where note is null or not (tenant = 1)
select extract(year from day), sum(amount) from orders group by 1
select case when amount > 100 then 'much' else note end from orders
select coalesce(note, 'none'), nullif(status, 'open') from orders
select o.id, c.email from orders o join customers c on o.customer_id = c.id where c.country = 'FR'
select * from orders o left join customers c on o.customer_id = c.id and cast(c.phone as integer) > 1
select id, name from customers where exists (select 1 from orders where orders.customer_id = customers.id)
select id from customers where id in (select customer_id from orders where amount > 10)
select (select max(amount) from orders o where o.customer_id = c.id) from customers c
with recent as (select * from orders where day >= date '2024-02-01') select count(*) from recent
with orders as (select id from orders) select * from orders
with a as (select id, note from orders), b as (select * from a where id < 9) select * from b join a using (id)
select id from customers union all select id from orders order by 1
select id from customers except select customer_id from orders
select * from (select id, cast(note as integer) as n from orders) t where n > 1
select distinct product, price from items
select product, sum(quantity * price) from items group by product
select price from items where price > 3 or quantity = 7
select * from items cross join (values (1), (2)) v(n) where n < quantity
select day + interval '1' day, ordered_at - interval '2' hour from orders
select cast(day as timestamp), cast(tenant as text), try_cast(note as integer) from orders
select * from orders where day > current_date - interval '30' day
select min(ordered_at), max(day) from orders where status || 'x' = 'openx'
select count(*) from closed
select missing from customers
select * from nowhere
select 1 as one, 'two' as two, null as nothing
select * from sales.customers, wh.sales.items where id = order_id
""".strip().splitlines()


def _told(sql: str, dialect: str) -> Iterator[str]:
    try:
        made: Plan = plan(sql, dialect, limit=100)
    except Refusal as refusal:
        yield f"! {refusal.code} {sorted((need.dataset, need.columns) for need in refusal.needs)}"
        return
    views = {} if " from " not in sql or sql in WHOLE.values() else _views(dialect)
    yield f"> {_short(made.sql, views)}"
    if made.shown != made.sql:
        yield f"  shown {_short(made.shown, views)}"
    yield f"  output {made.output}, relations {sorted(made.relations)}, starred {sorted(made.starred)}"
    for name, used in sorted(made.used.items()):
        clauses = {column: sorted(said) for column, said in sorted(made.clauses[name].items())}
        yield f"  {name} {sorted(used)} {sorted(made.grants[name])} {clauses}"


@cache
def _views(dialect: str) -> dict[str, str]:
    """The policy views as they stand alone, which the texts of other queries name instead of repeating them."""
    found = {}
    for table, sql in WHOLE.items():
        text = plan(sql, dialect).sql
        found[text[text.index("(") + 1 : text.rindex(")")]] = f"<{table}>"
    return found


def _short(text: str, views: dict[str, str]) -> str:
    for view, name in views.items():
        text = text.replace(view, name)
    return text


def _all() -> Iterator[str]:
    for dialect in DIALECTS:
        yield f"[{dialect}]"
        for sql in QUERIES:
            yield f"? {sql}"
            yield from _told(sql, dialect)


def _expected() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    dialect = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            dialect = line.strip("[]")
        elif line.startswith("? "):
            current = found.setdefault((dialect, line.removeprefix("? ")), [])
        else:
            current.append(line)
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_is_rewritten_as_written_down(dialect: str, sql: str) -> None:
    assert list(_told(sql, dialect)) == _expected()[dialect, sql]


if __name__ == "__main__":
    FILE.write_text("\n".join(_all()) + "\n", encoding="utf-8")
