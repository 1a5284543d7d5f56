"""Evidence of use: one record per query, and counts per grant, principal, UTC day and base column.

A use is a result the gate delivered, credited to every grant that authorised it. It is what right-sizing and the
sweep rely on, so a query is counted exactly once, also when its reader left early or the process serving it died.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from access.models import Principal, QueryRecord, Surface
from catalog.models import Warehouse

# Longer than any query may run: an unfinished record this old belongs to a process that died.
ABANDONED_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class Credit:
    """What one grant is credited with: the base columns of its dataset that were read, and whether only by a star."""

    grant_id: int
    columns: frozenset[str]
    is_starred: bool


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
    now: datetime,
) -> QueryRecord:
    """Writes the record of a query that is about to be answered."""
    return QueryRecord.objects.create(
        id=query_id,
        principal=principal,
        warehouse=warehouse,
        surface=surface,
        purpose=purpose,
        sql=sql,
        fingerprint=fingerprint,
        datasets=sorted(columns),
        columns={dataset: sorted(names) for dataset, names in columns.items()},
        grants=sorted(grants),
        started_at=now,
    )


@transaction.atomic(savepoint=False)
def finish(
    query_id: uuid.UUID,
    delivery: Delivery,
    credits: Iterable[Credit],
    *,
    principal: Principal,
    now: datetime,
) -> bool:
    """Completes the record and counts the use once; False if it was completed before.

    A query that failed before its first row counts for nobody.
    """
    claimed = QueryRecord.objects.filter(pk=query_id, finished_at__isnull=True).update(
        finished_at=now,
        rows=delivery.rows,
        bytes_sent=delivery.bytes_sent,
        duration=delivery.duration,
        code=delivery.code,
    )
    if claimed and (not delivery.code or delivery.rows):
        _count(credits, delivery, principal, now)
    return bool(claimed)


def settle_abandoned(now: datetime) -> int:
    """Credits the queries whose process died before it could; returns how many.

    What was read is taken from the record; how much of it arrived is not known and counts as nothing. Safe to run
    twice and at the same time.
    """
    left = QueryRecord.objects.filter(
        Q(finished_at__isnull=True), started_at__lt=now - ABANDONED_AFTER
    ).select_related("principal")
    return sum(_settle(record, now) for record in left.iterator())


def _settle(record: QueryRecord, now: datetime) -> bool:
    datasets = _datasets_of(record.grants)
    credits = [
        Credit(grant, frozenset(record.columns.get(datasets.get(grant, ""), ())), False)
        for grant in record.grants
    ]
    delivery = Delivery(0, 0, timedelta(0))
    return finish(record.pk, delivery, credits, principal=record.principal, now=now)


def _datasets_of(grants: Iterable[int]) -> dict[int, str]:
    from access.models import Grant

    return dict(Grant.objects.filter(pk__in=list(grants)).values_list("pk", "dataset__name"))


COUNT = """
    INSERT INTO access_grantuse AS use
        (grant_id, principal_id, day, column_name, n_queries, n_starred, rows, bytes_sent, last_used_at)
    SELECT seen.grant_id, %s, %s, seen.column_name, 1, seen.n_starred, seen.rows, seen.bytes_sent, %s
      FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::bigint[])
        AS seen (grant_id, column_name, n_starred, rows, bytes_sent)
     WHERE EXISTS (SELECT FROM access_grant WHERE id = seen.grant_id)
     ORDER BY seen.grant_id, seen.column_name
    ON CONFLICT (grant_id, principal_id, day, column_name) DO UPDATE
       SET n_queries = use.n_queries + 1, n_starred = use.n_starred + excluded.n_starred,
           rows = use.rows + excluded.rows, bytes_sent = use.bytes_sent + excluded.bytes_sent,
           last_used_at = greatest(use.last_used_at, excluded.last_used_at)
"""


def _count(
    credits: Iterable[Credit], delivery: Delivery, principal: Principal, now: datetime
) -> None:
    """One row per grant for the query as a whole, and one per base column; always in the same order."""
    seen: list[tuple[int, str, int, int, int]] = []
    for credit in credits:
        starred = int(credit.is_starred)
        seen.append((credit.grant_id, "", 0, delivery.rows, delivery.bytes_sent))
        seen += [(credit.grant_id, column, starred, 0, 0) for column in credit.columns if column]
    if not seen:
        return
    columns = [list(values) for values in zip(*sorted(seen), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [principal.pk, now.astimezone(UTC).date(), now, *columns])
