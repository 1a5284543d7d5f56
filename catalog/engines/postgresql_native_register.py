"""The schema in which everything made for native access is written down, and what the owner of the views may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql

from catalog.engines.base import EngineError
from catalog.engines.native import PRIVATE, Place
from catalog.engines.postgresql_native_catalog import ABOUT, IS_SET_UP, LOOKED_UP, REGISTER
from catalog.engines.postgresql_native_finding import forget_missing
from catalog.engines.postgresql_native_views import grant_reading
from catalog.engines.postgresql_screens import told
from catalog.engines.screens import Table

Connection = psycopg.Connection[tuple[Any, ...]]
Problems = Mapping[Table, str]

VERSION = 1


class Register:
    """The register of one portal in one warehouse. Each act is one transaction and safe to repeat."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self.is_set_up = False

    def begin(self, *, makes: bool) -> None:
        """Finds the portal's schema, or makes it. Errors: `EngineError` when it is another portal's or person's."""
        row = self._one(IS_SET_UP, [PRIVATE, "gatehouse_native.about"])
        if row == (True, False):
            raise taken("The schema gatehouse_native")
        if row == (False, False) and makes:
            with self._connection.transaction():
                self._make()
        self.is_set_up = makes or row == (True, True)
        if self.is_set_up:
            self._confirm()

    def let_read(self, tables: Iterable[Table]) -> Problems:
        """Lets the owner of the views read these tables; gives those for which that did not work, and why.

        Cost: nothing for tables it was let read before.
        """
        problems = {}
        for table in sorted(set(tables) - self._reads()):
            try:
                with self._connection.transaction():
                    grant_reading(self._connection, table, self._place.owner)
            except psycopg.Error as error:
                problems[table] = told(error)
        return problems

    def let_read_no_more_than(self, tables: Iterable[Table]) -> None:
        """Takes from the owner of the views what none of them reads any more."""
        for stale in sorted(self._reads() - set(tables)):
            with self._connection.transaction():
                self._withdraw(stale)

    def mend_reading(self) -> None:
        """Forgets what the owner of the views lost, so that it is let read again when a view is put in place."""
        with self._connection.transaction():
            forget_missing(self._connection)

    def put_key(self, key: str) -> None:
        """Keeps the key of hash masks where only views find it."""
        self._connection.execute(
            b"INSERT INTO gatehouse_native.keys VALUES (true, %s) ON CONFLICT (is_only) DO UPDATE SET key = excluded.key"
            b" WHERE keys.key <> excluded.key",
            [key],
        )

    def _make(self) -> None:
        if self._has_role(self._place.owner):
            raise taken(f"The role {self._place.owner}")
        self._make_owner()
        self._connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(PRIVATE)))
        self._connection.execute(REGISTER.encode())
        self._let_look_up()
        self._connection.execute(
            b"INSERT INTO gatehouse_native.about SELECT true, %s, rolname, oid, %s FROM pg_catalog.pg_roles"
            b" WHERE rolname = %s",
            [self._place.mark, VERSION, self._place.owner],
        )

    def _make_owner(self) -> None:
        owner = sql.Identifier(self._place.owner)
        self._connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(owner))
        if self._connection.info.parameter_status("is_superuser") != "on":
            self._connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))

    def _confirm(self) -> None:
        mark, owner, is_ours, is_there, is_mine, may_look_up = self._one(ABOUT)
        if (mark, owner) != (self._place.mark, self._place.owner) or not is_mine:
            raise taken("The schema gatehouse_native")
        if is_there and not is_ours:
            raise taken(f"The role {owner}")
        if not is_there:
            with self._connection.transaction():
                self._make_owner()
                self._connection.execute(
                    b"UPDATE gatehouse_native.about SET owner_oid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = owner)"
                )
                self._connection.execute(b"DELETE FROM gatehouse_native.reads")
        if not may_look_up:
            with self._connection.transaction():
                self._let_look_up()

    def _let_look_up(self) -> None:
        owner = sql.Identifier(self._place.owner)
        here = sql.Identifier(PRIVATE)
        self._connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(here, owner))
        for name in LOOKED_UP:
            table = sql.Identifier(PRIVATE, name)
            self._connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(table, owner))

    def _reads(self) -> set[Table]:
        rows = self._connection.execute(b"SELECT * FROM gatehouse_native.reads")
        return {Table(*row) for row in rows}

    def _withdraw(self, table: Table) -> None:
        """Takes the owner's right to a table back, and to its schema with the last one; a missing table is fine."""
        owner = sql.Identifier(self._place.owner)
        self._connection.execute(
            b"DELETE FROM gatehouse_native.reads WHERE table_schema = %s AND table_name = %s",
            list(table),
        )
        if self._one(
            "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NOT NULL", list(table)
        ) == (True,):
            self._connection.execute(
                sql.SQL("REVOKE SELECT ON {} FROM {}").format(sql.Identifier(*table), owner)
            )
        others = self._one(
            "SELECT EXISTS (SELECT FROM gatehouse_native.reads WHERE table_schema = %s)",
            [table.schema],
        )
        is_there = self._one("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s)", [table.schema])  # fmt: skip
        if others == (False,) and is_there == (True,):
            self._connection.execute(
                sql.SQL("REVOKE USAGE ON SCHEMA {} FROM {}").format(
                    sql.Identifier(table.schema), owner
                )
            )

    def _has_role(self, role: str) -> bool:
        return self._one("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s)", [role]) == (True,)  # fmt: skip

    def _one(self, query: str, parameters: list[Any] | None = None) -> tuple[Any, ...]:
        row = self._connection.execute(query.encode(), parameters).fetchone()
        assert row is not None
        return row


def taken(what: str) -> EngineError:
    return EngineError(
        "unreachable",
        f"{what} in the warehouse was not made by this portal, so it is left alone and native access waits.",
    )
