"""Carries out verdicts in sets: one statement a batch claims the grants, records, and tells; then the batch commits.

Each claim is conditional and looks at the use once more, so that a grant used a moment ago is not ended, a second
review finds nothing left to do, and one that was killed goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from access.audit import Kind
from access.grants.restoring import RESTORE_WINDOW
from access.notices import MY_ACCESS
from access.sweep.verdicts import Action, Verdict
from access.words import counted, day

BATCH = 5_000
ACTOR = "sweep"


@dataclass(frozen=True)
class Effect:
    """How one action changes a grant, which audit event it leaves, and what its holder is told, if anything."""

    kind: Kind
    change: str
    claim: str
    told: str = ""
    words: Callable[[Verdict], tuple[str, str]] | None = None


def _warned(verdict: Verdict) -> tuple[str, str]:
    assert verdict.due_at is not None
    return (
        f"Do you still need {verdict.label}?",
        f"Nobody has read {verdict.dataset} with the access of {verdict.holder} since {day(verdict.idle_since)}. It ends on "
        f"{day(verdict.due_at)}; read it once before then and it stays.",
    )


def _unused(verdict: Verdict) -> tuple[str, str]:
    return (
        f"Access to {verdict.label} has ended",
        f"Nobody has read {verdict.dataset} with the access of {verdict.holder} since {day(verdict.idle_since)}, so it has "
        f"ended. If you need it after all, bring it back with one click within {counted(RESTORE_WINDOW.days, 'day')}.",
    )


UNUSED_SINCE = """
    NOT EXISTS (SELECT FROM access_grantuse u WHERE u.grant_id = g.id AND u.last_used_at > due.idle_since)
"""

EFFECTS = {
    Action.EXPIRE: Effect(
        Kind.GRANT_EXPIRED,
        "ended_at = least(g.expires_at, statement_timestamp()), end_reason = 'expired'",
        "g.expires_at <= %(as_of)s",
    ),
    Action.LEAVE: Effect(
        Kind.GRANT_LEFT,
        "ended_at = least(%(as_of)s, statement_timestamp()), end_reason = 'left', end_note = due.reason",
        "NOT EXISTS (SELECT FROM access_principal p WHERE p.id = g.principal_id AND p.is_active)",
    ),
    Action.WARN: Effect(
        Kind.GRANT_WARNED,
        "warned_at = %(as_of)s, revoke_due_at = due.due_at",
        f"g.warned_at IS NULL AND g.suspended_at IS NULL AND {UNUSED_SINCE}",
        "grant.warned",
        _warned,
    ),
    Action.SPARE: Effect(
        Kind.GRANT_SPARED, "warned_at = NULL, revoke_due_at = NULL", "g.warned_at IS NOT NULL"
    ),
    Action.REVOKE: Effect(
        Kind.GRANT_UNUSED,
        "ended_at = least(%(as_of)s, statement_timestamp()), end_reason = 'unused', end_note = due.reason",
        f"g.revoke_due_at <= %(as_of)s AND g.suspended_at IS NULL AND {UNUSED_SINCE}",
        "grant.unused",
        _unused,
    ),
}

CARRY_OUT = """
WITH due AS (
    SELECT * FROM unnest(%(grants)s::bigint[], %(holders)s::text[], %(reasons)s::text[], %(idle)s::timestamptz[],
                         %(dues)s::timestamptz[], %(subjects)s::text[], %(bodies)s::text[])
        AS t (id, holder, reason, idle_since, due_at, subject, body)
), changed AS (
    UPDATE access_grant g SET {change} FROM due
     WHERE g.id = due.id AND g.ended_at IS NULL AND {claim}
    RETURNING g.id, g.principal_id, g.team_id, g.dataset_id, g.expires_at, due.holder, due.reason, due.idle_since,
              due.due_at, due.subject, due.body
), recorded AS (
    INSERT INTO access_auditevent (at, kind, actor_label, subject, dataset, reason, data, digest)
    SELECT statement_timestamp(), %(kind)s, %(actor)s, 'grant:' || c.id, d.name, c.reason,
           jsonb_build_object('holder', c.holder, 'as_of', %(as_of)s::timestamptz,
                              'idle_since', c.idle_since, 'due_at', c.due_at, 'expires_at', c.expires_at), ''
      FROM changed c JOIN catalog_dataset d ON d.id = c.dataset_id ORDER BY c.id
    RETURNING 1
), people AS (
    SELECT c.id, c.subject, c.body, person.id AS person FROM changed c
      JOIN access_principal holder ON holder.id = c.principal_id
      JOIN access_principal person ON person.id = coalesce(holder.owner_id, holder.id)
     WHERE person.is_active
     UNION
    SELECT c.id, c.subject, c.body, person.id FROM changed c
      JOIN access_principal_groups member ON member.group_id = c.team_id
      JOIN access_principal person ON person.id = member.principal_id
     WHERE person.is_active AND person.kind = 'person'
), told AS (
    INSERT INTO access_notice (recipient_id, kind, subject, body, link, dedupe_key, created_at)
    SELECT person, %(told)s, left(subject, 200), body, %(link)s || '#grant-' || id,
           %(told)s || ':' || id || ':' || person || ':' || %(stamp)s, statement_timestamp()
      FROM people WHERE %(told)s <> ''
    ON CONFLICT (dedupe_key) DO NOTHING RETURNING recipient_id
), mailed AS (
    INSERT INTO access_outboxmessage (kind, payload, dedupe_key, created_at, due_at, attempts, last_error)
    SELECT DISTINCT 'mail', jsonb_build_object('recipient', recipient_id),
           'mail:sweep:' || recipient_id || ':' || %(stamp)s, statement_timestamp(),
           statement_timestamp() + interval '5 minutes', 0, ''
      FROM told
    ON CONFLICT (dedupe_key) DO NOTHING
)
SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM recorded), (SELECT count(*) FROM told)
"""


def carry_out(action: Action, verdicts: Sequence[Verdict], as_of: datetime) -> int:
    """Do it, batch by batch; how many grants really changed. Those that somebody used or ended meanwhile did not."""
    n_changed = 0
    for start in range(0, len(verdicts), BATCH):
        n_changed += _carry_out_batch(EFFECTS[action], verdicts[start : start + BATCH], as_of)
    return n_changed


@transaction.atomic
def _carry_out_batch(effect: Effect, verdicts: Sequence[Verdict], as_of: datetime) -> int:
    words = [effect.words(each) if effect.words else ("", "") for each in verdicts]
    with connection.cursor() as cursor:
        cursor.execute(
            CARRY_OUT.format(change=effect.change, claim=effect.claim),
            {
                "grants": [each.grant for each in verdicts],
                "holders": [each.holder for each in verdicts],
                "reasons": [each.reason for each in verdicts],
                "idle": [each.idle_since for each in verdicts],
                "dues": [each.due_at for each in verdicts],
                "subjects": [subject for subject, _ in words],
                "bodies": [body for _, body in words],
                "kind": effect.kind.value,
                "actor": ACTOR,
                "as_of": as_of,
                "told": effect.told,
                "link": MY_ACCESS,
                "stamp": as_of.date().isoformat(),
            },
        )
        n_changed, n_recorded, _ = cursor.fetchone()
    assert n_changed == n_recorded  # a change without its record must not commit
    return int(n_changed)
