"""Column lineage from SQL: what a value is computed from, and how, for the shapes people write."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.importers.column_lineage import Tables, derive

TABLES = {
    "main": {
        "orders": ["id", "customer", "cents", "placed_at"],
        "items": ["id", "order_id", "price", "is_food"],
        "customers": ["id", "name"],
    },
    "raw": {"orders": ["id", "note"]},
}
DUCKDB = Tables("duckdb", TABLES)


def lineage(sql: str, tables: Tables = DUCKDB) -> dict[str, str]:
    """Each output column with its inputs as words: `main.orders.id identity, ...`, or `?` where it was not followed."""
    return {
        name: ", ".join(
            f"{one.table}.{one.column} {kind}" for one, kind in sorted(derived.inputs.items())
        )
        if derived.is_resolved
        else "?"
        for name, derived in derive(sql, tables).columns.items()
    }


CASES = {
    "a plain column is handed on": (
        "select id as order_id from orders",
        {"order_id": "main.orders.id identity"},
    ),
    "a star hands on every column": (
        "select * from customers",
        {"id": "main.customers.id identity", "name": "main.customers.name identity"},
    ),
    "a star may leave columns out and replace them": (
        "select * exclude (name) replace (id + 1 as id) from customers",
        {"id": "main.customers.id expression"},
    ),
    "another schema is another table": (
        "select o.note from raw.orders o",
        {"note": "raw.orders.note identity"},
    ),
    "the database in front is the warehouse itself": (
        'select "id" from "shop"."main"."orders"',
        {"id": "main.orders.id identity"},
    ),
    "names are compared without case": (
        "SELECT Orders.ID FROM Main.ORDERS",
        {"id": "main.orders.id identity"},
    ),
    "a literal and a count of rows have no inputs": (
        "select 1 as one, count(*) as n, current_date as today from orders",
        {"one": "", "n": "", "today": ""},
    ),
    "a calculation is an expression": (
        "select cents / 100 as euros, coalesce(customer, id) as who from orders",
        {
            "euros": "main.orders.cents expression",
            "who": "main.orders.customer expression, main.orders.id expression",
        },
    ),
    "an aggregate is an aggregation of its argument only": (
        "select customer, sum(cents) + customer as odd from orders group by customer",
        {
            "customer": "main.orders.customer identity",
            "odd": "main.orders.cents aggregation, main.orders.customer expression",
        },
    ),
    "the strongest step on the way counts": (
        "with sums as (select customer, sum(cents) as total from orders group by 1) select total > 5 as big from sums",
        {"big": "main.orders.cents aggregation"},
    ),
    "a case uses what it tests and what it gives": (
        "select case when is_food then price else 0 end as food from items",
        {"food": "main.items.is_food expression, main.items.price expression"},
    ),
    "a window is computed from its partition and order": (
        "select row_number() over (partition by customer order by placed_at) as nth from orders",
        {"nth": "main.orders.customer expression, main.orders.placed_at expression"},
    ),
    "a named window counts as the window it names": (
        "select rank() over w as nth from orders window w as (partition by customer order by cents)",
        {"nth": "main.orders.cents expression, main.orders.customer expression"},
    ),
    "lag hands on one row's value": (
        "select lag(cents) over (order by placed_at) as before from orders",
        {"before": "main.orders.cents expression, main.orders.placed_at expression"},
    ),
    "a running sum aggregates": (
        "select sum(cents) over (order by placed_at) as so_far from orders",
        {"so_far": "main.orders.cents aggregation, main.orders.placed_at expression"},
    ),
    "filters and join conditions are not inputs": (
        "select c.name from orders o join customers c on c.id = o.customer where o.cents > 5",
        {"name": "main.customers.name identity"},
    ),
    "using merges the columns it joins by": (
        "select id from orders join customers using (id)",
        {"id": "main.customers.id expression, main.orders.id expression"},
    ),
    "a union takes from every branch by place": (
        "select id, cents from orders union all select order_id, price from items",
        {
            "id": "main.items.order_id identity, main.orders.id identity",
            "cents": "main.items.price identity, main.orders.cents identity",
        },
    ),
    "a union by name takes by name": (
        "select id, cents as x from orders union all by name select price as x, id from items",
        {
            "id": "main.items.id identity, main.orders.id identity",
            "x": "main.items.price identity, main.orders.cents identity",
        },
    ),
    "a later CTE may shadow a real table": (
        "with orders as (select name as id from customers) select id from orders",
        {"id": "main.customers.name identity"},
    ),
    "a CTE may rename its columns": (
        "with t(a, b) as (select id, name from customers) select b as n from t",
        {"n": "main.customers.name identity"},
    ),
    "a derived table is looked through": (
        "select x.total from (select sum(price) as total from items) x",
        {"total": "main.items.price aggregation"},
    ),
    "an alias may be used further on in the same select": (
        "select cents / 100 as euros, euros * 2 as twice from orders",
        {"euros": "main.orders.cents expression", "twice": "main.orders.cents expression"},
    ),
    "a scalar subquery gives its output": (
        "select (select max(price) from items i where i.order_id = o.id) as top from orders o",
        {"top": "main.items.price aggregation"},
    ),
    "a value taken from the outer query is followed there": (
        "select (select o.cents + 1) as more from orders o",
        {"more": "main.orders.cents expression"},
    ),
    "exists is computed from what it compares": (
        "select exists (select 1 from items i where i.order_id = o.id) as has_items from orders o",
        {"has_items": "main.items.order_id expression, main.orders.id expression"},
    ),
    "a recursive query comes from where it begins": (
        "with recursive r as (select id, cents from orders union all select id + 1, cents from r where id < 9) select * from r",
        {"id": "main.orders.id expression", "cents": "main.orders.cents identity"},
    ),
    "values and table functions read no table": (
        "select v.a, g.d from (values (1)) v(a), generate_series(1, 5) g(d)",
        {"a": "", "d": ""},
    ),
    "what a view's text selects is what the view has": (
        "create view v as select id as k from orders",
        {"k": "main.orders.id identity"},
    ),
    "an unknown table with one unknown source is named all the same": (
        "select mystery from elsewhere.t",
        {"mystery": "elsewhere.t.mystery identity"},
    ),
    "a column nobody has is not followed": ("select nothing from orders", {"nothing": "?"}),
    "pivoted columns are not guessed": (
        "select * from (pivot items on is_food using sum(price))",
        {},
    ),
}


@pytest.mark.parametrize(("sql", "expected"), CASES.values(), ids=CASES)
def test_each_column_comes_from(sql: str, expected: dict[str, str]) -> None:
    assert lineage(sql) == expected


def test_postgresql_compares_quoted_names_exactly() -> None:
    tables = Tables("postgresql", {"public": {"Orders": ["Id", "id"]}}, "public")

    found = lineage('select "Id" as a, ID as b from "Orders"', tables)

    assert found == {"a": "public.Orders.Id identity", "b": "public.Orders.id identity"}


def test_an_insert_fills_columns_by_place() -> None:
    query = derive("insert into customers (name, id) select customer, id from orders", DUCKDB)

    placed = query.for_columns(["id", "name"])

    assert [(name, [one.column for one in derived.inputs]) for name, derived in placed.items()] == [
        ("name", ["customer"]),
        ("id", ["id"]),
    ]


def test_the_tables_a_query_reads_leave_out_its_own_names() -> None:
    query = derive(
        "with a as (select * from raw.orders) select * from a join items on true", DUCKDB
    )

    assert query.tables == {"raw.orders", "main.items"}


def test_the_words_are_those_of_the_step_that_computes() -> None:
    query = derive("with t as (select cents / 100 as e from orders) select e from t", DUCKDB)

    assert query.columns["e"].expression == "orders.cents / 100"


@pytest.mark.parametrize(
    "sql", ["", "selec 1", "drop table orders", "update orders set id = 1", "((("]
)
def test_what_is_no_query_is_unreadable_and_raises_nothing(sql: str) -> None:
    assert not derive(sql, DUCKDB).is_readable


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    derive(f"select {text} from orders", DUCKDB)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=25), st.sampled_from(["cents", "customer"]))
def test_handing_on_through_any_number_of_steps_stays_identity(steps: int, column: str) -> None:
    parts = [f"s0 as (select {column} as c0 from orders)"]
    parts += [f"s{n} as (select c{n - 1} as c{n} from s{n - 1})" for n in range(1, steps)]

    found = lineage(f"with {', '.join(parts)} select c{steps - 1} as last from s{steps - 1}")

    assert found == {"last": f"main.orders.{column} identity"}
