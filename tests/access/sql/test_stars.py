"""The columns that a star stands for bear their own names, and not their neighbours', however the tables are joined."""

import pytest

from tests.access.sql.company import DuckCompany, PostgresCompany, plan

JOINED = [
    "select * from orders o join (select id, status, 1 as z from orders) p using (id, status)",
    "select * from orders o join (select 1 as z, status, id from orders) p using (status, id)",
    "select * from customers c join (select 1 as y, id from orders) o using (id) join (select 2 as w, id from orders) p using (id)",
    "select * from items, orders o natural join (select 5 as q, id from customers) x",
    "select * from customers left join (select id, 1 as y from orders) o using (id)",
    "select * from customers join ((select id, 1 as y from orders) a join (select 2 as y, 3 as x, id from items i, orders o) b using (id)) using (id)",
    "select * from (select * from (select 1 as a, id from orders) x join orders y using (id)) t(one, two, three)",
    "select * from (select id from orders) a natural full join (select 1 as b, id from customers) b",
    "select x.*, y.* from (select 1 as a, id from orders) x join orders y using (id)",
]


@pytest.mark.parametrize("sql", JOINED)
def test_a_star_over_columns_joined_by_name(
    duck_company: DuckCompany, postgres_company: PostgresCompany, sql: str
) -> None:
    for company, dialect in ((duck_company, "duckdb"), (postgres_company, "postgres")):
        names, _ = company.truth(sql)
        assert list(plan(sql, dialect).output) == names


def test_a_star_with_a_new_name_can_be_ordered_by_it(duck_company: DuckCompany) -> None:
    sql = "select * rename (id as number) from customers order by number desc"

    assert plan(sql).output[0] == "number"
    assert duck_company.answer(sql) == duck_company.truth(sql)


def test_the_fields_of_a_struct_are_named_by_the_engine() -> None:
    assert plan("select s.* from (select {'a': 1, 'b': 2} as s)").output == ()
