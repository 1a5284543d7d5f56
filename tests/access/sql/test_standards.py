"""TPC-H and TPC-DS through the guard: every query accepted as it stands, and answered as over hand-cut tables."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.sql.company import alike
from tests.access.sql.standards import tpcds, tpch
from tests.access.sql.standards.warehouses import DuckWarehouse, PostgresWarehouse, Warehouse

COMPANIES: dict[str, Any] = {"tpch": tpch, "tpcds": tpcds}
# All of TPC-H and a third of TPC-DS; make drill asks the rest.
CASES = [
    pytest.param(suite, name, marks=[pytest.mark.drill] if suite == "tpcds" and number % 3 else [])
    for suite, company in COMPANIES.items()
    for number, name in enumerate(company.SUITE.queries)
]
LARGER = 8
LIMITED = re.compile(r"\s+LIMIT \d+$")


@pytest.fixture(scope="module")
def duck_standards() -> dict[str, Warehouse]:
    return {suite: DuckWarehouse(company) for suite, company in COMPANIES.items()}


@pytest.fixture(scope="module")
def postgres_standards(postgres_url: str) -> Iterator[dict[str, Warehouse]]:
    made = _postgres(postgres_url, 1)
    yield dict(made)
    for warehouse in made.values():
        warehouse.close()


def _postgres(url: str, scale: int) -> dict[str, PostgresWarehouse]:
    return {
        suite: PostgresWarehouse(company, url, f"{suite}_{scale}_{os.getpid()}", scale)
        for suite, company in COMPANIES.items()
    }


def _check(warehouse: Warehouse, suite: str, name: str) -> None:
    sql = COMPANIES[suite].SUITE.queries[name]
    _, expected = warehouse.truth(sql)
    _, found = warehouse.answer(sql)
    if len(expected) == len(found) and LIMITED.search(sql):
        # Which of several equal rows a LIMIT cuts is the engine's choice.
        whole = LIMITED.sub("", sql)
        (_, expected), (_, found) = warehouse.truth(whole), warehouse.answer(whole)

    assert alike(found) == alike(expected)


@pytest.mark.parametrize(("suite", "name"), CASES)
def test_duckdb_answers_a_standard_query_as_over_a_hand_cut_copy(
    duck_standards: dict[str, Warehouse], suite: str, name: str
) -> None:
    _check(duck_standards[suite], suite, name)


@pytest.mark.parametrize(("suite", "name"), CASES)
def test_postgres_answers_a_standard_query_as_over_a_hand_cut_copy(
    postgres_standards: dict[str, Warehouse], suite: str, name: str
) -> None:
    _check(postgres_standards[suite], suite, name)


@pytest.mark.parametrize(("suite", "share"), [("tpch", 0.9), ("tpcds", 0.75)])
def test_most_standard_queries_find_rows(
    duck_standards: dict[str, Warehouse], suite: str, share: float
) -> None:
    """Two empty answers are alike whatever the guard does."""
    queries = COMPANIES[suite].SUITE.queries
    filled = [name for name, sql in queries.items() if duck_standards[suite].truth(sql)[1]]

    assert len(filled) >= share * len(queries)


@pytest.mark.parametrize("suite", COMPANIES)
def test_the_policies_change_what_most_standard_queries_find(
    duck_standards: dict[str, Warehouse], suite: str
) -> None:
    """A guard that let everything through would be found out by most queries."""
    warehouse = duck_standards[suite]
    queries = COMPANIES[suite].SUITE.queries
    changed = [
        name
        for name, sql in queries.items()
        if alike(warehouse.everything(sql)[1]) != alike(warehouse.truth(sql)[1])
    ]

    assert len(changed) >= 0.65 * len(queries)


@pytest.mark.drill
@pytest.mark.parametrize("suite", COMPANIES)
def test_standard_queries_agree_on_larger_data_too(postgres_url: str, suite: str) -> None:
    made = PostgresWarehouse(COMPANIES[suite], postgres_url, f"{suite}_{os.getpid()}_large", LARGER)
    try:
        for warehouse in (DuckWarehouse(COMPANIES[suite], LARGER), made):
            for name in COMPANIES[suite].SUITE.queries:
                _check(warehouse, suite, name)
    finally:
        made.close()
