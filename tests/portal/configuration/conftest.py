"""A small warehouse on disk, and a way to apply text."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from access.clock import database_now
from portal.configuration.applying import apply
from portal.configuration.work import Change

Apply = Callable[..., tuple[Change, ...]]

TABLES = """
CREATE SCHEMA sales;
CREATE TABLE sales.customers AS SELECT * FROM (VALUES
    (1, 'ada@example.com', '111', 'DE', '+49 1', now()::timestamp),
    (2, 'bob@example.com', '222', 'FR', '+33 2', now()::timestamp),
    (3, 'eve@example.com', '333', 'XX', '+99 3', now()::timestamp)
) AS t(customer_id, email, ssn, country, phone, updated_at);
CREATE TABLE sales.old_customers AS SELECT customer_id FROM sales.customers;
"""


@pytest.fixture
def warehouse_file(tmp_path: Path) -> Path:
    """A DuckDB file with two tables."""
    path = tmp_path / "wh.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    return path


@pytest.fixture
def applied(tmp_path: Path, warehouse_file: Path, db: None) -> Apply:
    """Applies text as a file; `WAREHOUSE` in it is the path of the warehouse."""

    def run(text: str, *, now: datetime | None = None, **options: bool) -> tuple[Change, ...]:
        path = tmp_path / "portal.yaml"
        path.write_text(text.replace("WAREHOUSE", str(warehouse_file)), encoding="utf-8")
        return apply([path], now=now or database_now(), **options)

    return run
