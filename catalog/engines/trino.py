"""Trino, by its own client.

What could be tried without a Trino server is tested: the client against a small server that speaks its protocol, and
the guard's text against the grammar. The second wall is Trino's: give the portal a user that its access control lets
read and do nothing else.
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import trino
from trino.auth import BasicAuthentication
from trino.exceptions import Error as TrinoError
from trino.exceptions import HttpError, TrinoConnectionError, TrinoQueryError

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
from catalog.engines.trino_arrow import Column, column, encoded, schema_of

DESCRIBE_SECONDS = 300.0
SHAPE_SECONDS = 30.0
ROWS_PER_BATCH = 16_384
PORTS = {"http": 8080, "https": 443}
# Everything that can follow one of these is a query: Trino has no WITH in front of a statement that writes.
READING = re.compile(r"\s*\(*\s*(select|with|values|table)\b", re.IGNORECASE)

RELATIONS = """
    SELECT t.table_schema, t.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable
    FROM information_schema.tables t JOIN information_schema.columns c
      ON c.table_schema = t.table_schema AND c.table_name = t.table_name
    WHERE t.table_schema <> 'information_schema'
    ORDER BY t.table_schema, t.table_name, c.ordinal_position
"""

CAUSES: dict[str, Cause] = {
    "INVALID_CAST_ARGUMENT": "conversion",
    "INVALID_LITERAL": "conversion",
    "INVALID_FUNCTION_ARGUMENT": "conversion",
    "DIVISION_BY_ZERO": "arithmetic",
    "NUMERIC_VALUE_OUT_OF_RANGE": "arithmetic",
    "EXCEEDED_TIME_LIMIT": "deadline",
    "USER_CANCELED": "deadline",
    "SYNTAX_ERROR": "not_a_query",
    "QUERY_QUEUE_FULL": "busy",
    "NO_NODES_AVAILABLE": "busy",
    "REMOTE_TASK_ERROR": "crash",
    "REMOTE_HOST_GONE": "crash",
    "PAGE_TRANSPORT_ERROR": "crash",
    "SERVER_SHUTTING_DOWN": "crash",
}


class Address(NamedTuple):
    """What `trino://USER:PASSWORD@HOST:PORT/CATALOG?scheme=https` says, references resolved."""

    host: str
    port: int
    user: str
    password: str
    catalog: str
    scheme: str


def address_of(url: str) -> Address:
    """Errors: `EngineError` for a URL that cannot be read, or a password that would travel in the clear."""
    # Guarded while it is taken apart, so that a secret needs no percent-encoding.
    guarded = urlsplit(REFERENCE.sub(lambda found: found[0].replace("/", "%2F"), url))
    catalog, options = guarded.path.strip("/"), dict(parse_qsl(guarded.query))
    if not guarded.hostname or not catalog or "/" in catalog or set(options) - {"scheme"}:
        raise EngineError("unreachable", "The warehouse's URL cannot be read.")
    user, password = (resolve_references(unquote(one or "")) for one in _person(guarded.netloc))
    scheme = options.get("scheme", "https" if password else "http")
    if scheme not in PORTS or (password and scheme != "https"):
        raise EngineError("unreachable", "Trino takes a password over https only.")
    port = guarded.port or PORTS[scheme]
    return Address(resolve_references(guarded.hostname), port, user, password, catalog, scheme)


def _person(place: str) -> tuple[str, str]:
    """User and password in front of the host, letter case kept."""
    user, _, password = place.rpartition("@")[0].partition(":")
    return user, password


class TrinoEngine:
    """One catalog of a Trino cluster at `trino://USER@HOST:PORT/CATALOG`."""

    dialect = "trino"

    def __init__(self, url: str) -> None:
        self._url = url

    def describe(self) -> tuple[Relation, ...]:
        """See `Engine.describe`. Cost: one query of the catalog's information schema."""
        columns: dict[tuple[str, str, str], list[RelationColumn]] = defaultdict(list)
        for schema, name, kind, field, type_text, nullable in self._rows(
            RELATIONS, DESCRIBE_SECONDS
        ):
            columns[schema, name, kind].append(RelationColumn(field, type_text, nullable == "YES"))
        return tuple(
            Relation(schema, name, "view" if kind == "VIEW" else "table", tuple(found))
            for (schema, name, kind), found in sorted(columns.items())
        )

    def run(
        self,
        sql: str,
        *,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        stood_back: Callable[[], object] | None = None,
        is_compressed: bool = False,
    ) -> TrinoStream:
        """See `Engine.run`. Cost: one query of the cluster, until the stream ends or is closed."""
        if not READING.match(sql):
            raise EngineError("not_a_query")
        return TrinoStream(self._cursor(deadline), sql, deadline, max_rows, first_by)

    def fold(self, identifier: str, quoted: bool) -> str:
        """Trino ignores case, quoted or not."""
        return identifier.translate(ASCII_LOWER)

    def parse_tree(self, sql: str) -> None:
        """Trino shows what a statement reads only below its own views, so its answer would say nothing here."""
        return

    def shape(self, sql: str) -> tuple[tuple[str, str], ...]:
        """See `Engine.shape`. Cost: one statement prepared and described, none run."""
        if not READING.match(sql):
            raise EngineError("not_a_query")
        with _named():
            described = self._cursor(time.monotonic() + SHAPE_SECONDS).describe(sql)
        return tuple((one.name, one.type) for one in described)

    def concerns(self) -> tuple[str, ...]:
        """What in the URL leaves the line open to others."""
        address = address_of(self._url)
        if address.scheme == "https" or address.host in ("localhost", "127.0.0.1", "::1"):
            return ()
        return ("The connection to Trino is not encrypted. Add ?scheme=https to the URL.",)

    def _rows(self, sql: str, seconds: float) -> list[list[Any]]:
        with _named():
            found: list[list[Any]] = (
                self._cursor(time.monotonic() + seconds).execute(sql).fetchall()
            )
        return found

    def _cursor(self, deadline: float) -> Any:
        address = address_of(self._url)
        seconds = max(1, int(deadline - time.monotonic()) + 1)
        with _named():
            return trino.dbapi.connect(  # type: ignore[no-untyped-call]
                host=address.host,
                port=address.port,
                user=address.user,
                catalog=address.catalog,
                http_scheme=address.scheme,
                auth=BasicAuthentication(address.user, address.password)
                if address.password
                else None,
                source="gatehouse",
                timezone="UTC",
                session_properties={"query_max_run_time": f"{seconds}s"},
                request_timeout=10.0,
                max_attempts=2,
                # Results come over this connection alone, never by way of an object store.
                encoding=None,
            ).cursor()


class TrinoStream:
    """A running query whose pages leave as Arrow batches."""

    def __init__(
        self,
        cursor: Any,
        sql: str,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
    ) -> None:
        self._cursor = cursor
        self._sql = sql
        self._deadline = deadline
        self._room = max_rows
        self._is_closed = self._is_late = False
        self._columns: tuple[Column, ...] | None = None
        self.is_truncated = False
        first = deadline if first_by is None else min(deadline, first_by)
        self._timer = threading.Timer(max(0.0, first - time.monotonic()), self._expire)
        self._timer.daemon = True
        self._timer.start()

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """See `BatchStream`."""
        return tuple((one.name, one.type) for one in self._opened())

    @property
    def schema_ipc(self) -> bytes:
        """See `BatchStream`."""
        return schema_message(schema_of(self._opened()))

    def __iter__(self) -> Iterator[Batch]:
        columns = self._opened()
        schema, writer = schema_of(columns), BatchWriter()
        try:
            while rows := self._page():
                if self._room is not None and len(rows) > self._room:
                    self.is_truncated = True
                    rows = rows[: self._room]
                if rows:
                    yield Batch(writer.message(encoded(columns, schema, rows)), len(rows))
                if self.is_truncated:
                    return
                self._room = None if self._room is None else self._room - len(rows)
        finally:
            self.close()

    def cancel(self) -> None:
        """See `BatchStream`."""
        with suppress(TrinoError, HttpError, requests.RequestException):
            self._cursor.cancel()

    def close(self) -> None:
        """Cancels the query if it still runs."""
        if not self._is_closed:
            self._is_closed = True
            self._timer.cancel()
            self.cancel()

    def _opened(self) -> tuple[Column, ...]:
        if self._columns is None:
            with _named(self._late):
                self._cursor.execute(self._sql)
                described = self._cursor.description or ()
            if self._late():
                raise EngineError("deadline")
            if not described:
                raise EngineError("not_a_query")
            self._columns = tuple(column(one.name, one.type_code) for one in described)
            self._rewind()
        return self._columns

    def _page(self) -> list[list[Any]]:
        if time.monotonic() >= self._deadline:
            self._expire()
        with _named(self._late):
            rows: list[list[Any]] = self._cursor.fetchmany(ROWS_PER_BATCH)
        if self._late():
            raise EngineError("deadline")
        return rows

    def _rewind(self) -> None:
        """From the first page on only the deadline counts."""
        self._timer.cancel()
        self._timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _late(self) -> bool:
        return self._is_late

    def _expire(self) -> None:
        self._is_late = True
        self.cancel()


class _named:
    """Turns the client's errors into `EngineError`, dropping their text, which may quote data."""

    def __init__(self, is_late: Any = None) -> None:
        self._is_late = is_late

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TrinoError | HttpError | requests.RequestException):
            late = self._is_late is not None and self._is_late()
            raise EngineError("deadline" if late else _cause(error)) from None


def _cause(error: BaseException) -> Cause:
    if isinstance(error, TrinoQueryError):
        name = error.error_name or ""
        if name in CAUSES:
            return CAUSES[name]
        if error.error_type == "INSUFFICIENT_RESOURCES":
            return "memory"
        return "name" if name.endswith(("_NOT_FOUND", "TYPE_MISMATCH")) else "other"
    is_gone = isinstance(error, TrinoConnectionError | HttpError | requests.RequestException)
    return "unreachable" if is_gone else "other"
