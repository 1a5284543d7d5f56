"""Hostile queries by class: each is refused with the code it deserves, or runs and reveals nothing."""

from typing import Any

import duckdb
import psycopg
import pytest

from access.errors import Refusal
from tests.access.sql.company import BOTH, DuckCompany, PostgresCompany, plan
from tests.access.sql.corpus import sections

CORPUS = sections("attacks.sql")
SECRETS = ("SECRET", "GOLD", "ssn", "user1@", "+49", "'XX'", "__gh", "entitle")


def _cases(harmless: bool) -> list[Any]:
    return [
        pytest.param(code, dialect, sql, id=f"{dialect}-{code}-{sql[:70]}")
        for heading, queries in CORPUS.items()
        for code, place in [heading.split()[:2]]
        for dialect in (BOTH if place == "both" else (place,))
        for sql in queries
        if (code == "harmless") is harmless
    ]


@pytest.mark.parametrize(("code", "dialect", "sql"), _cases(harmless=False))
def test_an_attack_is_refused_with_its_code(code: str, dialect: str, sql: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(sql, dialect)

    assert caught.value.code == code
    assert "GOLD" not in caught.value.message or "GOLD" in sql


@pytest.mark.parametrize(("code", "dialect", "sql"), _cases(harmless=True))
def test_a_harmless_query_reveals_nothing(
    code: str,
    dialect: str,
    sql: str,
    duck_company: DuckCompany,
    request: pytest.FixtureRequest,
) -> None:
    company: DuckCompany | PostgresCompany = (
        duck_company if dialect == "duckdb" else request.getfixturevalue("postgres_company")
    )
    try:
        names, rows = company.answer(sql)
    except (duckdb.Error, psycopg.Error):
        return

    shown = repr(names) + repr(rows)
    found = [secret for secret in SECRETS if secret in shown and secret.strip("'") not in sql]
    assert not found


def test_a_hidden_table_is_refused_like_one_that_does_not_exist() -> None:
    refusals = []
    for table in ("vault", "nosuch"):
        with pytest.raises(Refusal) as caught:
            plan(f"select * from {table}")
        refusals.append((caught.value.code, caught.value.message.replace(table, "T")))

    assert refusals[0] == refusals[1]
