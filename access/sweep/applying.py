"""Carries out verdicts in sets: one statement a batch claims the rows, records, and tells; then the batch commits.

Each claim is conditional and looks at the use once more, so that a grant used a moment ago is not ended, a second
review finds nothing left to do, and one that was killed goes on where it stopped.
"""

from collections.abc import Sequence
from datetime import datetime

import orjson
from django.db import connection, transaction

from access.notices import MY_ACCESS
from access.sweep.effects import Effect, effect_of
from access.sweep.verdicts import Action, Verdict

BATCH = 5_000
ACTOR = "sweep"

CARRY_OUT = """
WITH due AS (
    SELECT * FROM unnest(%(grants)s::bigint[], %(holders)s::text[], %(reasons)s::text[], %(idle)s::timestamptz[],
                         %(dues)s::timestamptz[], %(subjects)s::text[], %(bodies)s::text[], %(members)s::bigint[],
                         %(columns)s::jsonb[])
        AS t (id, holder, reason, idle_since, due_at, subject, body, member, columns)
), {changed}, recorded AS (
    INSERT INTO access_auditevent (at, kind, actor_label, subject, dataset, reason, data, digest)
    SELECT access_moment(), %(kind)s, %(actor)s, 'grant:' || c.id, d.name, c.reason,
           jsonb_build_object('holder', c.holder, 'as_of', %(as_of)s::timestamptz,
                              'idle_since', c.idle_since, 'due_at', c.due_at, 'expires_at', c.expires_at)
           || c.more, ''
      FROM changed c JOIN catalog_dataset d ON d.id = c.dataset_id ORDER BY c.id, c.member
    RETURNING 1
), people AS (
    SELECT c.id, c.subject, c.body, person.id AS person FROM changed c
      JOIN access_principal holder ON holder.id = coalesce(c.member, c.principal_id)
      JOIN access_principal person ON person.id = coalesce(holder.owner_id, holder.id)
     WHERE person.is_active
     UNION
    SELECT c.id, c.subject, c.body, person.id FROM changed c
      JOIN access_principal_groups member ON member.group_id = c.team_id
      JOIN access_principal person ON person.id = member.principal_id
     WHERE c.member IS NULL AND person.is_active AND person.kind = 'person'
), told AS (
    INSERT INTO access_notice (recipient_id, kind, subject, body, link, dedupe_key, created_at)
    SELECT person, %(told)s, left(min(subject), 200), min(body), %(link)s || '#grant-' || id,
           %(told)s || ':' || id || ':' || person || ':' || %(stamp)s, access_moment()
      FROM people WHERE %(told)s <> '' GROUP BY id, person
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
    """Do it, batch by batch; how many rows really changed. What somebody used or ended meanwhile did not."""
    n_changed = 0
    for is_of_member in (False, True):
        wanted = [each for each in verdicts if (each.member is not None) == is_of_member]
        for start in range(0, len(wanted), BATCH):
            effect = effect_of(action, is_of_member)
            n_changed += _carry_out_batch(effect, wanted[start : start + BATCH], as_of)
    return n_changed


@transaction.atomic
def _carry_out_batch(effect: Effect, verdicts: Sequence[Verdict], as_of: datetime) -> int:
    words = [effect.words(each) if effect.words else ("", "") for each in verdicts]
    with connection.cursor() as cursor:
        cursor.execute(
            CARRY_OUT.format(changed=effect.changed),
            {
                "grants": [each.grant for each in verdicts],
                "holders": [each.holder for each in verdicts],
                "reasons": [each.reason for each in verdicts],
                "idle": [each.idle_since for each in verdicts],
                "dues": [each.due_at for each in verdicts],
                "subjects": [subject for subject, _ in words],
                "bodies": [body for _, body in words],
                "members": [each.member for each in verdicts],
                "columns": [orjson.dumps(each.columns).decode() for each in verdicts],
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
