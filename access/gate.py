"""The one exit for data: every query of every surface passes `open`, as a principal, or is refused.

In order: the principal stands and the clock can be believed; the policies of the tables are read; the guard rewrites
the query; the record and the audit event are committed; only then does the engine run. While the result streams,
access is judged again, and a stream whose access ended fails: it never ends as if it were whole. This room knows
no HTTP, no superusers and no engine's own words.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils.crypto import salted_hmac

from access import usage
from access.audit import Kind, record
from access.clock import database_now
from access.discovery import discoverable_by
from access.errors import Refusal
from access.models import Principal, QueryRecord, Surface
from access.plans import LONGEST_SQL_KEPT, Question, plans, tables_asked
from access.policies import TablePolicy
from access.reading import Reading, Standing, readings, standing
from access.results import ENGINE_CODES, Opened, Result, release
from access.sql import Plan, guard, verify
from access.turns import Turn
from catalog.engines import EngineError, engine_for
from catalog.identity import identity_of
from catalog.models import Dataset, EngineKind, Warehouse

# Seconds one query may take, its delivery included: a page must answer, a pull may be large.
SECONDS = {
    Surface.WORKBENCH: 60.0,
    Surface.DASHBOARD: 30.0,
    Surface.PREVIEW: 20.0,
    Surface.CHECK: 120.0,
    Surface.API: 900.0,
}
# A pull may stream for long, but one that yields nothing by then holds a thread and an engine for no one.
FIRST_ROW_SECONDS = 60.0
DIALECTS = {EngineKind.DUCKDB: "duckdb", EngineKind.POSTGRESQL: "postgres"}
DEFAULT_SCHEMAS = {EngineKind.DUCKDB: "main", EngineKind.POSTGRESQL: "public"}
# A query that reads no table rests on no grant; what it says stays true as long as a session does.
VALID_WITHOUT_GRANT = timedelta(hours=12)


def open(
    principal: Principal,
    sql: str,
    *,
    warehouse: Warehouse,
    schema: str | None = None,
    purpose: str = "",
    surface: Surface,
    limit: int | None = None,
    now: datetime | None = None,
    seconds: float | None = None,
) -> Result:
    """The result of one query as this principal may see it. Use it as a context manager, or close it.

    `schema` is where unqualified names live; `limit` cuts the result and marks it truncated. `now` only dates the
    record: whether access is live is judged by the database, at the moment of reading. Must not be called inside a
    transaction, because the record has to be committed before the first byte.
    Units: `seconds` is how long the query may take; each surface has its own default.
    Errors: `Refusal` with a stable code, here or, once it streams, while iterating the result.
    Cost: three queries and one transaction when the text was seen before; one more query per table when not.
    """
    request = Request(
        uuid.uuid4(), principal, warehouse, sql, schema or DEFAULT_SCHEMAS[_kind(warehouse)],
        purpose, surface, limit,
    )  # fmt: skip
    deadline = time.monotonic() + (SECONDS[surface] if seconds is None else seconds)
    first_by = time.monotonic() + FIRST_ROW_SECONDS
    try:
        stands = _stand(principal)
        tables = Tables(principal, warehouse)
        plan = _planned(request, tables, stands)
    except Refusal as refusal:
        _record_refusal(request, refusal, now)
        raise
    try:
        turn = Turn(principal.pk)
    except Refusal as refusal:
        _record_refusal(request, refusal, now)
        raise
    try:
        opened = _opened(request, plan, tables, stands)
        _write_ahead(opened, now or stands.now)
        return _run(opened, deadline, first_by, turn)
    except BaseException:
        turn.end()
        raise


@dataclass(frozen=True)
class Request:
    """One query as it was asked."""

    id: uuid.UUID
    principal: Principal
    warehouse: Warehouse
    sql: str
    schema: str
    purpose: str
    surface: Surface
    limit: int | None

    @property
    def question(self) -> Question:
        """What the plan depends on besides the person."""
        kind = _kind(self.warehouse)
        return Question(
            self.warehouse.pk,
            self.warehouse.name,
            DIALECTS[kind],
            self.schema,
            self.sql,
            # One row more than is shown tells whether anything was cut.
            None if self.limit is None else self.limit + 1,
        )


class Tables:
    """The tables one query asked for, as this principal may see them: the guard's lookup."""

    def __init__(self, principal: Principal, warehouse: Warehouse) -> None:
        self._principal = principal
        self._warehouse = warehouse
        self._asked: dict[str, Reading | None] = {}

    def __call__(self, schema: str | None, table: str, warehouse: str | None) -> TablePolicy | None:
        """The policy of a table; None when it does not exist as far as this principal may know."""
        if schema is None or warehouse not in (None, self._warehouse.name):
            return None
        identity = identity_of(self._warehouse.engine, schema, table)
        if identity not in self._asked:
            self.fetch(frozenset([identity]))
        return self._visible(self._asked[identity])

    def fetch(self, identities: frozenset[str]) -> None:
        """Reads the policies of several tables at once. Cost: one query."""
        found = readings(self._principal, self._warehouse, identities)
        self._asked.update({identity: found.get(identity) for identity in identities})

    @property
    def asked(self) -> frozenset[str]:
        """The identities asked for so far."""
        return frozenset(self._asked)

    @property
    def fingerprints(self) -> tuple[tuple[str, str], ...] | None:
        """The policy of every table asked for; None when one of them cannot simply be read."""
        found = [(identity, reading) for identity, reading in sorted(self._asked.items())]
        if any(
            reading is not None and (reading.is_broken or not reading.policy.grants)
            for _, reading in found
        ):
            return None
        return tuple(
            (identity, reading.policy.fingerprint if reading else "") for identity, reading in found
        )

    def behind(self, plan: Plan) -> tuple[Reading, ...]:
        """The readings of the datasets a plan reads."""
        return tuple(
            reading
            for reading in self._asked.values()
            if reading is not None and reading.policy.dataset in plan.grants
        )

    def _visible(self, reading: Reading | None) -> TablePolicy | None:
        if reading is None or reading.is_missing:
            return None
        is_known = bool(reading.policy.grants) or (
            discoverable_by(self._principal).filter(pk=reading.dataset_id).exists()
        )
        if not is_known:
            return None
        if reading.is_broken:
            raise Refusal(
                f"The rules that protect {reading.policy.dataset} no longer fit its columns, so nobody can read it "
                "until a steward mends them. Its stewards were told; you can reach them from its page.",
                code="policy_broken",
            )
        return reading.policy


def _stand(principal: Principal) -> Standing:
    found = standing(principal)
    if found is None or not found.is_active:
        raise Refusal(
            "This account is not active, so it reads no data. An administrator can reactivate it.",
            code="inactive",
        )
    if not found.is_clock_sane:
        raise Refusal(
            "The clock of the database stands behind a moment this portal has already seen, so no data is given "
            "out. An administrator must set the clock right.",
            code="clock_went_back",
            status=503,
        )
    return found


def _planned(request: Request, tables: Tables, stands: Standing) -> Plan:
    """The rewritten query, from memory when the text and every policy behind it are as they were."""
    question = request.question
    known = tables_asked.get(question)
    if known is not None:
        tables.fetch(known)
        found = plans.get(_key(request, tables, stands))
        if found is not None:
            return found
    plan = guard(
        request.sql,
        dialect=question.dialect,
        lookup=tables,
        default_schema=request.schema,
        warehouse=question.warehouse,
        variables={
            "principal": request.principal.username,
            "teams": list(stands.teams),
            "mask_key": _mask_key(),
        },
        limit=question.limit,
    )
    _confirm(request, plan)
    if len(request.sql) <= LONGEST_SQL_KEPT:
        tables_asked.put(question, tables.asked)
        plans.put(_key(request, tables, stands), plan)
    return plan


def _confirm(request: Request, plan: Plan) -> None:
    """Has the engine's own parser read the rewritten text, where it can, and judges what it read."""
    try:
        tree = engine_for(request.warehouse.url).parse_tree(plan.sql)
    except EngineError as error:
        raise ENGINE_CODES[error.cause].refusal() from None
    if tree is not None:
        verify(tree, plan)


def _mask_key() -> str:
    """The portal's secret for hash masks: equal values hash alike everywhere here and nowhere else."""
    return salted_hmac("gatehouse.masks", "hash", algorithm="sha256").hexdigest()


def _key(request: Request, tables: Tables, stands: Standing) -> tuple[object, ...]:
    return request.question, request.principal.username, stands.teams, tables.fingerprints


def _opened(request: Request, plan: Plan, tables: Tables, stands: Standing) -> Opened:
    behind = tables.behind(plan)
    credited = {grant for grants in plan.grants.values() for grant in grants}
    ends = [
        moment
        for reading in behind
        for grant, moment in reading.expires_at.items()
        if grant in credited
    ]
    return Opened(
        id=request.id,
        principal=request.principal,
        warehouse=request.warehouse,
        surface=request.surface,
        purpose=request.purpose,
        sql=request.sql,
        limit=request.limit,
        plan=plan,
        behind=behind,
        teams=stands.teams,
        valid_until=min(ends, default=stands.now + VALID_WITHOUT_GRANT),
    )


def _write_ahead(opened: Opened, now: datetime) -> None:
    """Commits the record of the query and its audit event. No record, no data."""
    try:
        with transaction.atomic(durable=True):
            usage.begin(
                opened.id,
                principal=opened.principal,
                warehouse=opened.warehouse,
                surface=opened.surface,
                purpose=opened.purpose,
                sql=opened.sql,
                fingerprint=opened.plan.fingerprint,
                columns=opened.plan.used,
                grants=opened.grants,
                now=now,
            )
            record(
                Kind.QUERY_OPENED,
                actor=opened.principal,
                subject=f"query:{opened.id}",
                dataset=opened.only_dataset,
                reason=opened.purpose,
                data={
                    "surface": opened.surface.value,
                    "warehouse": opened.warehouse.name,
                    "columns": opened.plan.used,
                    "grants": opened.grants,
                },
                now=now,
            )
    except DatabaseError as error:
        raise Refusal(
            "The portal could not write down that this query runs, so it was not run. Try again in a moment; an "
            "administrator can see why with `./manage.py doctor`.",
            code="audit_unavailable",
            status=503,
        ) from error


def _run(opened: Opened, deadline: float, first_by: float, turn: Turn) -> Result:
    # The engine may take long; ten such queries must not keep the portal's own connections from everybody.
    release()
    try:
        engine = engine_for(opened.warehouse.url)
        stream = engine.run(
            opened.plan.sql, deadline=deadline, max_rows=opened.limit, first_by=first_by
        )
    except EngineError as error:
        refusal = ENGINE_CODES[error.cause].refusal()
        opened.finish(refusal.code)
        raise refusal from None
    return Result(opened, stream, turn)


def _record_refusal(request: Request, refusal: Refusal, now: datetime | None) -> None:
    """Writes down that somebody was refused. Nothing was read, so a failure here changes nothing."""
    try:
        with transaction.atomic():
            moment = now or database_now()
            QueryRecord.objects.create(
                id=request.id,
                principal=request.principal,
                warehouse=request.warehouse,
                surface=request.surface,
                purpose=request.purpose,
                sql=request.sql,
                started_at=moment,
                finished_at=moment,
                code=refusal.code,
            )
            record(
                Kind.QUERY_REFUSED,
                actor=request.principal,
                subject=f"query:{request.id}",
                dataset=_only_dataset(refusal),
                data={
                    "code": refusal.code,
                    "surface": request.surface.value,
                    "needs": {need.dataset: need.columns for need in refusal.needs},
                },
                now=moment,
            )
    except DatabaseError:
        return


def _only_dataset(refusal: Refusal) -> Dataset | None:
    """The dataset a refusal is about, when it is just one: what its audit event can be found by."""
    return Dataset(name=refusal.needs[0].dataset) if len(refusal.needs) == 1 else None


def _kind(warehouse: Warehouse) -> EngineKind:
    return EngineKind(warehouse.engine)
