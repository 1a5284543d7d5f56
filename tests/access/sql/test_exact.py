"""Which arithmetic PostgreSQL may run below a row filter, because no value can make it fail."""

from typing import Any

import psycopg
import pytest

from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import exact, kinds
from access.sql.sources import Fact
from tests.access.sql.company import POSTGRES, plan

COLUMNS = {
    "price": "numeric(12,2)",
    "rate": "numeric(4,3)",
    "loose": "numeric",
    "n": "bigint",
    "f": "double precision",
    "tag": "text",
}
LARGEST = {"price": "9999999999.99", "rate": "-9.999", "loose": "1e131000", "n": "9223372036854775807", "f": "1e308"}  # fmt: skip
POLICY = TablePolicy(
    "wh.sales.sums",
    "sales",
    "sums",
    tuple(ColumnFact(*column) for column in COLUMNS.items()),
    rows="tag = 'mine'",
    grants=(GrantRule(1),),
)
CERTAIN = (
    "price * (1 - rate)",
    "price * (1 - rate) * (1 + rate) - price / 7.0",
    "n * 1.5 + price",
    "-price",
    "price % 2.5",
    "case when rate > 0 then price * 2 else price end - 1",
    "0.06 - 0.01",
)
UNCERTAIN = (
    "price / rate",
    "price / (1 - 1)",
    "price % 0",
    "n + 1",
    "n * n",
    "-n",
    "loose * loose",
    "price * loose",
    "f * 2",
    "price * f",
    "cast(price as integer)",
    "cast(price * price as numeric(12,2))",
)


def _is_fenced(sql: str) -> bool:
    return " OFFSET 0" in plan(sql, POSTGRES, policies={"sums": POLICY}).sql


@pytest.mark.parametrize("expression", CERTAIN)
def test_arithmetic_that_cannot_fail_needs_no_fence(expression: str) -> None:
    assert not _is_fenced(f"select tag from sums where {expression} > 1.5")


@pytest.mark.parametrize("expression", UNCERTAIN)
def test_arithmetic_that_may_fail_is_fenced(expression: str) -> None:
    assert _is_fenced(f"select tag from sums where {expression} > 1.5")


@pytest.mark.parametrize(
    "sql",
    [
        "select tag from sums where price > (select 0.2 * avg(price) from sums)",
        "select tag from sums where tag in (select tag from sums group by tag having sum(price) > 300)",
        "select tag from (select tag, price * rate as made from sums) t where made - 1 > 2",
    ],
)
def test_sums_and_means_of_such_numbers_need_none_either(sql: str) -> None:
    assert not _is_fenced(sql)


def test_squares_of_squares_are_fenced_before_they_can_overflow() -> None:
    sql = "select price * price as x from sums"
    for _ in range(3):
        sql = f"select x * x as x from ({sql}) t"
    assert not _is_fenced(f"select 1 from ({sql}) t where x > 1")

    for _ in range(2):
        sql = f"select x * x as x from ({sql}) t"
    assert _is_fenced(f"select 1 from ({sql}) t where x > 1")


@pytest.mark.parametrize("expression", CERTAIN)
def test_the_largest_values_do_not_make_it_fail(postgres_url: str, expression: str) -> None:
    values = ", ".join(f"{value}::{COLUMNS[name]} as {name}" for name, value in LARGEST.items())
    with psycopg.connect(postgres_url) as server:
        row: Any = server.execute(
            f"select {expression} > 1.5 from (select {values}) t".encode()
        ).fetchone()

    assert row is not None


def test_a_column_of_aggregates_has_the_digits_of_its_numbers() -> None:
    wide, whole = Fact(kind=kinds.NUMERIC, digits=12), Fact(kind=kinds.INT, digits=10)

    assert exact.aggregate("sum", [wide]) == Fact(kind=kinds.NUMERIC, held=True, digits=12 + 20)
    assert exact.aggregate("sum", [whole]) == Fact(kind=kinds.INT, held=True)
    assert exact.aggregate("avg", [whole]) == Fact(kind=kinds.NUMERIC, held=True, digits=10)
    assert exact.aggregate("max", [whole]) == Fact(kind=kinds.INT, held=True, digits=10)
    for name, facts in (
        ("count", [wide]),
        ("sum", [wide, wide]),
        ("sum", [Fact(kind=kinds.NUMERIC)]),
    ):
        assert exact.aggregate(name, facts) is None


def test_a_sign_changes_nothing_of_a_number_whose_digits_are_known() -> None:
    wide = Fact(kind=kinds.NUMERIC, digits=12)

    assert exact.negation(wide) == wide
    assert exact.negation(Fact(kind=kinds.NUMERIC)) is None
    assert exact.negation(Fact(kind=kinds.INT, digits=10)) is None
