"""Coming back to what sleeps: a grant that was put to sleep, and a part in a team's grant that nobody used.

Both are one click by whoever lost it, within what was decided: nothing gets wider or lasts longer by waking.
"""

from datetime import datetime

from django.db import connection, transaction

from access import notices
from access.audit.events import Kind, record
from access.errors import Conflict, NotAllowed
from access.grants.standing import stands_for
from access.models import DatasetPolicy, Dormancy, Exclusion, Grant, Principal
from access.people.permissions import Permission, may
from catalog.models import Dataset

CHANGED = "The rules of this data have changed since this access fell asleep. Ask for it again."


def is_wakeable(grant: Grant, now: datetime) -> bool:
    """Whether it sleeps, has time left, and its data is under the same rules as then. Cost: up to three queries."""
    if grant.ended_at is not None or grant.suspended_at is None or grant.expires_at <= now:
        return False
    asleep = Dormancy.objects.filter(grant=grant, woken_at=None).first()
    return asleep is not None and _same_rules(asleep, grant.dataset)


@transaction.atomic
def wake(grant: Grant, *, actor: Principal, now: datetime) -> Grant:
    """Let a sleeping grant work again until its old end, without asking a steward. A second time changes nothing.

    Errors: `NotAllowed` unless the actor is or stands for the holder; `Conflict` when it does not sleep, is over, or
    the owner has changed the rules since.
    """
    if not stands_for(grant, actor):
        raise NotAllowed("Only its holder can wake this access.")
    locked = (
        Grant.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=grant.pk)
    )
    if locked.ended_at is None and locked.suspended_at is None:
        return locked
    asleep = Dormancy.objects.filter(grant=locked, woken_at=None).first()
    if asleep is None or locked.ended_at is not None or locked.expires_at <= now:
        raise Conflict("This access does not sleep any more. Ask for it again.")
    if not _same_rules(asleep, locked.dataset):
        raise Conflict(CHANGED)
    Grant.objects.filter(pk=locked.pk).update(suspended_at=None, suspend_reason="")
    note_woken(locked, actor, now)
    locked.refresh_from_db()
    _note(Kind.GRANT_WOKEN, locked, actor, {"asleep_since": asleep.since}, now)
    notices.tell_paused(locked, now=now)
    return locked


def note_woken(grant: Grant, actor: Principal | None, now: datetime) -> None:
    """Close the note that a grant sleeps, whoever wakes it."""
    Dormancy.objects.filter(grant=grant, woken_at=None).update(woken_at=now, woken_by=actor)


@transaction.atomic
def readmit(
    grant: Grant, *, actor: Principal, now: datetime, member: Principal | None = None
) -> bool:
    """Let a member who was left out read through their team's grant again; False when nothing kept them out.

    Errors: `NotAllowed` unless the member acts, or a steward of the dataset for somebody else.
    """
    who = member or actor
    mine = actor == who and stands_for(grant, actor)
    if not mine and (actor == who or not may(actor, Permission.DECIDE, grant.dataset)):
        raise NotAllowed("Only the member themself or a steward of the data can do this.")
    left_out = Exclusion.objects.filter(grant=grant, member=who, lifted_at=None)
    if not left_out.exclude(excluded_at=None).update(lifted_at=now, lifted_by=actor):
        return False
    _note(Kind.GRANT_READMITTED, grant, actor, {"member": who.label}, now)
    return True


def left_out_of(principal: Principal) -> set[int]:
    """The team grants that this member does not read through, because they did not use them. Cost: one query."""
    held = Exclusion.objects.filter(member=principal, lifted_at=None, excluded_at__isnull=False)
    return set(held.values_list("grant", flat=True))


def lift_of_leavers(now: datetime) -> int:
    """Close the spells of people who have left the team: should they join again, they begin anew."""
    with connection.cursor() as cursor:
        cursor.execute(LIFT_OF_LEAVERS, [now])
        return int(cursor.rowcount)


LIFT_OF_LEAVERS = """
UPDATE access_exclusion x SET lifted_at = %s FROM access_grant g
 WHERE g.id = x.grant_id AND x.lifted_at IS NULL AND NOT EXISTS (
       SELECT FROM access_principal_groups m WHERE m.group_id = g.team_id AND m.principal_id = x.member_id)
"""


def _same_rules(asleep: Dormancy, dataset: Dataset) -> bool:
    version = (
        DatasetPolicy.objects.filter(dataset=dataset).values_list("version", flat=True).first()
    )
    return (asleep.sensitivity, asleep.policy_version) == (dataset.sensitivity, version or 0)


def _note(
    kind: Kind, grant: Grant, actor: Principal, data: dict[str, object], now: datetime
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        data={"holder": grant.holder.label, **data},
        now=now,
    )
