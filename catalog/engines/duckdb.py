"""DuckDB files, read through worker processes that can be killed."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
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
from catalog.engines.duckdb_pool import Limits, Pool, Worker, pool_for
from catalog.engines.frames import Kind

DESCRIBE_SECONDS = 60.0
PARSE_SECONDS = 5.0


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
        self, sql: str, *, deadline: float, max_rows: int | None, first_by: float | None = None
    ) -> DuckDBStream:
        """See `Engine.run`. Cost: one worker is busy until the stream ends or is closed."""
        pool = self._pool()
        first = deadline if first_by is None else min(deadline, first_by)
        worker = pool.take(deadline=first)
        try:
            worker.ask("run", deadline=deadline, sql=sql, max_rows=max_rows)
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

    def concerns(self) -> tuple[str, ...]:
        """Nothing can weaken a worker from outside."""
        return ()

    def _answer(self, verb: str, seconds: float, **arguments: Any) -> Any:
        deadline = time.monotonic() + seconds
        pool = self._pool()
        worker = pool.take(deadline=deadline)
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
    """A running statement: the schema is known, batches are pulled as the worker makes them.

    The pipe between the two is the only buffer, so a slow reader slows the query and memory stays constant.
    """

    def __init__(self, pool: Pool, worker: Worker, deadline: float, first_by: float) -> None:
        self._pool = pool
        self._worker: Worker | None = worker
        self._deadline = deadline
        # Until the first batch this is the earlier instant, and the full deadline from then on.
        self._next_by = first_by
        payload = worker.next_frame(deadline=first_by).payload
        end = 4 + int.from_bytes(payload[:4], "big")
        header = json.loads(payload[4:end])
        self.columns: tuple[tuple[str, str], ...] = tuple(
            (str(name), str(kind)) for name, kind in header["columns"]
        )
        self.schema_ipc = payload[end:]
        self.is_truncated = False

    def __iter__(self) -> Iterator[Batch]:
        while self._worker is not None:
            try:
                frame = self._worker.next_frame(deadline=self._next_by)
            except EngineError as error:
                worker, self._worker = self._worker, None
                _settle(self._pool, worker, error)
                raise
            if frame.kind is Kind.END:
                self.is_truncated = bool(json.loads(frame.payload)["is_truncated"])
                worker, self._worker = self._worker, None
                self._pool.give_back(worker)
                return
            self._next_by = self._deadline
            yield Batch(frame.payload, frame.rows)

    def close(self) -> None:
        """Stops the query by killing its worker, unless it has already ended."""
        worker, self._worker = self._worker, None
        if worker is not None:
            self._pool.discard(worker)
