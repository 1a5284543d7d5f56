"""Reads the recorded use of a span of time out of the database, for a replay. Changes nothing but the counts of use."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from access import usage
from access.sweep.histories import Days, History, Right, Use
from access.sweep.lives import Outcome
from access.sweep.replaying import replay

# Rhythms are known from what was read before the first night; three years show two whole ones of a yearly reader.
BEFORE = timedelta(days=1_100)

GRANTS = """
SELECT g.id, CASE holder.kind WHEN 'person' THEN 'user:' || holder.username WHEN 'service' THEN 'service:' || holder.username
                ELSE 'team:' || team.name END,
       d.name, coalesce(nullif(d.title, ''), d.table_name), d.sensitivity, g.starts_at, g.expires_at,
       least(g.expires_at, g.ended_at), coalesce(decided.columns,
           (SELECT array_agg(k.name ORDER BY k.position) FROM catalog_column k
             WHERE k.dataset_id = d.id AND k.removed_at IS NULL)),
       policy.unused_after, g.team_id, g.dataset_id, coalesce(g.principal_id, -g.team_id)
  FROM access_grant g
  JOIN catalog_dataset d ON d.id = g.dataset_id
  JOIN access_decision decided ON decided.id = g.decision_id
  LEFT JOIN access_principal holder ON holder.id = g.principal_id
  LEFT JOIN auth_group team ON team.id = g.team_id
  LEFT JOIN access_datasetpolicy policy ON policy.dataset_id = d.id
 WHERE g.starts_at < %(until)s ORDER BY g.id
"""

USES = """
SELECT u.grant_id, u.principal_id, u.day, max(u.last_used_at), max(u.n_queries) FILTER (WHERE u.column_name = ''),
       array_agg(u.column_name) FILTER (WHERE u.column_name <> '' AND u.n_queries > u.n_starred),
       array_agg(u.column_name) FILTER (WHERE u.column_name <> '' AND u.n_queries <= u.n_starred), max(u.n_starred)
  FROM access_grantuse u
 WHERE u.day >= %(since)s::date AND u.day <= %(until)s::date
 GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
"""

MEMBERS = """
SELECT m.team_id, m.principal_id, access_holder_label(m.principal_id, NULL) || ' of team:' || m.team_name, m.joined_at,
       m.left_at
  FROM access_membership m WHERE m.joined_at < %(until)s AND coalesce(m.left_at > %(since)s, true)
 ORDER BY m.team_id, m.principal_id, m.joined_at
"""


def history(since: datetime, until: datetime) -> History:
    """What was held and read between two moments, and the years before, from which rhythms and seasons are known.

    Cost: three queries; memory in proportion to the days of use in that time.
    """
    usage.count()
    span = {"since": since - BEFORE, "until": until}
    uses: dict[int, list[Use]] = defaultdict(list)
    by_day: dict[Any, int] = defaultdict(int)
    for grant, use in _uses(span):
        uses[grant].append(use)
        by_day[use.day] += use.n_queries
    members: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in _rows(MEMBERS, span):
        members[row[0]].append(row)
    grants = list(_rows(GRANTS, span))
    habits = _habits(grants, uses)
    rights = [
        right
        for row in grants
        for right in _rights(row, uses, members, habits)
        if right.ends_at > since
    ]
    return History(tuple(rights), by_day)


def _uses(span: dict[str, Any]) -> Iterator[tuple[int, Use]]:
    for grant, principal, day, at, n_queries, named, starred, n_stars in _rows(USES, span):
        yield (
            grant,
            Use(
                day,
                at,
                n_queries or 0,
                principal,
                frozenset(named or ()),
                frozenset(starred or ()),
                n_stars or 0,
            ),
        )


def replayed(first: datetime, last: datetime, *, beyond_brake: bool = False) -> Outcome:
    """What the reviews of these nights would have done, at this hour of each, over recorded use. Changes nothing."""
    return replay(history(first, last), first, last, beyond_brake=beyond_brake)


Habits = dict[tuple[int, int, int | None], Days]


def _habits(grants: Iterable[tuple[Any, ...]], uses: dict[int, list[Use]]) -> Habits:
    """The days of use by (dataset, holder, None), and by (dataset, team, member) for those who read through a team."""
    found: dict[tuple[int, int, int | None], set[Any]] = defaultdict(set)
    for row in grants:
        dataset, holder = row[11], row[12]
        for use in uses.get(row[0], ()):
            found[dataset, holder, None].add(use.day)
            if row[10] is not None:
                found[dataset, holder, use.principal].add(use.day)
    return {key: Days(tuple(sorted(days))) for key, days in found.items()}


def _rights(
    row: tuple[Any, ...],
    uses: dict[int, list[Use]],
    members: dict[int, list[tuple[Any, ...]]],
    habits: Habits,
) -> Iterator[Right]:
    grant, holder, dataset, label, sensitivity, starts_at, expires_at, ends_at, granted = row[:9]
    unused_after, team, dataset_id, key = row[9:]
    all_uses = tuple(sorted(uses.get(grant, ()), key=lambda use: use.at))
    nothing = Days(())
    whole = Right(
        grant,
        holder,
        dataset,
        label,
        sensitivity,
        starts_at,
        expires_at,
        ends_at,
        tuple(granted or ()),
        all_uses,
        habits.get((dataset_id, key, None), nothing),
        unused_after,
        is_team=team is not None,
    )
    yield whole
    for _, member, name, joined_at, left_at in members.get(team, ()) if team is not None else ():
        yield Right(
            grant,
            name,
            dataset,
            label,
            sensitivity,
            max(starts_at, joined_at),
            expires_at,
            min(ends_at, left_at or ends_at),
            (),
            tuple(use for use in all_uses if use.principal == member),
            habits.get((dataset_id, key, member), nothing),
            unused_after,
            member=member,
        )


def _rows(sql: str, span: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, span)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
