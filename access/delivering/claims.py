"""Claiming an attempt, and what became of it: the same for mails and for posts.

The claim is a conditional update whose count decides, and it counts the attempt before anything is sent: something
that kills its worker every time is set aside like everything else that does not work.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from access.delivering import backoff
from access.models import Letter, Post

# Longer than any attempt takes; so long a message waits when its worker dies in the middle of one.
LEASE = timedelta(minutes=2)

Sent = TypeVar("Sent", Letter, Post)


def waiting(rows: QuerySet[Sent], now: datetime) -> QuerySet[Sent]:
    """Those of the rows that are due and that nobody is sending."""
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return rows.filter(unclaimed, sent_at=None, quarantined_at=None, due_at__lte=now)


def claim(row: Sent, rows: QuerySet[Sent], now: datetime) -> bool:
    """Take this one for an attempt, counted; False when somebody else did."""
    taken = waiting(rows.filter(pk=row.pk), now).update(
        claimed_until=now + LEASE, attempts=F("attempts") + 1
    )
    if taken:
        row.attempts += 1
    return bool(taken)


def arrived(row: Sent, rows: QuerySet[Sent], now: datetime) -> bool:
    """Note that it has arrived; False when that was noted before."""
    return bool(
        rows.filter(pk=row.pk, sent_at=None).update(
            sent_at=now, claimed_until=None, quarantined_at=None, last_error=""
        )
    )


def failed(
    row: Sent, rows: QuerySet[Sent], error: str, now: datetime, asked: timedelta | None = None
) -> bool:
    """Note that it did not arrive: tried again later, or set aside where people see it. Whether it was set aside."""
    is_over = backoff.is_given_up(row.attempts)
    rows.filter(pk=row.pk, sent_at=None).update(
        claimed_until=None,
        due_at=now + backoff.delay(row.attempts, asked),
        quarantined_at=now if is_over else None,
        last_error=error[:100],
    )
    return is_over


def again(rows: QuerySet[Sent], now: datetime) -> int:
    """Try anew what was set aside; how many."""
    aside = rows.exclude(quarantined_at=None)
    return aside.update(quarantined_at=None, attempts=0, due_at=now, claimed_until=None)
