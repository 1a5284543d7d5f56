"""Fetches what the verdicts need, in one statement for each kind of fact, whatever the number of grants.

Each may be asked of some grants `only`, which is how a page sees its own part of a night without planning all of it.
"""

# ruff: noqa: S608 - statements are put together from constants of this module

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from access.sweep.sizes import OBSERVED, Reads, SizeFacts, Sizing
from access.sweep.verdicts import LOOK_BACK, SEASON, Evidence, Facts

HOLDER = """
    CASE holder.kind WHEN 'person' THEN 'user:' || holder.username WHEN 'service' THEN 'service:' || holder.username
         ELSE 'team:' || team.name END
"""

# Whether somebody behind a grant reads with their own tools where nobody can tell what they read.
_UNSEEN = """
    EXISTS (SELECT FROM access_nativelogin l JOIN access_nativeaccess n ON n.id = l.native_id
              JOIN catalog_dataset own ON own.warehouse_id = n.warehouse_id AND own.id = {grant}.dataset_id
             WHERE l.ended_at IS NULL AND l.keyed_at IS NOT NULL
               AND coalesce(n.evidence_at < least(%(as_of)s, statement_timestamp()) - interval '1 day', true)
               AND {whose})
"""
_HOLDERS = """
    (l.principal_id = {grant}.principal_id
     OR l.principal_id IN (SELECT principal_id FROM access_principal_groups WHERE group_id = {grant}.team_id))
"""
_UNSEEN_GRANT = _UNSEEN.format(grant="c", whose=_HOLDERS.format(grant="c"))
_UNSEEN_MEMBER = _UNSEEN.format(grant="c", whose="l.principal_id = c.member")

# Only grants about which anything may have to be done: run out, left, warned, or idle for half the look-back. Days of
# use are those of the holder on the dataset, so that a new grant knows the rhythm of the one before it.
FACTS = f"""
WITH usual (sensitivity, look_back) AS (SELECT * FROM unnest(%(levels)s::text[], %(look_backs)s::interval[])),
used AS (
    SELECT u.grant_id, max(u.last_used_at) AS last_used_at
      FROM access_grantuse u JOIN access_grant g ON g.id = u.grant_id AND g.ended_at IS NULL
     WHERE u.column_name = '' AND (%(only)s::bigint[] IS NULL OR g.id = ANY(%(only)s)) GROUP BY u.grant_id
), candidate AS (
    SELECT g.*, d.name AS dataset, coalesce(nullif(d.title, ''), d.table_name) AS label, d.sensitivity,
           policy.unused_after, used.last_used_at, coalesce(holder.is_active, true) AS is_held, {HOLDER} AS holder,
           exempt.ends_at AS exempt_until, coalesce(nullif(owner.name, ''), owner.username) || ' answers for it, '
           || exempt.reason AS exempt_words
      FROM access_grant g
      JOIN catalog_dataset d ON d.id = g.dataset_id
      LEFT JOIN access_principal holder ON holder.id = g.principal_id
      LEFT JOIN auth_group team ON team.id = g.team_id
      LEFT JOIN access_datasetpolicy policy ON policy.dataset_id = d.id
      LEFT JOIN usual ON usual.sensitivity = d.sensitivity
      LEFT JOIN used ON used.grant_id = g.id
      LEFT JOIN access_exemption exempt ON exempt.grant_id = g.id AND exempt.withdrawn_at IS NULL
      LEFT JOIN access_principal owner ON owner.id = exempt.owner_id
     WHERE g.ended_at IS NULL AND (%(only)s::bigint[] IS NULL OR g.id = ANY(%(only)s)) AND (
           g.expires_at <= %(as_of)s OR g.warned_at IS NOT NULL OR NOT coalesce(holder.is_active, true)
        OR (g.suspended_at IS NULL AND g.starts_at <= %(as_of)s AND coalesce(used.last_used_at, g.starts_at)
            <= %(as_of)s - coalesce(policy.unused_after, usual.look_back) / 2))
), days AS (
    SELECT DISTINCT c.id, u.day FROM candidate c
      JOIN access_grant alike ON alike.dataset_id = c.dataset_id
           AND coalesce(alike.principal_id, -alike.team_id) = coalesce(c.principal_id, -c.team_id)
      JOIN access_grantuse u ON u.grant_id = alike.id AND u.column_name = '' AND u.day <= %(as_of)s::date
), gaps AS (
    SELECT id, max(gap) AS longest, bool_or(day BETWEEN {{last_year}} - %(season)s AND {{last_year}} + %(season)s) AS was_used
      FROM (SELECT id, day, day - lag(day) OVER (PARTITION BY id ORDER BY day) AS gap FROM days) between_days
     GROUP BY id
), woken AS (
    SELECT w.grant_id, max(w.woken_at) AS at FROM access_dormancy w JOIN candidate ON candidate.id = w.grant_id GROUP BY 1
)
SELECT c.id, c.holder, c.dataset, c.label, c.sensitivity, c.starts_at, c.expires_at, c.unused_after,
       c.suspended_at IS NOT NULL, c.is_held, c.warned_at, c.revoke_due_at, c.last_used_at, gaps.longest,
       coalesce(gaps.was_used, false), woken.at, c.exempt_until, coalesce(c.exempt_words, ''), NULL, {_UNSEEN_GRANT}
  FROM candidate c LEFT JOIN gaps ON gaps.id = c.id LEFT JOIN woken ON woken.grant_id = c.id
 ORDER BY c.id
""".format(last_year="(%(as_of)s::timestamptz - interval '1 year')::date")

# One line for each member of a team who may be idle under a grant of the team that others do use.
MEMBERS = """
WITH usual (sensitivity, look_back) AS (SELECT * FROM unnest(%(levels)s::text[], %(look_backs)s::interval[])),
candidate AS (
    SELECT g.id, g.dataset_id, g.team_id, g.expires_at, p.id AS member, d.name AS dataset, d.sensitivity,
           coalesce(nullif(d.title, ''), d.table_name) AS label, policy.unused_after, x.warned_at, x.due_at,
           greatest(g.starts_at, joined.joined_at) AS starts_at, lifted.at AS lifted_at, used.last_used_at,
           CASE p.kind WHEN 'person' THEN 'user:' ELSE 'service:' END || p.username || ' of team:' || team.name AS holder
      FROM access_grant g
      JOIN catalog_dataset d ON d.id = g.dataset_id
      JOIN usual ON usual.sensitivity = d.sensitivity
      JOIN auth_group team ON team.id = g.team_id
      JOIN access_principal_groups m ON m.group_id = g.team_id
      JOIN access_principal p ON p.id = m.principal_id AND p.is_active
      LEFT JOIN access_membership joined
             ON joined.team_id = g.team_id AND joined.principal_id = p.id AND joined.left_at IS NULL
      LEFT JOIN access_datasetpolicy policy ON policy.dataset_id = d.id
      LEFT JOIN access_exclusion x ON x.grant_id = g.id AND x.member_id = p.id AND x.lifted_at IS NULL
      LEFT JOIN LATERAL (SELECT max(e.lifted_at) AS at FROM access_exclusion e
                          WHERE e.grant_id = g.id AND e.member_id = p.id) lifted ON true
      LEFT JOIN LATERAL (SELECT max(u.last_used_at) AS last_used_at FROM access_grantuse u
                          WHERE u.grant_id = g.id AND u.principal_id = p.id AND u.column_name = '') used ON true
     WHERE g.ended_at IS NULL AND g.suspended_at IS NULL AND x.excluded_at IS NULL
       AND (%(only)s::bigint[] IS NULL OR g.id = ANY(%(only)s))
       AND g.starts_at <= %(as_of)s AND g.expires_at > %(as_of)s
       AND NOT EXISTS (SELECT FROM access_exemption e WHERE e.grant_id = g.id AND e.withdrawn_at IS NULL
                          AND e.ends_at > %(as_of)s)
       AND EXISTS (SELECT FROM access_grantuse u WHERE u.grant_id = g.id AND u.column_name = '')
       AND (x.warned_at IS NOT NULL OR coalesce(used.last_used_at, greatest(g.starts_at, joined.joined_at))
            <= %(as_of)s - coalesce(policy.unused_after, usual.look_back) / 2)
), gaps AS (
    SELECT id, member, max(gap) AS longest,
           bool_or(day BETWEEN {last_year} - %(season)s AND {last_year} + %(season)s) AS was_used
      FROM (SELECT id, member, day, day - lag(day) OVER (PARTITION BY id, member ORDER BY day) AS gap
              FROM (SELECT DISTINCT c.id, c.member, u.day FROM candidate c
                      JOIN access_grant alike ON alike.dataset_id = c.dataset_id AND alike.team_id = c.team_id
                      JOIN access_grantuse u ON u.grant_id = alike.id AND u.principal_id = c.member
                           AND u.column_name = '' AND u.day <= %(as_of)s::date) days) between_days
     GROUP BY id, member
)
SELECT c.id, c.holder, c.dataset, c.label, c.sensitivity, c.starts_at, c.expires_at, c.unused_after, false, true,
       c.warned_at, c.due_at, c.last_used_at, gaps.longest, coalesce(gaps.was_used, false), c.lifted_at, NULL, '',
       c.member, {unseen}
  FROM candidate c LEFT JOIN gaps ON gaps.id = c.id AND gaps.member = c.member
 ORDER BY c.id, c.member
""".format(last_year="(%(as_of)s::timestamptz - interval '1 year')::date", unseen=_UNSEEN_MEMBER)

# Live grants that have been watched long enough, and those of which columns are on their way out.
SIZES = f"""
WITH candidate AS (
    SELECT g.*, d.name AS dataset, coalesce(nullif(d.title, ''), d.table_name) AS label, d.sensitivity,
           {HOLDER} AS holder, s.columns AS going, s.kept, s.proposed_at, s.mask_due_at, s.masked_at, s.drop_due_at,
           settled.at AS settled_at, exempt.ends_at AS exempt_until
      FROM access_grant g
      JOIN catalog_dataset d ON d.id = g.dataset_id AND d.sensitivity = ANY(%(levels)s)
      LEFT JOIN access_principal holder ON holder.id = g.principal_id
      LEFT JOIN auth_group team ON team.id = g.team_id
      LEFT JOIN access_rightsizing s ON s.grant_id = g.id AND s.closed_at IS NULL
      LEFT JOIN LATERAL (SELECT max(e.closed_at) AS at FROM access_rightsizing e WHERE e.grant_id = g.id) settled ON true
      LEFT JOIN access_exemption exempt ON exempt.grant_id = g.id AND exempt.withdrawn_at IS NULL
     WHERE g.ended_at IS NULL AND g.suspended_at IS NULL AND g.expires_at > %(as_of)s
       AND coalesce(holder.is_active, true) AND (%(only)s::bigint[] IS NULL OR g.id = ANY(%(only)s))
       AND (s.id IS NOT NULL OR greatest(g.starts_at, settled.at) <= %(as_of)s - %(observed)s)
), by_column AS (
    SELECT u.grant_id, u.column_name, max(u.last_used_at) FILTER (WHERE u.n_queries > u.n_starred) AS named_at,
           max(u.last_used_at) AS read_at, sum(u.n_starred) AS n_starred
      FROM access_grantuse u JOIN candidate c ON c.id = u.grant_id WHERE u.column_name <> '' GROUP BY 1, 2
), columns_read AS (
    SELECT grant_id, json_object_agg(column_name, json_build_array(named_at, read_at)) AS reads, max(n_starred) AS n_stars
      FROM by_column GROUP BY 1
), whole AS (
    SELECT grant_id, sum(n_queries) AS n_queries, max(gap) AS longest
      FROM (SELECT u.grant_id, u.n_queries, u.day - lag(u.day) OVER (PARTITION BY u.grant_id ORDER BY u.day) AS gap
              FROM access_grantuse u JOIN candidate c ON c.id = u.grant_id WHERE u.column_name = '') days GROUP BY 1
)
SELECT c.id, c.holder, c.dataset, c.label, c.sensitivity, c.starts_at, c.expires_at,
       coalesce(c.columns, (SELECT array_agg(k.name ORDER BY k.position) FROM catalog_column k
                             WHERE k.dataset_id = c.dataset_id AND k.removed_at IS NULL)),
       columns_read.reads, whole.n_queries, columns_read.n_stars, whole.longest, c.settled_at, c.exempt_until,
       ARRAY(SELECT name FROM unnest(c.going) AS name WHERE NOT c.kept ? name), c.proposed_at, c.mask_due_at,
       c.masked_at, c.drop_due_at, {_UNSEEN_GRANT}
  FROM candidate c JOIN whole ON whole.grant_id = c.id LEFT JOIN columns_read ON columns_read.grant_id = c.id
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
 WHERE (finished_at IS NULL OR (counted_at IS NULL AND credits <> '{}'))
   AND started_at < %(until)s AND started_at > %(until)s - interval '90 days'
"""

# A team's grant counts once for each of its members: each of them can lose what it gives.
OPEN = """
SELECT d.name, count(*) FROM access_grant g JOIN catalog_dataset d ON d.id = g.dataset_id
  LEFT JOIN access_principal_groups m ON m.group_id = g.team_id
 WHERE g.ended_at IS NULL AND g.expires_at > %(as_of)s GROUP BY d.name
"""

Only = Collection[int] | None


def facts(as_of: datetime, only: Only = None) -> Iterator[Facts]:
    """The open grants about which something may have to be done, by their number; one at a time, for they may be many."""
    return map(_facts, _rows(FACTS, _parameters(as_of, only)))


def member_facts(as_of: datetime, only: Only = None) -> Iterator[Facts]:
    """The members of teams who may be idle under a grant of the team, by its number and theirs."""
    return map(_facts, _rows(MEMBERS, _parameters(as_of, only)))


def size_facts(as_of: datetime, only: Only = None) -> Iterator[SizeFacts]:
    """The live grants whose columns may be judged, by their number."""
    return map(_size_facts, _rows(SIZES, _parameters(as_of, only)))


def _parameters(as_of: datetime, only: Only) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "only": None if only is None else list(only),
        "levels": list(LOOK_BACK),
        "look_backs": list(LOOK_BACK.values()),
        "season": SEASON.days,
        "observed": OBSERVED,
    }


def _facts(row: tuple[Any, ...]) -> Facts:
    return Facts(
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
        was_used_last_year=row[14],
        awake_since=row[15],
        exempt_until=row[16],
        exempt_words=row[17],
        member=row[18],
        is_unseen=row[19],
    )


def _size_facts(row: tuple[Any, ...]) -> SizeFacts:
    under_way = row[15] is not None
    return SizeFacts(
        grant=row[0],
        holder=row[1],
        dataset=row[2],
        label=row[3],
        sensitivity=row[4],
        starts_at=row[5],
        expires_at=row[6],
        granted=tuple(row[7] or ()),
        reads={name: Reads(*map(_moment, pair)) for name, pair in (row[8] or {}).items()},
        n_queries=row[9],
        n_stars=row[10] or 0,
        longest_gap=None if row[11] is None else timedelta(days=row[11]),
        settled_at=row[12],
        exempt_until=row[13],
        sizing=Sizing(tuple(row[14]), *row[15:19]) if under_way else None,
        is_unseen=row[19],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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


def _rows(sql: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor
