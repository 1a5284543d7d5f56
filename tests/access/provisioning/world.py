"""A PostgreSQL that asks for passwords, a warehouse in it, and people who read it with their own tools and at the gate."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from access import provisioning
from access.clock import database_now
from access.models import ColumnMask, DatasetPolicy, Grant, NativeAccess, NativeLogin, Principal
from access.provisioning.keeping import Outcome, keeper_of
from catalog.engines.native import view_name
from catalog.engines.screens import Table
from catalog.importers import import_warehouse
from catalog.models import Dataset, Warehouse
from portal.embedded.servers import Servers, Wanted, programs
from portal.home import Home
from tests.access.gate.house import House

PASSWORDS = ("local all portal trust", "local all wh_reader trust", "local all wh_keeper trust", "local all all scram-sha-256")  # fmt: skip
TABLES = """
    CREATE SCHEMA sales; CREATE SCHEMA "Odd one";
    CREATE TABLE sales.customers (id int PRIMARY KEY, email text, country varchar(2), spent numeric(10,2), born date,
        seen timestamptz, phone text, visits bigint, score float8, is_member bool, ticket uuid, notes jsonb);
    INSERT INTO sales.customers SELECT i, CASE WHEN i % 7 <> 0 THEN 'person' || i || '@example.com' END,
        (ARRAY['DE', 'FR', 'XX', 'ES'])[1 + i % 4], (i * 37.25) - 100, date '1960-01-01' + i * 211,
        timestamptz '2026-01-01 23:30:00+00' + i * interval '7 hours 13 minutes', '+49 30 ' || 100000 + i, i * i, i / 3.0, i % 2 = 0,
        ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, jsonb_build_object('n', i)
        FROM generate_series(1, 60) AS i;
    CREATE TABLE sales.territories (person text, country text);
    INSERT INTO sales.territories VALUES ('ana', 'FR'), ('ben', 'ES'), ('ana', 'DE');
    CREATE TABLE sales.orders (id int, customer int, amount numeric);
    INSERT INTO sales.orders SELECT i, 1 + i % 60, i * 1.5 FROM generate_series(1, 200) AS i;
    CREATE TABLE "Odd one"."Café - 1" ("The key" int, "a ""quoted"" name" text);
    INSERT INTO "Odd one"."Café - 1" VALUES (1, 'one'), (2, 'two');
    CREATE VIEW sales.big_orders AS SELECT * FROM sales.orders WHERE amount > 100;
    GRANT USAGE ON SCHEMA sales, "Odd one" TO wh_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA sales, "Odd one" TO wh_reader;
"""


@dataclass
class Server:
    """A server of this run's own in which every person signs in with a password."""

    host: str
    url: str

    def do(self, statement: str, database: str = "portal", **parameters: Any) -> list[Any]:
        """One statement as the superuser."""
        conninfo = make_conninfo(self.url, dbname=database)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """The server, with `pg_stat_statements` in it."""
    scratch = Path(tempfile.mkdtemp(prefix="gatehouse-native-"))
    scratch.chmod(0o700 if os.getuid() else 0o711)
    home = Home.at(scratch / "home")
    home.make()
    found = programs(
        home, Wanted(database=True, broker=False), is_durable=False, extra_access=PASSWORDS
    )
    servers = Servers(home, found, home.state / "servers.log")
    try:
        servers.start()
        made = Server(str(home.sockets), home.database_url)
        made.do("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        servers.stop()
        servers.start()
        yield made
    finally:
        servers.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def build(server: Server, name: str) -> tuple[str, str]:
    """The warehouse, read by a role that owns nothing; its URL, and that of who administers it."""
    for role in ("wh_reader", "wh_keeper"):
        if not server.do("SELECT 1 FROM pg_roles WHERE rolname = %(role)s", role=role):
            server.do(f"CREATE ROLE {role} LOGIN")
    server.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    server.do(f"CREATE DATABASE {name} TEMPLATE template0")
    server.do(TABLES, name)
    server.do("CREATE EXTENSION pg_stat_statements", name)
    at = f"@/{name}?host={server.host}"
    return f"postgresql://wh_reader{at}", f"postgresql://portal{at}"


@dataclass
class World:
    """The warehouse in the portal, with native access on, and short ways to grant, compare and read."""

    server: Server
    database: str
    warehouse: Warehouse
    access: NativeAccess
    passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, server: Server, url: str, manage: str) -> World:
        """The portal's side of it, imported."""
        warehouse = Warehouse.objects.create(name="wh", url=url, manage=manage, engine="postgresql")
        import_warehouse(warehouse, now=database_now())
        access = provisioning.switch_on(warehouse, actor=None, now=database_now())
        return cls(server, url.split("/")[3].split("?")[0], warehouse, access)

    @property
    def house(self) -> House:
        """The same warehouse at the gate."""
        datasets = Dataset.objects.filter(warehouse=self.warehouse)
        return House(self.warehouse, {dataset.table_name: dataset for dataset in datasets})

    def person(self, username: str, **fields: Any) -> Principal:
        """Somebody of that name."""
        return self.house.person(username, **fields)

    def grant(self, holder: Any, table: str = "customers", **fields: Any) -> Grant:
        """A grant that is live unless told otherwise."""
        return self.house.grant(holder, table, **fields)

    def rules(self, table: str = "customers", masks: Any = (), **fields: Any) -> DatasetPolicy:
        """The dataset's own rules afresh: masks are rows of `ColumnMask`, each `(column, kind, sql, options)`."""
        dataset = self.house.datasets[table]
        DatasetPolicy.objects.filter(dataset=dataset).delete()
        policy = DatasetPolicy.objects.create(dataset=dataset, **fields)
        for column, kind, sql, options in masks:
            ColumnMask.objects.create(
                policy=policy, column_name=column, kind=kind, sql=sql, options=options
            )
        return policy

    def settle(self) -> Outcome:
        """One round of repairs, now."""
        self.access.refresh_from_db()
        return provisioning.settle(self.access, now=database_now())

    def login(self, holder: Principal) -> str:
        """The role of somebody's own login, opened; its password is kept for the test."""
        issued = provisioning.open_login(
            self.access, holder=holder, actor=holder, now=database_now()
        )
        self.passwords[issued.user] = issued.password
        return issued.user

    def connect(self, role: str, **options: Any) -> psycopg.Connection[Any]:
        """A session as one's own tool would open it: over the protocol of psql, with the password."""
        return psycopg.connect(
            host=self.server.host,
            dbname=self.database,
            user=role,
            password=self.passwords[role],
            autocommit=True,
            connect_timeout=5,
            **options,
        )

    def ask(self, role: str, sql: str) -> list[Any]:
        """Every row of one statement as that role."""
        with self.connect(role) as session:
            cursor = session.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def do(self, statement: str, **parameters: Any) -> list[Any]:
        """One statement behind the portal's back: as the superuser, in the warehouse."""
        return self.server.do(statement, self.database, **parameters)

    def release(self) -> None:
        """Takes everything out again."""
        with keeper_of(self.access).turn(makes=False) as turn:
            turn.release()

    def row(self, holder: Principal) -> NativeLogin:
        """The portal's record of somebody's open login."""
        return NativeLogin.objects.get(native=self.access, principal=holder, ended_at=None)


def view(table: str = "customers", schema: str = "sales") -> str:
    """The name of a table's view, quoted."""
    return '"' + view_name(Table(schema, table)).replace('"', '""') + '"'


SOON = timedelta(seconds=2)
