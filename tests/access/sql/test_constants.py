"""Constants that are taken as unable to raise: which, of what family, and that engines do evaluate them."""

import duckdb
import psycopg
import pytest
from sqlglot import parse_one

from access.sql import constants
from access.sql.dialects import DUCKDB, POSTGRES
from tests.access.sql.company import PostgresCompany

CERTAIN = {
    "CAST('2024-02-29' AS DATE)": "date",
    "CAST('0001-01-01' AS DATE)": "date",
    "CAST('2024-01-01 10:00:00' AS TIMESTAMP)": "timestamp",
    "CAST('2024-01-01 10:00:00' AS TIMESTAMPTZ)": "timestamptz",
    "CAST('123456789' AS INT)": "int",
    "CAST('-999999999' AS BIGINT)": "int",
    "CAST('x' AS TEXT)": "text",
    "CAST('true' AS BOOLEAN)": "bool",
    "CAST('15' AS DOUBLE PRECISION)": "float",
    "CAST(now() AS DATE)": "date",
    "CAST(current_date AS TIMESTAMP)": "timestamp",
    "current_date": "date",
    "current_timestamp": "timestamptz",
    "now()": "timestamptz",
    "INTERVAL '546' YEAR": "interval",
    "INTERVAL '6451' MONTH": "interval",
    "INTERVAL '9999' WEEKS": "interval",
    "INTERVAL '9999' DAY": "interval",
    "current_date + INTERVAL '1' DAY": "timestamp",
    "now() - INTERVAL '1' HOUR": "timestamptz",
    "current_date - 200000": "date",
    "1000000 + 1000000": "int",
    "((((((current_date))))))": "date",
    f"CAST('0001-01-01' AS DATE){' - 200000' * 6}": "date",
    "CAST('0001-01-01' AS TIMESTAMP)" + " - INTERVAL '546' YEAR" * 6: "timestamp",
    "CAST('9999-12-31' AS TIMESTAMPTZ)" + " + INTERVAL '9999' WEEK" * 6: "timestamptz",
}
UNCERTAIN = (
    "CAST('2024-02-30' AS DATE)",
    "CAST('1234567890' AS INT)",
    "CAST('x' AS INT)",
    "CAST('abc' AS DOUBLE PRECISION)",
    "CAST('1' AS SMALLINT)",
    "CAST(5 AS INT)",
    "CAST(now() AS TEXT)",
    "CAST(day AS DATE)",
    "day",
    "random()",
    "INTERVAL '10000' DAY",
    "INTERVAL '547' YEAR",
    "INTERVAL '6452' MONTH",
    "INTERVAL '1' CENTURY",
    "INTERVAL '1' DAY + INTERVAL '1' DAY",
    "INTERVAL '1' DAY + current_date",
    "current_date - current_date",
    "current_date - 200001",
    "current_date - (100000 + 100000)",
    "5 + current_date",
    "1000001 + 1",
    "'5' + 5",
    "5 * 5",
    "(((((((current_date)))))))",
    f"CAST('0001-01-01' AS DATE){' - 200000' * 7}",
)


def certain(text: str, dialect: str) -> str | None:
    return constants.certain(parse_one(f"SELECT {text}", read=dialect).expressions[0])


@pytest.mark.parametrize("dialect", [DUCKDB, POSTGRES])
@pytest.mark.parametrize("text", CERTAIN)
def test_a_constant_read_in_full_is_certain(text: str, dialect: str) -> None:
    assert certain(text, dialect) == CERTAIN[text]


@pytest.mark.parametrize("dialect", [DUCKDB, POSTGRES])
@pytest.mark.parametrize("text", UNCERTAIN)
def test_any_other_is_not(text: str, dialect: str) -> None:
    assert certain(text, dialect) is None


def test_what_is_certain_evaluates_on_duckdb() -> None:
    for text in CERTAIN:
        duckdb.execute(f"SELECT {text}").fetchall()


def test_what_is_certain_evaluates_on_postgresql(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as database:
        for text in CERTAIN:
            printed = parse_one(text, read=POSTGRES).sql(POSTGRES)
            # As text: Python has no days before the year 1.
            database.execute(f"SELECT CAST({printed} AS TEXT)".encode()).fetchall()


@pytest.mark.parametrize(
    "constant",
    [
        "current_date - 1000000 - 1000000 - 1000000",
        "current_date - (1000000 + 1000000 + 1000000)",
        "cast(now() - interval '9999' year as date)",
        "cast(now() - interval '90000' month as date)",
    ],
)
def test_a_constant_beyond_the_calendar_tells_nothing_of_hidden_rows(
    postgres_company: PostgresCompany, constant: str
) -> None:
    """PostgreSQL evaluates what depends on the clock only when a row comes by: tenant 5 has hidden ones, 55 none."""
    ends = [
        _end(
            postgres_company,
            f"select count(*) from orders where tenant = {tenant} and"
            f" case when status is null then {constant} else day end > date '2020-01-01'",
        )
        for tenant in (5, 55)
    ]

    assert ends[0] == ends[1]


def _end(company: PostgresCompany, sql: str) -> str:
    try:
        return repr(company.answer(sql))
    except psycopg.Error as error:
        return type(error).__name__
