"""In which clauses a base column was asked for."""

from __future__ import annotations

import pytest

from tests.access.sql.company import plan

CUSTOMERS = "wh.sales.customers"
ASKED: dict[str, dict[str, set[str]]] = {
    "select id, name from customers": {"id": {"selected"}, "name": {"selected"}},
    "select id from customers where country = 'DE'": {"id": {"selected"}, "country": {"filtered"}},
    "select count(*) from customers": {},
    "select count(*) from customers where exists (select * from orders)": {},
    "select country, count(*) from customers group by country": {
        "country": {"selected", "grouped"}
    },
    "select country, count(*) from customers group by 1 order by 1": {
        "country": {"selected", "grouped", "ordered"}
    },
    "select id from customers order by name": {"id": {"selected"}, "name": {"ordered"}},
    "select sum(score) filter (where country = 'DE') from customers": {
        "score": {"selected"},
        "country": {"filtered"},
    },
    "select max(score) from customers group by country having min(birth) > date '1980-01-01'": {
        "score": {"selected"},
        "country": {"grouped"},
        "birth": {"filtered"},
    },
    "select o.id from orders o join customers c on o.customer_id = c.id and c.country = 'DE'": {
        "id": {"joined"},
        "country": {"joined"},
    },
    "select o.id from orders o where o.customer_id in (select id from customers where score > 1)": {
        "id": {"filtered"},
        "score": {"filtered"},
    },
    "select (select max(c.score) from customers c where c.id = o.customer_id) from orders o": {
        "score": {"selected"},
        "id": {"filtered"},
    },
    "with c as (select id, lower(name) as low from customers) select id from c where low = 'x'": {
        "id": {"selected"},
        "name": {"selected", "filtered"},
    },
    "select id from (select * from customers) t where country = 'DE'": {
        "id": {"selected"},
        "country": {"filtered"},
    },
    "select email || name as e from customers order by e": {
        "email": {"selected", "ordered"},
        "name": {"selected", "ordered"},
    },
}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("sql", ASKED)
def test_a_column_counts_under_the_clause_it_stands_in(sql: str, dialect: str) -> None:
    found = plan(sql, dialect).clauses.get(CUSTOMERS, {})

    assert {name: set(clauses) for name, clauses in found.items()} == ASKED[sql]


def test_group_by_all_groups_by_whatever_is_no_aggregate() -> None:
    found = plan("select country, max(score) from customers group by all").clauses[CUSTOMERS]

    assert found == {"country": {"selected", "grouped"}, "score": {"selected"}}


def test_a_star_names_nothing_but_a_filter_beside_it_does() -> None:
    found = plan("select * from customers where country = 'DE'").clauses[CUSTOMERS]

    assert found["country"] == {"starred", "filtered"}
    assert {name for name, clauses in found.items() if clauses == {"starred"}} == {
        "id", "name", "email", "phone", "score", "birth",
    }  # fmt: skip


@pytest.mark.parametrize("sql", ASKED)
def test_a_column_with_a_clause_is_a_column_in_use_and_the_other_way_round(sql: str) -> None:
    found = plan(sql)

    for dataset, columns in found.used.items():
        assert set(found.clauses.get(dataset, {})) == set(columns)
