"""How access stops: returned, revoked, suspended, left, run out. Each is safe to repeat and leaves one event."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from access import notices
from access.audit.events import Kind, record
from access.deciding.separation import stands_to_gain
from access.errors import Conflict, Invalid, NotAllowed
from access.grants.standing import is_holder
from access.grants.waking import note_woken
from access.models import Dormancy, EndReason, Grant, Principal, Team
from access.people.permissions import Permission, may

ORPHANED = "Its owner left. It wakes when somebody else answers for the service account."

KINDS = {
    EndReason.EXPIRED: Kind.GRANT_EXPIRED,
    EndReason.RETURNED: Kind.GRANT_RETURNED,
    EndReason.REVOKED: Kind.GRANT_REVOKED,
    EndReason.UNUSED: Kind.GRANT_UNUSED,
    EndReason.LEFT: Kind.GRANT_LEFT,
    EndReason.REPLACED: Kind.GRANT_REPLACED,
    EndReason.CONFIGURATION: Kind.GRANT_REVOKED,
}


@transaction.atomic
def revoke(
    grant: Grant,
    *,
    actor: Principal | None,
    reason: str,
    now: datetime,
    end_reason: EndReason = EndReason.REVOKED,
) -> Grant:
    """End somebody's grant now and tell them why; a second time changes and tells nothing. Returns it as it stands.

    Without an actor it is the operator's doing. Errors: `NotAllowed` unless a steward of the dataset or an
    administrator acts; `Invalid` without a reason.
    """
    _require_charge(grant, actor)
    if not reason.strip():
        raise Invalid("Say why it ends: its holder will read this.", "reason")
    ended = close(grant, end_reason, actor=actor, note=reason.strip(), now=now)
    if ended and end_reason != EndReason.REPLACED:
        notices.tell_revoked(grant, actor=actor, now=now)
    return grant


@transaction.atomic
def give_back(grant: Grant, *, actor: Principal, now: datetime) -> Grant:
    """Return one's own grant, or that of a service account one owns; a second time changes nothing.

    Errors: `NotAllowed` for anybody else, members of a team that holds it included.
    """
    if not is_holder(grant, actor):
        raise NotAllowed(
            "Only its holder can return access. What a team holds, its members lose by leaving the team, "
            "or a steward of the dataset ends it."
        )
    close(grant, EndReason.RETURNED, actor=actor, now=now)
    return grant


@transaction.atomic
def suspend(grant: Grant, *, actor: Principal | None, reason: str, now: datetime) -> Grant:
    """Stop access without ending it; `resume` gives it back within its old end.

    What sleeps for another reason, for lack of use or because nobody answers for a service account, then sleeps for
    this one: neither its holder nor a new owner wakes it any more. Errors: as for `revoke`.
    """
    _require_charge(grant, actor)
    if not reason.strip():
        raise Invalid("Say why it is suspended: its holder will read this.", "reason")
    if not pause(grant, actor=actor, reason=reason.strip(), now=now):
        take_over(grant, actor=actor, reason=reason.strip(), now=now)
    return grant


@transaction.atomic
def resume(grant: Grant, *, actor: Principal | None, now: datetime) -> Grant:
    """Let suspended access work again.

    Errors: `NotAllowed` unless a steward of the dataset or an administrator acts, and never for their own good;
    `Conflict` when the grant is over.
    """
    _require_charge(grant, actor)
    if actor is not None and stands_to_gain(actor, grant.holder):
        raise NotAllowed("This would give access back to you, so somebody else has to do it.")
    unpause(grant, actor=actor, now=now)
    return grant


def close(
    grant: Grant,
    end_reason: EndReason,
    *,
    actor: Principal | None,
    now: datetime,
    note: str = "",
) -> bool:
    """End an open grant and record it; False when it had ended. The caller has asked whether this may be done."""
    ended = Grant.objects.filter(pk=grant.pk, ended_at__isnull=True).update(
        ended_at=now, end_reason=end_reason, end_note=note
    )
    grant.refresh_from_db(fields=["ended_at", "end_reason", "end_note"])
    if not ended:
        return False
    record(
        KINDS[end_reason],
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=note,
        data={"holder": grant.holder.label, "expires_at": grant.expires_at, "ended_at": now},
        now=now,
    )
    return True


def end_all_of(holder: Principal | Team, *, actor: Principal | None, now: datetime) -> int:
    """End everything that somebody who leaves, or a team that is dissolved, holds; how many there were."""
    held = _open_of(holder).select_for_update(of=("self",))
    return sum(close(grant, EndReason.LEFT, actor=actor, now=now) for grant in held)


def suspend_all_of(
    holder: Principal, *, actor: Principal | None, reason: str, now: datetime
) -> int:
    """Suspend everything a service account holds; how many grants that was."""
    return sum(pause(grant, actor=actor, reason=reason, now=now) for grant in _open_of(holder))


def resume_orphaned(service: Principal, *, actor: Principal | None, now: datetime) -> int:
    """Wake what a service account lost with its former owner, now that somebody answers for it again."""
    asleep = _open_of(service).filter(suspend_reason=ORPHANED, expires_at__gt=now)
    return sum(unpause(grant, actor=actor, now=now) for grant in asleep)


def stamp_expired(*, as_of: datetime, limit: int = 10_000) -> int:
    """Write down the end of at most `limit` grants that ran out by `as_of`; how many. One statement, with its audit.

    Nothing waits for this: a grant that has run out gives nothing, stamped or not.
    """
    with connection.cursor() as cursor:
        cursor.execute(STAMP_EXPIRED, {"as_of": as_of, "limit": limit})
        n_stamped: int = cursor.fetchone()[0]
    return n_stamped


STAMP_EXPIRED = """
WITH due AS (
    SELECT id FROM access_grant WHERE ended_at IS NULL AND expires_at <= %(as_of)s
    ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE access_grant g
    SET ended_at = least(g.expires_at, statement_timestamp()), end_reason = 'expired'
    FROM due WHERE g.id = due.id AND g.ended_at IS NULL
    RETURNING g.id, g.principal_id, g.team_id, g.dataset_id, g.expires_at
), told AS (
    INSERT INTO access_auditevent
        (at, kind, actor_label, subject, dataset, reason, data, digest)
    SELECT statement_timestamp(), 'grant.expired', 'operator', 'grant:' || e.id, d.name, '',
        jsonb_build_object('holder', access_holder_label(e.principal_id, e.team_id),
                           'expires_at', to_jsonb(e.expires_at)), ''
    FROM ended e JOIN catalog_dataset d ON d.id = e.dataset_id ORDER BY e.id
    RETURNING 1
)
SELECT count(*) FROM told
"""


def _open_of(holder: Principal | Team) -> QuerySet[Grant]:
    owner = Q(team=holder) if isinstance(holder, Team) else Q(principal=holder)
    return Grant.objects.filter(owner, ended_at__isnull=True).order_by("pk")


def pause(
    grant: Grant, *, actor: Principal | None, reason: str, now: datetime, quietly: bool = False
) -> bool:
    """Suspend an open grant and record it; False when it was suspended or over. The caller has asked whether it may.

    `quietly` leaves the telling to whoever does more with it.
    """
    awake = Grant.objects.filter(pk=grant.pk, ended_at__isnull=True, suspended_at__isnull=True)
    changed = awake.update(suspended_at=now, suspend_reason=reason)
    grant.refresh_from_db(fields=["suspended_at", "suspend_reason", "ended_at", "end_reason"])
    if changed:
        _note_pause(Kind.GRANT_SUSPENDED, grant, actor, reason, now, quietly)
    return bool(changed)


def take_over(
    grant: Grant, *, actor: Principal | None, reason: str, now: datetime, quietly: bool = False
) -> None:
    """Suspend for a new reason what sleeps already. The same word a second time changes nothing."""
    asleep = Grant.objects.filter(pk=grant.pk, ended_at=None, suspended_at__isnull=False)
    by_itself = Q(suspend_reason=ORPHANED) | Exists(
        Dormancy.objects.filter(grant=OuterRef("pk"), woken_at=None)
    )
    if not asleep.filter(by_itself).update(suspend_reason=reason):
        return
    note_woken(grant, actor, now)
    grant.refresh_from_db(fields=["suspend_reason"])
    _note_pause(Kind.GRANT_SUSPENDED, grant, actor, reason, now, quietly)


def unpause(grant: Grant, *, actor: Principal | None, now: datetime, quietly: bool = False) -> bool:
    """Let a suspended grant work again and record it; False when it did already. Errors: `Conflict` when it is over."""
    asleep = Grant.objects.filter(
        pk=grant.pk, ended_at__isnull=True, suspended_at__isnull=False, expires_at__gt=now
    )
    changed = asleep.update(suspended_at=None, suspend_reason="")
    grant.refresh_from_db(fields=["suspended_at", "suspend_reason", "ended_at", "end_reason"])
    if not changed and (grant.ended_at or grant.expires_at <= now):
        raise Conflict("This access is over. Ask for it again.")
    if changed:
        note_woken(grant, actor, now)
        _note_pause(Kind.GRANT_RESUMED, grant, actor, "", now, quietly)
    return bool(changed)


def _note_pause(
    kind: Kind, grant: Grant, actor: Principal | None, reason: str, now: datetime, quietly: bool
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=reason,
        data={"holder": grant.holder.label},
        now=now,
    )
    if not quietly:
        notices.tell_paused(grant, now=now)


def _require_charge(grant: Grant, actor: Principal | None) -> None:
    if actor is None or may(actor, Permission.ADMINISTER):
        return
    if not may(actor, Permission.DECIDE, grant.dataset):
        raise NotAllowed(f"Only a steward of {grant.dataset.label} can do this.")
