"""TPC-H and TPC-DS on a real Spark server: every query accepted as it stands, and answered as over hand-cut tables.

A few run by default, all of them in `make drill`.
"""

from __future__ import annotations

import pytest

from tests import spark
from tests.access.sql.company import alike
from tests.access.sql.standards.spark_warehouse import SparkWarehouse
from tests.access.sql.test_standards import COMPANIES, LIMITED

pytestmark = pytest.mark.spark

DAILY = {"tpch": ("q1", "q13", "q22"), "tpcds": ()}
CASES = [
    pytest.param(suite, name, marks=[] if name in DAILY[suite] else [pytest.mark.drill])
    for suite, company in COMPANIES.items()
    for name in company.SUITE.queries
]


@pytest.fixture(scope="module")
def warehouse(
    request: pytest.FixtureRequest,
    spark_server: spark.Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> SparkWarehouse:
    """One suite at a time: the two have a table of one name."""
    folder = tmp_path_factory.mktemp(request.param)
    return SparkWarehouse(COMPANIES[request.param], spark_server.url, folder)


@pytest.mark.parametrize(("warehouse", "name"), CASES, indirect=["warehouse"])
def test_spark_answers_a_standard_query_as_over_a_hand_cut_copy(
    warehouse: SparkWarehouse, name: str
) -> None:
    # A name in double quotes is a text in Spark, which quotes names its own way.
    sql = warehouse.company.SUITE.queries[name].replace('"', "`")
    (_, expected), (_, found) = warehouse.truth(sql), warehouse.answer(sql)
    if len(expected) == len(found) and LIMITED.search(sql):
        # Which of several equal rows a LIMIT cuts is the engine's choice.
        whole = LIMITED.sub("", sql)
        (_, expected), (_, found) = warehouse.truth(whole), warehouse.answer(whole)

    assert alike(found) == alike(expected)
