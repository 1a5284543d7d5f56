"""A result on its way out: batches that stop the moment the access behind them does.

The engine's batches are opaque here and are handed on as they come. Rows are only decoded for pages of a table and
for text formats.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple

import structlog
from django.db import DatabaseError, Error, connection, transaction

from access import usage
from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import Refusal
from access.gate.turns import RETRY_AFTER, Turn
from access.gate.watching import Watch
from access.models import Principal, Surface
from access.policies.reading import Reading, readings, standing
from access.sql import Plan
from catalog.engines import Batch, BatchStream, EngineError
from catalog.engines.arrow import END_OF_STREAM, rows_of
from catalog.engines.arrow_compression import compressed, plain
from catalog.engines.base import SENTENCES, Cause
from catalog.models import Dataset, Warehouse

log = structlog.get_logger(__name__)

# Seconds between two looks at whether access still stands; each costs two short queries.
RECHECK_AFTER = 0.25
watch = Watch(RECHECK_AFTER)
LEFT = "left"
ENDED = "access_ended"
NO_USE = frozenset({Surface.PREVIEW, Surface.VIEW_AS})


class Failure(NamedTuple):
    """How one cause of an engine is told: a stable code, a sentence with the next step, an HTTP status."""

    code: str
    sentence: str
    status: int

    def refusal(self) -> Refusal:
        """The refusal to raise."""
        retry_after = RETRY_AFTER if self.status == 503 else 0
        return Refusal(self.sentence, code=self.code, status=self.status, retry_after=retry_after)


def _failure(cause: Cause, code: str, next_step: str, status: int = 403) -> Failure:
    return Failure(code, f"{SENTENCES[cause]} {next_step}", status)


# Which of two failing rows an engine meets first depends on its plan, and that on rows nobody may see: so whatever
# can fail because of a value is told in the same words.
_VALUE = Failure(
    "engine_error",
    "A value could not be converted, or a calculation divided by zero or left the range of its type. Look at the "
    "casts and divisors, or use TRY_CAST where the engine has it.",
    403,
)
ENGINE_CODES: dict[Cause, Failure] = {
    "conversion": _VALUE,
    "arithmetic": _VALUE,
    "other": _VALUE,
    "name": _failure("name", "engine_error", "Compare the query with the columns on its page."),
    "not_a_query": _failure("not_a_query", "engine_error", "Send a single SELECT."),
    "crash": _failure(
        "crash", "engine_error", "Try again; if it happens again, simplify the query."
    ),
    "memory": _failure("memory", "too_large", "Select fewer columns or rows, or aggregate first."),
    "deadline": _failure("deadline", "timeout", "Narrow it with a filter, or aggregate first."),
    "busy": _failure("busy", "warehouse_unavailable", "Nothing was read.", 503),
    "unreachable": _failure(
        "unreachable",
        "warehouse_unavailable",
        "An administrator can see why with `./manage.py doctor`.",
        503,
    ),
}


@dataclass(frozen=True)
class Opened:
    """A query that passed the gate, and everything its result still depends on."""

    id: uuid.UUID
    principal: Principal
    warehouse: Warehouse
    surface: Surface
    purpose: str
    sql: str
    limit: int | None
    plan: Plan
    behind: tuple[Reading, ...]
    teams: tuple[str, ...]
    valid_until: datetime
    schema: str = ""
    seen_as: str = ""
    started: float = field(default_factory=time.monotonic)

    @property
    def grants(self) -> tuple[int, ...]:
        """The grants credited, in order."""
        return tuple(sorted({grant for ids in self.plan.grants.values() for grant in ids}))

    @property
    def only_dataset(self) -> Dataset | None:
        """The dataset read, when it is just one: what an audit event can be found by."""
        if len(self.behind) != 1:
            return None
        reading = self.behind[0]
        return Dataset(pk=reading.dataset_id, name=reading.policy.dataset)

    def recheck(self) -> None:
        """Judges access again with the database's clock.

        Errors: `Refusal` `access_ended` when the principal, a team, a grant or a policy behind the result changed.
        Cost: two queries.
        """
        try:
            stands = standing(self.principal)
            later = readings(
                self.principal, self.warehouse, [reading.identity for reading in self.behind]
            )
        except Error as error:
            raise _unconfirmed() from error
        if stands is None or not stands.is_active or not stands.is_clock_sane:
            raise _ended()
        if stands.teams != self.teams:
            raise _ended()
        if not all(reading.still_holds(later.get(reading.identity)) for reading in self.behind):
            raise _ended()

    def finish(self, code: str, rows: int = 0, bytes_sent: int = 0) -> None:
        """Completes the record, once; the use is counted later from it. Cost: one statement for a whole result."""
        duration = timedelta(seconds=time.monotonic() - self.started)
        delivery = usage.Delivery(rows, bytes_sent, duration, code)
        if code != ENDED:
            usage.finish(self.id, delivery)
            return
        with transaction.atomic():
            now = database_now()
            if usage.finish(self.id, delivery, now=now):
                record(
                    Kind.QUERY_ENDED,
                    actor=self.principal,
                    subject=f"query:{self.id}",
                    dataset=self.only_dataset,
                    data={"code": code, "rows": rows, "grants": self.grants},
                    now=now,
                )

    @property
    def credits(self) -> list[usage.Credit]:
        """What each grant behind the query is credited with; looking at data to decide about it is no use of it."""
        if self.surface in NO_USE or self.plan.describes:
            return []
        return [
            usage.Credit(
                rule.grant_id,
                {
                    column: clauses
                    for column, clauses in self.plan.clauses.get(reading.policy.dataset, {}).items()
                    if rule.covers(column)
                },
            )
            for reading in self.behind
            for rule in reading.policy.grants
            if rule.grant_id in self.plan.grants[reading.policy.dataset]
        ]


def _ended() -> Refusal:
    return Refusal(
        "Your access to this data ended or changed while it was being read, so the result is not complete. Look at "
        "My access for what you hold now, and ask again if you still need it.",
        code=ENDED,
    )


def _gone() -> Refusal:
    return Refusal("Nobody reads this result any more, so it was stopped.", code=LEFT)


def _unconfirmed() -> Refusal:
    return Refusal(
        "The portal could not confirm that your access still stands, so the result was stopped. Try again in a "
        "moment.",
        code="audit_unavailable",
        status=503,
        retry_after=RETRY_AFTER,
    )


class Result:
    """The rows of one query. Iterate it once, in one way; close it, or use it as a context manager.

    `valid_until` is when the first grant behind it ends. `is_truncated`, `rows_delivered` and `bytes_delivered` are
    final once it was read to its end. Every way of reading raises `Refusal` when access ends meanwhile.
    """

    def __init__(self, opened: Opened, stream: BatchStream, turn: Turn) -> None:
        self._opened = opened
        self._stream = stream
        self._turn = turn
        self._lock = threading.Lock()
        self._is_pulling = False
        self._is_finished = False
        self._ended: Refusal | None = None
        self._checked = time.monotonic()
        self.rows_delivered = 0
        self.bytes_delivered = 0
        plan = opened.plan
        self.id = opened.id
        # Inside a transaction nobody else would see what the result rests on.
        if not connection.in_atomic_block:
            watch.over(self)
        columns = self._first_word()
        names = plan.named(name for name, _ in columns)
        self.columns = tuple((name, kind) for name, (_, kind) in zip(names, columns, strict=True))
        self.policy_fingerprint = plan.fingerprint
        self.valid_until = opened.valid_until
        self.rewritten_sql = plan.shown
        self.dataset_versions = {
            reading.policy.dataset: reading.policy.schema_version for reading in opened.behind
        }

    @property
    def is_truncated(self) -> bool:
        """Whether `limit` cut the result."""
        return self._stream.is_truncated

    def batches(self) -> Iterator[Batch]:
        """Record batches as encapsulated Arrow IPC messages, each handed out only while access stands."""
        code = LEFT
        arriving = iter(self._stream)
        try:
            while (batch := self._pulled(arriving)) is not None:
                self._confirm()
                # Counted before it is handed on: from then on it may have been read.
                self.rows_delivered += batch.rows
                self.bytes_delivered += len(batch.ipc)
                yield batch
            code = ""
        except Refusal as refusal:
            code, refusal.query_id = refusal.code, self.id
            raise
        finally:
            self._finish(code)

    def arrow(self, *, is_compressed: bool = True) -> Iterator[bytes]:
        """A complete Arrow IPC stream, its buffers LZ4; the end marker comes only after the last batch.

        Without it pyarrow and polars take a stream cut between two batches for a whole one, so whoever serves this
        must let the exception abort the connection.
        """
        schema = self._stream.schema_ipc
        yield schema
        for batch in self.batches():
            yield compressed(batch.ipc) if is_compressed else plain(schema, batch.ipc)
        yield END_OF_STREAM

    def pages(self) -> Iterator[list[tuple[Any, ...]]]:
        """The decoded rows of one batch at a time."""
        for batch in self.batches():
            yield list(rows_of(self._stream.schema_ipc, batch.ipc))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Decoded rows, one by one. About fifty times the cost of `arrow`: for pages of a table."""
        for page in self.pages():
            yield from page

    def to_table(self, limit: int | None = None) -> list[tuple[Any, ...]]:
        """All rows, or the first `limit`; closes the result."""
        with self:
            return list(itertools.islice(self.rows(), limit))

    def close(self) -> None:
        """Stops the query if it still runs; what was delivered counts as used.

        A server may call this from one thread when the reader went away, while another still waits for the engine:
        that one then ends, and closes what only it may.
        """
        with self._lock:
            is_pulling = self._is_pulling
            if is_pulling:
                self._ended = self._ended or _gone()
        if is_pulling:
            self._stream.cancel()
        else:
            self._finish(LEFT if self._ended is None else self._ended.code)

    def __enter__(self) -> Result:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # A result nobody closed must not hold a worker or a connection until its deadline.
        self._stream.close()
        self._turn.end()

    @property
    def is_silent(self) -> bool:
        """See `access.gate.watching`."""
        return not self._is_finished and time.monotonic() - self._checked >= RECHECK_AFTER

    def look(self) -> None:
        """See `access.gate.watching`."""
        try:
            self._opened.recheck()
            self._checked = time.monotonic()
        except Refusal as refusal:
            self._ended = refusal
            self._stream.cancel()

    def _pulled(self, arriving: Iterator[Batch]) -> Batch | None:
        """The next batch, None after the last. Meanwhile nobody else may close what it is read from."""
        with self._lock:
            if self._is_finished:
                raise self._ended or _gone()
            self._is_pulling = True
        try:
            with self._told():
                batch = next(arriving, None)
        finally:
            with self._lock:
                self._is_pulling = False
        if self._ended is not None:
            raise self._ended
        return batch

    def _confirm(self) -> None:
        if time.monotonic() - self._checked < RECHECK_AFTER:
            return
        self._opened.recheck()
        release()
        self._checked = time.monotonic()

    def _first_word(self) -> tuple[tuple[str, str], ...]:
        """The columns, for which an engine may have to do all its work."""
        try:
            with self._told():
                columns = self._stream.columns
        except Refusal as refusal:
            self._finish(refusal.code)
            raise
        self._turn.flows()
        return columns

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells a failure of the engine in our words; one that the watch caused, as the end of access it is."""
        try:
            yield
        except EngineError as error:
            raise self._ended or ENGINE_CODES[error.cause].refusal() from None

    def _finish(self, code: str) -> None:
        with self._lock:
            is_first, self._is_finished = not self._is_finished, True
        if not is_first:
            return
        watch.let_go(self)
        self._stream.close()
        self._turn.end()
        try:
            self._opened.finish(code, self.rows_delivered, self.bytes_delivered)
        except DatabaseError:
            # The record was committed before the first byte; `usage.settle` completes it later.
            log.warning("query record left open", query=str(self.id), code=code)


def release() -> None:
    """Hands the connection back to its pool, so that a slow reader does not keep one from everybody else."""
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()
