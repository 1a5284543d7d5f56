"""Columns of every type a warehouse holds: what analysts write over them is answered as over a hand-cut copy."""

import os
from collections.abc import Iterator
from typing import Any

import duckdb
import psycopg
import pytest

from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from access.sql import guard, verify
from tests.access.sql.company import alike
from tests.access.sql.corpus import sections

CORPUS = sections("types.sql")
UID = "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a' || (10 + i)"
COLUMNS = {
    "duckdb": {
        "id": ("INTEGER", "i::int"),
        "payload": ("JSON", "json_object('a', i, 'b', json_object('c', 'v' || i), 'l', [1, 2, i])"),
        "tags": ("VARCHAR[]", "['t' || (i % 3), 'u']"),
        "attrs": ("STRUCT(x INTEGER, y STRUCT(z VARCHAR))", "{'x': i::int, 'y': {'z': 'z' || i}}"),
        "m": ("MAP(VARCHAR, INTEGER)", "map {'k': i::int, 'l': 2}"),
        "kind": ("ENUM('a', 'b')", "(case when i % 2 = 0 then 'a' else 'b' end)::kinds"),
        "ts": ("TIMESTAMP WITH TIME ZONE", "timestamptz '2024-01-01 00:00:00+00' + interval (i) hour"),
        "ok": ("BOOLEAN", "i % 2 = 0"),
        "uid": ("UUID", f"({UID})::uuid"),
        "raw": ("BLOB", "('x' || i)::blob"),
        "big": ("HUGEINT", "i::hugeint"),
        "t": ("TIME", "time '10:00'"),
        "iv": ("INTERVAL", "interval (i) day"),
        "Mixed Case": ("VARCHAR", "'M' || i"),
        "items": (
            "STRUCT(sku VARCHAR, qty INTEGER)[]",
            "[{'sku': 's' || i, 'qty': i::int}, {'sku': 'q', 'qty': 1}]",
        ),
        "region": ("VARCHAR", "case when i % 5 = 0 then 'XX' else 'DE' end"),
        "order": ("INTEGER", "i::int"),
    },
    "postgres": {
        "id": ("integer", "i"),
        "payload": (
            "jsonb",
            "jsonb_build_object('a', i, 'b', jsonb_build_object('c', 'v' || i), 'l', jsonb_build_array(1, 2, i))",
        ),
        "tags": ("text[]", "array['t' || (i % 3), 'u']"),
        "period": ("daterange", "daterange(date '2024-01-01' + i, date '2024-01-10' + i)"),
        "ip": ("inet", "('10.0.0.' || i)::inet"),
        "kind": ("text", "case when i % 2 = 0 then 'a' else 'b' end"),
        "ts": ("timestamp with time zone", "timestamptz '2024-01-01 00:00:00+00' + i * interval '1 hour'"),
        "ok": ("boolean", "i % 2 = 0"),
        "uid": ("uuid", f"({UID})::uuid"),
        "raw": ("bytea", "('x' || i)::bytea"),
        "big": ("numeric", "i::numeric"),
        "t": ("time without time zone", "time '10:00'"),
        "iv": ("interval", "i * interval '1 day'"),
        "Mixed Case": ("text", "'M' || i"),
        "doc": ("tsvector", "to_tsvector('english', 'the fox ' || i)"),
        "region": ("character varying(10)", "(case when i % 5 = 0 then 'XX' else 'DE' end)::varchar(10)"),
        "order": ("integer", "i"),
        "js": ("json", "json_build_object('k', i)"),
        "nums": ("integer[]", "array[i, i + 1]"),
    },
}  # fmt: skip
SERIES = {"duckdb": "range(40) r(i)", "postgres": "generate_series(0, 39) r(i)"}
HASHED = {
    "duckdb": f"sha256('pepper' || {UID})",
    "postgres": f"encode(sha256(('pepper' || {UID})::bytea), 'hex')",
}


def _made(dialect: str, schema: str) -> str:
    """The table with everything in it, or, in the schema "copy", as its reader should find it."""
    columns = {name: value for name, (_, value) in COLUMNS[dialect].items()}
    where = ""
    if schema == "copy":
        columns["uid"] = HASHED[dialect]
        where = "where i % 5 <> 0"
    listed = ", ".join(f'{value} as "{name}"' for name, value in columns.items())
    return f"create table {schema}.events as select {listed} from {SERIES[dialect]} {where}"


class Shop:
    """The table in one engine, with a reader who gets some rows and a masked column."""

    def __init__(self, dialect: str, connection: Any) -> None:
        self.dialect = dialect
        self.connection = connection
        if dialect == "duckdb":
            connection.execute("create type kinds as enum ('a', 'b')")
        for schema in ("s", "copy"):
            connection.execute(f"create schema {schema}")
            connection.execute(_made(dialect, schema))
        facts = tuple(ColumnFact(name, type_) for name, (type_, _) in COLUMNS[dialect].items())
        self.policy = TablePolicy(
            "wh.s.events", "s", "events", facts,
            masks={"uid": Mask("hash")}, rows="region <> 'XX'", grants=(GrantRule(1),),
        )  # fmt: skip

    def truth(self, sql: str) -> list[Any]:
        self.connection.execute("set search_path = 'copy'")
        return list(self.connection.execute(sql.replace("s.events", "copy.events")).fetchall())

    def answer(self, sql: str) -> list[Any]:
        plan = guard(
            sql,
            dialect=self.dialect,
            lookup=lambda schema, table, warehouse: self.policy if table == "events" else None,
            default_schema="s",
            warehouse="wh",
            variables={"principal": "alice", "teams": [], "mask_key": "pepper"},
            values=lambda text: [row[0] for row in self.answer(text)],
        )
        if self.dialect == "duckdb":
            tree = self.connection.execute("select json_serialize_sql(?)", [plan.sql]).fetchone()
            verify(tree[0], plan)
        home = "main" if self.dialect == "duckdb" else "pg_catalog"
        self.connection.execute(f"set search_path = '{home}'")
        return list(self.connection.execute(plan.sql).fetchall())


@pytest.fixture(scope="module")
def duck_shop() -> Shop:
    return Shop("duckdb", duckdb.connect())


@pytest.fixture(scope="module")
def postgres_shop(postgres_url: str) -> Iterator[Shop]:
    name = f"types_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
        target = psycopg.conninfo.make_conninfo(postgres_url, dbname=name)
        with psycopg.connect(target, autocommit=True) as connection:
            yield Shop("postgres", connection)
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.mark.parametrize("sql", CORPUS["duckdb"])
def test_duckdb_answers_over_every_type_of_column(duck_shop: Shop, sql: str) -> None:
    assert alike(duck_shop.answer(sql)) == alike(duck_shop.truth(sql))


@pytest.mark.parametrize("sql", CORPUS["postgres"])
def test_postgres_answers_over_every_type_of_column(postgres_shop: Shop, sql: str) -> None:
    assert alike(postgres_shop.answer(sql)) == alike(postgres_shop.truth(sql))
