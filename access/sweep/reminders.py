"""Tells people that access runs out soon, while there is time to renew: seven days before, and the day before."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from access.notices import MY_ACCESS

# A grant of a few days needs no word a week before its end: at most half of its time is spent reminding.
REMINDERS = (timedelta(days=7), timedelta(days=1))

REMIND = """
WITH soon AS (
    SELECT g.id, g.principal_id, g.team_id, g.expires_at, d.name AS dataset,
           coalesce(nullif(d.title, ''), d.table_name) AS label
      FROM access_grant g JOIN catalog_dataset d ON d.id = g.dataset_id
     WHERE g.ended_at IS NULL AND g.suspended_at IS NULL AND g.revoke_due_at IS NULL
       AND g.expires_at > %(as_of)s AND g.expires_at <= %(as_of)s + %(before)s
       AND g.expires_at - g.starts_at >= 2 * %(before)s
       AND NOT EXISTS (SELECT FROM access_accessrequest r WHERE r.grant_id = g.id AND r.state = 'pending')
), people AS (
    SELECT soon.*, person.id AS person FROM soon
      JOIN access_principal holder ON holder.id = soon.principal_id
      JOIN access_principal person ON person.id = coalesce(holder.owner_id, holder.id)
     WHERE person.is_active
     UNION
    SELECT soon.*, person.id FROM soon
      JOIN access_principal_groups member ON member.group_id = soon.team_id
      JOIN access_principal person ON person.id = member.principal_id
     WHERE person.is_active AND person.kind = 'person'
), told AS (
    INSERT INTO access_notice (recipient_id, kind, subject, body, link, dedupe_key, created_at)
    SELECT person, 'grant.expiring', left('Access to ' || label || ' runs out soon', 200),
           'Access of ' || access_holder_label(principal_id, team_id) || ' to ' || dataset || ' runs out on '
           || to_char(expires_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY') || '. Renew it if you still need it.',
           %(link)s || '#grant-' || id,
           'grant.expiring:' || id || ':' || person || ':' || %(before)s || ':' || expires_at, statement_timestamp()
      FROM people
    ON CONFLICT (dedupe_key) DO NOTHING RETURNING recipient_id
), mailed AS (
    INSERT INTO access_outboxmessage (kind, payload, dedupe_key, created_at, due_at, attempts, last_error)
    SELECT DISTINCT 'mail', jsonb_build_object('recipient', recipient_id),
           'mail:sweep:' || recipient_id || ':' || %(stamp)s, statement_timestamp(),
           statement_timestamp() + interval '5 minutes', 0, ''
      FROM told
    ON CONFLICT (dedupe_key) DO NOTHING
)
SELECT count(*) FROM told
"""


def remind(as_of: datetime) -> int:
    """Remind the people behind every grant that runs out soon, once for each distance; how many notices."""
    n_told = 0
    for before in REMINDERS:
        values: dict[str, Any] = {
            "as_of": as_of,
            "before": before,
            "link": MY_ACCESS,
            "stamp": as_of.date().isoformat(),
        }
        with connection.cursor() as cursor:
            cursor.execute(REMIND, values)
            n_told += cursor.fetchone()[0]
    return n_told
