"""Fingerprints of what views are made from, so that a look every few seconds costs one query for a whole warehouse.

Whatever moves a right or a rule moves a fingerprint: grants that come, go, wake or run out, members of teams, masks,
filters, versions of a schema, somebody who leaves. So no act that changes access has to know of native access.
"""

from __future__ import annotations

from django.db import connection

from access.models import NativeAccess

SOURCES = """
    WITH asked AS (
        SELECT greatest(statement_timestamp(), (SELECT at FROM access_clockmark WHERE id = 1)) AS moment)
    SELECT l.id, l.source, md5(concat_ws('|', p.is_active, p.username,
           (SELECT string_agg(t.name, ',' ORDER BY t.name) FROM auth_group t
              JOIN access_principal_groups m ON m.group_id = t.id WHERE m.principal_id = p.id),
           (SELECT string_agg(concat_ws(':', g.id, g.starts_at, g.expires_at, g.columns, g.unmasked, g.masks, g.rows,
                     g.suspended_at IS NULL AND g.starts_at <= asked.moment AND asked.moment < g.expires_at,
                     d.schema_version, d.missing_at IS NULL, d.table_name, d.schema_name, r.version, r.broken_at IS NULL, r.rows,
                     (SELECT string_agg(concat_ws('=', c.column_name, c.kind, c.sql, c.options), ',' ORDER BY c.column_name)
                        FROM access_columnmask c WHERE c.policy_id = r.id),
                     (SELECT string_agg(concat_ws('=', s.columns, s.kept, s.masked_at), ',' ORDER BY s.id)
                        FROM access_rightsizing s WHERE s.grant_id = g.id AND s.closed_at IS NULL),
                     EXISTS (SELECT FROM access_exclusion x WHERE x.member_id = p.id AND x.grant_id = g.id
                        AND x.excluded_at IS NOT NULL AND x.lifted_at IS NULL)), ';' ORDER BY g.id)
              FROM asked, access_grant g JOIN catalog_dataset d ON d.id = g.dataset_id
              LEFT JOIN access_datasetpolicy r ON r.dataset_id = d.id
             WHERE d.warehouse_id = n.warehouse_id AND g.ended_at IS NULL
               AND (g.principal_id = p.id OR g.team_id IN (
                    SELECT group_id FROM access_principal_groups WHERE principal_id = p.id)))))
      FROM access_nativelogin l JOIN access_nativeaccess n ON n.id = l.native_id
      JOIN access_principal p ON p.id = l.principal_id
     WHERE n.id = %s AND l.ended_at IS NULL
"""


def sources(access: NativeAccess) -> dict[int, tuple[str, str]]:
    """For each login its fingerprint when it was last put in place, and the one of now. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute(SOURCES, [access.pk])
        return {pk: (then, now) for pk, then, now in cursor.fetchall()}
