"""What the gate makes of a query before anything runs: who asks, which policies apply, the text the engine would get.

Judging opens nothing. It is done before a query runs, again when it had to wait, and alone where somebody only wants to
know why.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.utils.crypto import salted_hmac

from access.errors import Refusal
from access.gate.lookup import Tables
from access.gate.plans import LONGEST_SQL_KEPT, Question, plans, tables_asked
from access.gate.results import ENGINE_CODES
from access.gate.seeing import Eyes, SharedTables
from access.models import Principal, Surface
from access.policies import screening
from access.policies.reading import Standing, standing
from access.sql import Plan, guard, verify
from access.sql.guard import MASK_KEY
from catalog.engines import EngineError, engine_for
from catalog.models import EngineKind, Warehouse

DIALECTS = {kind: kind.dialect for kind in EngineKind}
DEFAULT_SCHEMAS = {kind: kind.default_schema for kind in EngineKind}


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
    eyes: Eyes | None = None
    is_compressed: bool = False

    @property
    def seen_as(self) -> str:
        """Whose view is looked through, as `user:alice`; empty for one's own."""
        return self.eyes.holder.label if self.eyes else ""

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


ValuesOf = Callable[[str], list[Any]]
"""Answers what a PIVOT without IN asks first."""
Values = Callable[[Request, str], list[Any]]
"""The same, for the query it belongs to."""


class Judged(NamedTuple):
    """What the gate made of a query, and everything it looked at for that."""

    plan: Plan
    tables: Tables
    stands: Standing


def judge(request: Request, values: Values, tables: Tables | None = None) -> Judged:
    """What the gate makes of a query, without running it; `tables` remembers what it looked at, also when it refuses.

    Errors: `Refusal`.
    """
    stands = stand(request.principal)
    tables = tables or tables_for(request)
    plan = planned(request, tables, stands, partial(values, request))
    return Judged(tables.settled(plan), tables, stands)


def tables_for(request: Request) -> Tables:
    """Where the guard looks the tables of a query up."""
    dialect = request.question.dialect
    if request.eyes is None:
        return Tables(request.principal, request.warehouse, dialect)
    return SharedTables(request.principal, request.eyes, request.warehouse, dialect)


def stand(principal: Principal) -> Standing:
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


def planned(request: Request, tables: Tables, stands: Standing, values: ValuesOf) -> Plan:
    """The rewritten query; in a managed warehouse, one whose screens are there. Errors: `Refusal`."""
    for _ in range(screening.ATTEMPTS):
        aside = screening.aside(request.warehouse)
        plan = _plan(request, tables, stands, values, aside)
        if screening.is_ready(request.warehouse, plan):
            return plan
    return _plan(request, tables, stands, values, None)


def _plan(
    request: Request,
    tables: Tables,
    stands: Standing,
    values: ValuesOf,
    aside: screening.Aside | None,
) -> Plan:
    """The rewritten query, from memory when the text and every policy behind it are as they were."""
    question = request.question
    known = None if tables.is_fleeting else tables_asked.get(question)
    if known is not None:
        tables.fetch(known)
        found = plans.get(key_of(request, tables, stands, aside))
        if found is not None:
            return found
    plan = guard(
        request.sql,
        dialect=question.dialect,
        lookup=tables,
        default_schema=request.schema,
        warehouse=question.warehouse,
        variables={**tables.variables(stands), MASK_KEY: mask_key()},
        limit=question.limit,
        listing=tables.listing,
        values=partial(_asked, tables, values),
        screened=screening.screened(aside),
    )
    _confirm(request, plan)
    if len(request.sql) <= LONGEST_SQL_KEPT and not tables.is_fleeting:
        tables_asked.put(question, tables.asked)
        plans.put(key_of(request, tables, stands, aside), plan)
    return plan


def _asked(tables: Tables, values: ValuesOf, sql: str) -> list[Any]:
    """The values of a PIVOT, which change with the data: a plan made of them is not kept."""
    tables.is_fleeting = True
    return values(sql)


def _confirm(request: Request, plan: Plan) -> None:
    """Has the engine's own parser read the rewritten text, where it can, and judges what it read."""
    try:
        tree = engine_for(request.warehouse.url).parse_tree(plan.sql)
    except EngineError as error:
        raise ENGINE_CODES[error.cause].refusal() from None
    if tree is not None:
        verify(tree, plan, request.question.dialect)


def mask_key() -> str:
    """The portal's secret for hash masks: equal values hash alike everywhere here and nowhere else."""
    return salted_hmac("gatehouse.masks", "hash", algorithm="sha256").hexdigest()


def key_of(
    request: Request, tables: Tables, stands: Standing, aside: screening.Aside | None = None
) -> tuple[object, ...]:
    who = request.principal.username, stands.teams
    return request.question, *who, tables.fingerprints, aside


def _kind(warehouse: Warehouse) -> EngineKind:
    return EngineKind(warehouse.engine)
