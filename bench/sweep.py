"""Ending 100,000 unused grants in one night, in sets, against the same done one by one as a plain application would.

Both sides leave an audit event, a notice and an outbox message for each grant, on the same tables with the same
triggers. The rival does a part of them and is scaled up.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from access import notices, sweep
from access.clock import database_now
from access.grants.ending import close, stamp_expired
from access.models import EndReason, Grant

N_GRANTS = 100_000
N_PEOPLE = 5_000
N_DATASETS = 200
N_ONE_BY_ONE = 1_000
N_EXPIRING = 10_000

# A month of evidence on half of the grants; all were warned a fortnight ago and are due tonight.
FILL = f"""
INSERT INTO catalog_warehouse (name, url, manage, engine, created_at) VALUES ('sweep', 'duckdb:////nowhere', '', 'duckdb', now());
INSERT INTO catalog_dataset (warehouse_id, schema_name, table_name, identity, name, kind, definition, title,
        description, sensitivity, visibility, tags, deprecation_note, freshness_column, schema_version, created_at,
        updated_at, popularity, search_names)
SELECT w.id, 's', 't' || n, 's.t' || n, 'sweep.s.t' || n, 'table', '', '', '', 'confidential', 'listed', '{{}}', '', '', 1,
        now(), now(), 0, '{{}}'
  FROM catalog_warehouse w, generate_series(1, {N_DATASETS}) n WHERE w.name = 'sweep';
INSERT INTO access_principal (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, kind, name)
SELECT '!', false, 'sweep' || n, '', '', 'sweep' || n || '@example.com', false, true, now(), 'person', ''
  FROM generate_series(1, {N_PEOPLE}) n;
INSERT INTO access_decision (kind, approves, unmasked, rows, reason, duration, decided_at)
SELECT 'configuration', true, '{{}}', '', 'bench ' || n, interval '180 days', now() - interval '100 days'
  FROM generate_series(1, {N_GRANTS}) n;
INSERT INTO access_grant (principal_id, dataset_id, decision_id, purpose, unmasked, masks, rows, starts_at, expires_at,
        suspend_reason, end_reason, end_note, created_at)
SELECT p.ids[1 + n % {N_PEOPLE}], t.ids[1 + n % {N_DATASETS}], d.id, 'bench ' || n, '{{}}', '{{}}', '', d.decided_at,
        d.decided_at + interval '180 days', '', '', '', d.decided_at
  FROM (SELECT id, decided_at, row_number() OVER (ORDER BY id) AS n FROM access_decision
         WHERE reason LIKE 'bench %') d,
       (SELECT array_agg(id) AS ids FROM access_principal WHERE username LIKE 'sweep%') p,
       (SELECT array_agg(id) AS ids FROM catalog_dataset WHERE name LIKE 'sweep.%') t;
UPDATE access_grant SET warned_at = now() - interval '15 days', revoke_due_at = now() - interval '1 day'
 WHERE purpose LIKE 'bench %';
INSERT INTO access_grantuse (grant_id, principal_id, day, column_name, n_queries, n_starred, rows, bytes_sent, last_used_at)
SELECT g.id, g.principal_id, (now() - interval '80 days')::date, '', 1, 0, 1, 1, now() - interval '80 days'
  FROM access_grant g WHERE g.purpose LIKE 'bench %' AND g.id % 2 = 0;
ANALYZE access_grant; ANALYZE access_grantuse; ANALYZE access_principal; ANALYZE catalog_dataset;
"""  # noqa: S608 - constants of this module

TABLES = (
    "access_auditevent",
    "access_notice",
    "access_outboxmessage",
    "access_sweeprun",
    "access_grantuse",
    "access_grant",
    "access_decision",
    "access_principal",
    "catalog_dataset",
    "catalog_warehouse",
)


def run() -> list[dict[str, Any]]:
    """The figures; everything they write is removed again."""
    with _filled():
        as_of = database_now()
        rival = _measure(lambda: _one_by_one(as_of)) * N_GRANTS / N_ONE_BY_ONE
        expiry, expiry_rival = _expire()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        left = N_GRANTS - N_ONE_BY_ONE - N_EXPIRING
        ours = _measure(lambda: _in_sets(as_of, left)) * N_GRANTS / left
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return [
        {
            "name": f"end {N_GRANTS:,} unused grants in one review",
            "ours": round(ours, 2),
            "rival": round(rival, 2),
            "ratio": round(ours / rival, 4),
            "unit": "s",
            "note": (
                f"The whole review, planning and telling included, against one transaction a grant ({N_ONE_BY_ONE:,} "
                f"of them, scaled). Aim: at most 0.05. The review needed {grown} MiB more memory."
            ),
        },
        {
            "name": f"stamp {N_EXPIRING:,} grants that run out in one minute",
            "ours": round(expiry, 2),
            "rival": round(expiry_rival, 2),
            "ratio": round(expiry / expiry_rival, 4),
            "unit": "s",
            "note": "One statement with its audit, against one transaction a grant. They gave nothing before it either.",
        },
    ]


def _expire() -> tuple[float, float]:
    """Seconds to stamp grants that ran out in the same minute, in one statement and one by one (a tenth, scaled)."""
    due = Grant.objects.filter(ended_at=None, purpose__startswith="bench").order_by("-pk")
    keys = list(due.values_list("pk", flat=True)[:N_EXPIRING])
    n_slow = N_EXPIRING // 10
    slow = _measure(lambda: _stamp_each(keys[:n_slow]))
    with connection.cursor() as cursor:
        # As if the rest had run out: the clock that stamps them is given, not waited for.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE access_grant SET expires_at = now() - interval '1 second' WHERE id = ANY(%s)",
            [keys[n_slow:]],
        )
        cursor.execute("SET session_replication_role = origin")
    fast = _measure(lambda: _stamp(len(keys) - n_slow))
    return fast * N_EXPIRING / (len(keys) - n_slow), slow * 10


def _stamp(n: int) -> None:
    assert stamp_expired(as_of=database_now()) == n


def _stamp_each(keys: list[int]) -> None:
    for pk in keys:
        with transaction.atomic():
            grant = Grant.objects.select_related("dataset", "principal").get(pk=pk)
            close(grant, EndReason.EXPIRED, actor=None, now=database_now())


@contextmanager
def _filled() -> Iterator[None]:
    """The grants, committed, because a commit is what a loop over rows pays for; removed again afterwards."""
    with connection.cursor() as cursor:
        before = [(table, _last(cursor, table)) for table in TABLES]
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        try:
            yield
        finally:
            # The audit lets nobody remove an event; a bench in a database of its own may.
            cursor.execute("SET session_replication_role = replica")
            for table, last in before:
                cursor.execute(f"DELETE FROM {table} WHERE id > %s", [last])  # noqa: S608 - of TABLES
            cursor.execute("SET session_replication_role = origin")


def _last(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - of TABLES
    found: int = cursor.fetchone()[0]
    return found


def _measure(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _one_by_one(as_of: datetime) -> None:
    """What an application does that loops over rows: each in its own transaction, read, changed, recorded, told."""
    due = Grant.objects.filter(revoke_due_at__lte=as_of, ended_at=None).order_by("pk")
    for pk in list(due.values_list("pk", flat=True)[:N_ONE_BY_ONE]):
        with transaction.atomic():
            grant = Grant.objects.select_related("dataset", "principal").get(pk=pk)
            close(grant, EndReason.UNUSED, actor=None, note="Not used.", now=as_of)
            assert grant.principal is not None
            notices.tell(
                grant.principal,
                "grant.unused",
                "Access has ended",
                "Not used.",
                link="/access/",
                dedupe_key=f"bench:{pk}",
                now=as_of,
            )


def _in_sets(as_of: datetime, n: int) -> None:
    done = sweep.run(as_of, beyond_brake=True)
    assert done.counts["revoke"] == n
