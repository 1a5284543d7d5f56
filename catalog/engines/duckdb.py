"""DuckDB files, read through worker processes that can be killed."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from catalog.engines.base import (
    ASCII_LOWER,
    Batch,
    EngineError,
    Relation,
    RelationColumn,
    resolve_references,
)
from catalog.engines.duckdb_pool import Pool, pool_for
from catalog.engines.duckdb_process import Limits, Worker
from catalog.engines.frames import Frame, Kind

DESCRIBE_SECONDS = 60.0
PARSE_SECONDS = 15.0
CONCERNS = {
    "landlock": "This kernel has no Landlock (Linux 5.13 or newer), so only DuckDB's own lock-down keeps a query from "
    "files of the machine. Run the portal on a newer kernel, or in a container with nothing else in it.",
    "seccomp": "This system has no seccomp filter for the processes that run queries, so only DuckDB's own lock-down "
    "keeps one from starting programs and opening sockets. Run the portal on Linux, on x86-64 or ARM.",
}


class DuckDBEngine:
    """A DuckDB file at `duckdb:///PATH`, opened read-only; a fourth slash makes the path absolute."""

    dialect = "duckdb"

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        self._url = url
        self._limits = limits or Limits()

    def describe(self) -> tuple[Relation, ...]:
        """See `Engine.describe`. Cost: three catalog queries in a worker; no table is scanned."""
        answer = self._answer("describe", DESCRIBE_SECONDS)
        columns: dict[tuple[str, str], list[RelationColumn]] = defaultdict(list)
        for schema, table, name, kind, is_nullable, comment in answer["columns"]:
            columns[schema, table].append(RelationColumn(name, kind, is_nullable, comment))
        tables = [
            Relation(schema, name, "table", tuple(columns[schema, name]), rows, comment)
            for schema, name, comment, rows in answer["tables"]
        ]
        views = [
            Relation(schema, name, "view", tuple(columns[schema, name]), None, comment, sql)
            for schema, name, comment, sql in answer["views"]
        ]
        return tuple(sorted(tables + views, key=lambda relation: (relation.schema, relation.name)))

    def run(
        self,
        sql: str,
        *,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        stood_back: Callable[[], object] | None = None,
        is_compressed: bool = False,
    ) -> DuckDBStream:
        """See `Engine.run`. Cost: one worker is busy until the stream ends or is closed."""
        pool = self._pool()
        first = deadline if first_by is None else min(deadline, first_by)
        worker = pool.take(deadline=first)
        worker.stood_back = stood_back
        try:
            worker.ask(
                "run", deadline=deadline, sql=sql, max_rows=max_rows, is_compressed=is_compressed
            )
            return DuckDBStream(pool, worker, deadline, first)
        except EngineError as error:
            _settle(pool, worker, error)
            raise
        except BaseException:
            pool.discard(worker)
            raise

    def fold(self, identifier: str, quoted: bool) -> str:
        """DuckDB ignores the case of A to Z, quoted or not, and of no other letter."""
        return identifier.translate(ASCII_LOWER)

    def parse_tree(self, sql: str) -> str:
        """See `Engine.parse_tree`: what `json_serialize_sql` prints."""
        return json.dumps(self._answer("parse", PARSE_SECONDS, sql=sql))

    def shape(self, sql: str) -> tuple[tuple[str, str], ...]:
        """See `Engine.shape`. Cost: one binding in a worker; no table is scanned."""
        answer = self._answer("shape", PARSE_SECONDS, sql=sql)
        return tuple((str(name), str(kind)) for name, kind in answer)

    def concerns(self) -> tuple[str, ...]:
        """Which of the kernel's walls around a worker are missing on this machine, one sentence each."""
        deadline = time.monotonic() + DESCRIBE_SECONDS
        pool = self._pool()
        worker = pool.take(deadline=deadline, is_short=True)
        walls = worker.walls
        pool.give_back(worker)
        return tuple(sentence for wall, sentence in CONCERNS.items() if not walls.get(wall))

    def _answer(self, verb: str, seconds: float, **arguments: Any) -> Any:
        deadline = time.monotonic() + seconds
        pool = self._pool()
        worker = pool.take(deadline=deadline, is_short=True)
        try:
            worker.ask(verb, deadline=deadline, **arguments)
            frame = worker.next_frame(deadline=deadline)
        except EngineError as error:
            _settle(pool, worker, error)
            raise
        except BaseException:
            pool.discard(worker)
            raise
        pool.give_back(worker)
        return json.loads(frame.payload)

    def _pool(self) -> Pool:
        path = resolve_references(self._url).removeprefix("duckdb:///")
        return pool_for(str(Path(path).resolve()), self._limits)


def _settle(pool: Pool, worker: Worker, error: EngineError) -> None:
    """A worker that named its failure is sound; one that was late or vanished is not."""
    if error.cause in {"deadline", "crash", "memory"}:
        pool.discard(worker)
    else:
        pool.give_back(worker)


class DuckDBStream:
    """A running statement: the schema comes with its first rows, batches are pulled as the worker makes them.

    The pipe between the two and the slots of shared memory are the only buffers, so a slow reader slows the query and
    memory stays constant.
    """

    def __init__(self, pool: Pool, worker: Worker, deadline: float, first_by: float) -> None:
        self._pool = pool
        self._worker: Worker | None = worker
        self._lock = threading.Lock()
        self._deadline = deadline
        # Until the first batch this is the earlier instant, and the full deadline from then on.
        self._next_by = first_by
        self.is_truncated = False
        self._head: tuple[tuple[tuple[str, str], ...], bytes] | None = None

    def _begun(self) -> tuple[tuple[tuple[str, str], ...], bytes]:
        # Not a `cached_property`: before Python 3.12 all streams of a process would wait for one another's first rows.
        if self._head is None:
            self._head = self._first()
        return self._head

    def _first(self) -> tuple[tuple[tuple[str, str], ...], bytes]:
        payload = self._next().payload
        end = 4 + int.from_bytes(payload[:4], "big")
        header = json.loads(payload[4:end])
        columns = tuple((str(name), str(kind)) for name, kind in header["columns"])
        return columns, payload[end:]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """See `BatchStream`."""
        return self._begun()[0]

    @property
    def schema_ipc(self) -> bytes:
        """See `BatchStream`."""
        return self._begun()[1]

    def __iter__(self) -> Iterator[Batch]:
        if self._worker is not None:
            self._begun()
        while self._worker is not None:
            frame = self._next()
            if frame.kind is Kind.END:
                self.is_truncated = bool(json.loads(frame.payload)["is_truncated"])
                self._pool.give_back(self._detached())
                return
            self._next_by = self._deadline
            yield Batch(frame.payload, frame.rows)

    def cancel(self) -> None:
        """See `BatchStream`: the worker is killed, and its reader meets the end of the pipe."""
        with self._lock:
            if self._worker is not None:
                self._worker.stop()

    def close(self) -> None:
        """Stops the query by killing its worker, unless it has already ended. Only for the thread that reads."""
        if self._worker is not None:
            self._pool.discard(self._detached())

    def _next(self) -> Frame:
        if self._worker is None:
            raise EngineError("crash")
        try:
            return self._worker.next_frame(deadline=self._next_by)
        except EngineError as error:
            _settle(self._pool, self._detached(), error)
            raise

    def _detached(self) -> Worker:
        """The worker, which from now on is not this stream's to stop."""
        with self._lock:
            worker, self._worker = self._worker, None
        assert worker is not None
        return worker
