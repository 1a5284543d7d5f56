"""Evidence of use: one record per query, and counts per grant, principal, UTC day and base column.

A use is a result the gate delivered, credited to every grant that authorised it. It is what right-sizing and the
sweep rely on, so a query is counted exactly once, also when its reader left early or the process serving it died.

The record is committed before the first byte and says already what will be credited; delivering a result only adds
what arrived. Counting happens later and elsewhere: one statement takes finished records and adds them up, so a worker
that dies in the middle of it has neither lost a use nor counted one twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from access.models import Grant, Principal, QueryRecord, Surface
from catalog.models import Warehouse

# A record that is still open so long after the query's deadline belongs to a process that died.
GRACE = timedelta(minutes=15)
# Records of a version that noted no deadline: longer than any query may run.
ABANDONED_AFTER = timedelta(hours=6)
LOST = "lost"
"""The code of a query whose process died: it may have been read, so it counts, with no rows."""
AT_ONCE = 2_000


@dataclass(frozen=True)
class Credit:
    """What one grant is credited with: the base columns of its dataset that were asked for, each with its clauses."""

    grant_id: int
    columns: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What reached the reader; `code` is empty for a whole result, else why it stopped."""

    rows: int
    bytes_sent: int
    duration: timedelta
    code: str = ""


def begin(
    query_id: uuid.UUID,
    *,
    principal: Principal,
    warehouse: Warehouse,
    surface: Surface,
    purpose: str,
    sql: str,
    fingerprint: str,
    columns: Mapping[str, Iterable[str]],
    grants: Iterable[int],
    credits: Iterable[Credit],
    now: datetime,
    due_at: datetime,
    schema: str = "",
    seen_as: str = "",
) -> QueryRecord:
    """Writes the record of a query that is about to be answered; `due_at` is when it is certainly over."""
    return QueryRecord.objects.create(
        id=query_id,
        principal=principal,
        warehouse=warehouse,
        surface=surface,
        purpose=purpose,
        sql=sql,
        schema_name=schema,
        fingerprint=fingerprint,
        datasets=sorted(columns),
        columns={dataset: sorted(names) for dataset, names in columns.items()},
        grants=sorted(grants),
        credits=stored(credits),
        seen_as=seen_as,
        started_at=now,
        due_at=due_at,
    )


def stored(credits: Iterable[Credit]) -> dict[str, dict[str, list[str]]]:
    """Credits as a record keeps them."""
    return {
        str(credit.grant_id): {
            column: sorted(words) for column, words in sorted(credit.columns.items())
        }
        for credit in credits
    }


def finish(query_id: uuid.UUID, delivery: Delivery, *, now: datetime | None = None) -> bool:
    """Completes the record; False if it was completed before. Cost: one statement.

    A query that failed before its first row counts for nobody.
    """
    return bool(
        QueryRecord.objects.filter(pk=query_id, finished_at__isnull=True).update(
            finished_at=now or Now(),
            rows=delivery.rows,
            bytes_sent=delivery.bytes_sent,
            duration=delivery.duration,
            code=delivery.code,
        )
    )


def settle(now: datetime) -> int:
    """Completes what dead processes left open and counts whatever is not counted yet; returns how many were left."""
    n_left = settle_abandoned(now)
    count()
    return n_left


def settle_abandoned(now: datetime) -> int:
    """Completes the records whose process died before it could; returns how many.

    What was read is taken from the record; how much of it arrived is not known and counts as nothing. Safe to run
    twice and at the same time.
    """
    overdue = Q(due_at__lt=now - GRACE) | Q(
        due_at__isnull=True, started_at__lt=now - ABANDONED_AFTER
    )
    left = QueryRecord.objects.filter(overdue, finished_at__isnull=True)
    return sum(_abandon(record, now) for record in left.iterator())


def _abandon(record: QueryRecord, now: datetime) -> bool:
    if record.grants and not record.credits and not record.seen_as:
        # A version before this one noted columns by dataset alone.
        QueryRecord.objects.filter(pk=record.pk).update(credits=_by_dataset(record))
    return finish(record.pk, Delivery(0, 0, timedelta(0), LOST), now=now)


def _by_dataset(record: QueryRecord) -> dict[str, dict[str, list[str]]]:
    datasets = Grant.objects.filter(pk__in=record.grants).values_list("pk", "dataset__name")
    return {
        str(grant): {column: [] for column in record.columns.get(name, ())}
        for grant, name in datasets
    }


COUNT = """
    WITH taken AS (
        UPDATE access_queryrecord SET counted_at = statement_timestamp()
         WHERE id IN (SELECT id FROM access_queryrecord
                       WHERE counted_at IS NULL AND finished_at IS NOT NULL AND credits <> '{}'
                       ORDER BY finished_at LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING principal_id, code, rows, bytes_sent, credits,
                  CASE WHEN code = %s THEN started_at ELSE finished_at END AS used_at
    ), credited AS (
        SELECT g.id AS grant_id, t.principal_id, t.used_at, (t.used_at AT TIME ZONE 'UTC')::date AS day,
               coalesce(t.rows, 0) AS rows, coalesce(t.bytes_sent, 0) AS bytes_sent, credit.columns
          FROM taken t CROSS JOIN LATERAL jsonb_each(t.credits) AS credit (grant_id, columns)
          JOIN access_grant g ON g.id = credit.grant_id::bigint
         WHERE t.code IN ('', %s) OR t.rows > 0
    ), seen AS (
        SELECT grant_id, principal_id, day, used_at, '' AS column_name, '[]'::jsonb AS words, rows, bytes_sent
          FROM credited
        UNION ALL
        SELECT grant_id, principal_id, day, used_at, asked.column_name, asked.words, 0, 0
          FROM credited CROSS JOIN LATERAL jsonb_each(columns) AS asked (column_name, words)
         WHERE asked.column_name <> ''
    ), added AS (
        INSERT INTO access_grantuse AS use
            (grant_id, principal_id, day, column_name, n_queries, n_starred, n_selected, n_filtered, n_joined,
             n_grouped, n_ordered, rows, bytes_sent, last_used_at)
        SELECT grant_id, principal_id, day, column_name, count(*), count(*) FILTER (WHERE words = '["starred"]'),
               count(*) FILTER (WHERE words ? 'selected'), count(*) FILTER (WHERE words ? 'filtered'),
               count(*) FILTER (WHERE words ? 'joined'), count(*) FILTER (WHERE words ? 'grouped'),
               count(*) FILTER (WHERE words ? 'ordered'), sum(rows), sum(bytes_sent), max(used_at)
          FROM seen GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (grant_id, principal_id, day, column_name) DO UPDATE
           SET n_queries = use.n_queries + excluded.n_queries, n_starred = use.n_starred + excluded.n_starred,
               n_selected = use.n_selected + excluded.n_selected, n_filtered = use.n_filtered + excluded.n_filtered,
               n_joined = use.n_joined + excluded.n_joined, n_grouped = use.n_grouped + excluded.n_grouped,
               n_ordered = use.n_ordered + excluded.n_ordered, rows = use.rows + excluded.rows,
               bytes_sent = use.bytes_sent + excluded.bytes_sent,
               last_used_at = greatest(use.last_used_at, excluded.last_used_at)
        RETURNING 1
    )
    SELECT count(*) FROM taken
"""


def count() -> int:
    """Adds finished queries to the counts of their grants, each once; returns how many.

    Whoever reads the counts calls this first, so that they are never behind; the periodic work does it too. Two at
    once take different records. Cost: one statement, an index look when nothing is new.
    """
    n_counted = 0
    while n_taken := _count_some():
        n_counted += n_taken
        if n_taken < AT_ONCE:
            break
    return n_counted


def _count_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [AT_ONCE, LOST, LOST])
        n_taken: int = cursor.fetchone()[0]
        return n_taken
