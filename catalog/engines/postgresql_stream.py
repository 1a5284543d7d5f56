"""A prepared statement of PostgreSQL whose rows arrive in chunks and leave as Arrow batches.

Only a prepared statement is ever executed, because PostgreSQL refuses to prepare a text that holds more than one.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import nanoarrow as na
import psycopg

from catalog.engines.arrow import BatchWriter, schema_message
from catalog.engines.base import Batch, EngineError
from catalog.engines.postgresql_arrow import LOADERS, ColumnCodec, codec_for, encode_batch
from catalog.engines.postgresql_sessions import Connection, Sessions, cause_of, named

# Seconds after the deadline at which the connection is cut, should the server not have ended the statement itself.
CUT_AFTER = 0.5
ROWS_PER_FETCH = 1_000
# Of rows with texts, which may be long, as many as memory is bounded by.
ROWS_PER_WIDE_FETCH = 250
ROWS_PER_BATCH = 16_384
BYTES_PER_BATCH = 8 << 20
STATEMENT = "gate_statement"


# No such table, no right to it, no such schema.
ABSENT = frozenset({"42P01", "42501", "3F000"})


class OutOfPlace(EngineError):
    """What a statement reads is not there as it was: a table was replaced, or a screen was changed or removed."""


class _PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    """Runs the prepared statement by its name, in the protocol rather than in SQL.

    The server gathers the whole result of an `EXECUTE` before it sends the first row; this way it streams. Rows are
    handed out as they arrive, many at a time: one by one takes as long as all the rest.
    """

    def chunks(self, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, at most so many at a time. Whoever stops early has to close the connection."""
        with self._conn.lock:
            self._conn.wait(self._stream_send_gen(b"", binary=True, size=size))
            is_first = True
            while (result := self._conn.wait(self._stream_fetchone_gen(is_first))) is not None:
                is_first = False
                yield self._tx.load_rows(0, result.ntuples, tuple)

    def _execute_send(self, *_: Any, **__: Any) -> None:
        self._pgconn.send_query_prepared(
            STATEMENT.encode(), [], result_format=psycopg.pq.Format.BINARY
        )


class PostgreSQLStream:
    """A statement on a session that was taken for it, and is given back when the stream ends."""

    def __init__(
        self,
        sessions: Sessions,
        connection: Connection,
        sql: str,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        confirm: Callable[[Connection], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._connection = connection
        self._max_rows = max_rows
        # The connection may already serve somebody else when this stream is closed or cancelled once more.
        self._lock = threading.Lock()
        self._is_over = False
        # A cancellation may reach the server late, and must not meet the next query there.
        self._is_cancelled = False
        for oid, loader in LOADERS.items():
            connection.adapters.register_loader(oid, loader)
        with named():
            names, self._codecs = _prepare(connection, sql)
            # What the statement reads is locked now, so what is looked at here stays as it is.
            if confirm is not None:
                confirm(connection)
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
        seconds = (deadline if first_by is None else min(deadline, first_by)) - time.monotonic()
        self._late = threading.Timer(max(0.0, seconds), self._cancel)
        self._late.daemon = True
        self._late.start()

    def __iter__(self) -> Iterator[Batch]:
        writer = BatchWriter()
        is_clean = False
        try:
            with named():
                for columns in self._batches():
                    array = encode_batch(self._codecs, self._schema, columns)
                    yield Batch(writer.message(array), len(columns[0]))
            is_clean = not self.is_truncated
        finally:
            self._end(is_clean=is_clean)

    def cancel(self) -> None:
        """See `BatchStream`."""
        self._cancel()

    def close(self) -> None:
        """Cancels the statement if it still runs, and closes the connection."""
        self._end(is_clean=False)

    def _end(self, *, is_clean: bool) -> None:
        self._cut.cancel()
        self._late.cancel()
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        connection = self._connection
        is_active = psycopg.pq.TransactionStatus.ACTIVE
        if not connection.closed and connection.pgconn.transaction_status == is_active:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=1.0)
        self._sessions.give(connection, is_clean=is_clean and not self._is_cancelled)

    def _batches(self) -> Iterator[list[list[Any]]]:
        """The columns of one batch at a time, bounded by number and by size."""
        gathered = self._empty()
        wide = [codec.is_wide for codec in self._codecs]
        n_bytes = 0
        for rows in self._chunks(ROWS_PER_WIDE_FETCH if any(wide) else ROWS_PER_FETCH):
            columns = zip(gathered, zip(*rows, strict=True), wide, strict=True)
            for column, values, is_wide in columns:
                column.extend(values)
                n_bytes += sum(map(len, filter(None, values))) if is_wide else 0
            if len(gathered[0]) >= ROWS_PER_BATCH or n_bytes >= BYTES_PER_BATCH:
                yield gathered
                gathered, n_bytes = self._empty(), 0
        if gathered[0]:
            yield gathered

    def _empty(self) -> list[list[Any]]:
        return [[] for _ in self._codecs]

    def _chunks(self, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Rows as they come, up to as many as were asked for."""
        room = self._max_rows
        for rows in _PreparedCursor(self._connection).chunks(size):
            self._late.cancel()
            if room is None or room >= len(rows):
                room = None if room is None else room - len(rows)
                yield rows
                continue
            self.is_truncated = True
            if room:
                yield rows[:room]
            return

    def _cancel(self) -> None:
        """Asks the server to end a statement that yielded no row in time; its reader sees a passed deadline."""
        with self._lock, suppress(psycopg.Error):
            if not self._is_over:
                self._is_cancelled = True
                self._connection.cancel_safe(timeout=1.0)

    def _abandon(self) -> None:
        """Cuts a connection whose server did not keep the deadline; the thread that reads it gets an error.

        Closing it from here would free memory under that thread, so only the socket is shut down. The server's process
        is asked to end too: it may be deep in work that it does not leave for a mere cancellation.
        """
        with self._lock:
            if self._is_over:
                return
            backend = self._connection.info.backend_pid
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=1.0)
            with suppress(EngineError):
                self._sessions.terminate(backend)
            with (
                suppress(psycopg.Error, OSError),
                socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as shared,
            ):
                shared.shutdown(socket.SHUT_RDWR)


def _prepare(connection: Connection, sql: str) -> tuple[list[str], Sequence[ColumnCodec]]:
    """Prepares the statement, a second time when some columns come better as another type; names and codecs."""
    names, types = described(connection, sql)
    found = [codec_for(oid, modifier) for oid, modifier in types]
    if any(codec is None or codec.fetched for codec in found):
        connection.execute(f"DEALLOCATE {STATEMENT}".encode())
        _, types = described(connection, _fetching(sql, found))
    return names, [
        codec or _certain(codec_for(oid, modifier))
        for codec, (oid, modifier) in zip(found, types, strict=True)
    ]


def _certain(codec: ColumnCodec | None) -> ColumnCodec:
    assert codec is not None  # a cast to text has one
    return codec


def described(connection: Connection, sql: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The names and types of what a statement returns, which is prepared by this and nothing else."""
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
        state = (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode()
        raise OutOfPlace("name") if state in ABSENT else EngineError(cause_of(state))
    return result


def _fetching(sql: str, found: Sequence[ColumnCodec | None]) -> str:
    """The statement with columns as their codecs want them, odd ones as text; by position, so names may repeat."""
    names = [f"gate_{position}" for position in range(len(found))]
    listed = ", ".join(
        (codec.fetched if codec else "CAST({} AS text)").format(name) or name
        for name, codec in zip(names, found, strict=True)
    )
    inner = sql.rstrip().rstrip(";")
    # The inner statement passed the gate; the rest is made of numbers.
    return f"SELECT {listed} FROM ({inner}\n) AS gate_output({', '.join(names)})"  # noqa: S608
