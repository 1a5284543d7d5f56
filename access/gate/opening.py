"""The one exit for data: every query of every surface passes `open`, as a principal, or is refused.

In order: the principal stands and the clock can be believed; the policies of the tables are read; the guard rewrites
the query; the record and the audit event are committed; only then does the engine run. While the result streams,
access is judged again, and a stream whose access ended fails: it never ends as if it were whole. This room knows
no HTTP, no superusers and no engine's own words.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction

from access import usage
from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import Refusal
from access.gate.judging import DEFAULT_SCHEMAS, Judged, Request, judge
from access.gate.results import ENGINE_CODES, RECHECK_AFTER, Opened, Result, release
from access.gate.seeing import MOST_ROWS, Eyes
from access.gate.turns import Turn
from access.models import Principal, QueryRecord, Surface
from access.sql import pivot_values
from access.sql.listings import Row
from access.sql.statements import described
from catalog.engines import Engine, EngineError, engine_for
from catalog.models import Dataset, EngineKind, Warehouse

# Seconds one query may take, its delivery included: a page must answer, a pull may be large.
SECONDS = {
    Surface.WORKBENCH: 60.0,
    Surface.DASHBOARD: 30.0,
    Surface.PREVIEW: 20.0,
    Surface.CHECK: 120.0,
    Surface.VIEW_AS: 20.0,
    Surface.API: 900.0,
}
# A pull may stream for long, but one that yields nothing by then holds a thread and an engine for no one.
FIRST_ROW_SECONDS = 60.0
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
    is_compressed: bool = False,
) -> Result:
    """The result of one query as this principal may see it. Use it as a context manager, or close it.

    `schema` is where unqualified names live; `limit` cuts the result and marks it truncated. `now` only dates the
    record: whether access is live is judged by the database, at the moment of reading. Must not be called inside a
    transaction, because the record has to be committed before the first byte.
    `is_compressed` says that `Result.arrow` will be read, with LZ4 buffers: whoever decodes rows is better off without.
    Units: `seconds` is how long the query may take; each surface has its own default.
    Errors: `Refusal` with a stable code, here or, once it streams, while iterating the result.
    Cost: three queries and one transaction when the text was seen before; one more query per table when not.
    """
    request = Request(
        uuid.uuid4(), principal, warehouse, sql, schema or DEFAULT_SCHEMAS[EngineKind(warehouse.engine)],
        purpose, surface, limit, is_compressed=is_compressed,
    )  # fmt: skip
    return _serve(request, SECONDS[surface] if seconds is None else seconds, now)


def look(
    viewer: Principal, eyes: Eyes, sql: str, *, warehouse: Warehouse, schema: str | None = None
) -> Result:
    """A few rows as somebody else would get them, for a steward of every table in it; see `access.gate.seeing`.

    Nobody's use, and an event of its own in the audit. Errors: as `open`.
    """
    request = Request(
        uuid.uuid4(), viewer, warehouse, sql, schema or DEFAULT_SCHEMAS[EngineKind(warehouse.engine)],
        f"As {eyes.holder} would see it", Surface.VIEW_AS, MOST_ROWS, eyes,
    )  # fmt: skip
    return _serve(request, SECONDS[Surface.VIEW_AS], None)


def _serve(request: Request, seconds: float, now: datetime | None) -> Result:
    asked = time.monotonic()
    deadline, first_by = asked + seconds, asked + FIRST_ROW_SECONDS
    person, place = request.principal.pk, request.warehouse.pk
    try:
        judged = judge(request, _values)
        turn = Turn(
            person, place, request.surface, until=first_by, before_waiting=release,
            is_here=EngineKind(request.warehouse.engine).works_here,
        )  # fmt: skip
    except Refusal as refusal:
        _record_refusal(request, refusal, now)
        raise
    try:
        # What was judged a while ago may no longer hold, whether it was the turn or the judging that took long; as in
        # a stream, a shorter while is none.
        if time.monotonic() - asked > RECHECK_AFTER:
            judged = _judged_again(request, now)
        opened = _opened(request, judged)
        left = timedelta(seconds=max(0.0, deadline - time.monotonic()))
        _write_ahead(opened, now or judged.stands.now, left)
        return _run(opened, deadline, first_by, turn, request.is_compressed)
    except BaseException:
        turn.end()
        raise


def _judged_again(request: Request, now: datetime | None) -> Judged:
    """The same query judged after its turn came: access may have ended while it waited."""
    try:
        return judge(request, _values)
    except Refusal as refusal:
        _record_refusal(request, refusal, now)
        raise


def _values(request: Request, sql: str) -> list[Any]:
    """What a PIVOT without IN asks first: a query of its own, judged, written down and run like any other."""
    asked = replace(
        request, id=uuid.uuid4(), sql=sql, limit=pivot_values.MOST + 1, is_compressed=False
    )
    with _serve(asked, SECONDS[request.surface], None) as result:
        return [row[0] for row in result.rows()]


def _opened(request: Request, judged: Judged) -> Opened:
    plan, stands = judged.plan, judged.stands
    behind = judged.tables.behind(plan)
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
        schema=request.schema,
        seen_as=request.seen_as,
    )


def _write_ahead(opened: Opened, now: datetime, left: timedelta) -> None:
    """Commits the record of the query and its audit event: no record, no data. `left` is how long it may take."""
    try:
        with transaction.atomic(durable=True):
            usage.begin(
                opened.id,
                principal=opened.principal,
                warehouse=opened.warehouse,
                surface=opened.surface,
                purpose=opened.purpose,
                sql=opened.sql,
                schema=opened.schema,
                seen_as=opened.seen_as,
                fingerprint=opened.plan.fingerprint,
                columns=opened.plan.used,
                grants=opened.grants,
                credits=opened.credits,
                now=now,
                due_at=now + left,
            )
            record(
                Kind.QUERY_SEEN_AS if opened.seen_as else Kind.QUERY_OPENED,
                actor=opened.principal,
                subject=f"query:{opened.id}",
                dataset=opened.only_dataset,
                reason=opened.purpose,
                data={
                    "surface": opened.surface.value,
                    "warehouse": opened.warehouse.name,
                    "columns": opened.plan.used,
                    "grants": opened.grants,
                    **({"seen_as": opened.seen_as} if opened.seen_as else {}),
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


def _run(
    opened: Opened, deadline: float, first_by: float, turn: Turn, is_compressed: bool
) -> Result:
    # The engine may take long; ten such queries must not keep the portal's own connections from everybody.
    release()
    try:
        warehouse = opened.warehouse
        engine = engine_for(warehouse.url, warehouse.manage, opened.plan.screening)
        opened = _with_columns(opened, engine) if opened.plan.describes else opened
        stream = engine.run(
            opened.plan.sql,
            deadline=deadline,
            max_rows=opened.limit,
            first_by=first_by,
            stood_back=turn.flows,
            is_compressed=is_compressed,
        )
    except EngineError as error:
        refusal = ENGINE_CODES[error.cause].refusal()
        refusal.query_id = opened.id
        opened.finish(refusal.code)
        raise refusal from None
    return Result(opened, stream, turn)


def _with_columns(opened: Opened, engine: Engine) -> Opened:
    """The query for the names and types of another's columns: the engine plans that one and never runs it."""
    plan = opened.plan
    found = engine.shape(plan.sql)
    names = plan.named(name for name, _ in found)
    rows: list[Row] = [
        (name, kind, "YES", None, None, None) for name, (_, kind) in zip(names, found, strict=True)
    ]
    return replace(opened, plan=replace(plan, sql=described(rows, engine.dialect), output=()))


def _record_refusal(request: Request, refusal: Refusal, now: datetime | None) -> None:
    """Writes down that somebody was refused, and tells the refusal under which number.

    Nothing was read, so a failure here changes nothing.
    """
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
                schema_name=request.schema,
                seen_as=request.seen_as,
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
    refusal.query_id = request.id


def _only_dataset(refusal: Refusal) -> Dataset | None:
    """The dataset a refusal is about, when it is just one: what its audit event can be found by."""
    return Dataset(name=refusal.needs[0].dataset) if len(refusal.needs) == 1 else None
