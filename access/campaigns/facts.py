"""Fetches the evidence of many grants at once: a fixed number of statements, however many there are."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from access import usage
from access.campaigns.evidence import Advice, CertificationFacts, advise
from access.sweep.facts import facts as idle_facts
from access.sweep.facts import size_facts
from access.sweep.sizes import unread_columns
from access.sweep.verdicts import Facts
from access.words import day

# Team mates are those who share any team with the holder; a team itself has none.
FACTS = """
WITH asked AS (
    SELECT g.id, g.dataset_id, g.principal_id, g.starts_at, g.expires_at, g.columns, g.unmasked, d.sensitivity,
           coalesce(p.is_active, true) AS is_held, CASE WHEN g.suspended_at IS NULL THEN '' ELSE g.suspend_reason END AS asleep
      FROM access_grant g JOIN catalog_dataset d ON d.id = g.dataset_id
      LEFT JOIN access_principal p ON p.id = g.principal_id WHERE g.id = ANY(%(grants)s)
), peers AS (
    SELECT DISTINCT asked.id, mate.principal_id AS peer, asked.dataset_id
      FROM asked JOIN access_principal_groups mine ON mine.principal_id = asked.principal_id
      JOIN access_principal_groups mate ON mate.group_id = mine.group_id AND mate.principal_id <> asked.principal_id
      JOIN access_principal p ON p.id = mate.principal_id AND p.is_active
), holders AS (
    SELECT g.dataset_id, g.principal_id FROM access_grant g
     WHERE g.principal_id IS NOT NULL AND g.ended_at IS NULL AND g.expires_at > %(as_of)s
       AND g.dataset_id IN (SELECT dataset_id FROM asked)
    UNION
    SELECT g.dataset_id, m.principal_id FROM access_grant g JOIN access_principal_groups m ON m.group_id = g.team_id
     WHERE g.ended_at IS NULL AND g.expires_at > %(as_of)s AND g.dataset_id IN (SELECT dataset_id FROM asked)
), compared AS (
    SELECT peers.id, count(*) AS n_peers, count(holders.principal_id) AS n_alike
      FROM peers LEFT JOIN holders ON holders.dataset_id = peers.dataset_id AND holders.principal_id = peers.peer
     GROUP BY peers.id
), used AS (
    SELECT u.grant_id, max(u.last_used_at) AS at FROM access_grantuse u
     WHERE u.column_name = '' AND u.grant_id = ANY(%(grants)s) GROUP BY u.grant_id
), width AS (
    SELECT dataset_id, count(*) AS n FROM catalog_column
     WHERE removed_at IS NULL AND dataset_id IN (SELECT dataset_id FROM asked) GROUP BY dataset_id
)
SELECT asked.id, asked.sensitivity, asked.starts_at, asked.expires_at, used.at,
       coalesce(cardinality(asked.columns), width.n, 0), cardinality(asked.unmasked), coalesce(compared.n_peers, 0),
       coalesce(compared.n_alike, 0), asked.is_held, asked.asleep
  FROM asked LEFT JOIN compared ON compared.id = asked.id LEFT JOIN used ON used.grant_id = asked.id
  LEFT JOIN width ON width.dataset_id = asked.dataset_id
"""


def certification_facts(
    grants: Collection[int], as_of: datetime
) -> Iterator[tuple[int, CertificationFacts]]:
    """The evidence of each of these open grants, with its number. Cost: four statements."""
    usage.count()
    keys = list(grants)
    idle = {each.grant: each for each in idle_facts(as_of, keys)}
    unread = {
        each.grant: () if each.sizing else unread_columns(each, as_of)
        for each in size_facts(as_of, keys)
        if as_of - each.starts_at >= each.observed
    }
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"grants": keys, "as_of": as_of})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for row in rows:
        found = idle.get(row[0])
        yield (
            row[0],
            CertificationFacts(
                sensitivity=row[1],
                starts_at=row[2],
                expires_at=row[3],
                last_used_at=row[4],
                window=found.window if found else None,
                unused=unread.get(row[0], ()),
                n_columns=row[5],
                n_clear=row[6],
                n_peers=row[7],
                n_alike=row[8],
                is_held=row[9],
                asleep=row[10],
                exempt=_exempt(found, as_of),
                season=found.season if found else "",
            ),
        )


def _exempt(facts: Facts | None, as_of: datetime) -> str:
    if facts is None or facts.exempt_until is None or facts.exempt_until <= as_of:
        return ""
    return f"Exempt until {day(facts.exempt_until)}: {facts.exempt_words}."


def advice_on(
    grants: Collection[int], as_of: datetime
) -> dict[int, tuple[CertificationFacts, Advice]]:
    """The evidence of each of these grants and what it recommends, by the number of the grant."""
    return {key: (facts, advise(facts, as_of)) for key, facts in certification_facts(grants, as_of)}
