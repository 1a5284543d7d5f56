"""Two warehouses with the same small table, and ways to read a stream whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from catalog.engines import Engine, duckdb_pool, engine_for
from catalog.engines.arrow import rows_of

ROWS = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.customers (id INTEGER NOT NULL, email VARCHAR, country VARCHAR);
    INSERT INTO sales.customers VALUES (1, 'ana@example.com', 'DE'), (2, NULL, 'FR');
    COMMENT ON TABLE sales.customers IS 'One row per customer.';
    COMMENT ON COLUMN sales.customers.email IS 'Where we write to.';
    CREATE VIEW sales.germans AS SELECT id FROM sales.customers WHERE country = 'DE';
"""


def read(engine: Engine, sql: str, seconds: float = 10.0, max_rows: int | None = None) -> list[Any]:
    """Every row of one statement."""
    stream = engine.run(sql, deadline=time.monotonic() + seconds, max_rows=max_rows)
    try:
        return [row for batch in stream for row in rows_of(stream.schema_ipc, batch.ipc)]
    finally:
        stream.close()


@pytest.fixture
def duckdb_file(tmp_path: Path) -> Path:
    path = tmp_path / "with space" / "wh.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS).fetchall()
    return path


@pytest.fixture
def duckdb_engine(duckdb_file: Path) -> Iterator[Engine]:
    yield engine_for(f"duckdb:///{duckdb_file}")
    duckdb_pool.close_all()


@pytest.fixture(scope="session")
def postgresql_warehouse(postgres_url: str) -> str:
    """The URL of a database of its own, read by a role that owns nothing."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS engine_wh WITH (FORCE)")
        server.execute("CREATE DATABASE engine_wh TEMPLATE template0")
        server.execute("DROP ROLE IF EXISTS engine_reader")
        server.execute("CREATE ROLE engine_reader LOGIN")
        server.execute("ALTER ROLE engine_reader SET temp_file_limit = '1GB'")
        host = server.info.host
    owner = psycopg.conninfo.make_conninfo(postgres_url, dbname="engine_wh")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(ROWS.encode())
        database.execute("GRANT USAGE ON SCHEMA sales TO engine_reader")
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA sales TO engine_reader")
    return f"postgresql://engine_reader@/engine_wh?host={host}"


@pytest.fixture
def postgresql_engine(postgresql_warehouse: str) -> Engine:
    return engine_for(postgresql_warehouse)


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
