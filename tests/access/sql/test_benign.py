"""What analysts really write is accepted, and answered as over tables cut down by hand."""

from typing import Any

import pytest

from tests.access.sql.company import DuckCompany, PostgresCompany, alike
from tests.access.sql.corpus import sections

CORPUS = sections("benign.sql")


def _check(company: Any, sql: str) -> None:
    expected_names, expected = company.truth(sql.replace("wh.sales.", "sales."))
    found_names, found = company.answer(sql)

    assert alike(found) == alike(expected)
    assert len(found_names) == len(expected_names)


@pytest.mark.parametrize("sql", CORPUS["both"] + CORPUS["duckdb"])
def test_duckdb_answers_as_over_a_hand_cut_copy(duck_company: DuckCompany, sql: str) -> None:
    _check(duck_company, sql)


@pytest.mark.parametrize("sql", CORPUS["both"] + CORPUS["postgres"])
def test_postgres_answers_as_over_a_hand_cut_copy(
    postgres_company: PostgresCompany, sql: str
) -> None:
    _check(postgres_company, sql)
