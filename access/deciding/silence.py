"""What happens when nobody decides: more people are asked, step by step, and in the end the request lapses.

Silence never approves. While the asker owes an answer the clock of those who decide stands still.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from access import notices
from access.audit.events import Kind, record
from access.deciding.approvers import asked_at, free, next_level
from access.models import AccessRequest, Escalation, Principal, RequestState

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
    """Ask more people about what nobody has decided for two working days: delegates, then the domain's stewards, then
    the administrators; how many requests."""
    waiting = _undecided().annotate(quiet=Coalesce("quiet_since", "submitted_at"))
    quiet = waiting.filter(quiet__lte=now - timedelta(days=PATIENCE_DAYS)).select_related("dataset")
    late = [each for each in quiet if after_working_days(each.quiet, PATIENCE_DAYS) <= now]
    return sum(_escalate(access_request, now) for access_request in late)


def lapse(now: datetime) -> int:
    """Let lapse what has waited for fourteen days, for whoever decides or for the asker's answer; how many requests."""
    pending = AccessRequest.objects.filter(state=RequestState.PENDING)
    old = pending.annotate(since=F("submitted_at") + F("paused")).filter(
        Q(paused_at=None, since__lte=now - LAPSE) | Q(paused_at__lte=now - LAPSE)
    )
    return sum(_lapse(access_request, now) for access_request in old)


def _undecided() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(
        state=RequestState.PENDING, paused_at=None, escalation__lt=Escalation.ADMINISTRATORS
    )


@transaction.atomic
def _escalate(access_request: AccessRequest, now: datetime) -> bool:
    level = next_level(access_request)
    waiting = _undecided().filter(
        pk=access_request.pk, stage=access_request.stage, escalation=access_request.escalation
    )
    if level is None or not waiting.update(escalation=level, escalated_at=now, quiet_since=now):
        return False
    access_request.refresh_from_db()
    people = _asked(access_request, level)
    _note(Kind.REQUEST_ESCALATED, access_request, now, level=level.label, asked=people)
    notices.tell_submitted(access_request, people, now=now)
    return True


def _asked(access_request: AccessRequest, level: Escalation) -> list[Principal]:
    return list(free(asked_at(access_request, level), access_request).order_by("username"))


@transaction.atomic
def _lapse(access_request: AccessRequest, now: datetime) -> bool:
    waiting = AccessRequest.objects.filter(
        pk=access_request.pk, state=RequestState.PENDING, paused_at=access_request.paused_at
    )
    if not waiting.update(state=RequestState.LAPSED, decided_at=now):
        return False
    _note(Kind.REQUEST_LAPSED, access_request, now)
    notices.tell_lapsed(access_request, now=now)
    return True


def _note(kind: Kind, access_request: AccessRequest, now: datetime, **data: object) -> None:
    record(
        kind,
        actor=None,
        subject=f"request:{access_request.pk}",
        dataset=access_request.dataset,
        data={
            "holder": access_request.holder.label,
            "submitted_at": access_request.submitted_at,
            **data,
        },
        now=now,
    )
