"""Functions that take a name as text: only a constant on a list will do."""

import pytest

from access.errors import Refusal
from tests.access.sql.company import PostgresCompany, plan


@pytest.mark.parametrize("kind", ["'integer'", "'numeric(10,2)'", "'double precision'", "('date')"])
def test_a_text_can_be_tried_as_a_plain_type(postgres_company: PostgresCompany, kind: str) -> None:
    sql = f"select id, pg_input_is_valid(name, {kind}) from customers order by id"

    assert postgres_company.answer(sql) == postgres_company.truth(sql)


@pytest.mark.parametrize(
    "kind",
    ["'regclass'", "'regrole'", "'sales.orders'", "name", "(select 'integer')", "'int' || '4'", "'\"char\"'"],
)  # fmt: skip
def test_a_type_that_looks_things_up_cannot_be_tried(kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan(f"select pg_input_is_valid(name, {kind}) from customers", "postgres")

    assert refused.value.code == "function_not_allowed"


def test_a_configuration_of_somebody_else_is_refused() -> None:
    with pytest.raises(Refusal):
        plan("""select jsonb_to_tsvector('mine', '{}', '"all"')""", "postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "select b'101'::bit varying as a, '101'::bit varying(2) as b, cast('1' as bit varying) as c, x'1F' as d",
        "select varying, bit from (select 1 as varying, 2 as bit) as x",
    ],
)
def test_bits_are_read_as_postgresql_reads_them(
    postgres_company: PostgresCompany, sql: str
) -> None:
    assert postgres_company.answer(sql) == postgres_company.truth(sql)


def test_bits_hold_nothing_else() -> None:
    with pytest.raises(Refusal):
        plan("select b'1'' or 1=1'", "postgres")
