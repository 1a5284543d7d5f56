"""The one periodic task. Beat only says that time has passed; what is due is decided from rows in PostgreSQL.

Every part may run twice, or not for a day, without harm: nothing here opens or closes access.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from celery import shared_task
from django.db import DatabaseError, connection

from access import campaigns, clock, locks, notices, outbox, provisioning, quality, sweep, usage
from access.audit import sealing
from access.deciding import emergencies, silence
from access.delivering import running
from access.grants import stamp_expired
from access.people.permissions import administrators
from access.policies import screening

log = structlog.get_logger(__name__)


def _expire(now: datetime) -> object:
    return stamp_expired(as_of=now)


PARTS: dict[str, Callable[[datetime], object]] = {
    "clock": lambda now: clock.advance(),
    "expiry": _expire,
    "usage": usage.settle,
    "escalation": silence.escalate,
    "lapse": silence.lapse,
    "emergencies": emergencies.remind,
    "campaigns": campaigns.run,
    "sweep": sweep.run_if_due,
    "seal": sealing.seal,
    "outbox": outbox.deliver,
    "quality": quality.run_due,
    "screens": screening.tidy_if_due,
    "native": provisioning.keep,
    "telling": running.deliver,
    # Last: it is for pages alone, and the one part that grows with all there is.
    "forecast": sweep.forecast_if_due,
}


@shared_task(name="access.tasks.tick", ignore_result=True)
def tick() -> None:
    """Do whatever is due. A part that fails is logged and told to the administrators, and the others still run."""
    for name, part in PARTS.items():
        try:
            with locks.held(f"tick:{name}") as mine:
                if mine:
                    part(clock.database_now())
        except Exception as error:  # one part must not stop the others, whatever went wrong in it
            log.exception("tick failed", part=name)
            _tell_failure(name, error)


def _tell_failure(part: str, error: Exception) -> None:
    """Once a day and part; if even that cannot be written, the log has it and the next tick tries again."""
    try:
        if connection.needs_rollback:
            connection.close()
        now = clock.database_now()
        for person in administrators():
            notices.tell(
                person,
                "tick.failed",
                f"Background work failed: {part}",
                f"The part “{part}” of the periodic work failed ({type(error).__name__}). It is tried again every few "
                "seconds; the log says more, and so does ./manage.py doctor.",
                link="",
                dedupe_key=f"tick-failed:{part}:{now.date().isoformat()}:{person.pk}",
                now=now,
            )
    except DatabaseError:
        log.exception("tick failure could not be told", part=part)
