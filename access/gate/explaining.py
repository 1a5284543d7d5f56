"""Why a query shows these rows and columns: which policy applies, from which grant, approved by whom, until when.

Whoever reads is told the terms of their own grants. The owner's filter for everybody and an owner's own mask may say
something about the data they hide, so their text, and the rewritten SQL that holds it, is for whoever decides about
every dataset in it; others read that there is one. A filter that names a table the reader may not know of is not
spelled out either.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access import usage
from access.clock import database_now
from access.discovery import discoverable_by
from access.errors import Need, Refusal
from access.gate import judging
from access.models import DecisionKind, Grant, GrantState, Principal, QueryRecord, Surface
from access.people.permissions import Permission, over
from access.policies.policy import CLEAR, VisibleColumn, row_filters
from access.policies.reading import Reading, tables_of
from access.policies.sight import seen_in
from access.sql import Plan
from access.sql.clauses import CLAUSES
from access.words import counted, listed
from catalog.identity import identity_of
from catalog.models import Dataset, EngineKind, Warehouse

SOME_ROWS = "Your grant opens some of the rows."
CELL_BY_CELL = "Each of your grants opens some of the rows; a value shows where one grant covers both its row and its column."


@dataclass(frozen=True)
class Basis:
    """One grant that a query rests on. `rows` is its filter, empty for none; `rows_withheld` that there is one."""

    grant: Grant
    state: GrantState
    approved_by: str
    rows: str
    rows_withheld: bool


@dataclass(frozen=True)
class SeenColumn:
    """One column of the query as its reader sees it, and the clauses it stands in; `mask_sql` is the owner's text."""

    view: VisibleColumn
    clauses: tuple[str, ...]
    mask_sql: str = ""


@dataclass(frozen=True)
class Seen:
    """One dataset of a query: what of it is seen and by which grants. `rows` says in sentences which rows."""

    dataset: Dataset
    is_readable: bool
    n_visible: int
    n_total: int
    rows: tuple[str, ...]
    owner_filter: str
    columns: tuple[SeenColumn, ...]
    bases: tuple[Basis, ...]

    @property
    def policy(self) -> str:
        """What the policy does to this query, in a few words; empty when it changes nothing."""
        masked = sum(column.view.how != CLEAR for column in self.columns)
        parts = [counted(masked, "column") + " masked"] if masked else []
        return ", ".join([*parts, *(["rows filtered"] if self.rows else [])])


@dataclass(frozen=True)
class Explanation:
    """What the gate makes of a query now, for its reader. `rewritten` is empty for whoever may not see it."""

    datasets: tuple[Seen, ...] = ()
    refusal: Refusal | None = None
    rewritten: str = ""
    fingerprint: str = ""
    valid_until: datetime | None = None

    @property
    def needs(self) -> tuple[Need, ...]:
        """What to ask for, where asking would help."""
        return self.refusal.needs if self.refusal else ()


@dataclass(frozen=True)
class Told:
    """A query of the past: its record, in which clauses it named which columns, and how it stands now.

    `is_as_then` says that the same policies hold as when it ran; else `now` tells what has become of it.
    """

    record: QueryRecord
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    bases: tuple[Basis, ...]
    now: Explanation | None
    is_as_then: bool = field(default=False)


def explain(
    viewer: Principal,
    sql: str,
    *,
    warehouse: Warehouse,
    schema: str | None = None,
    reader: Principal | None = None,
) -> Explanation:
    """What the gate makes of a query, for `viewer`; nothing is run. `reader` is who asks it, by default the viewer.

    Cost: that of judging the query, and about five queries more.
    """
    asked = reader or viewer
    place = schema or judging.DEFAULT_SCHEMAS[EngineKind(warehouse.engine)]
    request = judging.Request(
        uuid.uuid4(), asked, warehouse, sql, place, "", Surface.PREVIEW, None,
    )  # fmt: skip
    tables = judging.tables_for(request)
    plan, refusal = None, None
    try:
        plan = judging.judge(request, _any_value, tables).plan
    except Refusal as refused:
        refusal = refused
    return _explained(viewer, tables.known, plan, refusal, warehouse)


def _any_value(request: judging.Request, sql: str) -> list[Any]:
    """Stands in for the values that a PIVOT would ask for first: nothing is run to explain."""
    return ["…"]


def told(viewer: Principal, record: QueryRecord) -> Told:
    """The query of a record, for whoever asked it. Cost: as `explain`, and two queries."""
    now = None
    # What ran in the warehouse itself was nothing the gate would have understood, and is not judged by it afterwards.
    is_own_tool = record.surface == Surface.NATIVE
    if record.warehouse is not None and not record.seen_as and not is_own_tool:
        now = explain(
            viewer,
            record.sql,
            warehouse=record.warehouse,
            schema=record.schema_name or None,
            reader=record.principal,
        )
    usage.count()
    return Told(
        record=record,
        columns=_columns_then(record),
        bases=_bases(viewer, record.grants),
        now=now,
        is_as_then=now is not None and now.fingerprint == record.fingerprint != "",
    )


def record_for(viewer: Principal, query_id: uuid.UUID) -> QueryRecord | None:
    """The record of a query of their own, or of a service account they own; None for everybody else's."""
    found = QueryRecord.objects.select_related("principal", "warehouse").filter(pk=query_id).first()
    if found is None or viewer.pk not in (found.principal_id, found.principal.owner_id):
        return None
    return found


def _columns_then(record: QueryRecord) -> dict[str, dict[str, tuple[str, ...]]]:
    """The columns by dataset, each with the clauses the grants were credited for."""
    words: dict[str, tuple[str, ...]] = {}
    for columns in record.credits.values():
        words |= {name: _in_order(clauses) for name, clauses in columns.items()}
    return {
        dataset: {name: words.get(name, ()) for name in names}
        for dataset, names in record.columns.items()
    }


def _in_order(clauses: Collection[str]) -> tuple[str, ...]:
    return tuple(clause for clause in CLAUSES if clause in clauses)


def _explained(
    viewer: Principal,
    known: Collection[Reading],
    plan: Plan | None,
    refusal: Refusal | None,
    warehouse: Warehouse,
) -> Explanation:
    datasets = {
        dataset.pk: dataset
        for dataset in Dataset.objects.filter(
            pk__in=[reading.dataset_id for reading in known]
        ).select_related("warehouse")
    }
    decided = set(
        over(viewer, Permission.DECIDE).filter(pk__in=list(datasets)).values_list("pk", flat=True)
    )
    seen = tuple(
        _seen(viewer, datasets[reading.dataset_id], reading, plan, reading.dataset_id in decided)
        for reading in sorted(known, key=lambda reading: reading.policy.dataset)
        if reading.dataset_id in datasets
    )
    if plan is None:
        return Explanation(seen, refusal)
    ends = [basis.grant.expires_at for one in seen for basis in one.bases]
    is_steward = bool(seen) and len(decided) == len(known) and _knows(viewer, plan, warehouse)
    return Explanation(
        seen,
        rewritten=plan.shown if is_steward else "",
        fingerprint=plan.fingerprint,
        valid_until=min(ends, default=None),
    )


def _knows(viewer: Principal, plan: Plan, warehouse: Warehouse) -> bool:
    """Whether the viewer may know of every table in the rewritten text, those that filters look into included."""
    wanted = {identity_of(warehouse.engine, schema, table) for schema, table in plan.relations}
    found = discoverable_by(viewer).filter(warehouse=warehouse, identity__in=wanted)
    return found.count() == len(wanted)


def _seen(
    viewer: Principal, dataset: Dataset, reading: Reading, plan: Plan | None, is_steward: bool
) -> Seen:
    policy = reading.policy
    views = {view.name: view for view in seen_in(policy, dataset.warehouse.engine)}
    clauses = plan.clauses.get(policy.dataset, {}) if plan else {}
    shown = [name for name in views if name in clauses] if plan else list(views)
    credited = plan.grants.get(policy.dataset, ()) if plan else [g.grant_id for g in policy.grants]
    bases = _bases(viewer, credited)
    return Seen(
        dataset=dataset,
        is_readable=bool(policy.grants),
        n_visible=len(views),
        n_total=len(policy.columns),
        rows=_rows(reading),
        owner_filter=policy.rows or "" if is_steward else "",
        columns=tuple(
            SeenColumn(
                views[name],
                _in_order(clauses.get(name, ())),
                _mask_sql(reading, name) if is_steward else "",
            )
            for name in shown
        ),
        bases=bases,
    )


def _mask_sql(reading: Reading, column: str) -> str:
    mask = reading.policy.masks.get(column)
    return mask.sql or "" if mask else ""


def _rows(reading: Reading) -> tuple[str, ...]:
    """Which rows the reader gets, where it is not all of them."""
    policy = reading.policy
    if not policy.grants:
        return ()
    said = ["The owner’s filter leaves some rows out for everybody."] if policy.rows else []
    if row_filters(policy):
        said.append(SOME_ROWS if len(policy.grants) == 1 else CELL_BY_CELL)
    return tuple(said)


def _bases(viewer: Principal, grants: Iterable[int]) -> tuple[Basis, ...]:
    """The grants with who approved them, oldest first. Cost: one query, and one more if a filter looks elsewhere."""
    now = database_now()
    found = (
        Grant.objects.filter(pk__in=list(grants))
        .select_related("decision__decider", "principal", "team", "dataset__warehouse")
        .order_by("pk")
    )
    return tuple(
        Basis(
            grant=grant,
            state=grant.state_at(now),
            approved_by=approver_of(grant),
            rows=grant.rows if is_tellable(viewer, grant.dataset, grant.rows) else "",
            rows_withheld=not is_tellable(viewer, grant.dataset, grant.rows),
        )
        for grant in found
    )


def approver_of(grant: Grant) -> str:
    """Who decided, as people say it: a name, or what stood in for one."""
    decision = grant.decision
    if decision.decider is not None:
        return str(decision.decider)
    return {
        DecisionKind.RULE.value: "An approval rule",
        DecisionKind.CONFIGURATION.value: "The configuration",
        DecisionKind.RESTORE.value: "A restore of what had been approved",
    }.get(decision.kind, "")


def is_tellable(viewer: Principal, dataset: Dataset, text: str) -> bool:
    """Whether somebody may read a filter: it names no table that they may not know of. Cost: a query if it names any."""
    if "select" not in text.lower():
        return True
    engine = dataset.warehouse.engine
    wanted = {
        identity_of(engine, schema or dataset.schema_name, table)
        for schema, table in tables_of(text, judging.DIALECTS[EngineKind(engine)])
    }
    known = discoverable_by(viewer).filter(warehouse=dataset.warehouse, identity__in=wanted)
    return bool(wanted) and known.count() == len(wanted)


def in_words(explanation: Explanation) -> str:
    """One line about a result, short enough for a caption."""
    parts = [f"{seen.dataset.label}: {seen.policy}" for seen in explanation.datasets if seen.policy]
    return listed(parts)
