"""What exactly the engines are sent: the rewritten text of a query of each kind, so that a change of it is seen.

Other tests say that an answer is right and tells nothing; this one makes every change of the form deliberate. After one,
read the difference and write the file anew: `python -m tests.access.sql.test_rewritten`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from access.errors import Refusal
from access.policies.policy import GrantRule, TablePolicy
from access.sql import Plan
from access.sql.listings import ListedColumn, ListedTable
from access.sql.statements import NOT_GRANTED
from tests.access.sql.company import DUCKDB, POSTGRES, SPARK, facts, plan, policies

FILE = Path(__file__).with_name("rewritten.txt")
DIALECTS = (DUCKDB, POSTGRES, SPARK, "trino")
LISTED_POLICIES = policies() | {
    "blank": TablePolicy(
        "wh.sales.blank", "sales", "blank", facts("closed"), grants=(GrantRule(5),)
    )
}
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
select * from (select id, name from customers) t limit 5
select * from (with t as (select id, note from orders) select * from t) u where id = 3
with t as (select cast(note as integer) as n from orders) select * from (select * from orders where id < 9) u limit 5
with t as (select id from orders) select * from (select cast('x' as integer) as x from t) u
select * from (select cast('x' as integer) as x from orders) u
select * from (select cast('x' as integer) as x from orders) u where exists (select 1 from items)
select * from (select cast('x' as integer) as x from orders) u, items
select * from (select cast('x' as integer) as x from orders) u, lateral (select u.x as y) l
select * from (select cast('x' as integer) as x from orders limit 3) u
select * from (select id, note from orders where status = 'open') t cross join items limit 5
select id from (select * from orders) t where exists (select 1 from items where order_id = t.id)
select * from (select id from customers order by name limit 3) t order by 1 desc offset 2
select t.a, t.b from (select id, name from customers) t(a, b) where t.b = 'x'
select c.i, c.n from customers c(i, n) where c.n = 'x'
select k.country, k.n from (select country, count(*) as n from customers group by country) k where k.n / 2 > 1
select "id", "customers"."name" as "Name" from "sales"."customers"
select ID, Customers.NAME from Sales.CUSTOMERS
select customers.* from customers, items where customers.id = items.order_id
select o.*, c.name as who from orders o join customers c on o.customer_id = c.id
select * from orders join items on orders.id = items.order_id and items.quantity > 1 where orders.tenant = 3
select * from customers join (select customer_id as id, amount from orders) o using (id)
select id, o.amount from customers c left join (select customer_id as id, amount from orders) o using (id)
select * from customers natural join (select id, amount from orders) o
select * from customers c right join orders o on c.id = o.customer_id full join items i on i.order_id = o.id
select name as n, count(*) as c from customers group by n having count(*) > 1 order by c, n
select country, status, count(*) from customers join orders on customers.id = customer_id group by rollup (country, status)
select country, count(*) from customers group by grouping sets ((country), ())
select country, count(*) from customers group by cube (country)
select sum(amount) filter (where status = 'open'), count(distinct customer_id) from orders
select id, row_number() over w, lag(amount, 1) over w from orders window w as (partition by tenant order by day)
select id, sum(amount) over (order by id rows between 1 preceding and current row) from orders
select id, rank() over (order by cast(note as integer)) from orders
select min(note), max(cast(note as integer)) from orders where tenant = 3 having count(*) > 1
select id from orders where amount > (select avg(amount) from orders)
select id from orders where amount = (select amount from orders limit 1)
select id from orders where amount = (select price from items where order_id = 3)
select id, (select name from customers where customers.id = customer_id limit 1) as who from orders
select id from customers where (id, country) in (select customer_id, status from orders)
select id from customers where id > all (select customer_id from orders where tax / 2 > 3)
select id from customers where id not in (1, 2, null) and name not like '%x_' escape '!'
select id from orders where (status = 'open' or amount / tax > 2) and not (note like 'a%' and cast(note as integer) > 1)
select id from orders where case when tenant = 3 then cast(note as integer) > 1 else false end
select id from orders where coalesce(cast(note as integer), 0) = 0 or nullif(amount, 0) is null
select id from orders where cast('1' as integer) = tenant and 1 / 0 > 1
select id from orders where tenant in (1, 1 + 1) and amount in (select price from items)
select id from orders where status is distinct from 'open' and (amount > 1) is not true
select cast(id as smallint), cast(amount as integer), cast(score as text) from orders join customers using (id)
select id + 1, -id, amount * 2, amount * tax, amount / 2, id / 2, id % 2, score * 2, -score from orders join customers using (id)
select name || country, concat(name, country), lower(name), trim(name), replace(name, 'a', 'b') from customers
select substring(name from 2 for 3), position('a' in name), left(name, 2), length(name), reverse(name) from customers
select abs(amount), round(amount, 1), floor(score), greatest(id, 3), least(id, 3), sqrt(score), ln(score) from orders join customers using (id)
select date_trunc('month', day), extract(dow from day), day - date '2024-01-01', ordered_at > '2024-01-01' from orders
select day = '2024-01-01', day between '2024-01-01' and '2024-02-01', birth < date 'tomorrow' from orders join customers using (id)
select current_timestamp, current_date, now(), random() from customers
select id from customers union (select id from orders order by amount limit 2) order by id limit 3
select id, note from orders intersect select id, name from customers
(select id from customers order by id limit 1) union all (select order_id from items limit 1)
select * from customers union all select * from customers where country = 'DE'
values (1, 'a'), (2, 'b')
select * from (values (1, 'a'), (2, 'b')) v(n, t) join items on n = quantity
with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select * from n join items on i = quantity
with recursive tree as (select id, customer_id from orders where id = 1 union all select o.id, o.customer_id from orders o join tree on o.customer_id = tree.id) select * from tree
with a as (select * from customers), b as (select * from a), a2 as (select * from orders) select * from b join a2 on b.id = a2.id
with c(x, y) as (select id, name from customers) select x from c where y = 'n'
with c as (with d as (select id from orders) select * from d) select * from c
select distinct on (country) country, name from customers order by country, id
select * from customers order by country nulls last, 2 desc fetch first 3 rows only
select id from customers order by score / 2 limit 1 + 1
select count(*) from (select distinct note from orders) t
select x.id from customers x, lateral (select amount from orders where customer_id = x.id limit 1) y
select t.n from customers cross join lateral (select length(name) as n) t
select ssn from customers
select c.ssn, b from customers c, closed
select customers.nothing, nowhere.id from customers
select c.nothing.deeper from customers c
select * from customers tablesample bernoulli (10)
select c from customers c
select count(c) from customers c
select id as name, name as id from customers order by name
select sum(total) from (select amount + tax as total from orders) t where total > 3
select n from (select cast(note as integer) as n, tenant from orders) t where tenant = 3
select n from (select note as n from orders union all select name from customers) t where cast(n as integer) = 3
select max(n) from (select max(cast(note as integer)) as n from orders group by tenant) t where n > 3
select id from customers c where exists (select 1 from orders o where o.customer_id = c.id and exists (select 1 from items i where i.order_id = o.id and c.score > 1))
select count(*) from customers c join orders o on c.id = o.customer_id where c.email = 'u***@example1.com' and o.note = 'NOTE 3'
select email, count(*) from customers group by email order by email
select id from customers;
select id from customers;;
select id from customers; -- done
;select id from customers
select id from customers; select 1
select id from customers)
select id) from (customers
select name from customers where id in (1)) and (id = 2)
select * from customers join orders using (Missing)
select * from customers join orders using (ssn)
select "K".id from orders as "K" where "K".tenant = 3
select K.id from orders as "K"
select "K".id from (select id from orders) as "K" where "K".id = 3
select "count_star()" from (select count(*) from customers) t
select * from (select count(*), count(id), max(name), id + 1 from customers group by id) t
select id from orders where day > date_trunc('month', current_date) and tax / 2 > 1
select id from orders where date_part('month', current_date) > 3 and tax / 2 > 1
select id from orders where date_trunc('month', ordered_at) > date_trunc('none', current_date)
select id from orders where left('month', tenant) = 'm' and round(tax, 1) > 2 and sqrt(tenant) > 1
select id from orders where ln(tenant) > 1 or repeat(note, 3) = 'x' or chr(tenant) = 'a'
select id from orders where day between '2024-01-01' and ordered_at
select id from orders where ordered_at between date '2024-01-01' and date '2024-02-01'
select id from orders where ordered_at not between date '2024-01-01' and current_date
select id from orders where random(tax) > 1 or now(id) > ordered_at
select id from orders where tenant between 1 and amount or amount between tax and '3'
select id from orders where '2024-01-01' between day and ordered_at
select id from orders where 'a' between note and status and 3 between tenant and amount
select id from orders where tenant + 1 > 2 and 1 + 1 = tenant and tenant * tenant > 3 and tenant % 2 = 1
select id from orders where day + interval '1' day > current_date - interval '1' day and amount * 1.5 > tax + 1
select if(id > 2, email, phone), if(tenant = 3, cast(note as integer), 0) from customers join orders using (id)
select (select 1) + id, exists (select 1 from items) or id = 3 from customers
select id from orders where note like status and status like 'a\\_b' and tax / 2 > 1
select id from orders where (id, note) = (1, 'x') and tax / 2 > 1
select id from orders where day > date '2024-01-01' + interval '9000000' day and tax / 2 > 1
select id from orders where amount in (1, '3') and note in ('a', status) and tax / 2 > 1
select id from orders where sum(tenant) over () > 1 or tax / 2 > 1
select note from (select note, id as "3", status, tax from orders) t where left(note, "3") = left(status, 3) and tax / 2 > 1
select id from orders where cast(day as date) > date '2024-01-01' and cast(status = 'x' as boolean) and tax / 2 > 1
select * from (select cast('x' as integer) as x from orders) u order by (select 1)
select id from (select day, id, tax, id as "5" from orders) t where day + interval ("5") day > current_date and tax / 2 > 1
""".strip().splitlines()

# What one engine says in its own way.
OWN = {
    DUCKDB: """
from customers
from customers select name where id = 3
select * exclude (name, ssn) from customers
select * exclude ssn from customers
select * replace (upper(name) as name, id + 1 as id) from customers
select * rename (name as who) from customers order by who
select c.* exclude (name) from customers c join items i on c.id = i.order_id
select columns('n.*') from customers
select count(columns(*)) from items
select columns(c -> c like 'i%') from customers
select unnest([id, 2]), name from customers
select unnest(string_split(name, 'a')) as part from customers
select list_transform([id, 2], x -> x + 1), [x * 2 for x in [id, 3]] from customers
select {'a': id, 'b': name}.a, struct_pack(n := name) from customers
select s.* from (select {'a': id, 'b': name} as s from customers) t
select name[1], name[2:3], [id, 2][1] from customers
select id from customers qualify row_number() over (partition by country order by id) = 1
select country, count(*) from customers group by all order by all
select name, id, #1 from customers
select * from items pivot (sum(quantity) for product in ('product 1', 'product 2'))
pivot items on product using sum(quantity) group by order_id
select id from orders where tenant in [1, 2] or tenant in (3)
pivot customers on country using count(*)
with c as (select country, id from customers) select * from (pivot c on country using count(id)) where id > 1
with c as (select country from customers), d as (with e as (select * from c) select * from (pivot e on country using count(*))) select * from d
with c as (select country from customers), d as (pivot (with e as (select * from c) select * from e) on country using count(*)) select * from d
with recursive c as (select 1 as n union all select n + 1 from c where n < 3) pivot c on n using count(*)
pivot orders on status, cast(tenant as varchar) using sum(amount)
pivot customers on ssn using count(*)
pivot (pivot items on product using sum(quantity)) on order_id using count(*)
from items unpivot (n for kind in (quantity, order_id))
select * from orders asof join items on orders.id = items.order_id and orders.amount >= items.price
select * from customers positional join items
select id from customers semi join orders on customers.id = orders.customer_id
select id from customers anti join orders on customers.id = orders.customer_id
select * from customers using sample 10 rows
select * from customers using sample reservoir(3 rows) repeatable (7)
select arg_max(name, score), string_agg(name, ',' order by id), list(name), histogram(country) from customers
select try_cast(note as date), note::integer, strftime(day, '%Y'), strptime(note, '%Y') from orders
select id from orders where note::integer > 1 and try(note::integer) > 1
select union_value(n := id), map([1], [name]) from customers
select day + 1, age(ordered_at), ordered_at::date, epoch(ordered_at) from orders
select sum(quantity) as n, n + 1 from items
select * from range(3) r(n) join items on n = quantity
select o.id, r.range from orders o, range(cast(o.note as bigint)) r where o.tax / 2 > 1
select id from (from customers select id, name) t where name[1] = 'a'
select sales.customers.name.upper(), wh.sales.customers.name.length() from wh.sales.customers
pivot items on product using sum(quantity) order by 1 limit 2 offset 1
select kind, sum(n) from items unpivot (n for kind in (quantity, order_id)) group by kind
select p.anything from (pivot items on product using sum(quantity) group by order_id) p
select columns(o.*) from orders o join items i on o.id = i.order_id
select regexp_extract(name, 'a(.)', 1), name similar to 'a.*', name glob 'a*', name ~ 'a', name ilike 'a%' from customers
""",
    POSTGRES: """
select note::integer, (amount + 1)::text, '3'::integer from orders
select id from orders where note::integer > 1 and note ~ 'a' and note ilike 'a%' and note similar to 'a'
select array_agg(name order by id), string_agg(name, ','), json_agg(name), bool_or(id > 1) from customers
select array[id, 2], (array[id, 2])[1], id = any (array[1, 2]) from customers
select json_build_object('a', id) ->> 'a', to_char(birth, 'YYYY'), to_json(c) from customers c
select percentile_cont(0.5) within group (order by score) from customers
select * from generate_series(1, 3) g(n) join items on n = quantity
select unnest(array[1, id]) from customers
select * from customers c cross join lateral unnest(array[c.id, 2]) u(n)
select (c).name, c.* from customers c
select id from customers for update
select ordered_at + interval(3) '1 day' from orders
select * from items tablesample bernoulli (0)
select ordered_at at time zone 'UTC', age(ordered_at), interval '1 day' * 2, to_date(note, 'YYYY') from orders
select width_bucket(score, 0, 10, 5), date_part('year', birth), overlay(name placing 'x' from 2) from customers
select * from items tablesample system (10) repeatable (3)
select * from items i tablesample bernoulli (0.5)
select * from items tablesample bernoulli (100)
select * from items tablesample bernoulli (101)
select * from items tablesample bernoulli (1 + 1)
select * from items tablesample bernoulli ('10')
select * from items tablesample reservoir (10)
select * from items tablesample bernoulli (10) repeatable (-3)
select * from items tablesample bernoulli (10) repeatable (1234567890123456789)
select * from (select id from orders) t tablesample bernoulli (10)
with t as (select id from orders) select * from t tablesample bernoulli (10) repeatable (-3)
with t as (select id from orders) select * from t tablesample bernoulli (1 + 1)
select column_name from information_schema.columns where table_name = 'customers'
""",
    SPARK: """
select id div 2, name rlike 'a', array(id, 2)[0], named_struct('a', id).a from customers
select explode(array(id, 2)) from customers
select * from customers lateral view explode(array(id, 2)) t as n
select * except (name) from customers
select collect_list(name), first(name), max_by(name, score), percentile_approx(score, 0.5) from customers
select try_cast(note as int), try_divide(amount, tax), date_add(day, 1), months_between(day, day) from orders
select transform(array(id, 2), x -> x + 1), filter(array(id), x -> x > 1) from customers
select id from customers left semi join orders on customers.id = orders.customer_id
select name from customers where id <=> 3
""",
}
# What the engine's catalog would say, from a listing of what Alice may know of.
LISTED = """
show tables
SHOW ALL TABLES;
show tables from sales
show tables in "sales"
show tables from (select 1)
show schemas
show databases
show columns from customers
show full columns in sales.orders
show customers
show
show search_path
show server version
describe customers
desc table extended sales.customers
describe nowhere
describe a b
describe customers c
describe customers limit 1
describe
describe select id, name from customers where id = 3
describe (select 1 as one)
summarize customers
summarize items
summarize blank
summarize closed
summarize select 1
summarize nowhere
select * from information_schema.tables
select table_name, access from information_schema.tables where table_schema = 'sales' and table_name in ('items', 'closed')
select t.table_name from information_schema.tables t where t.table_name = 'items' or t.table_name = 'closed'
select c.column_name from information_schema.columns c join information_schema.tables t using (table_name) where c.table_name = 'items'
select column_name, ordinal_position + 1 from information_schema.columns where table_name = 'items' and data_type = 1
select table_name from information_schema.columns where x.table_name = 'items'
select table_name from information_schema.tables where table_name in (select product from items)
select table_name from information_schema.tables where table_name > 'items' and 'sales' = table_schema
select a from information_schema.tables as t(a) where a = 'wh'
select * from information_schema.views
select * from information_schema.schemata where schema_name = 'sales'
select * from wh.information_schema.schemata
select * from other.information_schema.schemata
select * from INFORMATION_SCHEMA.TABLES where TABLE_NAME = 'items'
select * from information_schema.routines
select * from pg_catalog.pg_tables where tablename = 'items'
select * from pg_views
select * from pg_catalog.pg_class
select information_schema.tables.table_name from information_schema.tables
select count(*) from information_schema.tables, items where quantity > 3
select is_nullable, column_name from information_schema.columns where table_name = 'items'
""".strip().splitlines()
# What PostgreSQL is sent where row-level security of a role of its own cuts the rows.
BEHIND = "screens of postgres"
SCREENED = """
select id from orders
select id from orders where cast(note as integer) > 1
select order_id from items where price / 2 > 1 and exists (select 1)
select id from orders where cast(note as integer) > 1 and exists (select 1)
select * from (select id, cast(note as integer) as n from orders) t where n > 1
select id from (select id, cast(note as integer) as n from orders limit 3) t
select id from orders o join customers c using (id) where o.tax / o.amount > 1
select id from (select id from orders where cast(note as integer) > 1) t join customers using (id)
select id from orders where cast(note as integer) > 1 union all select id from customers
select count(*) from orders where id in (select order_id from items) and date_part('month', current_date) > 1
""".strip().splitlines()
CASES = (
    [(dialect, sql) for dialect in DIALECTS for sql in QUERIES]
    + [(dialect, sql) for dialect, texts in OWN.items() for sql in texts.strip().splitlines()]
    + [(dialect, sql) for dialect in DIALECTS for sql in LISTED]
    + [(BEHIND, sql) for sql in SCREENED]
)


def listing(
    schemas: frozenset[str] | None = None,
    tables: frozenset[str] | None = None,
    *,
    with_columns: bool = False,
) -> Iterator[ListedTable]:
    """What Alice may know of: three tables, and a view without a column of hers."""
    for name, is_view in (
        ("customers", False),
        ("items", False),
        ("closed", False),
        ("blank", True),
    ):
        if schemas in (None, {"sales"}) and (tables is None or name in tables):
            columns = tuple(_listed_columns(name)) if with_columns else ()
            yield ListedTable("sales", name, is_view, f"All {name}", "yours", columns)


def _listed_columns(table: str) -> Iterator[ListedColumn]:
    for column in facts("closed" if table == "blank" else table):
        is_open = table != "blank" and column.name != "ssn"
        access = "as it is" if is_open else NOT_GRANTED
        yield ListedColumn(column.name, column.type, column.name != "id", "It's so", access)


def _told(sql: str, dialect: str) -> Iterator[str]:
    asked: list[str] = []

    def values(question: str) -> list[str]:
        asked.append(question)
        return ["b", "a"]

    known: dict[str, Any] = {"values": values} if dialect == DUCKDB else {}
    if sql in LISTED:
        known |= {"listing": listing, "policies": LISTED_POLICIES}
    if dialect == BEHIND:
        dialect, known["screened"] = POSTGRES, lambda policy: True
    try:
        made: Plan = plan(sql, dialect, limit=100, **known)
    except Refusal as refusal:
        needs = sorted((need.dataset, need.columns) for need in refusal.needs)
        yield f"! {refusal.code} {needs} {' '.join(str(refusal).split())}"
        return
    views = {} if " from " not in sql or sql in WHOLE.values() else _views(dialect)
    yield from (f"  asked {question}" for question in asked)
    yield f"> {_short(made.sql, views)}"
    if made.shown != made.sql:
        yield f"  shown {_short(made.shown, views)}"
    if made.describes:
        yield "  describes"
    yield f"  output {made.output}, relations {sorted(map(tuple, made.relations))}, starred {sorted(made.starred)}"
    for name, used in sorted(made.used.items()):
        clauses = {
            column: sorted(said) for column, said in sorted(made.clauses.get(name, {}).items())
        }
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
    for dialect in (*DIALECTS, BEHIND):
        yield f"[{dialect}]"
        for sql in (sql for engine, sql in CASES if engine == dialect):
            yield f"? {sql}"
            yield from _told(sql, dialect)


@cache
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


@pytest.mark.parametrize(("dialect", "sql"), CASES)
def test_a_query_is_rewritten_as_written_down(dialect: str, sql: str) -> None:
    assert list(_told(sql, dialect)) == _expected()[dialect, sql]


if __name__ == "__main__":
    FILE.write_text("\n".join(_all()) + "\n", encoding="utf-8")
