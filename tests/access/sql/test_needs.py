"""A refusal names exactly what to ask for; a plan says exactly what was used, and by whose grant."""

import pytest

from access.errors import Refusal
from access.sql import Plan
from tests.access.sql.company import plan

ASKS = {
    "every column of a star": ("select * from closed", {"wh.sales.closed": ("a", "b")}),
    "the named column alone": ("select b from closed", {"wh.sales.closed": ("b",)}),
    "one column where rows are counted": (
        "select count(*) from closed",
        {"wh.sales.closed": ("a",)},
    ),
    "columns in filters and joins too": (
        "select o.id from orders o join closed c on c.a = o.id where c.b = 'x'",
        {"wh.sales.closed": ("a", "b")},
    ),
    "what an outer query takes from a star": (
        "select b from (select * from closed) t",
        {"wh.sales.closed": ("b",)},
    ),
    "granted columns beside the missing one": (
        "select id, ssn from customers where country = 'DE'",
        {"wh.sales.customers": ("id", "ssn", "country")},
    ),
    "everything missing at once": (
        "select c.ssn, x.a from customers c, closed x",
        {"wh.sales.closed": ("a",), "wh.sales.customers": ("ssn",)},
    ),
}


@pytest.mark.parametrize("case", ASKS, ids=list(ASKS))
def test_a_refusal_asks_for(case: str) -> None:
    sql, expected = ASKS[case]

    with pytest.raises(Refusal) as caught:
        plan(sql)

    assert {need.dataset: need.columns for need in caught.value.needs} == expected


def test_both_missing_things_are_in_the_sentence() -> None:
    with pytest.raises(
        Refusal, match=r"wh\.sales\.closed yet, and none to wh\.sales\.customers\.ssn"
    ):
        plan("select c.ssn, x.a from customers c, closed x")


USES = {
    "selected": ("select name from customers", {"name"}),
    "filtered": ("select name from customers where country = 'DE'", {"name", "country"}),
    "grouped and ordered": (
        "select count(*) from customers group by country order by max(score)",
        {"country", "score"},
    ),
    "joined by USING": ("select 1 from customers join (select 1 as id) t using (id)", {"id"}),
    "only counted": ("select count(*) from customers", set()),
    "through a WITH part": ("with c as (select * from customers) select email from c", {"email"}),
    "through nested stars": (
        "select name from (select * from (select * from customers) a) b",
        {"name"},
    ),
    "in a window": (
        "select sum(score) over (partition by country) from customers",
        {"score", "country"},
    ),
    "in a correlated subquery": (
        "select 1 from orders o where exists (select 1 from customers c where c.id = o.id)",
        {"id"},
    ),
    "through an alias": ("select upper(name) as n from customers order by n", {"name"}),
    "as a whole row": (
        "select c from customers c",
        {"id", "name", "email", "phone", "country", "score", "birth"},
    ),
    "as a field of the whole row": ("select c.name.upper() from customers c", {"name"}),
    "left out of a star": (
        "select * exclude (id, email, phone, score, birth) from customers",
        {"name", "country"},
    ),
}


@pytest.mark.parametrize("case", USES, ids=list(USES))
def test_columns_count_as_used(case: str) -> None:
    sql, expected = USES[case]

    assert plan(sql).used["wh.sales.customers"] == expected


STARRED = {
    "select * from customers": True,
    "from customers": True,
    "select c.* from customers c": True,
    "select columns('n.*') from customers": True,
    "select * from (select * from customers) t": True,
    "select *, id from customers": False,
    "select * from customers where id = 1": False,
    "select id from customers": False,
    "select id from (select * from customers) t": False,
    "select count(*) from customers": False,
}


@pytest.mark.parametrize("sql", STARRED)
def test_a_dataset_is_starred_only_when_nothing_of_it_is_named(sql: str) -> None:
    assert ("wh.sales.customers" in plan(sql).starred) is STARRED[sql]


def test_grants_are_credited_for_what_they_cover() -> None:
    assert plan("select product from items").grants == {"wh.sales.items": frozenset({3, 4})}
    assert plan("select price from items").grants == {"wh.sales.items": frozenset({4})}


def test_the_plan_names_its_output() -> None:
    assert plan("select id, amount * 2 as twice, count(*) over () as n from orders").output == (
        "id",
        "twice",
        "n",
    )
    assert plan("select id from (select *, id + 1 from customers) t", "postgres").output == ("id",)


def test_what_has_no_name_is_named_by_the_engine() -> None:
    assert plan("select columns('.*') from customers").output == ()
    assert plan("select id, amount * 2 from orders").output == ()
    assert plan("select id, amount * 2 from orders").sql.startswith(
        'SELECT "id", "amount" * 2 FROM'
    )


def test_a_query_as_a_column_is_named_by_the_gate() -> None:
    text = plan("select (select max(amount) from orders) from customers").sql

    assert ' AS "subquery" FROM' in text


def test_relations_are_the_real_tables_with_those_a_filter_looks_into() -> None:
    assert plan("select id from orders").relations == {("sales", "orders"), ("sales", "ent")}


def test_the_fingerprint_follows_the_reader() -> None:
    first = plan("select id from orders")
    same = plan("select amount from orders")

    assert first.fingerprint == same.fingerprint
    assert first.fingerprint != plan("select id from customers").fingerprint


def test_the_mask_key_is_not_shown() -> None:
    from access.policies.policy import GrantRule, Mask, TablePolicy
    from tests.access.sql.company import facts

    hashed = TablePolicy(
        "wh.sales.customers",
        "sales",
        "customers",
        facts("customers"),
        masks={"email": Mask("hash")},
        grants=(GrantRule(1),),
    )
    made: Plan = plan("select email from customers", policies={"customers": hashed})

    assert "pepper" in made.sql
    assert "pepper" not in made.shown


LIMITS = {
    "select id from orders": "LIMIT 10",
    "select id from orders limit 5": "LIMIT 5",
    "select id from orders limit 500": "LIMIT 10",
    "select id from orders union select id from customers": "LIMIT 10",
    "(select id from orders limit 500)": "LIMIT 10",
    "values (1), (2)": "LIMIT 10",
    "select id from orders limit (select 3)": "LIMIT 10",
}


@pytest.mark.parametrize("sql", LIMITS)
def test_a_limit_is_never_exceeded(sql: str) -> None:
    assert plan(sql, limit=10).sql.rstrip(" )").endswith(LIMITS[sql])
