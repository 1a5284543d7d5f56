"""What the world is told after a commit: a row written in the same transaction, delivered afterwards, again if need be.

Publishing on commit loses messages when the process dies in between; a row does not. Delivery may therefore happen
twice, and every consumer tells a repetition apart by its key.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from access.delivering import routing
from access.models import OutboxMessage

log = structlog.get_logger(__name__)

MAIL = "mail"
ATTEMPTS = 3

CONSUMERS: Mapping[str, Callable[[Mapping[str, Any], datetime], None]] = {
    MAIL: routing.route_recipient
}


def put(
    kind: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Write a message in the current transaction; the same key again writes nothing."""
    message = OutboxMessage(
        kind=kind,
        payload=dict(payload),
        dedupe_key=dedupe_key,
        created_at=now,
        due_at=due_at or now,
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)


def deliver(now: datetime, limit: int = 200) -> dict[str, int]:
    """Deliver what is due, oldest first, each message in a transaction of its own; counts by outcome.

    A message that fails is tried again later and set aside after three attempts, where `doctor` shows it. Two
    deliveries at once never take the same message.
    """
    counts = {"delivered": 0, "failed": 0}
    waiting = OutboxMessage.objects.filter(
        delivered_at=None, quarantined_at=None, due_at__lte=now
    ).order_by("due_at", "id")
    for pk in list(waiting.values_list("pk", flat=True)[:limit]):
        outcome = _deliver_one(pk, now)
        if outcome:
            counts[outcome] += 1
    return counts


@transaction.atomic
def _deliver_one(pk: int, now: datetime) -> str:
    message = (
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, delivered_at=None, quarantined_at=None)
        .first()
    )
    if message is None:
        return ""
    try:
        with transaction.atomic():
            CONSUMERS[message.kind](message.payload, now)
    except (
        Exception
    ) as error:  # whatever went wrong is counted and shown, and the next message still goes out
        _postpone(message, error, now)
        return "failed"
    OutboxMessage.objects.filter(pk=pk).update(delivered_at=now, attempts=message.attempts + 1)
    return "delivered"


def _postpone(message: OutboxMessage, error: Exception, now: datetime) -> None:
    attempts = message.attempts + 1
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=attempts,
        # The kind of error only: its text may hold an address or a password.
        last_error=type(error).__name__,
        due_at=now + timedelta(minutes=4**attempts),
        quarantined_at=now if attempts >= ATTEMPTS else None,
    )
    log.warning(
        "outbox message failed", message=message.pk, attempts=attempts, error=type(error).__name__
    )
