"""A suite's rows in an engine twice: everything, and a copy cut down by hand to what Alice may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import duckdb
import psycopg
import pyarrow as pa

from access.policies.policy import ColumnFact, TablePolicy
from access.sql import Plan, guard, verify
from tests.access.sql.standards.suites import Drawing, Row, Suite

VARIABLES = {"principal": "alice", "teams": [], "mask_key": "pepper"}
DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "spark"
_HASHED = {
    SPARK: r"sha2('pepper' || \1, 256)",
    DUCKDB: r"sha256('pepper' || \1)",
    POSTGRES: r"encode(sha256(convert_to('pepper' || \1, 'UTF8')), 'hex')",
}
Answer = tuple[list[str], list[tuple[Any, ...]]]


class Company(Protocol):
    """A module with a suite, its policies and its hand-written copy."""

    SUITE: Suite
    ENTITLEMENTS: tuple[str, list[tuple[str, int]]]
    COPY: Mapping[str, tuple[Mapping[str, str], str]]

    def policies(
        self, facts: Callable[[str], tuple[ColumnFact, ...]], /
    ) -> dict[str, TablePolicy]: ...

    def rows(self, scale: int, /) -> Drawing: ...


class Warehouse:
    """One suite in one engine; `answer` goes through the guard, `truth` runs on the copy."""

    dialect: str

    def answer(self, sql: str) -> Answer:
        raise NotImplementedError

    def truth(self, sql: str) -> Answer:
        raise NotImplementedError

    def everything(self, sql: str) -> Answer:
        raise NotImplementedError

    def __init__(self, company: Any) -> None:
        self.company: Company = company
        self.policies = self.company.policies(self._facts)

    def plan(self, sql: str) -> Plan:
        return guard(
            sql,
            dialect=self.dialect,
            lookup=lambda schema, table, warehouse: self.policies.get(table),
            default_schema="s",
            warehouse="w",
            variables=VARIABLES,
        )

    def _facts(self, table: str) -> tuple[ColumnFact, ...]:
        columns = self.company.SUITE.tables[table]
        return tuple(ColumnFact(name, self._type(type_)) for name, type_ in columns.items())

    def _type(self, text: str) -> str:
        return {"text": "VARCHAR"}.get(text, text.upper()) if self.dialect == DUCKDB else text

    def _statements(self) -> list[str]:
        """The schemas and empty tables, in the order in which they can be made."""
        made = ["create schema s", f"create table s.entitlements ({self.company.ENTITLEMENTS[0]})"]
        for table, columns in self.company.SUITE.tables.items():
            listed = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
            made.append(f"create table s.{table} ({listed})")
        return made

    def _copying(self) -> list[str]:
        """The copy: a schema of its own beside the real one, each table cut down by hand."""
        made = ["create schema copy"]
        for table, columns in self.company.SUITE.tables.items():
            shown, rows = self.company.COPY.get(table, ({}, "true"))
            listed = ", ".join(f"{shown.get(name, name)} as {name}" for name in columns)
            hashed = re.sub(r"\{hashed\((\w+)\)\}", _HASHED[self.dialect], listed)
            made.append(f"create table copy.{table} as select {hashed} from s.{table} where {rows}")
        return made


class DuckWarehouse(Warehouse):
    """In DuckDB."""

    dialect = DUCKDB

    def __init__(self, company: Any, scale: int = 1) -> None:
        super().__init__(company)
        self._connection = duckdb.connect()
        for statement in self._statements():
            self._connection.execute(statement)
        for table, rows in self.company.rows(scale).rows.items():
            self._fill(table, self._columns(table, rows))
        grantees, keys = zip(*self.company.ENTITLEMENTS[1], strict=True)
        self._fill("entitlements", {"grantee": list(grantees), "key": list(keys)})
        for statement in self._copying():
            self._connection.execute(statement)
        self._copy = self._connection.cursor()
        self._copy.execute("set search_path = 'copy'")

    def _columns(self, table: str, rows: list[Row]) -> dict[str, Any]:
        types = self.company.SUITE.tables[table]
        return {
            name: pa.array(
                [row[name] for row in rows],
                pa.decimal128(15, 2) if type_.startswith("decimal") else None,
            )
            for name, type_ in types.items()
        }

    def _fill(self, table: str, columns: dict[str, Any]) -> None:
        self._connection.register("arriving", pa.table(columns))
        self._connection.execute(f"insert into s.{table} select * from arriving")
        self._connection.unregister("arriving")

    def write(self, folder: Path) -> dict[str, Path]:
        """Everything as files of one table each, by the table's name."""
        made = {
            name: folder / f"{name}.parquet"
            for name in (*self.company.SUITE.tables, "entitlements")
        }
        for name, path in made.items():
            self._connection.execute(f"copy s.{name} to '{path}' (format parquet)")
        return made

    def answer(self, sql: str) -> Answer:
        made = self.plan(sql)
        serialized = self._connection.execute("select json_serialize_sql(?)", [made.sql]).fetchone()
        assert serialized is not None
        verify(serialized[0], made)
        return _fetched(self._connection.execute(made.sql))

    def truth(self, sql: str) -> Answer:
        return _fetched(self._copy.execute(sql))

    def everything(self, sql: str) -> Answer:
        """The answer without any policy."""
        everything = self._connection.cursor()
        everything.execute("set search_path = 's'")
        return _fetched(everything.execute(sql))


class PostgresWarehouse(Warehouse):
    """In a database of its own on a PostgreSQL server."""

    dialect = POSTGRES

    def __init__(self, company: Any, url: str, name: str, scale: int = 1) -> None:
        super().__init__(company)
        self._admin = psycopg.connect(url, autocommit=True)
        self._name = name
        self._admin.execute(f"drop database if exists {name} with (force)".encode())
        self._admin.execute(f"create database {name}".encode())
        target = psycopg.conninfo.make_conninfo(url, dbname=name)
        self._connection = psycopg.connect(target, autocommit=True)
        for statement in self._statements():
            self._connection.execute(statement.encode())
        for table, rows in self.company.rows(scale).rows.items():
            self._fill(table, [list(row.values()) for row in rows])
        self._fill("entitlements", [list(row) for row in self.company.ENTITLEMENTS[1]])
        for statement in self._copying():
            self._connection.execute(statement.encode())
        self._connection.execute("analyze")
        self._connection.execute("set jit = off")
        self._connection.execute("set statement_timeout = '60s'")

    def _fill(self, table: str, rows: list[list[Any]]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"copy s.{table} from stdin".encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def answer(self, sql: str) -> Answer:
        self._connection.execute("set search_path = pg_catalog")
        return _fetched(self._connection.execute(self.plan(sql).sql.encode(), prepare=True))

    def truth(self, sql: str) -> Answer:
        self._connection.execute("set search_path = copy")
        return _fetched(self._connection.execute(sql.encode()))

    def close(self) -> None:
        self._connection.close()
        self._admin.execute(f"drop database {self._name} with (force)".encode())
        self._admin.close()


def _fetched(cursor: Any) -> Answer:
    names = [column[0] for column in cursor.description]
    return names, cursor.fetchall()
