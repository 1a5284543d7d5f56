"""What the gate answers on a real Spark server: what analysts write, as over tables cut down by hand; attacks, nothing.

A share of the queries runs by default, all of them in `make drill`.
"""

from __future__ import annotations

from typing import Any

import pytest

from access.errors import Refusal
from catalog.engines import EngineError
from tests import spark
from tests.access.sql.company import alike
from tests.access.sql.corpus import sections, share
from tests.access.sql.spark_company import COPY, SparkCompany

pytestmark = pytest.mark.spark

OWN = sections("spark.sql")
SHARED = sections("benign.sql")["both"]
HARMLESS = [
    sql
    for heading, queries in sections("attacks.sql").items()
    if heading.split()[:2] == ["harmless", "both"]
    for sql in queries
]
OUTAGES = ("unreachable", "crash", "busy", "deadline")
SECRETS = ("SECRET", "GOLD", "ssn", "user1@", "+49", "'XX'", "__gh", "entitle")


@pytest.fixture(scope="module")
def company(spark_server: spark.Server) -> SparkCompany:
    return SparkCompany(spark_server.url)


def _check(company: SparkCompany, sql: str, expected: list[tuple[Any, ...]]) -> None:
    _, found = company.answer(sql)

    assert alike(found) == alike(expected)


def _own_names(sql: str) -> str:
    return sql.replace("wh.sales.", f"{COPY}.").replace("sales.", f"{COPY}.")


@pytest.mark.parametrize("sql", share(OWN["benign"], 6))
def test_spark_answers_as_over_a_hand_cut_copy(company: SparkCompany, sql: str) -> None:
    _check(company, sql, company.truth(_own_names(sql)))


@pytest.mark.parametrize("sql", share(SHARED, 60))
def test_spark_answers_what_other_engines_do(company: SparkCompany, sql: str) -> None:
    """Queries written for DuckDB and PostgreSQL, as far as Spark itself can read them."""
    try:
        expected = company.truth(_own_names(sql))
    except EngineError as error:
        pytest.skip(f"no SQL of Spark ({error.cause})")
    _check(company, sql, expected)


@pytest.mark.parametrize("sql", [*share(OWN["harmless"], 6), *share(HARMLESS, 24)])
def test_a_harmless_query_reveals_nothing(company: SparkCompany, sql: str) -> None:
    try:
        names, rows = company.answer(sql)
    except Refusal:
        return
    except EngineError as error:
        if error.cause in OUTAGES:
            # A server that is gone reveals nothing either, and proves nothing.
            raise
        return

    shown = repr(names) + repr(rows)
    assert not [one for one in SECRETS if one in shown and one.strip("'") not in sql]
