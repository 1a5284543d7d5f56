"""TPC-H in a PostgreSQL of its own, with the roles a managed and an unmanaged warehouse have, for measurements."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlglot
from psycopg.conninfo import make_conninfo
from sqlglot import exp

from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from portal.embedded.servers import Servers, Wanted, programs
from portal.home import Home
from tests.access.sql.standards.suites import Suite

TPCH = Suite("tpch")
SCHEMA = "tpch"
SCALE = float(os.environ.get("GATEHOUSE_BENCH_SCALE", "0.2"))
KEYS = {
    "region": ("r_regionkey",),
    "nation": ("n_nationkey",),
    "supplier": ("s_suppkey",),
    "customer": ("c_custkey",),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey, ps_suppkey",),
    "orders": ("o_orderkey", "o_custkey"),
    "lineitem": ("l_orderkey, l_linenumber", "l_partkey, l_suppkey", "l_shipdate"),
}
LITERAL = {
    "customer": "c_mktsegment <> 'MACHINERY'",
    "orders": "o_orderpriority <> '4-NOT SPECIFIED'",
    "lineitem": "l_shipmode <> 'RAIL'",
}
ENTITLEMENT = {
    "customer": "c_nationkey IN (SELECT t.nationkey FROM tpch.territory t WHERE t.person = :principal)",
    "orders": "o_clerk IN (SELECT d.clerk FROM tpch.desk d WHERE d.person = :principal)",
}
MASKS = {
    "customer": {"c_address": Mask("redact"), "c_comment": Mask("redact")},
    "orders": {"o_clerk": Mask("hash"), "o_shippriority": Mask("round")},
    "lineitem": {"l_comment": Mask("redact"), "l_tax": Mask("round")},
}


@dataclass(frozen=True)
class Place:
    """Where the data is: for a role that reads tables, for one that reads only screens, for the one that makes them."""

    tables: str
    screens: str
    manage: str


@contextmanager
def tpch() -> Iterator[Place]:
    """A server with the data; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-tpch-"))
    # Root's PostgreSQL runs under an unprivileged account, which has to get to its folder below this one.
    folder.chmod(0o700 if os.getuid() else 0o711)
    home = Home.at(folder / "home")
    home.make()
    found = programs(
        home, Wanted(database=True, broker=False), is_durable=False, extra_access=("local all all trust",)
    )  # fmt: skip
    servers = Servers(home, found, home.state / "servers.log")
    servers.start()
    try:
        yield _filled(home.database_url, folder)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _filled(url: str, folder: Path) -> Place:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE tpch")
        server.execute("CREATE ROLE tpch_tables LOGIN")
        server.execute("CREATE ROLE tpch_screens LOGIN")
        host = server.info.host
    _generate(folder)
    with psycopg.connect(make_conninfo(url, dbname="tpch"), autocommit=True) as database:
        database.execute("CREATE SCHEMA tpch; GRANT USAGE ON SCHEMA tpch TO tpch_tables")
        for table, columns in TPCH.tables.items():
            _load(database, table, columns, folder / f"{table}.csv")
        database.execute(
            "CREATE TABLE tpch.territory AS SELECT 'analyst' AS person, n_nationkey AS nationkey FROM tpch.nation"
            " WHERE n_nationkey NOT IN (3, 7);"
            "CREATE TABLE tpch.desk AS SELECT DISTINCT 'analyst' AS person, o_clerk AS clerk FROM tpch.orders"
            " WHERE right(o_clerk, 1) NOT IN ('2', '4')"
        )
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA tpch TO tpch_tables")
        # As an administrator would set it: more processes than cores make one plan look three times as slow as another.
        workers = (os.cpu_count() or 2) // 2
        database.execute(
            f"ALTER DATABASE tpch SET max_parallel_workers_per_gather = {workers}".encode()
        )
        database.execute("VACUUM ANALYZE")
    return Place(
        *(
            f"postgresql://{role}@/tpch?host={host}"
            for role in ("tpch_tables", "tpch_screens", "portal")
        )
    )


def _generate(folder: Path) -> None:
    program = Path(sys.executable).with_name("tpchgen-cli")
    subprocess.run(
        [program, "csv", "-s", str(SCALE), f"--output-dir={folder}"],
        check=True,
        capture_output=True,
    )


def _load(database: psycopg.Connection, table: str, columns: dict[str, str], file: Path) -> None:  # type: ignore[type-arg]
    listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    database.execute(f"CREATE TABLE tpch.{table} ({listed})".encode())
    with (
        file.open("rb") as source,
        database.cursor() as cursor,
        cursor.copy(f"COPY tpch.{table} FROM STDIN (FORMAT csv, HEADER)".encode()) as copy,
    ):
        while data := source.read(1 << 20):
            copy.write(data)
    file.unlink()
    first, *others = KEYS[table]
    database.execute(f"ALTER TABLE tpch.{table} ADD PRIMARY KEY ({first})".encode())
    for key in others:
        database.execute(f"CREATE INDEX ON tpch.{table} ({key})".encode())


def bare(sql: str) -> str:
    """The query as written, its tables found in their schema."""
    tree = sqlglot.parse_one(sql, dialect="postgres")
    own = {part.alias for part in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in own:
            table.set("db", exp.to_identifier(SCHEMA))
    return tree.sql("postgres")


def policies(rows: dict[str, str]) -> dict[str, TablePolicy]:
    """Masks on two columns of each large table, and these row filters."""
    return {
        table: TablePolicy(
            f"wh.{SCHEMA}.{table}",
            SCHEMA,
            table,
            tuple(ColumnFact(*column) for column in columns.items()),
            masks=MASKS.get(table, {}),
            rows=rows.get(table),
            grants=(GrantRule(1),),
        )
        for table, columns in TPCH.tables.items()
    }
