"""A result on its way out: batches that stop the moment the access behind them does.

The engine's batches are opaque here and are handed on as they come. Rows are only decoded for pages of a table and
for text formats.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple

import structlog
from django.db import DatabaseError, connection, transaction

from access import usage
from access.audit import Kind, record
from access.clock import database_now
from access.errors import Refusal
from access.models import Principal, Surface
from access.reading import Reading, readings, standing
from access.sql import Plan
from access.turns import Turn
from catalog.engines import Batch, BatchStream, EngineError
from catalog.engines.arrow import END_OF_STREAM, rows_of
from catalog.engines.base import SENTENCES, Cause
from catalog.models import Dataset, Warehouse

log = structlog.get_logger(__name__)

# Seconds between two looks at whether access still stands; each costs two short queries.
RECHECK_AFTER = 0.25
LEFT = "left"


class Failure(NamedTuple):
    """How one cause of an engine is told: a stable code, a sentence with the next step, an HTTP status."""

    code: str
    sentence: str
    status: int

    def refusal(self) -> Refusal:
        """The refusal to raise."""
        return Refusal(self.sentence, code=self.code, status=self.status)


def _failure(cause: Cause, code: str, next_step: str, status: int = 403) -> Failure:
    return Failure(code, f"{SENTENCES[cause]} {next_step}", status)


ENGINE_CODES: dict[Cause, Failure] = {
    "conversion": _failure(
        "conversion", "engine_error", "Look at the casts, or use TRY_CAST where the engine has it."
    ),
    "arithmetic": _failure("arithmetic", "engine_error", "Use a wider type, or guard the divisor."),
    "name": _failure("name", "engine_error", "Compare the query with the columns on its page."),
    "other": _failure("other", "engine_error", "Simplify it, or ask the owner of the data."),
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
        except DatabaseError as error:
            raise _unconfirmed() from error
        if stands is None or not stands.is_active or not stands.is_clock_sane:
            raise _ended()
        if stands.teams != self.teams:
            raise _ended()
        if not all(reading.still_holds(later.get(reading.identity)) for reading in self.behind):
            raise _ended()

    def finish(self, code: str, rows: int = 0, bytes_sent: int = 0) -> None:
        """Completes the record and counts the use, once."""
        duration = timedelta(seconds=time.monotonic() - self.started)
        delivery = usage.Delivery(rows, bytes_sent, duration, code)
        with transaction.atomic():
            now = database_now()
            is_first = usage.finish(
                self.id, delivery, self._credits(), principal=self.principal, now=now
            )
            if is_first and code == "access_ended":
                record(
                    Kind.QUERY_ENDED,
                    actor=self.principal,
                    subject=f"query:{self.id}",
                    dataset=self.only_dataset,
                    data={"code": code, "rows": rows, "grants": self.grants},
                    now=now,
                )

    def _credits(self) -> list[usage.Credit]:
        return [
            usage.Credit(
                rule.grant_id,
                frozenset(
                    column
                    for column in self.plan.used.get(reading.policy.dataset, ())
                    if rule.covers(column)
                ),
                reading.policy.dataset in self.plan.starred,
            )
            for reading in self.behind
            for rule in reading.policy.grants
            if rule.grant_id in self.plan.grants[reading.policy.dataset]
        ]


def _ended() -> Refusal:
    return Refusal(
        "Your access to this data ended or changed while it was being read, so the result is not complete. Look at "
        "My access for what you hold now, and ask again if you still need it.",
        code="access_ended",
    )


def _unconfirmed() -> Refusal:
    return Refusal(
        "The portal could not confirm that your access still stands, so the result was stopped. Try again in a "
        "moment.",
        code="audit_unavailable",
        status=503,
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
        self._is_finished = False
        self._checked = time.monotonic()
        self.rows_delivered = 0
        self.bytes_delivered = 0
        plan = opened.plan
        self.id = opened.id
        names = plan.output or tuple(name for name, _ in stream.columns)
        self.columns = tuple(
            (name, kind) for name, (_, kind) in zip(names, stream.columns, strict=False)
        )
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
        try:
            for batch in self._stream:
                self._confirm()
                # Counted before it is handed on: from then on it may have been read.
                self.rows_delivered += batch.rows
                self.bytes_delivered += len(batch.ipc)
                yield batch
            code = ""
        except EngineError as error:
            refusal = ENGINE_CODES[error.cause].refusal()
            code = refusal.code
            raise refusal from None
        except Refusal as refusal:
            code = refusal.code
            raise
        finally:
            self._finish(code)

    def arrow(self) -> Iterator[bytes]:
        """A complete Arrow IPC stream; the end marker comes only after the last batch.

        Without it pyarrow and polars take a stream cut between two batches for a whole one, so whoever serves this
        must let the exception abort the connection.
        """
        yield self._stream.schema_ipc
        for batch in self.batches():
            yield batch.ipc
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
        """Stops the query if it still runs; what was delivered counts as used."""
        self._finish(LEFT)

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

    def _confirm(self) -> None:
        if time.monotonic() - self._checked < RECHECK_AFTER:
            return
        self._opened.recheck()
        release()
        self._checked = time.monotonic()

    def _finish(self, code: str) -> None:
        if self._is_finished:
            return
        self._is_finished = True
        self._stream.close()
        self._turn.end()
        try:
            self._opened.finish(code, self.rows_delivered, self.bytes_delivered)
        except DatabaseError:
            # The record was committed before the first byte; `usage.settle_abandoned` credits it later.
            log.warning("query record left open", query=str(self.id), code=code)


def release() -> None:
    """Hands the connection back to its pool, so that a slow reader does not keep one from everybody else."""
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()
