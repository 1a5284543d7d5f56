"""Runs a review: plans, carries out, reminds, and keeps a record of what it did or why it held back."""

from datetime import datetime
from typing import Literal, overload

from access import locks, notices, popularity
from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import Conflict
from access.grants.restoring import RESTORE_WINDOW
from access.grants.waking import lift_of_leavers
from access.models import EndReason, Grant, SweepRun
from access.people.permissions import administrators
from access.sweep.applying import carry_out
from access.sweep.forecasts import is_due as is_forecast_due
from access.sweep.plans import SweepPlan, forecast, plan
from access.sweep.reminders import remind
from access.sweep.schedule import is_due, next_due
from access.sweep.verdicts import Action

__all__ = ["BUSY", "forecast_if_due", "is_due", "next_due", "run", "run_if_due"]

BUSY = "Another review is under way."
ORDER = (
    Action.EXPIRE,
    Action.LEAVE,
    Action.SPARE,
    Action.WARN,
    Action.REVOKE,
    Action.SLEEP,
    Action.EXCLUDE,
    Action.RELEASE,
    Action.DROP,
    Action.MASK,
    Action.PROPOSE,
)


@overload
def run(as_of: datetime, *, simulate: Literal[True], beyond_brake: bool = False) -> SweepPlan: ...
@overload
def run(
    as_of: datetime, *, simulate: Literal[False] = False, beyond_brake: bool = False
) -> SweepRun: ...
def run(
    as_of: datetime, *, simulate: bool = False, beyond_brake: bool = False
) -> SweepRun | SweepPlan:
    """Review every grant as of a moment; with `simulate`, only say what that would do.

    Safe to interrupt and to repeat: each batch commits by itself and nothing is done twice. Errors: `Conflict` when
    another review is under way.
    """
    if simulate:
        return plan(as_of, beyond_brake=beyond_brake)
    with locks.held("sweep") as mine:
        if not mine:
            raise Conflict(BUSY)
        return _review(as_of, beyond_brake)


def forecast_if_due(now: datetime) -> SweepPlan | None:
    """The next review looked ahead to, once in ten minutes, so that pages know what it holds back."""
    return forecast() if is_forecast_due(next_due(now), now) else None


def run_if_due(now: datetime) -> SweepRun | None:
    """Tonight's review, if it is due and nobody else is at it.

    A portal that has never had one takes note of its beginning and waits for the next night.
    """
    with locks.held("sweep") as mine:
        if not mine or not is_due(now):
            return None
        if not SweepRun.objects.exists():
            words = f"The portal has just started. Its first review is due at {next_due(now):%H:%M} UTC."
            SweepRun.objects.create(as_of=now, started_at=now, finished_at=now, stopped=words)
            return None
        return _review(now, beyond_brake=False)


def _review(as_of: datetime, beyond_brake: bool) -> SweepRun:
    this = SweepRun.objects.create(as_of=as_of, started_at=database_now())
    planned = plan(as_of, beyond_brake=beyond_brake)
    done = {action.value: carry_out(action, planned.of(action), as_of) for action in ORDER}
    done["held_back"] = len(planned.of(Action.KEEP))
    lift_of_leavers(as_of)
    done["reminded"] = remind(as_of)
    done["restore_closed"] = _restore_windows_closed(as_of)
    popularity.recount(as_of)
    this.counts, this.stopped, this.finished_at = done, planned.stopped, database_now()
    this.save(update_fields=["counts", "stopped", "finished_at"])
    _note(this)
    return this


def _restore_windows_closed(as_of: datetime) -> int:
    """How many restore windows closed since the review before. They close by themselves; this only counts them."""
    before = SweepRun.objects.filter(finished_at__isnull=False, as_of__lt=as_of).order_by("-as_of")
    last = before.values_list("as_of", flat=True).first()
    ended = Grant.objects.filter(end_reason=EndReason.UNUSED, ended_at__lte=as_of - RESTORE_WINDOW)
    return ended.filter(ended_at__gt=last - RESTORE_WINDOW).count() if last else ended.count()


def _note(this: SweepRun) -> None:
    subject = f"sweep:{this.pk}"
    now = this.finished_at
    data = {"as_of": this.as_of, **this.counts}
    record(Kind.SWEEP_FINISHED, actor=None, subject=subject, data=data, now=now)
    if not this.stopped or now is None:
        return
    record(Kind.SWEEP_HELD_BACK, actor=None, subject=subject, reason=this.stopped, now=now)
    for person in administrators():
        notices.tell(
            person,
            "sweep.held_back",
            "The nightly review held back",
            f"{this.stopped} Nothing was lost: what was held back is looked at again tomorrow.",
            link="/my-data/",
            dedupe_key=f"sweep-held-back:{this.pk}:{person.pk}",
            now=now,
        )
