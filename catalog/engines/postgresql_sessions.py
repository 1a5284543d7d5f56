"""Connections to PostgreSQL: few, kept for a while, and each query in a read-only transaction of its own.

A connection goes back to its pool only after a query that ended well, and forgets everything on the way. Credentials
are looked up whenever a connection is made, so a rotated one is in use within minutes, and nothing has to restart.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from catalog.engines.base import REFERENCE, Cause, EngineError, resolve_references

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 10
# As many as the gate lets run at once on one warehouse, and a few for descriptions.
MOST = 48
IDLE_SECONDS = 60.0
LONGEST_LIFE = 600.0

CAUSES: tuple[tuple[str, Cause], ...] = (
    ("57014", "deadline"),
    ("57P", "crash"),
    ("08", "crash"),
    ("53200", "memory"),
    ("53400", "memory"),
    ("53", "busy"),
    ("25006", "not_a_query"),
    ("42601", "not_a_query"),
    ("42501", "name"),
    ("42", "name"),
    ("2201", "arithmetic"),
    ("22003", "arithmetic"),
    ("22012", "arithmetic"),
    ("22008", "arithmetic"),
    ("22", "conversion"),
)

# The server looks every two seconds whether its client is still there, so that a killed one leaves no work behind.
SESSION = (
    "SET statement_timeout = {milliseconds}; SET idle_in_transaction_session_timeout = '60s';"
    " SET lock_timeout = '5s'; SET default_transaction_read_only = on; SET work_mem = '64MB';"
    " SET client_connection_check_interval = '2s'; SET search_path = pg_catalog;"
    " SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';"
    " SET bytea_output = 'hex'; SET extra_float_digits = 1"
)
# From version 19 on, a reader's expression may be computed below a join, and so on rows that the join would drop.
NO_EAGER_AGGREGATE = "; SET enable_eager_aggregate = off"
EAGER_SINCE = 190000


@dataclass
class Kept:
    """An idle connection, since when, made when, and with which credentials."""

    connection: Connection
    conninfo: str = field(repr=False)
    made: float
    idle: float = 0.0

    def is_fresh(self, conninfo: str, now: float) -> bool:
        """Whether it may be used again."""
        return (
            not self.connection.closed
            and self.conninfo == conninfo
            and now - self.idle < IDLE_SECONDS
            and now - self.made < LONGEST_LIFE
        )


class Sessions:
    """The connections of one URL in this process; at most `MOST` at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._places = threading.BoundedSemaphore(MOST)
        self._lock = threading.Lock()
        self._idle: list[Kept] = []
        self._busy: dict[int, Kept] = {}

    def take(self, deadline: float, settings: Mapping[str, str] | None = None) -> Connection:
        """A connection inside a read-only transaction that the server ends at the deadline. Give it back with `give`.

        Errors: `EngineError` "unreachable", also when no place gets free in time.
        """
        if not self._places.acquire(
            timeout=max(0.0, min(CONNECT_SECONDS, deadline - time.monotonic()))
        ):
            raise EngineError("unreachable", "Every connection to the warehouse is in use.")
        try:
            kept = self._ready(deadline, settings or {})
        except BaseException:
            self._places.release()
            raise
        with self._lock:
            self._busy[id(kept.connection)] = kept
        return kept.connection

    def give(self, connection: Connection, *, is_clean: bool) -> None:
        """Takes a connection back; safe to repeat. One whose query did not end well is closed."""
        with self._lock:
            kept = self._busy.pop(id(connection), None)
        if kept is None:
            return
        if not (is_clean and _forgets(connection)):
            connection.close()
        else:
            kept.idle = time.monotonic()
            with self._lock:
                self._idle.append(kept)
            timer = threading.Timer(IDLE_SECONDS + 1, self.prune)
            timer.daemon = True
            timer.start()
        self._places.release()

    def prune(self, *, everything: bool = False) -> None:
        """Closes what was idle for long, or whatever is idle."""
        now = time.monotonic()
        with self._lock:
            stale = [kept for kept in self._idle if everything or now - kept.idle > IDLE_SECONDS]
            self._idle = [kept for kept in self._idle if kept not in stale]
        for kept in stale:
            kept.connection.close()

    def terminate(self, backend: int) -> None:
        """Asks the server to end one of its processes that works for this role.

        Errors: `EngineError` when the server does not answer.
        """
        with named(), connected(conninfo_of(self._url), time.monotonic() + 2) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", [backend])

    def _ready(self, deadline: float, settings: Mapping[str, str]) -> Kept:
        conninfo = conninfo_of(self._url)
        while (kept := self._kept(conninfo)) is not None:
            try:
                _begin(kept.connection, deadline, settings)
                return kept
            except psycopg.Error:
                # The server was restarted, or ended this session, while it was idle.
                kept.connection.close()
        connection = connected(conninfo, deadline)
        try:
            with named():
                _begin(connection, deadline, settings)
                _refuse_own_database(connection)
        except BaseException:
            connection.close()
            raise
        return Kept(connection, conninfo, time.monotonic())

    def _kept(self, conninfo: str) -> Kept | None:
        now = time.monotonic()
        with self._lock:
            while self._idle:
                kept = self._idle.pop()
                if kept.is_fresh(conninfo, now):
                    return kept
                kept.connection.close()
        return None


_pools: dict[tuple[int, str], Sessions] = {}
_pools_lock = threading.Lock()


def sessions_of(url: str) -> Sessions:
    """The connections of this URL in this process; a forked child has its own."""
    with _pools_lock:
        return _pools.setdefault((os.getpid(), url), Sessions(url))


def close_idle() -> None:
    """Closes every idle connection, for a process that ends and for tests."""
    with _pools_lock:
        pools = list(_pools.items())
    for (process, _), pool in pools:
        if process == os.getpid():
            pool.prune(everything=True)


def connected(conninfo: str, deadline: float) -> Connection:
    """A new connection that commits each statement.

    Errors: `EngineError` "unreachable"; the server's message, which names host, user and database, is dropped.
    """
    seconds = max(1, min(CONNECT_SECONDS, int(deadline - time.monotonic())))
    try:
        return psycopg.connect(
            conninfo,
            autocommit=True,
            # psycopg would prepare what it sees often, and look for it after a session was told to forget.
            prepare_threshold=None,
            connect_timeout=seconds,
            application_name="gatehouse",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            client_encoding="utf8",
        )
    except psycopg.Error:
        raise EngineError("unreachable") from None


def conninfo_of(url: str) -> str:
    """The connection string of a URL, its references resolved now.

    References are resolved after the URL was taken apart, so that a secret needs no percent-encoding.
    """
    guarded = REFERENCE.sub(lambda match: quote(match[0], safe=""), url)
    try:
        parts = conninfo_to_dict(guarded)
    except psycopg.ProgrammingError:
        raise EngineError("unreachable", "The warehouse's URL cannot be read.") from None
    resolved: dict[str, Any] = {
        name: resolve_references(value) if isinstance(value, str) else value
        for name, value in parts.items()
    }
    return make_conninfo(**resolved)


def place_of(url: str) -> tuple[str, int, str]:
    """The host, port and database of a URL, as a person would be told; nothing secret. Errors: as `conninfo_of`."""
    parts = conninfo_to_dict(conninfo_of(url))
    user = parts.get("user") or ""
    return (
        str(parts.get("host") or "localhost"),
        int(parts.get("port") or 5432),
        str(parts.get("dbname") or user),
    )


def _begin(connection: Connection, deadline: float, settings: Mapping[str, str]) -> None:
    milliseconds = max(1, int((deadline - time.monotonic()) * 1000))
    text = SESSION.format(milliseconds=milliseconds)
    if connection.info.server_version >= EAGER_SINCE:
        text += NO_EAGER_AGGREGATE
    connection.execute(text.encode())
    if settings:
        listed = ", ".join(["set_config(%s, %s, false)"] * len(settings))
        values = [part for pair in settings.items() for part in pair]
        connection.execute(f"SELECT {listed}".encode(), values)
    # Each statement with a snapshot of its own: the look at screens has to see what changed while a lock was awaited.
    connection.execute(b"BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY")


def _forgets(connection: Connection) -> bool:
    """Leaves nothing of the last query on the connection; False when that did not work."""
    try:
        connection.execute(b"ROLLBACK")
        connection.execute(b"DISCARD ALL")
    except psycopg.Error:
        return False
    return True


def _refuse_own_database(connection: Connection) -> None:
    row = connection.execute("SELECT to_regclass('public.access_grant') IS NOT NULL").fetchone()
    if row is not None and row[0]:
        raise EngineError("unreachable", "The portal's own database is never a warehouse.")


class named:
    """Turns psycopg's errors into `EngineError`, dropping their text, which may quote data."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise EngineError(cause_of(error.sqlstate or "08")) from None


def cause_of(state: str) -> Cause:
    """What an SQLSTATE means for the reader. Source: PostgreSQL documentation, appendix A."""
    return next((cause for prefix, cause in CAUSES if state.startswith(prefix)), "other")
