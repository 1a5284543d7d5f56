"""Screens kept in PostgreSQL: a role, a row-level security policy and a view for each, made when first needed.

The role may not log in; it owns the view and nothing else, and the policy limits which rows of the table it gets. So
PostgreSQL itself applies the row filter where the table is read, before anything a reader wrote, and the reader's role
needs no right to any table. Other roles see what they saw: a policy of its own admits everybody to every row before
row-level security is switched on. A table where that would not hold is refused, and so is one that cannot be locked
within a moment; its readers then get the slower form that needs nothing of the warehouse.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from catalog.engines.base import EngineError
from catalog.engines.postgresql_catalog import (
    IDLE_ROLE,
    READER,
    SCREENABLE,
    SCREENS_IN_PLACE,
    UNUSED,
)
from catalog.engines.screens import ROW, SCHEMA, Screen, Table

EVERYBODY = "gatehouse_everybody"
# Longer, and whoever waits behind us for the table would notice.
LOCK = "300ms"
TURN = "5s"
STATEMENT = "20s"
MOST_PER_TABLE = 100
KEPT_DAYS = 7
# Seconds until a table that could not be screened is tried again: because it was busy, or because of what it is.
SOON, LATE = 20.0, 600.0

Connect = Callable[[], psycopg.Connection[tuple[Any, ...]]]


class Unscreened(Exception):
    """A table cannot be read through a screen now; carries why, for `concerns`, and until when not to ask again."""

    def __init__(self, reason: str, seconds: float = LATE) -> None:
        super().__init__(reason)
        self.until = time.monotonic() + seconds


class ScreenKeeper:
    """Makes and removes the screens of one warehouse, over an administrator's connection.

    Safe to use from several threads and processes at once: each change is one transaction under an advisory lock.
    """

    def __init__(self, connect: Connect, reader: Callable[[], str]) -> None:
        self._connect = connect
        self._reader = reader
        self._lock = threading.Lock()
        self._used: dict[str, date] = {}
        self._refused: dict[Table, Unscreened] = {}

    def refused(self) -> frozenset[Table]:
        """The tables that could not be screened lately."""
        now = time.monotonic()
        return frozenset(table for table, why in self._refused.items() if why.until > now)

    def reasons(self) -> dict[Table, str]:
        """Why, by table."""
        return {table: str(self._refused[table]) for table in self.refused()}

    def secure(self, screens: Iterable[Screen], *, afresh: bool = False) -> frozenset[Table]:
        """Makes what is missing of these screens; gives the tables for which that did not work.

        `afresh` looks at the warehouse again even for screens that were there a moment ago.
        Cost: nothing for screens seen today; else one connection, and a few statements for each new one.
        """
        today = date.today()  # noqa: DTZ011 - only tells one day from the next
        missing = [each for each in screens if afresh or self._used.get(each.view) != today]
        if not missing:
            return frozenset()
        with self._lock:
            return self._make(missing, today)

    def sweep(self) -> int:
        """Removes screens nobody used for a week; gives how many. Cost: one transaction each."""
        with _named(), self._connect() as connection:
            if not _is_set_up(connection):
                return 0
            with _a_moment(connection):
                unused = connection.execute(UNUSED, [KEPT_DAYS]).fetchall()
            return sum(_dropped(connection, *row) for row in unused)

    def release(self) -> int:
        """Removes everything the portal made in this warehouse; its tables are as before. Gives how many screens."""
        with _named(), self._connect() as connection:
            if not _is_set_up(connection):
                return 0
            with _a_moment(connection):
                every = connection.execute(UNUSED, [-1]).fetchall()
            n_dropped = sum(_dropped(connection, *row) for row in every)
            with _a_moment(connection):
                _opened_up(connection)
            self._used.clear()
            return n_dropped

    def _make(self, screens: Sequence[Screen], today: date) -> frozenset[Table]:
        failed = set()
        try:
            reader = self._reader()
            with self._connect() as connection:
                _set_up(connection, reader)
                for screen in screens:
                    try:
                        _put_in_place(connection, screen, reader)
                        self._used[screen.view] = today
                    except Unscreened as reason:
                        self._refuse(screen.table, reason)
                        failed.add(screen.table)
        except (psycopg.Error, EngineError) as error:
            nothing_works = Unscreened(told(error), SOON)
            for screen in screens:
                self._refuse(screen.table, nothing_works)
            return frozenset(screen.table for screen in screens)
        return frozenset(failed)

    def _refuse(self, table: Table, reason: Unscreened) -> None:
        self._refused[table] = reason


def in_place(screens: Sequence[Screen], database: str) -> list[list[str]]:
    """The parameters of `SCREENS_IN_PLACE` for these screens."""
    return [
        [screen.table.schema for screen in screens],
        [screen.table.name for screen in screens],
        [screen.view for screen in screens],
        [screen.role(database) for screen in screens],
    ]


# --- One screen


def _put_in_place(
    connection: psycopg.Connection[tuple[Any, ...]], screen: Screen, reader: str
) -> None:
    """Makes one screen, or finds it as it should be; notes that it was used today."""
    try:
        with _a_moment(connection):
            database = connection.info.dbname
            row = connection.execute(SCREENS_IN_PLACE, in_place([screen], database)).fetchone()
            if row != (0,):
                _open_to_everybody(connection, screen)
                _limited_role(connection, screen, screen.role(database))
                _view(connection, screen, screen.role(database), reader)
            _note_use(connection, screen, screen.role(database))
    except psycopg.errors.LockNotAvailable:
        raise Unscreened("it was busy", SOON) from None
    except psycopg.Error as error:
        raise Unscreened(told(error)) from None


def _open_to_everybody(connection: psycopg.Connection[tuple[Any, ...]], screen: Screen) -> None:
    """Row-level security that leaves every other role as it was. Judged before anything changes."""
    row = connection.execute(SCREENABLE, [EVERYBODY, *screen.table]).fetchone()
    if row is None:
        raise Unscreened("there is no such table")
    kind, has_security, is_ours, loaders, n_policies = row
    if kind not in ("r", "p"):
        raise Unscreened("it is a view or a foreign table")
    if has_security and not is_ours:
        raise Unscreened("it has row-level security of its owner's")
    if loaders:
        raise Unscreened("roles besides its owner load it, and COPY would refuse them")
    if n_policies >= MOST_PER_TABLE:
        raise Unscreened(f"it has {n_policies} policies already", SOON)
    if screen.table in screen.looks_into:
        raise Unscreened("its rules look into the table itself")
    _refuse_secured_lookups(connection, screen)
    policy, table = sql.Identifier(EVERYBODY), _of(screen.table)
    if not is_ours:
        connection.execute(
            sql.SQL("CREATE POLICY {} ON {} FOR ALL TO PUBLIC USING (true) WITH CHECK (true)").format(policy, table)
        )  # fmt: skip
    if not has_security:
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table))


def _refuse_secured_lookups(
    connection: psycopg.Connection[tuple[Any, ...]], screen: Screen
) -> None:
    for other in sorted(screen.looks_into):
        row = connection.execute(SCREENABLE, [EVERYBODY, *other]).fetchone()
        if row is not None and row[1] and not row[2]:
            raise Unscreened("its rules look into a table with row-level security of its own")


def _limited_role(
    connection: psycopg.Connection[tuple[Any, ...]], screen: Screen, role: str
) -> None:
    name, table = sql.Identifier(role), _of(screen.table)
    found = connection.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", [role])
    if found.fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(name))
    if connection.info.parameter_status("is_superuser") != "on":
        # To give the view away. As the table's owner it stays outside of the role's policy all the same.
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
    for readable in (screen.table, *sorted(screen.looks_into)):
        connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(_of(readable), name))
    connection.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(name, table))
    connection.execute(
        sql.SQL("CREATE POLICY {} ON {} AS RESTRICTIVE FOR SELECT TO {} USING ({})").format(
            # Made by the gate from expressions it parsed, checked and printed itself.
            name, table, name, sql.SQL(screen.condition or "true")
        )
    )  # fmt: skip


def _view(
    connection: psycopg.Connection[tuple[Any, ...]], screen: Screen, role: str, reader: str
) -> None:
    view, owner = sql.Identifier(SCHEMA, screen.view), sql.Identifier(role)
    connection.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(view))
    connection.execute(
        sql.SQL("CREATE VIEW {} AS SELECT {} FROM {} AS {}").format(
            view, sql.SQL(", ".join(screen.shown)), _of(screen.table), sql.Identifier(ROW)
        )
    )  # fmt: skip
    here = sql.Identifier(SCHEMA)
    connection.execute(sql.SQL("GRANT CREATE ON SCHEMA {} TO {}").format(here, owner))
    connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(view, sql.Identifier(reader)))
    connection.execute(sql.SQL("ALTER VIEW {} OWNER TO {}").format(view, owner))
    connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(here, owner))


def _note_use(connection: psycopg.Connection[tuple[Any, ...]], screen: Screen, role: str) -> None:
    connection.execute(
        sql.SQL(
            "INSERT INTO {} (view, role, table_schema, table_name) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (view) DO UPDATE SET used_on = current_date"
        ).format(_REGISTER),
        [screen.view, role, *screen.table],
    )


# --- The schema of the portal's own, and the way back

_REGISTER = sql.Identifier(SCHEMA, "screens")


def _is_set_up(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.screens"]).fetchone()
    return row == (True,)


def _set_up(connection: psycopg.Connection[tuple[Any, ...]], reader: str) -> None:
    """The schema and its register, readable by nobody but as screens are handed out."""
    with _a_moment(connection):
        here, name = sql.Identifier(SCHEMA), sql.Identifier(reader)
        if not _is_set_up(connection):
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(here))
            connection.execute(
                sql.SQL(
                    "CREATE TABLE {} (view text PRIMARY KEY, role text NOT NULL, table_schema text NOT NULL,"
                    " table_name text NOT NULL, used_on date NOT NULL DEFAULT current_date)"
                ).format(_REGISTER)
            )
        row = connection.execute(READER, [reader, SCHEMA]).fetchone()
        if row is None or not row[1]:
            raise EngineError(
                "unreachable",
                f"The schema {SCHEMA} belongs to somebody else, or the reader is mighty.",
            )
        if not row[0]:
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(here, name))


def _dropped(connection: psycopg.Connection[tuple[Any, ...]], view: str, role: str) -> bool:
    """Removes one screen, with its role when no other screen needs it; False when somebody was in the way."""
    owner = sql.Identifier(role)
    try:
        with _a_moment(connection):
            name = sql.Identifier(SCHEMA, view)
            connection.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(name))
            connection.execute(sql.SQL("DELETE FROM {} WHERE view = %s").format(_REGISTER), [view])
            if connection.execute(IDLE_ROLE, [role]).fetchone() is not None:
                # Its rights and the policies that name it go with it; tables it does not own are not touched.
                connection.execute(sql.SQL("DROP OWNED BY {}").format(owner))
                connection.execute(sql.SQL("DROP ROLE {}").format(owner))
    except psycopg.Error:
        return False
    return True


def _opened_up(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Switches row-level security off where this portal switched it on, and drops what is then empty."""
    ours = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_policy p"
        " JOIN pg_catalog.pg_class c ON c.oid = p.polrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE p.polname = %s",
        [EVERYBODY],
    ).fetchall()
    for row in ours:
        table, policy = _of(Table(*row)), sql.Identifier(EVERYBODY)
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(table))
        connection.execute(sql.SQL("DROP POLICY {} ON {}").format(policy, table))
    connection.execute(sql.SQL("DROP TABLE {}").format(_REGISTER))
    connection.execute(sql.SQL("DROP SCHEMA {} RESTRICT").format(sql.Identifier(SCHEMA)))


@contextmanager
def _a_moment(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[None]:
    """One transaction, alone among portals, that gives up rather than make others wait."""
    with connection.transaction():
        connection.execute(
            f"SET LOCAL lock_timeout = '{TURN}'; SET LOCAL statement_timeout = '{STATEMENT}';"
            " SET LOCAL search_path = pg_catalog".encode()
        )
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SCHEMA])
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK}'".encode())
        yield


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise EngineError("unreachable", told(error)) from None


def _of(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def told(error: Exception) -> str:
    """The kind of failure without the server's words, which may quote data."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "the administrator's role may not change it"
    if isinstance(error, EngineError):
        return "the administrator's connection cannot be made"
    return f"the warehouse refused ({getattr(error, 'sqlstate', None) or 'no connection'})"
