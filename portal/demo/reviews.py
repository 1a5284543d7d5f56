"""The nightly reviews of the weeks before, as they were: what the review decides, written down at the time it was.

What a review does is decided by `access.sweep` from the evidence there was on that night. The review itself stamps what it
does with the database's clock, which knows today only; this carries its verdicts out with the clock of the story.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from access import notices, sweep
from access.audit.events import Kind, record
from access.grants.ending import close
from access.models import EndReason, Grant, SweepRun
from access.sweep import Action, Verdict
from access.sweep.applying import carry_out
from access.sweep.effects import GRANTS

TOOK = timedelta(seconds=2)


def review(as_of: datetime) -> SweepRun:
    """One night's review, with its record."""
    counts: Counter[str] = Counter()
    for verdict in sweep.plan(as_of).rows:
        if verdict.action is Action.KEEP:
            continue
        act = CARRY_OUT.get(verdict.action) if verdict.member is None else None
        (act or _carry_out)(verdict, as_of)
        counts[verdict.action.value] += 1
    done = SweepRun.objects.create(
        as_of=as_of, started_at=as_of, finished_at=as_of + TOOK, counts=dict(counts)
    )
    data = {"as_of": as_of, **counts}
    record(Kind.SWEEP_FINISHED, actor=None, subject=f"sweep:{done.pk}", data=data, now=as_of + TOOK)
    return done


def _expire(verdict: Verdict, as_of: datetime) -> None:
    grant = Grant.objects.get(pk=verdict.grant)
    Grant.objects.filter(pk=grant.pk).update(
        ended_at=grant.expires_at, end_reason=EndReason.EXPIRED
    )
    record(
        Kind.GRANT_EXPIRED,
        actor=None,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        data={"holder": verdict.holder, "expires_at": grant.expires_at},
        now=as_of,
    )


def _warn(verdict: Verdict, as_of: datetime) -> None:
    grant = Grant.objects.get(pk=verdict.grant)
    Grant.objects.filter(pk=grant.pk).update(warned_at=as_of, revoke_due_at=verdict.due_at)
    record(
        Kind.GRANT_WARNED,
        actor=None,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=verdict.reason,
        data={"holder": verdict.holder, "due_at": verdict.due_at},
        now=as_of,
    )
    _tell(grant, verdict, as_of)


def _revoke(verdict: Verdict, as_of: datetime) -> None:
    grant = Grant.objects.get(pk=verdict.grant)
    close(grant, EndReason.UNUSED, actor=None, note=verdict.reason, now=as_of)
    _tell(grant, verdict, as_of)


def _carry_out(verdict: Verdict, as_of: datetime) -> None:
    """Whatever else: the review itself does it, and notes it at the moment of the story."""
    carry_out(verdict.action, [verdict], as_of)


def _tell(grant: Grant, verdict: Verdict, as_of: datetime) -> None:
    effect = GRANTS[verdict.action]
    assert effect.words is not None
    subject, body = effect.words(verdict)
    for person in notices.audience(grant.holder):
        notices.tell(
            person,
            effect.told,
            subject,
            body,
            link=f"{notices.MY_ACCESS}#grant-{grant.pk}",
            dedupe_key=f"{effect.told}:{grant.pk}:{person.pk}:{as_of.date().isoformat()}",
            now=as_of,
        )


CARRY_OUT: dict[Action, Callable[[Verdict, datetime], None]] = {
    Action.EXPIRE: _expire,
    Action.WARN: _warn,
    Action.REVOKE: _revoke,
}
