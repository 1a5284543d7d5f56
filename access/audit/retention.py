"""Lets old audit events go without breaking the chain: they are exported, a signed checkpoint vouches for them, then dropped.

Seals stay, and the checkpoint stands on one of them, so the chain of heads reaches back to the first event. PostgreSQL
lets no event go above the last checkpoint. Whoever keeps the exports can still prove every one of them.
"""

from datetime import datetime, timedelta
from typing import TextIO

from django.db import connection, transaction
from django.db.models import Sum

from access.audit import sealing
from access.audit.checkpoints import fields_of, last_checkpoint, signature
from access.audit.events import Kind, record
from access.errors import Conflict
from access.models import AuditCheckpoint, AuditEvent, AuditSeal

SHORTEST = timedelta(days=30)


def droppable(before: datetime) -> AuditSeal | None:
    """The last seal all of whose events were recorded before a moment; None when there is none past the checkpoint."""
    checkpoint = last_checkpoint()
    seals = AuditSeal.objects.order_by("last_id")
    if checkpoint is not None:
        seals = seals.filter(last_id__gt=checkpoint.last_id)
    found = None
    for seal in seals.iterator():
        if AuditEvent.objects.filter(id__gte=seal.first_id, id__lte=seal.last_id, at__gte=before):
            break
        found = seal
    return found


def write(seal: AuditSeal, out: TextIO) -> tuple[int, int]:
    """Export what may go, up to a seal, with the checkpoint it continues; the numbers of events and seals."""
    return sealing.export(out, until=seal.last_id)


@transaction.atomic
def checkpoint(seal: AuditSeal, *, now: datetime) -> AuditCheckpoint:
    """Vouch for everything up to a seal. Errors: `Conflict` when what is there is not what was sealed."""
    found = sealing.verify(until=seal.last_id)
    if not found.is_sound:
        raise Conflict(
            f"The audit is broken and nothing of it may go. {found.broken}: {found.problem}"
        )
    until = AuditEvent.objects.get(pk=seal.last_id).at
    total = AuditSeal.objects.filter(last_id__lte=seal.last_id).aggregate(n=Sum("n_events"))["n"]
    made = AuditCheckpoint(
        last_id=seal.last_id, head=seal.head, n_events=total, until=until, made_at=now
    )
    made.signature = signature(fields_of(made))
    made.save()
    data = {"up_to": seal.last_id, "head": seal.head, "events": total, "signature": made.signature}
    record(Kind.AUDIT_CHECKPOINTED, actor=None, data=data, now=now)
    return made


def drop() -> int:
    """Remove the events below the last checkpoint; how many. Safe to interrupt and repeat.

    Each batch that was sealed goes as a whole and commits by itself, so that what is left can still be verified.
    """
    checkpoint = last_checkpoint()
    n_dropped = 0
    while checkpoint is not None and (seal := _first_left(checkpoint.last_id)) is not None:
        n_dropped += _drop_batch(seal)
    return n_dropped


def _first_left(last_id: int) -> AuditSeal | None:
    """The seal of the first event that is still there, if it lies below a checkpoint."""
    event = AuditEvent.objects.filter(id__lte=last_id).order_by("id").first()
    if event is None:
        return None
    return AuditSeal.objects.filter(first_id__lte=event.pk, last_id__gte=event.pk).first()


def _drop_batch(seal: AuditSeal) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM access_auditevent WHERE id BETWEEN %s AND %s",
            [seal.first_id, seal.last_id],
        )
        return int(cursor.rowcount)
