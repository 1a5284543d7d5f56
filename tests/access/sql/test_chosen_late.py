"""Rows chosen after something was worked out for them: HAVING, QUALIFY, ORDER BY with LIMIT.

Whether it is worked out at all must not depend on statistics of hidden rows. The worlds are tables of several parts, in
which each part's least and greatest value comes from hidden rows; the last part holds a visible value that fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import psycopg
import pytest

from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import guard
from tests.access.sql.company import BOTH, DUCKDB, POSTGRES

COLUMNS = {"id": "BIGINT", "tenant": "INTEGER", "tag": "VARCHAR", "odd": "VARCHAR", "n": "INTEGER"}
POLICY = TablePolicy(
    "wh.sales.orders",
    "sales",
    "orders",
    tuple(ColumnFact(name, kind) for name, kind in COLUMNS.items()),
    rows="tenant IN (SELECT tenant FROM ent WHERE username = :principal)",
    grants=(GrantRule(1),),
)
# The smallest part of a table that DuckDB keeps statistics of.
ROWS_PER_PART = 2048
N_ROWS = 100 * ROWS_PER_PART
LAST = N_ROWS - 2
VISIBLE = "i % 2 = 0"


def world(hidden_tag: str, hidden_n: int) -> duckdb.DuckDBPyConnection:
    """A database whose visible rows are always the same."""
    connection = duckdb.connect(config={"threads": "1"})
    connection.execute(f"ATTACH ':memory:' AS world (ROW_GROUP_SIZE {ROWS_PER_PART})")
    connection.execute("USE world")
    connection.execute("CREATE SCHEMA sales")
    connection.execute(
        "CREATE TABLE sales.ent AS SELECT 'alice' AS username, i * 2 AS tenant FROM range(5000) t(i)"
    )
    connection.execute(f"""CREATE TABLE sales.orders AS SELECT i AS id, (i % 2)::INTEGER AS tenant,
        CASE WHEN {VISIBLE} THEN CASE WHEN i < {ROWS_PER_PART} THEN 'b' ELSE 'y' END ELSE '{hidden_tag}' END AS tag,
        CASE WHEN i = {LAST} THEN 'bad' ELSE '1' END AS odd,
        (CASE WHEN {VISIBLE} THEN CASE WHEN i < {ROWS_PER_PART} THEN i % 10 ELSE 1000 + i END ELSE {hidden_n} END)::INTEGER
        AS n FROM range({N_ROWS}) t(i)""")
    return connection


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[duckdb.DuckDBPyConnection, ...]]:
    both = (world("a", -5), world("z", 900_000))
    yield both
    for each in both:
        each.close()


def planned(sql: str, dialect: str = DUCKDB, limit: int | None = None) -> str:
    """Alice's query as it would run."""
    return guard(
        sql,
        dialect=dialect,
        lookup=lambda schema, table, warehouse: POLICY if table == "orders" else None,
        default_schema="sales",
        warehouse="wh",
        variables={"principal": "alice", "teams": [], "mask_key": "k"},
        limit=limit,
    ).sql


def end(connection: duckdb.DuckDBPyConnection, text: str) -> object:
    """The rows, or that there was a failure."""
    try:
        return connection.execute(text).fetchall()
    except duckdb.Error:
        return "failed"


@dataclass(frozen=True)
class Late:
    """A query, and the limit the gate puts on it."""

    sql: str
    limit: int | None = None


FIRST_FEW = (
    Late("SELECT CAST(odd AS INTEGER) FROM orders ORDER BY tag LIMIT 1"),
    Late("SELECT CAST(odd AS INTEGER) FROM orders ORDER BY tag", 1),
    Late("SELECT CAST(odd AS INTEGER) FROM orders ORDER BY n, id LIMIT 3"),
    Late("SELECT CAST(odd AS INTEGER) FROM orders ORDER BY n LIMIT 2 OFFSET 1"),
    Late("SELECT tag, CAST(odd AS INTEGER) AS c FROM orders ORDER BY 1, 2 LIMIT 1"),
    Late("SELECT CAST(odd AS INTEGER) AS c, tag FROM orders ORDER BY n FETCH FIRST 1 ROWS ONLY"),
    Late("(SELECT CAST(odd AS INTEGER) AS c, tag FROM orders) ORDER BY tag LIMIT 1"),
    Late("(SELECT CAST(odd AS INTEGER) AS c, tag FROM orders) ORDER BY tag", 1),
    Late("FROM orders SELECT strptime(odd, '%d') ORDER BY n LIMIT 1"),
    Late("SELECT * REPLACE (CAST(odd AS INTEGER) AS odd) FROM orders ORDER BY tag LIMIT 1"),
)
JUDGED_LATE = (
    Late("SELECT sum(CAST(odd AS INTEGER)) FROM orders HAVING max(tag) > 'yy'"),
    Late("SELECT tag, sum(CAST(odd AS INTEGER)) FROM orders GROUP BY tag HAVING max(n) > 500000"),
    Late("SELECT strptime('x', '%Y') AS k, count(*) FROM orders GROUP BY 1 HAVING max(tag) > 'yy'"),
    Late("SELECT count(*) FROM orders GROUP BY CAST(odd AS INTEGER) HAVING max(tag) > 'yy'"),
    Late("SELECT count(*) FROM orders HAVING min(tag) < 'b' ORDER BY sum(CAST(odd AS INTEGER))"),
)
OTHERS = (
    Late("SELECT n FROM orders QUALIFY max(tag) OVER (PARTITION BY CAST(odd AS INTEGER)) > 'yy'"),
    Late("SELECT tag, max(CAST(odd AS INTEGER)) FROM orders GROUP BY 1 ORDER BY 1 LIMIT 1"),
    Late("SELECT tag, max(CAST(odd AS INTEGER)) FROM orders GROUP BY ALL ORDER BY ALL", 1),
    Late("SELECT DISTINCT ON (tag) CAST(odd AS INTEGER) FROM orders ORDER BY tag LIMIT 1"),
    Late("WITH a AS (SELECT CAST(odd AS INTEGER) AS c, tag FROM orders) FROM a ORDER BY tag", 1),
    Late("SELECT CAST(odd AS INTEGER) FROM orders UNION ALL SELECT 1 ORDER BY 1 LIMIT 1"),
    Late("SELECT * FROM (SELECT CAST(odd AS INTEGER) AS c, tag FROM orders) ORDER BY tag LIMIT 1"),
    Late("SELECT * FROM (SELECT CAST(odd AS INTEGER) AS c, tag FROM orders) ORDER BY tag", 1),
    Late("FROM (SELECT sum(CAST(odd AS INTEGER)), max(tag) AS m FROM orders) WHERE m > 'yy'"),
    Late(
        "FROM (SELECT CAST(odd AS INTEGER) AS c, max(n) OVER () AS m FROM orders) WHERE m > 500000"
    ),
    Late("FROM (SELECT strptime('x', '%Y'), max(tag) AS m FROM orders GROUP BY 1) WHERE m > 'yy'"),
    Late(
        "FROM (FROM orders SELECT CAST(odd AS INTEGER) AS c, tag ORDER BY tag LIMIT 1) WHERE c = 1"
    ),
    Late(
        "SELECT n, id, count(*) FROM orders WHERE CAST(odd AS INTEGER) = 1 GROUP BY ALL ORDER BY n LIMIT 3"
    ),
    Late("SELECT DISTINCT n FROM orders WHERE CAST(odd AS INTEGER) = 1 ORDER BY n LIMIT 1"),
    Late("SELECT arg_min(id, n, 3) FROM orders WHERE CAST(odd AS INTEGER) = 1"),
    Late("SELECT count(*) FROM orders WHERE CAST(odd AS INTEGER) = 1 AND n IN (1, 2, 3)"),
    Late("SELECT count(*) FROM orders WHERE CAST(odd AS INTEGER) = 1 AND tag LIKE 'b%'"),
    Late("SELECT sum(CAST(odd AS INTEGER)) FROM orders WHERE n IN (1, 2, 3)"),
    Late("SELECT CAST(odd AS INTEGER) FROM orders WHERE n = 1 OR tag = 'b' LIMIT 3"),
)


@pytest.mark.parametrize("query", [*FIRST_FEW, *JUDGED_LATE, *OTHERS], ids=lambda q: q.sql)
def test_worlds_end_alike(worlds: tuple[duckdb.DuckDBPyConnection, ...], query: Late) -> None:
    text = planned(query.sql, limit=query.limit)
    first, second = (end(each, text) for each in worlds)

    assert first == second


@pytest.mark.parametrize("query", [*FIRST_FEW, *JUDGED_LATE], ids=lambda q: q.sql)
def test_without_the_barrier_they_would_not(
    worlds: tuple[duckdb.DuckDBPyConnection, ...], query: Late
) -> None:
    text = planned(query.sql, limit=query.limit)
    open_ = text.replace("__internal_barrier(try(", "((").replace(" OFFSET 0", "")
    first, second = (end(each, open_) for each in worlds)

    assert text != open_
    assert first != second


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM orders ORDER BY tag LIMIT 1",
        "SELECT tag, count(*) AS n FROM orders GROUP BY tag HAVING count(*) > 1 ORDER BY n DESC LIMIT 5",
        "SELECT CAST(odd AS INTEGER) FROM orders LIMIT 5",
    ],
)
def test_what_cannot_fail_or_names_no_order_stays_open(dialect: str, sql: str) -> None:
    text = planned(sql, dialect)

    assert "OFFSET 0" not in text
    assert text.count("__internal_barrier") <= 1


# --- PostgreSQL, whose planner looks at statistics of hidden rows before it takes an index

POSTGRES_WORLDS = ("'a'", "i::text")
POSTGRES_LATE = (
    "SELECT tag, max(CAST(odd AS integer)) FROM orders GROUP BY tag ORDER BY tag LIMIT 1",
    "SELECT DISTINCT ON (tag) tag, CAST(odd AS integer) FROM orders ORDER BY tag LIMIT 1",
    "SELECT CAST(odd AS integer) FROM orders ORDER BY tag LIMIT 1",
    "SELECT id FROM orders WHERE CAST(odd AS integer) = 1 ORDER BY n LIMIT 1",
    "SELECT sum(CAST(odd AS integer)) FROM orders HAVING max(tag) > 'yy'",
)
# Those of them that do tell the worlds apart where nothing stands between.
TELLING = POSTGRES_LATE[:2]


@pytest.fixture(scope="module")
def postgres_worlds(postgres_url: str) -> Iterator[tuple[psycopg.Connection, ...]]:
    """Two databases whose hidden rows have one tag, or each its own."""
    names = [f"chosen_late_{number}_{os.getpid()}" for number in range(len(POSTGRES_WORLDS))]
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for name in names:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {name}".encode())
        made = tuple(psycopg.connect(postgres_url, dbname=name, autocommit=True) for name in names)
        for connection, hidden in zip(made, POSTGRES_WORLDS, strict=True):
            _fill(connection, hidden)
        yield made
        for connection, name in zip(made, names, strict=True):
            connection.close()
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _fill(connection: psycopg.Connection, hidden: str) -> None:
    """The tables and statistics of all their rows, so that each run has the same plans."""
    statements = f"""
        CREATE SCHEMA sales;
        CREATE TABLE sales.ent AS SELECT 'alice' AS username, i * 2 AS tenant FROM generate_series(0, 20) i;
        CREATE TABLE sales.orders AS SELECT i::bigint AS id, i % 2 AS tenant,
            CASE WHEN {VISIBLE} THEN CASE WHEN i < 6000 THEN 'b' ELSE 'y' END ELSE {hidden} END AS tag,
            CASE WHEN i = 59998 THEN 'bad' ELSE '1' END AS odd, i AS n FROM generate_series(0, 59999) i;
        CREATE INDEX ON sales.orders (tag);
        CREATE INDEX ON sales.orders (n);
        SET default_statistics_target = 1000;
        ANALYZE;
    """
    connection.execute(statements.encode())


def _ends(worlds: tuple[psycopg.Connection, ...], text: str) -> list[object]:
    found: list[object] = []
    for each in worlds:
        try:
            found.append(each.execute(text.encode()).fetchall())
        except psycopg.Error:
            found.append("failed")
    return found


@pytest.mark.parametrize("sql", POSTGRES_LATE)
def test_worlds_of_postgresql_end_alike(
    postgres_worlds: tuple[psycopg.Connection, ...], sql: str
) -> None:
    first, second = _ends(postgres_worlds, planned(sql, POSTGRES))

    assert first == second


@pytest.mark.parametrize("sql", TELLING)
def test_without_the_fence_they_would_not(
    postgres_worlds: tuple[psycopg.Connection, ...], sql: str
) -> None:
    text = planned(sql, POSTGRES)
    fence = " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL WHERE FALSE OFFSET 0"
    first, second = _ends(postgres_worlds, text.replace(fence, ""))

    assert fence in text
    assert first != second


@pytest.mark.parametrize("query", [*FIRST_FEW[:2], *JUDGED_LATE[:2]], ids=lambda q: q.sql)
def test_postgresql_keeps_the_table_behind_a_fence(query: Late) -> None:
    assert "OFFSET 0" in planned(query.sql, POSTGRES, query.limit)
