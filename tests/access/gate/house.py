"""A small warehouse on each engine behind the gate, and people around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from django.db import connection

from access import gate
from access.clock import database_now
from access.errors import Refusal
from access.gate.results import Result
from access.models import (
    ColumnMask,
    DatasetPolicy,
    Decision,
    Grant,
    Principal,
    Surface,
    Team,
)
from catalog.engines import kind_of
from catalog.models import Column, Dataset, Warehouse
from tests import spark

N_EVENTS = 400_000
TABLES = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.customers (id INTEGER, email VARCHAR, country VARCHAR, spent DECIMAL(10,2));
    INSERT INTO sales.customers VALUES (1, 'ana@example.com', 'DE', 10.50), (2, 'bo@example.com', 'FR', -3.25),
        (3, 'cy@example.com', 'XX', 7.00);
    CREATE TABLE sales.territories (person VARCHAR, country VARCHAR);
    INSERT INTO sales.territories VALUES ('analyst', 'FR');
"""
EVENTS = {
    "duckdb": "CREATE TABLE sales.events AS SELECT i AS id, 'event ' || i AS name FROM range({n}) t(i)",
    "postgresql": "CREATE TABLE sales.events AS SELECT i AS id, 'event ' || i AS name FROM generate_series(1, {n}) t(i)",
}
# As each engine's own catalog spells them.
TYPES = {
    "duckdb": {kind: kind for kind in ("INTEGER", "VARCHAR", "DECIMAL(10,2)", "BIGINT")},
    "postgresql": {"VARCHAR": "text", "DECIMAL(10,2)": "numeric(10,2)", "BIGINT": "integer"},
    "spark": {"VARCHAR": "string", "INTEGER": "int"},
}
COLUMNS = {
    "customers": [
        ("id", "INTEGER"),
        ("email", "VARCHAR"),
        ("country", "VARCHAR"),
        ("spent", "DECIMAL(10,2)"),
    ],
    "territories": [("person", "VARCHAR"), ("country", "VARCHAR")],
    "events": [("id", "BIGINT"), ("name", "VARCHAR")],
}


def build_duckdb(folder: Path) -> str:
    """The tables in a DuckDB file; its warehouse URL."""
    path = folder / "wh.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(TABLES + EVENTS["duckdb"].format(n=N_EVENTS)).fetchall()
    return f"duckdb:///{path}"


def build_postgresql(server_url: str) -> str:
    """The tables in a PostgreSQL database read by a role that owns nothing; its warehouse URL."""
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS gate_wh WITH (FORCE)")
        server.execute("CREATE DATABASE gate_wh TEMPLATE template0")
        server.execute("DROP ROLE IF EXISTS gate_reader")
        server.execute("CREATE ROLE gate_reader LOGIN")
        host = server.info.host
    owner = psycopg.conninfo.make_conninfo(server_url, dbname="gate_wh")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute((TABLES + EVENTS["postgresql"].format(n=N_EVENTS)).encode())
        database.execute("GRANT USAGE ON SCHEMA sales TO gate_reader")
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA sales TO gate_reader")
    return f"postgresql://gate_reader@/gate_wh?host={host}"


def build_spark(server: spark.Server) -> str:
    """The tables in a Spark server; its warehouse URL."""
    statements = TABLES.replace("VARCHAR", "STRING").strip().rstrip(";").split(";")
    events = f"CREATE TABLE sales.events AS SELECT id, concat('event ', id) AS name FROM range(0, {N_EVENTS}, 1, 32)"
    spark.execute(server.url, "DROP SCHEMA IF EXISTS sales CASCADE", *statements, events)
    return server.url


@dataclass
class House:
    """One warehouse with its datasets, and short ways to grant and to read."""

    warehouse: Warehouse
    datasets: dict[str, Dataset]

    @classmethod
    def at(cls, url: str) -> House:
        """The catalog rows of the warehouse at a URL."""
        warehouse = Warehouse.objects.create(name="wh", url=url, engine=kind_of(url))
        return cls(warehouse, {table: _dataset(warehouse, table) for table in COLUMNS})

    def person(self, username: str, **fields: Any) -> Principal:
        """A person of that name."""
        return Principal.objects.create(username=username, **fields)

    def grant(
        self,
        holder: Principal | Team,
        table: str = "customers",
        *,
        starts_in: timedelta = timedelta(hours=-1),
        ends_in: timedelta = timedelta(days=30),
        **fields: Any,
    ) -> Grant:
        """A grant that is live unless told otherwise."""
        now = database_now()
        decision = Decision.objects.create(
            kind="configuration",
            approves=True,
            columns=fields.get("columns"),
            unmasked=fields.get("unmasked", []),
            rows=fields.get("rows", ""),
            duration=ends_in - starts_in + timedelta(days=1),
            decided_at=now + starts_in,
        )
        side = "team" if isinstance(holder, Team) else "principal"
        return Grant.objects.create(
            dataset=self.datasets[table],
            decision=decision,
            purpose=fields.pop("purpose", "Testing"),
            starts_at=now + starts_in,
            expires_at=now + ends_in,
            created_at=now + starts_in,
            **{side: holder},
            **fields,
        )

    def policy(
        self, table: str = "customers", masks: dict[str, str] | None = None, **fields: Any
    ) -> DatasetPolicy:
        """The dataset's own rules; a mask is a kind, or SQL when it has a space or a bracket."""
        policy = DatasetPolicy.objects.create(dataset=self.datasets[table], **fields)
        for column, mask in (masks or {}).items():
            is_sql = any(letter in mask for letter in " ('")
            ColumnMask.objects.create(
                policy=policy,
                column_name=column,
                kind="sql" if is_sql else mask,
                sql=mask if is_sql else "",
            )
        return policy

    def open(self, principal: Principal, sql: str, **options: Any) -> Result:
        """The gate, with the workbench as the surface."""
        options.setdefault("surface", Surface.WORKBENCH)
        return gate.open(
            principal, sql, warehouse=self.warehouse, schema="sales", purpose="Testing", **options
        )

    def rows(self, principal: Principal, sql: str, **options: Any) -> list[tuple[Any, ...]]:
        """Every row of one query."""
        return self.open(principal, sql, **options).to_table()


def _dataset(warehouse: Warehouse, table: str) -> Dataset:
    dataset = Dataset.objects.create(
        warehouse=warehouse,
        schema_name="sales",
        table_name=table,
        identity=f"sales.{table}",
        name=f"{warehouse.name}.sales.{table}",
        schema_version=1,
    )
    types = TYPES[warehouse.engine]
    Column.objects.bulk_create(
        Column(
            dataset=dataset,
            name=name,
            position=position,
            type=types.get(kind, kind.lower()),
        )
        for position, (name, kind) in enumerate(COLUMNS[table], start=1)
    )
    return dataset


def code_of(house: House, principal: Principal, sql: str, **options: Any) -> str:
    """The code of the refusal a query must meet."""
    with pytest.raises(Refusal) as caught:
        house.rows(principal, sql, **options)
    return caught.value.code


def wait_until(moment: datetime) -> None:
    """Returns when the database's clock has passed a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_sleep(greatest(0, extract(epoch FROM %s - clock_timestamp())) + 0.01)",
            [moment],
        )
