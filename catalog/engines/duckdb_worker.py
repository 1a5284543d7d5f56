"""The process that opens a DuckDB file and answers one request at a time: describe, parse or run.

It is separate because DuckDB's own limits do not stop one long scalar call, and a crash or a memory blow-up must
not take a web worker with it: the parent kills this process whenever it likes. It inherits no environment, imports
no Django, opens the file read-only, locks its own configuration, and is confined by the operating system.
A copy of `duckdb_nursery`; reads request frames on standard input and writes frames on the descriptor it was given.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow as na

from catalog.engines import confinement
from catalog.engines.arrow import BatchWriter, head, schema_message
from catalog.engines.arrow_compression import packed
from catalog.engines.duckdb_transport import transportable
from catalog.engines.frames import Frame, Kind, Torn, read_frame, write_frame
from catalog.engines.seccomp import forbid_system_calls
from catalog.engines.shared_memory import Writer

ROWS_PER_BATCH = 32_768
# Seconds without a request after which the file is let go: DuckDB's read lock keeps its owner from writing to it.
RELEASE_AFTER = 2.0
# Seconds without a request after which the process ends; the next request starts another.
END_AFTER = 300.0
# Seconds past the deadline after which the kernel ends this process, should the parent not have done it.
ALARM_AFTER = 1.0
# Seconds between two looks at what a request has cost.
LOOK_EVERY = 0.1

ALIAS = "gate_warehouse"
# What `ps` and `top` call a worker.
NAME = "gate-worker"
# Code, which DuckDB and Python may still load parts of.
CODE = tuple(Path(folder) for folder in sysconfig.get_paths().values())

# DuckDB 2.0, in this order; a temporary directory can no longer be set once external access is off.
LOCK_DOWN = (
    "SET enable_progress_bar = false",
    "SET allow_extension_repositories = 'forbidden'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (duckdb.OutOfMemoryException, "memory"),
    (duckdb.InterruptException, "deadline"),
    (duckdb.ConversionException, "conversion"),
    (duckdb.OutOfRangeException, "arithmetic"),
    (duckdb.BinderException, "name"),
    (duckdb.CatalogException, "name"),
    (duckdb.InternalException, "crash"),
    (MemoryError, "memory"),
)

# What DuckDB reads of the machine when it opens a file; without the first two it aborts.
SYSTEM_FILES = tuple(
    map(
        Path,
        (
            "/proc/self/cgroup",
            "/sys/fs/cgroup",
            "/proc/meminfo",
            "/proc/stat",
            "/sys/devices/system/cpu",
            "/usr/share/zoneinfo",
            "/dev/urandom",
        ),
    )
)


@dataclass(frozen=True)
class Settings:
    """What the parent decides about one worker; sizes in bytes. `shared` are descriptors: memory and credits, or none."""

    path: str
    folder: str
    output: int
    parent: int
    threads: int
    bytes_memory: int
    bytes_temporary: int
    make_way_after: float
    shared: tuple[int, ...] = ()


class Refused(Exception):
    """The statement is not one reading query, whatever wrote it."""


class Warehouse:
    """The file, opened when needed and let go when idle."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_attached = False

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A fresh cursor: variables, temporary objects and a search path of an earlier query are not on it."""
        if self._connection is None:
            self._connection, self._is_attached = _opened(self._settings)
        cursor = self._connection.cursor()
        if self._is_attached:
            cursor.execute(f"USE {ALIAS}")
        return cursor

    def release(self) -> None:
        """Closes the file, and with it the lock on it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _opened(settings: Settings) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """The file, read-only and locked down, and whether it goes by another name than its own.

    Where a schema is called like the file, DuckDB cannot tell `shop.orders` from the database `shop`, so the file is
    attached as `ALIAS`. That is not done for every file, because views may name their database.
    """
    config = _configuration(settings)
    connection = duckdb.connect(settings.path, config={**config, "access_mode": "READ_ONLY"})
    is_attached = _is_ambiguous(connection)
    if is_attached:
        connection.close()
        connection = duckdb.connect(config=config)
        quoted = settings.path.replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS {ALIAS} (READ_ONLY)")
    for statement in LOCK_DOWN:
        connection.execute(statement).fetchall()
    return connection, is_attached


def _is_ambiguous(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM duckdb_schemas() WHERE database_name = current_database()"
        " AND lower(schema_name) = lower(current_database())"
    ).fetchone()
    return bool(row and row[0])


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "temp_directory": settings.folder,
        "max_temp_directory_size": f"{settings.bytes_temporary}B",
        "memory_limit": f"{settings.bytes_memory}B",
        "threads": settings.threads,
        "max_expression_depth": 250,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "allow_unsigned_extensions": False,
        "allow_persistent_secrets": False,
        "python_enable_replacements": False,
    }


def main(settings: Settings) -> None:
    """Serves requests until the pipe is closed or nobody has asked for long."""
    confinement.die_with_parent(settings.parent)
    confinement.go_by(NAME)
    walls = _confine(settings)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    warehouse = Warehouse(settings)
    output = Output(settings.output, Writer(*settings.shared) if settings.shared else None)
    output.write(Frame(Kind.READY, json.dumps(walls).encode()))
    effort = Effort(settings.make_way_after, lambda: output.write(Frame(Kind.SLOW, b"")))
    idle = 0.0
    while idle < END_AFTER:
        try:
            request = requests.get(timeout=RELEASE_AFTER)
            with effort.watched():
                _serve(request, warehouse, output, effort)
            idle = 0.0
        except queue.Empty:
            warehouse.release()
            idle += RELEASE_AFTER


class Output:
    """The way out, one whole frame after another."""

    def __init__(self, descriptor: int, shared: Writer | None) -> None:
        self._descriptor = descriptor
        self._shared = shared
        self._lock = threading.Lock()

    def write(self, frame: Frame) -> None:
        """See `write_frame`; of a large batch only the place is written."""
        if frame.kind is Kind.BATCH and self._shared is not None:
            place = self._shared.place(frame.payload, frame.rest)
            frame = frame if place is None else Frame(Kind.SHARED, place, frame.rows)
        with self._lock:
            write_frame(self._descriptor, frame)


class Effort:
    """How much processor time requests take; a request that takes much stands back for all others, for good.

    `tell` says so; it may wait for the reader.
    """

    def __init__(self, seconds: float, tell: Callable[[], None]) -> None:
        self._seconds = seconds
        self._tell = tell
        self.is_spent = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Looks at the time of one request while it runs. Waiting costs nothing: a slow reader is not a heavy query."""
        is_over = threading.Event()
        begun = time.process_time()

        def look() -> None:
            while not is_over.wait(LOOK_EVERY):
                if time.process_time() - begun >= self._seconds:
                    self.is_spent = True
                    confinement.stand_back()
                    self._tell()
                    return

        threading.Thread(target=look, daemon=True).start()
        try:
            yield
        finally:
            is_over.set()


def _confine(settings: Settings) -> dict[str, bool]:
    """Which of the kernel's walls stand around this process from now on."""
    confinement.go_first()
    # Twice DuckDB's own limit leaves room for results being encoded, which its buffer manager does not count.
    confinement.limit_resources(
        bytes_memory=2 * settings.bytes_memory + (256 << 20), bytes_file=settings.bytes_temporary
    )
    confinement.drop_rights()
    holds_files = confinement.confine_files(
        readable=[
            *CODE,
            *SYSTEM_FILES,
            Path(settings.path),
            Path(settings.path + ".wal"),
            Path("/proc/self/task"),
        ],
        writable=[Path(settings.folder), Path("/dev/null")],
    )
    return {"landlock": holds_files, "seccomp": forbid_system_calls()}


def _listen(requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Passes requests on; the end of the pipe ends the process even while a query runs."""
    try:
        while True:
            requests.put(json.loads(read_frame(0).payload))
    except (Torn, OSError, ValueError):
        os._exit(0)


def _serve(request: dict[str, Any], warehouse: Warehouse, output: Output, effort: Effort) -> None:
    seconds = max(0.01, float(request["seconds"]))
    signal.setitimer(signal.ITIMER_REAL, seconds + ALARM_AFTER)
    try:
        for frame in HANDLERS[request["verb"]](request, warehouse):
            # The count of the last frame is free to say whether this process still is what it was.
            is_last = effort.is_spent and frame.kind in (Kind.END, Kind.ANSWER)
            output.write(replace(frame, rows=1) if is_last else frame)
    except (
        Exception
    ) as error:  # Whatever it is, its text may hold data: only a fixed word goes out.
        output.write(Frame(Kind.FAILURE, _cause(error).encode(), int(effort.is_spent)))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _cause(error: Exception) -> str:
    if isinstance(error, Refused):
        return "not_a_query"
    if isinstance(error, duckdb.IOException):
        return "busy" if "lock" in str(error).lower() else "unreachable"
    return next((cause for kind, cause in CAUSES if isinstance(error, kind)), "other")


def _run(request: dict[str, Any], warehouse: Warehouse) -> Iterator[Frame]:
    """SCHEMA, then BATCH frames, then END saying whether `max_rows` cut the result."""
    cursor = warehouse.cursor()
    try:
        relation = cursor.sql(transportable(cursor, _single_select(cursor, request["sql"])))
        columns = list(zip(relation.columns, map(str, relation.types), strict=True))
        capsule = relation._submit("stream", ROWS_PER_BATCH).arrow_capsule()
        with na.c_array_stream(capsule) as stream:
            schema = schema_message(stream._get_cached_schema())
            yield Frame(Kind.SCHEMA, _with_header({"columns": columns}, schema))
            yield from _batches(stream, request["max_rows"], request["is_compressed"])
    finally:
        cursor.close()


def _batches(stream: Any, max_rows: int | None, is_compressed: bool) -> Iterator[Frame]:
    writer = BatchWriter()
    room = sys.maxsize if max_rows is None else max_rows
    is_truncated = False
    for array in stream:
        if len(array) > room:
            array, is_truncated = head(array, room), True
        room -= len(array)
        if len(array):
            header, body = writer.parts(array)
            if is_compressed:
                header, body = packed(header, body), memoryview(b"")
            yield Frame(Kind.BATCH, header, len(array), body)
        if is_truncated:
            break
    yield Frame(Kind.END, json.dumps({"is_truncated": is_truncated}).encode())


def _single_select(cursor: duckdb.DuckDBPyConnection, sql: str) -> str:
    statements = cursor.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused
    return sql.rstrip().rstrip(";")


def _describe(request: dict[str, Any], warehouse: Warehouse) -> Iterator[Frame]:
    """One ANSWER: relations, columns and comments straight from DuckDB's own catalog of this file."""
    cursor = warehouse.cursor()
    try:
        answer = {name: cursor.execute(sql).fetchall() for name, sql in CATALOG_QUERIES.items()}
    finally:
        cursor.close()
    yield Frame(Kind.ANSWER, json.dumps(answer).encode())


CATALOG_QUERIES = {
    "tables": """
        SELECT schema_name, table_name, coalesce(comment, ''), estimated_size FROM duckdb_tables()
        WHERE NOT internal AND NOT temporary AND database_name = current_database()
        ORDER BY schema_name, table_name""",
    "views": """
        SELECT schema_name, view_name, coalesce(comment, ''), coalesce(sql, '') FROM duckdb_views()
        WHERE NOT internal AND NOT temporary AND database_name = current_database()
        ORDER BY schema_name, view_name""",
    "columns": """
        SELECT schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '')
        FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
        ORDER BY schema_name, table_name, column_index""",
}


def _parse(request: dict[str, Any], warehouse: Warehouse) -> Iterator[Frame]:
    """One ANSWER: the tree of DuckDB's own parser; anything but one SELECT is refused."""
    cursor = warehouse.cursor()
    try:
        row = cursor.execute("SELECT json_serialize_sql(?)", [request["sql"]]).fetchone()
    finally:
        cursor.close()
    tree = str(row[0]) if row else ""
    parsed = json.loads(tree)
    if parsed.get("error") or len(parsed["statements"]) != 1:
        raise Refused
    yield Frame(Kind.ANSWER, tree.encode())


def _shape(request: dict[str, Any], warehouse: Warehouse) -> Iterator[Frame]:
    """One ANSWER: names and types of what a query would return; DuckDB binds it and runs nothing."""
    cursor = warehouse.cursor()
    try:
        relation = cursor.sql(_single_select(cursor, request["sql"]))
        columns = list(zip(relation.columns, map(str, relation.types), strict=True))
    finally:
        cursor.close()
    yield Frame(Kind.ANSWER, json.dumps(columns).encode())


def _with_header(header: dict[str, Any], payload: bytes) -> bytes:
    head_bytes = json.dumps(header).encode()
    return len(head_bytes).to_bytes(4, "big") + head_bytes + payload


HANDLERS = {"run": _run, "describe": _describe, "parse": _parse, "shape": _shape}
