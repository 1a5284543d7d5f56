"""Seals batches of the audit in a hash chain, exports it, and finds what was altered, removed, added or cut off.

A chain inside one database proves nothing against its superuser, who could build another: what proves is a head that
somebody else kept. Every head is logged as it is made, and `export` hands out all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

import orjson
import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from access.audit.checkpoints import fields_of, is_signed, last_checkpoint
from access.audit.digests import GENESIS, event_digest, seal_head
from access.models import AuditCheckpoint, AuditEvent, AuditSeal

log = structlog.get_logger(__name__)

BATCH = 20_000
# Writers wait behind the lock while it waits itself, so it does not wait long; the next tick tries again.
LOCK_PATIENCE = "300ms"
LOCK_NOT_AVAILABLE = "55P03"
LAST = 2**63 - 1
PAGE = 5_000
FIELDS = ("id", "at", "kind", "actor", "actor_label", "subject", "dataset", "reason")


@dataclass(frozen=True)
class Verdict:
    """What a verification found. `broken` is the first wrong entry, `problem` says in words what is wrong with it."""

    n_events: int
    n_seals: int
    n_unsealed: int
    head: str
    problem: str = ""
    broken: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problem


def seal(now: datetime) -> AuditSeal | None:
    """Seal what was recorded since the last seal; None when that is nothing, or writers kept the table too busy.

    Cost: one short table lock, then a read of the digests, in batches of 20,000.
    """
    last_id = _settled_id()
    if last_id is None:
        return None
    made = None
    while True:
        batch = _seal_batch(last_id, now)
        if batch is None:
            return made
        made = batch
        log.info("audit sealed", last_id=made.last_id, n_events=made.n_events, head=made.head)


def _settled_id() -> int | None:
    """The highest id below which no event can appear any more.

    An id is drawn while its writer holds the table's row lock; in share mode all writers before us have ended and
    those after us wait, so every id up to the highest is decided.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
            cursor.execute("LOCK TABLE access_auditevent IN SHARE MODE")
            cursor.execute("SELECT max(id) FROM access_auditevent")
            found: int | None = cursor.fetchone()[0]
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        log.info("audit not sealed yet: writers are busy")
        return None
    return found


@transaction.atomic
def _seal_batch(last_id: int, now: datetime) -> AuditSeal | None:
    before = head()
    events = AuditEvent.objects.filter(id__gt=before.last_id if before else 0, id__lte=last_id)
    rows = list(events.order_by("id").values_list("id", "digest")[:BATCH])
    if not rows:
        return None
    previous = before.head if before else GENESIS
    first, last = rows[0][0], rows[-1][0]
    return AuditSeal.objects.create(
        first_id=first,
        last_id=last,
        n_events=len(rows),
        previous_head=previous,
        head=seal_head(previous, first, last, (digest for _, digest in rows)),
        sealed_at=now,
    )


def head() -> AuditSeal | None:
    """The latest seal."""
    return AuditSeal.objects.order_by("-last_id").first()


def verify(until: int | None = None) -> Verdict:
    """Recompute everything from the rows themselves: each event's digest, each seal, the chain of seals.

    What lies below a checkpoint is vouched for by it: there only the chain of heads is followed. `until` is the last
    event of a seal to stop at. Cost: reads the whole audit once, page by page, in memory that does not grow with it.
    """
    last, sealed = until or LAST, _sealed_up_to(until)
    checkpoint = last_checkpoint()
    start = checkpoint.last_id if checkpoint else 0
    first = AuditEvent.objects.order_by("id").values_list("id", flat=True).first() or start + 1
    gone = AuditSeal.objects.filter(last_id__lte=min(start, first - 1, last)).order_by("last_id")
    before = gone.last()
    seals = _seals(before.last_id if before else 0, sealed)
    check = _Check(seals, before.head if before else GENESIS)
    if checkpoint is not None:
        problem = _unvouched(checkpoint, _seals(0, min(start, sealed)))
        if problem:
            return check.verdict(problem, f"checkpoint up to {start}")
    for event in _events(last):
        problem = check.take(event)
        if problem:
            return check.verdict(problem, f"event {event['id']}")
    problem = check.finish()
    return check.verdict(problem, f"seal up to {check.expected}" if problem else "")


def _unvouched(checkpoint: AuditCheckpoint, below: Iterable[AuditSeal]) -> str:
    """Why a checkpoint does not vouch for what is gone; empty when it does."""
    if not is_signed(fields_of(checkpoint), checkpoint.signature):
        return "was not signed by this portal, or was altered since"
    previous, n_events = GENESIS, 0
    for seal in below:
        if seal.previous_head != previous:
            return f"the seal up to {seal.last_id} does not continue the one before it"
        previous, n_events = seal.head, n_events + seal.n_events
    if (previous, n_events) != (checkpoint.head, checkpoint.n_events):
        return "does not stand on the seals before it: one was removed or replaced"
    return ""


class _Check:
    """Walks events in order of id along the seals that should cover them."""

    def __init__(self, seals: Iterator[AuditSeal], previous: str) -> None:
        self._seals = seals
        self._previous = previous
        self._digests: list[str] = []
        self._last_id = 0
        self.n_events = self.n_seals = self.n_unsealed = 0
        self._seal = next(self._seals, None)

    @property
    def expected(self) -> int:
        """The last id of the seal being filled."""
        return self._seal.last_id if self._seal else self._last_id

    def take(self, event: dict[str, Any]) -> str:
        """One more event; what is wrong, or nothing."""
        problem = ""
        while self._seal is not None and event["id"] > self._seal.last_id and not problem:
            problem = self._close()
        if problem:
            return problem
        if event_digest(event) != event["digest"]:
            return "was altered: its content does not have the digest it was written with"
        self.n_events += 1
        self._last_id = event["id"]
        if self._seal is None:
            self.n_unsealed += 1
        elif event["id"] < self._seal.first_id:
            return "was added: it lies where no event was when the audit was sealed"
        else:
            self._digests.append(event["digest"])
        return ""

    def finish(self) -> str:
        """The end of the events; what is wrong, or nothing."""
        while self._seal is not None:
            problem = self._close()
            if problem:
                return problem
        return ""

    def _close(self) -> str:
        seal = self._seal
        assert seal is not None
        if seal.previous_head != self._previous:
            return "does not continue the seal before it: a seal was removed or replaced"
        if len(self._digests) != seal.n_events:
            return (
                f"events {seal.first_id} to {seal.last_id} should be {seal.n_events}, "
                f"but {len(self._digests)} are there: some were removed or added"
            )
        if seal_head(self._previous, seal.first_id, seal.last_id, self._digests) != seal.head:
            return f"events {seal.first_id} to {seal.last_id} are not those that were sealed"
        self._previous, self._digests = seal.head, []
        self.n_seals += 1
        self._seal = next(self._seals, None)
        return ""

    def verdict(self, problem: str, broken: str) -> Verdict:
        return Verdict(
            self.n_events, self.n_seals, self.n_unsealed, self._previous, problem, broken
        )


def _events(until: int) -> Iterator[dict[str, Any]]:
    """Every event up to one, in order of id, `data` as the text PostgreSQL digests."""
    rows = AuditEvent.objects.annotate(text=Cast("data", TextField()))
    for row in _paged(rows.values(*FIELDS, "digest", "text"), "id", -LAST, until):
        yield {**row, "data": row.pop("text")}


def _sealed_up_to(until: int | None) -> int:
    """The last event under a seal now: one made while we read would cover events that were not read."""
    newest = head()
    return min(newest.last_id if newest else 0, until or LAST)


def _seals(after: int, until: int) -> Iterator[AuditSeal]:
    """The seals of the events after one and up to another, in order."""
    return (AuditSeal(**row) for row in _paged(AuditSeal.objects.values(), "last_id", after, until))


def _paged(rows: QuerySet[Any, Any], key: str, after: int, until: int) -> Iterator[dict[str, Any]]:
    """Rows in order of a key, a page at a time.

    Not by a cursor of the server: outside a transaction it first copies the whole result, and inside one it keeps
    PostgreSQL from tidying for as long as the reading takes.
    """
    while True:
        page = list(rows.filter(**{f"{key}__gt": after, f"{key}__lte": until}).order_by(key)[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][key]


def export(out: TextIO, until: int | None = None) -> tuple[int, int]:
    """Write the audit as JSON lines, `{"event": {...}}` in order of id and `{"seal": {...}}` after its last event.

    It begins with `{"checkpoint": {...}}` where earlier events are gone, and stops at event `until` where one is
    named. The numbers of events and seals. Whoever keeps the file can prove later that nothing in it was changed or cut.
    """
    start, last = _write_checkpoint(out), until or LAST
    seals = _seals(start, _sealed_up_to(until))
    pending = next(seals, None)
    n_events = n_seals = 0
    for row in _paged(AuditEvent.objects.values(), "id", start, last):
        while pending is not None and pending.last_id < row["id"]:
            n_seals += _write(out, "seal", _seal_line(pending))
            pending = next(seals, None)
        n_events += _write(out, "event", event_line(AuditEvent(**row)))
    while pending is not None:
        n_seals += _write(out, "seal", _seal_line(pending))
        pending = next(seals, None)
    return n_events, n_seals


def _write_checkpoint(out: TextIO) -> int:
    """The checkpoint as the first line, if there is one; the id up to which events may be gone."""
    checkpoint = last_checkpoint()
    if checkpoint is None:
        return 0
    _write(out, "checkpoint", {**fields_of(checkpoint), "signature": checkpoint.signature})
    return checkpoint.last_id


def event_line(event: AuditEvent) -> dict[str, Any]:
    """One event as exported."""
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "actor": event.actor_id,
        "actor_label": event.actor_label,
        "subject": event.subject,
        "dataset": event.dataset,
        "reason": event.reason,
        "data": event.data,
        "digest": event.digest,
    }


def _seal_line(seal: AuditSeal) -> dict[str, Any]:
    return {
        "first_id": seal.first_id,
        "last_id": seal.last_id,
        "n_events": seal.n_events,
        "previous_head": seal.previous_head,
        "head": seal.head,
        "sealed_at": seal.sealed_at.isoformat(),
    }


def _write(out: TextIO, kind: str, line: dict[str, Any]) -> int:
    out.write(orjson.dumps({kind: line}).decode() + "\n")
    return 1
