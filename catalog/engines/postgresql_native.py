"""Native access kept in PostgreSQL: logins with views of their own, over an administrator's connection.

Everything made here is written down in a schema of the portal's own, with the number PostgreSQL gave it, in the
transaction that made it. So what somebody else made under the same name is told apart and never touched, and a
process killed at any point leaves either the old state or the new one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from catalog.engines.base import EngineError
from catalog.engines.native import (
    PRIVATE,
    Found,
    NativeLogin,
    Place,
    Registered,
    Stranger,
    narrows,
    tables_of,
)
from catalog.engines.postgresql_native_catalog import (
    CHANGED_VIEWS,
    SESSIONS,
    TERMINATE,
)
from catalog.engines.postgresql_native_finding import (
    logins_found,
    warehouse_drift,
)
from catalog.engines.postgresql_native_register import Problems, Register, taken
from catalog.engines.postgresql_native_strangers import strangers_found
from catalog.engines.postgresql_native_views import (
    Unreadable,
    cut_rights,
    drop_view,
    note_login,
    note_whole,
    put_login,
    put_view,
)
from catalog.engines.postgresql_screens import told
from catalog.engines.postgresql_sessions import connected, conninfo_of, named
from catalog.engines.screens import Table

Connection = psycopg.Connection[tuple[Any, ...]]

# Longer, and whoever waits behind us for a table would notice.
LOCK = "2s"
STATEMENT = "30s"
# As long as somebody else's round of repairs may take.
TURN = "20s"


class NativeKeeper:
    """The portal's part of one warehouse: `place` says which portal, `manage` is an administrator's URL."""

    def __init__(self, manage: str, place: Place) -> None:
        self._manage = manage
        self._place = place

    @contextmanager
    def turn(self, *, makes: bool = True) -> Iterator[NativeTurn]:
        """A connection that has the warehouse's native access to itself until the block ends, whoever else comes.

        What should be there has to be read inside: then whoever comes last knows best. `makes` sets up the schema of
        the portal's own where it is missing.
        Errors: `EngineError` when the warehouse does not answer, or that schema is somebody else's.
        """
        with named(), connected(conninfo_of(self._manage), time.monotonic() + 10) as connection:
            connection.execute(
                f"SET search_path = pg_catalog; SET timezone = 'UTC'; SET lock_timeout = '{TURN}';"
                f" SET statement_timeout = '{STATEMENT}'; SET client_connection_check_interval = '2s'".encode()
            )
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [PRIVATE])
            connection.execute(f"SET lock_timeout = '{LOCK}'".encode())
            turn = NativeTurn(connection, self._place)
            turn.begin(makes=makes)
            yield turn


class NativeTurn(Register):
    """What may be asked and done while nobody else does. Each act is one transaction and safe to repeat."""

    def found(self) -> Found:
        """What is there. Cost: about ten queries, however many logins there are."""
        if not self.is_set_up:
            return Found({})
        with self._connection.transaction():
            (now,) = self._one("SELECT clock_timestamp()")
            return Found(
                logins_found(self._connection),
                strangers_found(self._connection),
                warehouse_drift(self._connection),
                now,
            )

    def put(
        self, login: NativeLogin, there: Registered | None = None, verifier: str = ""
    ) -> Problems:
        """Makes one login as it should be; gives the tables that have no view now, and why.

        `there` is what was found of it. Where it loses something, that stops first and its sessions end: an open one
        could hold what it has seen, or keep a view from being replaced. A view that cannot be made is left out and the
        others are made; it is tried again the next time. Only with a `verifier` does the password change.
        Errors: `EngineError` when the role's name is somebody else's.
        """
        problems = self.let_read(tables_of(login.views))
        stale = self._stale(login)
        if there is not None and (stale or narrows(there, login)):
            with self._connection.transaction():
                cut_rights(self._connection, login, stale)
            self.end_sessions(login.role)
        with self._connection.transaction():
            self._refuse_strange(login.role)
            put_login(self._connection, login, self._place.owner, verifier)
            note_login(self._connection, login)
            problems = self._views(login, stale, problems)
            if not problems:
                note_whole(self._connection, login)
        if not login.rights or verifier:
            self.end_sessions(login.role)
        return problems

    def put_if_possible(self, login: NativeLogin, there: Registered | None) -> Problems:
        """As `put`, for one of many: what hinders it is told for each of its tables, and the next one can be put."""
        try:
            return self.put(login, there)
        except (psycopg.Error, EngineError) as error:
            if self._connection.broken:
                raise
            why = str(error) if isinstance(error, EngineError) else told(error)
            return {view.table: why for view in login.views} or {Table("", login.role): why}

    def end_sessions(self, role: str) -> int:
        """Ends whatever a login does at the moment; gives how many sessions it had."""
        if self._connection.execute(SESSIONS, [role]).fetchone() is None:
            return 0
        return len(self._connection.execute(TERMINATE, [role]).fetchall())

    def remove(self, role: str) -> bool:
        """Takes a login out: at once it reads nothing and gets in no more; False where something keeps its name there.

        What somebody made in its name elsewhere is not ours to drop. The role then stays, shut, and is tried again.
        """
        with self._connection.transaction():
            self._shut(role)
        # Before anything is dropped: an open transaction would hold on to its views.
        self.end_sessions(role)
        try:
            with self._connection.transaction():
                self._drop(role)
        except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.LockNotAvailable):
            return False
        return True

    def undo(self, stranger: Stranger) -> bool:
        """Takes away what somebody else gave; False where that did not work."""
        if stranger.undo is None:
            return False
        try:
            with self._connection.transaction():
                self._connection.execute(stranger.undo.encode())
        except psycopg.Error:
            return False
        return True

    def release(self) -> int:
        """Removes everything the portal made for native access; its tables are as before. Gives how many logins."""
        if not self.is_set_up:
            return 0
        roles = [
            row[0]
            for row in self._connection.execute(b"SELECT role::text FROM gatehouse_native.logins")
        ]
        n_gone = sum(self.remove(role) for role in roles)
        if n_gone < len(roles):
            raise EngineError(
                "unreachable",
                "Some logins own things of their own, or hold rights in another database of this server. They can no "
                "longer sign in; take those away, then do this again.",
            )
        self.let_read_no_more_than(())
        with self._connection.transaction():
            owner = sql.Identifier(self._place.owner)
            names = ("views", "rights", "logins", "reads", "keys", "about")
            for name in names:
                self._connection.execute(
                    sql.SQL("DROP TABLE {}").format(sql.Identifier(PRIVATE, name))
                )
            self._connection.execute(sql.SQL("DROP OWNED BY {}").format(owner))
            self._connection.execute(sql.SQL("DROP ROLE {}").format(owner))
            self._connection.execute(
                sql.SQL("DROP SCHEMA {} RESTRICT").format(sql.Identifier(PRIVATE))
            )
        return n_gone

    # --- One login

    def _stale(self, login: NativeLogin) -> frozenset[str]:
        """The names of a login's views that have to go or be made afresh."""
        rows = self._connection.execute(
            b"SELECT view::text, asked FROM gatehouse_native.views WHERE role = %s", [login.role]
        ).fetchall()
        wanted = {view.name: view.digest for view in login.views}
        changed = {
            row[1]
            for row in self._connection.execute(CHANGED_VIEWS.encode())
            if row[0] == login.role
        }
        return frozenset(
            name for name, asked in rows if wanted.get(name) != asked or name in changed
        )

    def _views(
        self, login: NativeLogin, stale: frozenset[str], problems: Problems
    ) -> dict[Table, str]:
        failed = {}
        for name in sorted(stale):
            drop_view(self._connection, login.role, name)
        rows = self._connection.execute(
            b"SELECT view::text FROM gatehouse_native.views WHERE role = %s", [login.role]
        )
        there = {row[0] for row in rows}
        for view in login.views:
            if view.name in there:
                continue
            try:
                if view.table in problems:
                    raise Unreadable(problems[view.table])
                with self._connection.transaction():
                    put_view(self._connection, login.role, view, self._place.owner)
            except (Unreadable, psycopg.Error) as error:
                failed[view.table] = str(error) if isinstance(error, Unreadable) else told(error)
        return failed

    def _refuse_strange(self, role: str) -> None:
        """Errors: `EngineError` when a role or schema of that name is there that we did not make."""
        row = self._connection.execute(
            b"""
            SELECT r.oid IS NULL OR coalesce(r.oid = l.role_oid, false), n.oid IS NULL OR coalesce(n.oid = l.schema_oid, false)
              FROM (SELECT %s::name AS name) AS asked LEFT JOIN gatehouse_native.logins l ON l.role = asked.name
              LEFT JOIN pg_catalog.pg_roles r ON r.rolname = asked.name
              LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = asked.name
            """,
            [role],
        ).fetchone()
        if row != (True, True):
            raise taken(f"The role or schema {role}")

    def _shut(self, role: str) -> None:
        self._connection.execute(b"DELETE FROM gatehouse_native.rights WHERE role = %s", [role])
        if self._is_ours(role):
            self._connection.execute(
                sql.SQL("ALTER ROLE {} WITH NOLOGIN VALID UNTIL '-infinity' PASSWORD NULL").format(
                    sql.Identifier(role)
                )
            )
        self._connection.execute(
            b"UPDATE gatehouse_native.logins SET can_login = false, valid_until = '-infinity', digest = '' WHERE role = %s",
            [role],
        )

    def _drop(self, role: str) -> None:
        name = sql.Identifier(role)
        for (view,) in self._connection.execute(
            b"SELECT view::text FROM gatehouse_native.views WHERE role = %s", [role]
        ).fetchall():
            drop_view(self._connection, role, view)
        row = self._one(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN gatehouse_native.logins l ON l.schema_oid = n.oid"
            " WHERE l.role = %s)",
            [role],
        )
        if row == (True,):
            self._connection.execute(sql.SQL("DROP SCHEMA {} RESTRICT").format(name))
        if self._is_ours(role):
            for stranger in strangers_found(self._connection, role):
                if stranger.undo is not None:
                    self._connection.execute(stranger.undo.encode())
            database = sql.Identifier(self._connection.info.dbname)
            self._connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, name)
            )
            self._connection.execute(sql.SQL("DROP ROLE {}").format(name))
        self._connection.execute(b"DELETE FROM gatehouse_native.logins WHERE role = %s", [role])

    def _is_ours(self, role: str) -> bool:
        return self._one(
            "SELECT EXISTS (SELECT FROM gatehouse_native.logins l JOIN pg_catalog.pg_roles r ON r.oid = l.role_oid"
            " AND r.rolname = l.role WHERE l.role = %s)",
            [role],
        ) == (True,)
