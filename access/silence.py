"""What happens when nobody decides: more people are asked, and in the end the request lapses. Silence never approves."""

from datetime import datetime, timedelta

from django.db import transaction

from access import notices
from access.audit import Kind, record
from access.models import AccessRequest, RequestState
from access.separation import deciders_of

PATIENCE_DAYS = 2
LAPSE = timedelta(days=14)
SATURDAY = 5


def after_working_days(moment: datetime, days: int) -> datetime:
    """The same time of day, `days` working days later; Saturdays and Sundays do not count."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment


def escalate(now: datetime) -> int:
    """Ask the administrators too about what has waited for two working days; how many requests."""
    waiting = AccessRequest.objects.filter(
        state=RequestState.PENDING,
        escalated_at=None,
        submitted_at__lte=now - timedelta(days=PATIENCE_DAYS),
    )
    late = [each for each in waiting if after_working_days(each.submitted_at, PATIENCE_DAYS) <= now]
    return sum(_escalate(access_request, now) for access_request in late)


def lapse(now: datetime) -> int:
    """Let lapse what has waited for fourteen days; how many requests."""
    old = AccessRequest.objects.filter(state=RequestState.PENDING, submitted_at__lte=now - LAPSE)
    return sum(_lapse(access_request, now) for access_request in old)


@transaction.atomic
def _escalate(access_request: AccessRequest, now: datetime) -> bool:
    waiting = AccessRequest.objects.filter(
        pk=access_request.pk, state=RequestState.PENDING, escalated_at=None
    )
    if not waiting.update(escalated_at=now):
        return False
    access_request.refresh_from_db()
    _note(Kind.REQUEST_ESCALATED, access_request, now)
    notices.tell_submitted(access_request, deciders_of(access_request), now=now)
    return True


@transaction.atomic
def _lapse(access_request: AccessRequest, now: datetime) -> bool:
    waiting = AccessRequest.objects.filter(pk=access_request.pk, state=RequestState.PENDING)
    if not waiting.update(state=RequestState.LAPSED, decided_at=now):
        return False
    _note(Kind.REQUEST_LAPSED, access_request, now)
    notices.tell_lapsed(access_request, now=now)
    return True


def _note(kind: Kind, access_request: AccessRequest, now: datetime) -> None:
    record(
        kind,
        actor=None,
        subject=f"request:{access_request.pk}",
        dataset=access_request.dataset,
        data={"holder": access_request.holder.label, "submitted_at": access_request.submitted_at},
        now=now,
    )
