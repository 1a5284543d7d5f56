"""Fetches what the verdicts need, in three statements whatever the number of grants."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from access.sweep.verdicts import LOOK_BACK, Evidence, Facts

# Only grants about which anything may have to be done: run out, left, warned, or idle for half the look-back.
FACTS = """
WITH usual (sensitivity, look_back) AS (SELECT * FROM unnest(%(levels)s::text[], %(look_backs)s::interval[])),
used AS (
    SELECT u.grant_id, max(u.last_used_at) AS last_used_at
      FROM access_grantuse u JOIN access_grant g ON g.id = u.grant_id AND g.ended_at IS NULL
     WHERE u.column_name = '' GROUP BY u.grant_id
), candidate AS (
    SELECT g.*, d.name AS dataset, coalesce(nullif(d.title, ''), d.table_name) AS label, d.sensitivity,
           policy.unused_after, used.last_used_at, coalesce(holder.is_active, true) AS is_held,
           CASE holder.kind WHEN 'person' THEN 'user:' || holder.username WHEN 'service' THEN 'service:' || holder.username
                ELSE 'team:' || team.name END AS holder
      FROM access_grant g
      JOIN catalog_dataset d ON d.id = g.dataset_id
      LEFT JOIN access_principal holder ON holder.id = g.principal_id
      LEFT JOIN auth_group team ON team.id = g.team_id
      LEFT JOIN access_datasetpolicy policy ON policy.dataset_id = d.id
      LEFT JOIN usual ON usual.sensitivity = d.sensitivity
      LEFT JOIN used ON used.grant_id = g.id
     WHERE g.ended_at IS NULL AND (
           g.expires_at <= %(as_of)s OR g.warned_at IS NOT NULL OR NOT coalesce(holder.is_active, true)
        OR (g.suspended_at IS NULL AND g.starts_at <= %(as_of)s AND coalesce(used.last_used_at, g.starts_at)
            <= %(as_of)s - coalesce(policy.unused_after, usual.look_back) / 2))
), gaps AS (
    SELECT grant_id, max(gap) AS longest FROM (
        SELECT grant_id, day - lag(day) OVER (PARTITION BY grant_id ORDER BY day) AS gap
          FROM (SELECT DISTINCT u.grant_id, u.day FROM access_grantuse u
                  JOIN candidate ON candidate.id = u.grant_id WHERE u.column_name = '') days) between_days
     GROUP BY grant_id
)
SELECT c.id, c.holder, c.dataset, c.label, c.sensitivity, c.starts_at,
       c.expires_at, c.unused_after, c.suspended_at IS NOT NULL, c.is_held, c.warned_at, c.revoke_due_at,
       c.last_used_at, gaps.longest
  FROM candidate c LEFT JOIN gaps ON gaps.grant_id = c.id
 ORDER BY c.id
"""

EVIDENCE = """
SELECT ((%(day)s::date - day) / 7)::int AS weeks_ago, sum(n_queries)::int
  FROM access_grantuse
 WHERE column_name = '' AND day > %(day)s::date - 35 AND day <= %(day)s::date
 GROUP BY 1
"""

UNSETTLED = """
SELECT count(*) FROM access_queryrecord
 WHERE finished_at IS NULL AND started_at < %(until)s AND started_at > %(until)s - interval '90 days'
"""

OPEN = """
SELECT d.name, count(*) FROM access_grant g JOIN catalog_dataset d ON d.id = g.dataset_id
 WHERE g.ended_at IS NULL AND g.expires_at > %(as_of)s GROUP BY d.name
"""


def facts(as_of: datetime) -> list[Facts]:
    """The open grants about which something may have to be done, by their number."""
    rows = _rows(
        FACTS,
        {
            "as_of": as_of,
            "levels": list(LOOK_BACK),
            "look_backs": list(LOOK_BACK.values()),
        },
    )
    return [
        Facts(
            grant=row[0],
            holder=row[1],
            dataset=row[2],
            label=row[3],
            sensitivity=row[4],
            starts_at=row[5],
            expires_at=row[6],
            unused_after=row[7],
            is_suspended=row[8],
            is_held=row[9],
            warned_at=row[10],
            revoke_due_at=row[11],
            last_used_at=row[12],
            longest_gap=None if row[13] is None else timedelta(days=row[13]),
        )
        for row in rows
    ]


def evidence(until: datetime) -> Evidence:
    """What was recorded in the five weeks before `until`, which must not lie in the future: nobody has read then."""
    weeks = dict(_rows(EVIDENCE, {"day": until.date()}))
    ((n_unsettled,),) = _rows(UNSETTLED, {"until": until - timedelta(days=1)})
    return Evidence(
        last_week=weeks.get(0, 0),
        weeks_before=tuple(weeks.get(week, 0) for week in range(1, 5)),
        n_unsettled=n_unsettled,
    )


def open_by_dataset(as_of: datetime) -> dict[str, int]:
    """How many grants of each dataset are open, the run-out ones left aside."""
    return dict(_rows(OPEN, {"as_of": as_of}))


def _rows(sql: str, parameters: Mapping[str, Any]) -> Collection[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
