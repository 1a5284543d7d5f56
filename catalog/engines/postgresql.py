"""PostgreSQL databases, read over a connection of their own per query.

The second wall is the database's: a read-only transaction, a statement timeout, `search_path` reduced to
`pg_catalog`, and the role in the URL, which should own nothing. Only a prepared statement is ever executed, because
PostgreSQL refuses to prepare a text that holds more than one.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import nanoarrow as na
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from catalog.engines.arrow import BatchWriter, schema_message
from catalog.engines.base import (
    ASCII_LOWER,
    REFERENCE,
    Batch,
    Cause,
    EngineError,
    Relation,
    RelationColumn,
    resolve_references,
)
from catalog.engines.postgresql_arrow import LOADERS, ColumnCodec, codec_for, encode_batch
from catalog.engines.postgresql_catalog import COLUMNS, RELATIONS, ROLE_RIGHTS

CONNECT_SECONDS = 10
DESCRIBE_SECONDS = 60.0
# Seconds after the deadline at which the connection is cut, should the server not have ended the statement itself.
CUT_AFTER = 0.5
ROWS_PER_FETCH = 500
ROWS_PER_BATCH = 16_384
BYTES_PER_BATCH = 8 << 20
STATEMENT = "gate_statement"

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


class PostgreSQLEngine:
    """A PostgreSQL database at `postgresql://...`; any part of the URL may be a `${NAME}` reference."""

    dialect = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url

    def describe(self) -> tuple[Relation, ...]:
        """See `Engine.describe`. Only what the role may read is seen; partitions count as their parent.

        Cost: two queries of the system catalog.
        """
        with self._session(time.monotonic() + DESCRIBE_SECONDS) as connection, _named():
            columns: dict[int, list[RelationColumn]] = defaultdict(list)
            for relation, name, kind, is_nullable, comment in connection.execute(COLUMNS):
                columns[relation].append(RelationColumn(name, kind, is_nullable, comment))
            return tuple(
                Relation(schema, name, kind, tuple(columns[oid]), rows, comment, definition)
                for oid, schema, name, kind, rows, comment, definition in connection.execute(
                    RELATIONS
                )
            )

    def run(
        self, sql: str, *, deadline: float, max_rows: int | None, first_by: float | None = None
    ) -> PostgreSQLStream:
        """See `Engine.run`. Cost: one connection, open until the stream ends or is closed."""
        connection = self._session(deadline)
        try:
            return PostgreSQLStream(connection, sql, deadline, max_rows, first_by)
        except BaseException:
            connection.close()
            raise

    def fold(self, identifier: str, quoted: bool) -> str:
        """Unquoted names are lower-cased, quoted ones are exact."""
        return identifier if quoted else identifier.translate(ASCII_LOWER)

    def parse_tree(self, sql: str) -> None:
        """PostgreSQL shows nobody its parse tree; preparing the statement is its confirmation."""
        return

    def concerns(self) -> tuple[str, ...]:
        """What the role in the URL can do beyond reading, one sentence each."""
        with self._session(time.monotonic() + DESCRIBE_SECONDS) as connection, _named():
            row = connection.execute(ROLE_RIGHTS).fetchone()
        assert row is not None
        is_superuser, owns, reads_files = row
        found = []
        if is_superuser:
            found.append("The role is a superuser. Give the portal a role that owns nothing.")
        if owns:
            found.append("The role owns tables. Give the portal a role that may only read.")
        if reads_files:
            found.append("The role may read files of the server or run its programs.")
        return tuple(found)

    def _session(self, deadline: float) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection inside a read-only transaction that the server ends at the deadline."""
        connection = self._connect(deadline)
        milliseconds = max(1, int((deadline - time.monotonic()) * 1000))
        try:
            with _named():
                connection.execute(SESSION.format(milliseconds=milliseconds).encode())
                connection.execute(b"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                _refuse_own_database(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, deadline: float) -> psycopg.Connection[tuple[Any, ...]]:
        seconds = max(1, min(CONNECT_SECONDS, int(deadline - time.monotonic())))
        try:
            return psycopg.connect(
                self._conninfo(),
                autocommit=True,
                connect_timeout=seconds,
                application_name="gatehouse",
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                client_encoding="utf8",
            )
        except psycopg.Error:
            # The message names host, user and database; it stays here.
            raise EngineError("unreachable") from None

    def _conninfo(self) -> str:
        # References are resolved after the URL was taken apart, so that a secret needs no percent-encoding.
        guarded = REFERENCE.sub(lambda match: f"%24%7B{match[1]}%7D", self._url)
        try:
            parts = conninfo_to_dict(guarded)
        except psycopg.ProgrammingError:
            raise EngineError("unreachable", "The warehouse's URL cannot be read.") from None
        resolved: dict[str, Any] = {
            name: resolve_references(value) if isinstance(value, str) else value
            for name, value in parts.items()
        }
        return make_conninfo(**resolved)


SESSION = (
    "SET statement_timeout = {milliseconds}; SET idle_in_transaction_session_timeout = '60s';"
    " SET lock_timeout = '5s'; SET default_transaction_read_only = on;"
    " SET search_path = pg_catalog; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';"
    " SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1"
)


class _PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    """Runs the prepared statement by its name, in the protocol rather than in SQL.

    The server gathers the whole result of an `EXECUTE` before it sends the first row; this way it streams.
    """

    def _execute_send(self, *_: Any, **__: Any) -> None:
        self._pgconn.send_query_prepared(
            STATEMENT.encode(), [], result_format=psycopg.pq.Format.BINARY
        )


class PostgreSQLStream:
    """A prepared statement whose rows arrive in chunks and leave as Arrow batches."""

    def __init__(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        sql: str,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
    ) -> None:
        self._connection = connection
        self._max_rows = max_rows
        for oid, loader in LOADERS.items():
            connection.adapters.register_loader(oid, loader)
        with _named():
            names, self._codecs = _prepare(connection, sql)
        self._schema = na.c_schema(
            na.struct(
                [
                    na.Schema(codec.schema, name=name)
                    for name, codec in zip(names, self._codecs, strict=True)
                ],
                nullable=False,
            )
        )
        self.schema_ipc = schema_message(self._schema)
        self.columns = tuple(
            (name, codec.type) for name, codec in zip(names, self._codecs, strict=True)
        )
        self.is_truncated = False
        self._cut = threading.Timer(deadline - time.monotonic() + CUT_AFTER, self._abandon)
        self._cut.daemon = True
        self._cut.start()
        self._has_begun = False
        seconds = (deadline if first_by is None else min(deadline, first_by)) - time.monotonic()
        self._late = threading.Timer(max(0.0, seconds), self._cancel)
        self._late.daemon = True
        self._late.start()

    def __iter__(self) -> Iterator[Batch]:
        writer = BatchWriter()
        try:
            with _named():
                for rows in self._chunks():
                    array = encode_batch(self._codecs, self._schema, rows)
                    yield Batch(writer.message(array), len(rows))
        finally:
            self.close()

    def close(self) -> None:
        """Cancels the statement if it still runs, and closes the connection."""
        self._cut.cancel()
        self._late.cancel()
        if not self._connection.closed:
            if self._connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=1.0)
            self._connection.close()

    def _chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of one batch at a time, bounded by number and by size."""
        room = self._max_rows
        rows: list[tuple[Any, ...]] = []
        n_bytes = 0
        for row in self._rows():
            if not self._has_begun:
                self._has_begun = True
                self._late.cancel()
            if room is not None and room <= 0:
                self.is_truncated = True
                break
            rows.append(row)
            n_bytes += sum(len(value) for value in row if type(value) is bytes)
            room = None if room is None else room - 1
            if len(rows) >= ROWS_PER_BATCH or n_bytes >= BYTES_PER_BATCH:
                yield rows
                rows, n_bytes = [], 0
        if rows:
            yield rows

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        return _PreparedCursor(self._connection).stream(b"", binary=True, size=ROWS_PER_FETCH)

    def _cancel(self) -> None:
        """Asks the server to end a statement that yielded no row in time; its reader sees a passed deadline."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=1.0)

    def _abandon(self) -> None:
        """Cuts a connection whose server did not keep the deadline; the thread that reads it gets an error.

        Closing it from here would free memory under that thread, so only the socket is shut down.
        """
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=1.0)
        with (
            suppress(psycopg.Error, OSError),
            socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as shared,
        ):
            shared.shutdown(socket.SHUT_RDWR)


def _prepare(
    connection: psycopg.Connection[tuple[Any, ...]], sql: str
) -> tuple[list[str], Sequence[ColumnCodec]]:
    """Prepares the statement, a second time with casts when some types have no codec; names and codecs."""
    names, types = _described(connection, sql)
    found = [codec_for(oid, modifier) for oid, modifier in types]
    if not all(found):
        connection.execute(f"DEALLOCATE {STATEMENT}".encode())
        _, types = _described(connection, _with_casts(sql, names, found))
        found = [codec_for(oid, modifier) for oid, modifier in types]
    return names, [codec for codec in found if codec is not None]


def _described(
    connection: psycopg.Connection[tuple[Any, ...]], sql: str
) -> tuple[list[str], list[tuple[int, int]]]:
    name = STATEMENT.encode()
    _checked(connection.pgconn.prepare(name, sql.encode()))
    result = _checked(connection.pgconn.describe_prepared(name))
    if not result.nfields:
        raise EngineError("not_a_query")
    names = [(result.fname(position) or b"").decode() for position in range(result.nfields)]
    return names, [
        (result.ftype(position), result.fmod(position)) for position in range(result.nfields)
    ]


def _checked(result: psycopg.pq.abc.PGresult) -> psycopg.pq.abc.PGresult:
    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b""
        raise EngineError(_cause(state.decode()))
    return result


def _with_casts(sql: str, names: Sequence[str], found: Sequence[ColumnCodec | None]) -> str:
    """The statement with its odd columns cast to text; columns are renamed by position, so names may repeat."""
    listed = ", ".join(
        f"gate_{position}" if codec else f"CAST(gate_{position} AS text)"
        for position, codec in enumerate(found)
    )
    aliases = ", ".join(f"gate_{position}" for position in range(len(names)))
    inner = sql.rstrip().rstrip(";")
    # The inner statement passed the gate; the rest is made of numbers.
    return f"SELECT {listed} FROM ({inner}\n) AS gate_output({aliases})"  # noqa: S608


def _refuse_own_database(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    row = connection.execute("SELECT to_regclass('public.access_grant') IS NOT NULL").fetchone()
    if row is not None and row[0]:
        raise EngineError("unreachable", "The portal's own database is never a warehouse.")


class _named:
    """Turns psycopg's errors into `EngineError`, dropping their text, which may quote data."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise EngineError(_cause(error.sqlstate or "08")) from None


def _cause(state: str) -> Cause:
    return next((cause for prefix, cause in CAUSES if state.startswith(prefix)), "other")
