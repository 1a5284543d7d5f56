"""What one principal may read now, fetched from the database for the gate.

Everything is judged inside PostgreSQL with its own clock, in one statement per question: whether the principal
stands, and the policies of the tables a query names. Nothing here is cached; what is worth caching is keyed by the
fingerprints of what this module returns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from sqlglot import exp

from access.clock import TOLERANCE
from access.errors import Refusal
from access.models import Principal, Team
from access.policies.masks import Mask, from_json
from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import names, parsing
from access.sql.masks import expression
from catalog.identity import identity_of
from catalog.models import Column, EngineKind, Warehouse

Identity = str


@dataclass(frozen=True)
class Standing:
    """Who asks, as the database knows them at this moment; `now` is its clock."""

    is_active: bool
    is_clock_sane: bool
    teams: tuple[str, ...]
    now: datetime


@dataclass(frozen=True)
class Reading:
    """The policy of one dataset for one principal, with what only the gate needs: when its grants end."""

    dataset_id: int
    identity: Identity
    is_broken: bool
    is_missing: bool
    policy: TablePolicy
    expires_at: Mapping[int, datetime]

    def still_holds(self, later: Reading | None) -> bool:
        """Whether all that allowed a query is unchanged; a further grant since then takes nothing away."""
        if later is None or later.is_broken:
            return False
        mine = {grant.grant_id for grant in self.policy.grants}
        kept = tuple(grant for grant in later.policy.grants if grant.grant_id in mine)
        return replace(later.policy, grants=kept).fingerprint == self.policy.fingerprint


STANDING = """
    SELECT p.is_active, statement_timestamp(),
           coalesce(statement_timestamp() + make_interval(secs => %s)
                    >= (SELECT at FROM access_clockmark WHERE id = 1), true),
           (SELECT coalesce(array_agg(g.name ORDER BY g.name), '{}')
              FROM auth_group g JOIN access_principal_groups m ON m.group_id = g.id
             WHERE m.principal_id = p.id)
      FROM access_principal p WHERE p.id = %s
"""

# The clock that judges a grant is the statement's own: inside a transaction `now()` stands still. What the nightly
# review took for lack of use counts here: columns it masked, and members it left out of what their team holds.
READINGS = """
    WITH asked AS (
        SELECT greatest(statement_timestamp(), (SELECT at FROM access_clockmark WHERE id = 1)) AS moment)
    SELECT d.id, d.identity, d.name, d.schema_name, d.table_name, d.schema_version,
           d.missing_at IS NOT NULL, p.broken_at IS NOT NULL, p.rows,
           (SELECT json_agg(json_build_array(c.name, c.type) ORDER BY c.position, c.name)
              FROM catalog_column c WHERE c.dataset_id = d.id AND c.removed_at IS NULL),
           (SELECT json_object_agg(m.column_name, json_build_object('kind', m.kind, 'sql', m.sql,
                            'options', m.options, 'type', m.type))
              FROM access_columnmask m WHERE m.policy_id = p.id),
           (SELECT json_agg(json_build_object('id', g.id, 'columns', g.columns, 'rows', g.rows, 'expires_at', g.expires_at,
                            'unmasked', ARRAY(SELECT name FROM unnest(g.unmasked) AS name WHERE NOT going.masks ? name),
                            'masks', g.masks || going.masks) ORDER BY g.id)
              FROM asked, access_grant g, LATERAL (
                   SELECT coalesce(jsonb_object_agg(name, '{"kind": "null_value"}'::jsonb), '{}') AS masks
                     FROM access_rightsizing s, unnest(s.columns) AS name
                    WHERE s.grant_id = g.id AND s.masked_at IS NOT NULL AND s.closed_at IS NULL
                      AND NOT s.kept ? name) going
             WHERE g.dataset_id = d.id AND g.ended_at IS NULL AND g.suspended_at IS NULL
               AND g.starts_at <= asked.moment AND asked.moment < g.expires_at
               AND (g.principal_id = %(principal)s OR g.team_id = %(team)s OR g.team_id IN (
                    SELECT group_id FROM access_principal_groups WHERE principal_id = %(principal)s))
               AND (g.team_id IS NULL OR NOT EXISTS (
                    SELECT FROM access_exclusion x WHERE x.member_id = %(principal)s AND x.grant_id = g.id
                       AND x.excluded_at IS NOT NULL AND x.lifted_at IS NULL)))
      FROM catalog_dataset d LEFT JOIN access_datasetpolicy p ON p.dataset_id = d.id
     WHERE d.warehouse_id = %(warehouse)s AND d.identity = ANY(%(identities)s)
"""


def standing(principal: Principal) -> Standing | None:
    """Whether this principal is active and the clock can be believed; None if there is no such principal.

    Cost: one query.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [TOLERANCE.total_seconds(), principal.pk])
        row = cursor.fetchone()
    if row is None:
        return None
    is_active, now, is_clock_sane, teams = row
    return Standing(is_active, is_clock_sane, tuple(teams), now)


def readings(
    principal: Principal | Team, warehouse: Warehouse, identities: Iterable[Identity]
) -> dict[Identity, Reading]:
    """The policies of these tables of one warehouse, by identity; a table without a dataset is left out.

    For a team they are those of a member who holds nothing else; nobody reads as one, people are only shown it.
    A dataset without a live grant comes back with no grants: whether the principal may know of it is for
    `access.discovery` to say. Cost: one query, and one more if a rule looks into other tables.
    """
    wanted = sorted(set(identities))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            READINGS,
            {
                "principal": None if isinstance(principal, Team) else principal.pk,
                "team": principal.pk if isinstance(principal, Team) else None,
                "warehouse": warehouse.pk,
                "identities": wanted,
            },
        )
        found = [_reading(row) for row in cursor.fetchall()]
    found = _with_related(found, warehouse)
    return {reading.identity: reading for reading in found}


def _with_related(found: list[Reading], warehouse: Warehouse) -> list[Reading]:
    """The readings, each with the columns of the tables its rules look into, so that their names bind as written.

    Cost: one query if any rule has a subquery, else none.
    """
    looked_into = {reading.identity: _looked_into(reading.policy, warehouse) for reading in found}
    wanted = {identity for identities in looked_into.values() for identity in identities.values()}
    if not wanted:
        return found
    columns = _columns_of(warehouse, wanted)
    return [
        replace(
            reading,
            policy=replace(
                reading.policy,
                related={
                    name: columns[identity]
                    for name, identity in looked_into[reading.identity].items()
                    if identity in columns
                },
            ),
        )
        for reading in found
    ]


def _looked_into(policy: TablePolicy, warehouse: Warehouse) -> dict[str, Identity]:
    """The tables a policy's expressions read besides its own, as `schema.table`, with their identities."""
    found = {}
    dialect = EngineKind(warehouse.engine).dialect
    for text in _expressions(policy, dialect):
        if "select" in text.lower():
            for schema, table in tables_of(text, dialect):
                home = schema or policy.schema
                found[f"{home}.{table}"] = identity_of(warehouse.engine, home, table)
    return found


def _expressions(policy: TablePolicy, dialect: str) -> set[str]:
    every = [policy.masks, *(rule.masks for rule in policy.grants)]
    texts = [
        expression(mask, policy.table, column, dialect)
        for named in every
        for column, mask in named.items()
    ]
    texts += [policy.rows, *(rule.rows for rule in policy.grants)]
    return {text for text in texts if text}


def _columns_of(
    warehouse: Warehouse, identities: Iterable[Identity]
) -> dict[Identity, tuple[str, ...]]:
    rows = Column.objects.filter(
        dataset__warehouse=warehouse, dataset__identity__in=identities, removed_at__isnull=True
    ).values_list("dataset__identity", "name")
    found: dict[Identity, list[str]] = {}
    for identity, name in rows.order_by("dataset__identity", "position"):
        found.setdefault(identity, []).append(name)
    return {identity: tuple(names) for identity, names in found.items()}


@lru_cache(maxsize=2048)
def tables_of(expression: str, dialect: str) -> frozenset[tuple[str, str]]:
    """The tables an owner's expression names, as (schema or "", table) folded; none if it cannot be read.

    What cannot be read is refused by the guard, which closes the dataset.
    """
    try:
        tree = parsing.expression(expression, dialect)
    except Refusal:
        return frozenset()
    return frozenset(
        (_folded(table.args.get("db"), dialect), _folded(table.this, dialect))
        for table in tree.find_all(exp.Table)
    )


def _folded(identifier: exp.Expr | None, dialect: str) -> str:
    if not isinstance(identifier, exp.Identifier):
        return ""
    return names.fold(identifier.name, bool(identifier.args.get("quoted")), dialect)


def reading_of(
    principal: Principal | Team, warehouse: Warehouse, schema: str, table: str
) -> Reading | None:
    """The policy of one table, named as the engine folds it. Cost: one query."""
    identity = identity_of(warehouse.engine, schema, table)
    return readings(principal, warehouse, [identity]).get(identity)


def _reading(row: tuple[Any, ...]) -> Reading:
    (dataset_id, identity, name, schema, table, version, is_missing, is_broken, rows) = row[:9]
    columns, masks, grants = (_json(value) for value in row[9:])
    facts = tuple(ColumnFact(column, kind) for column, kind in columns or ())
    try:
        rules = tuple(_rule(grant) for grant in grants or ())
        table_masks = _masks(masks or {})
    except ValueError:
        # A mask of a kind this version does not know closes the dataset rather than showing the column.
        is_broken, rules, table_masks = True, (), {}
    policy = TablePolicy(
        dataset=name,
        schema=schema,
        table=table,
        columns=facts,
        masks=table_masks,
        rows=rows or None,
        grants=rules,
        schema_version=version,
    )
    ends = {grant["id"]: datetime.fromisoformat(grant["expires_at"]) for grant in grants or ()}
    return Reading(dataset_id, identity, is_broken, is_missing, policy, ends)


def _rule(grant: Mapping[str, Any]) -> GrantRule:
    columns = grant["columns"]
    return GrantRule(
        grant_id=grant["id"],
        columns=None if columns is None else frozenset(columns),
        unmasked=frozenset(grant["unmasked"] or ()),
        masks=_masks(grant["masks"] or {}),
        rows=grant["rows"] or None,
    )


def _masks(masks: Mapping[str, Mapping[str, Any]]) -> dict[str, Mask]:
    return {column: from_json(mask) for column, mask in masks.items()}


def _json(value: Any) -> Any:
    """Drivers hand JSON over as text or decoded, depending on how Django set them up."""
    return json.loads(value) if isinstance(value, str) else value
