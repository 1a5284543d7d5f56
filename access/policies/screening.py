"""Which tables of a managed PostgreSQL are read through screens, and whether those are there.

What cannot be screened now is read in the slower form, so a busy table or a lost administrator's connection costs time
and never shows more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from access.policies.policy import TablePolicy
from access.sql import Plan
from access.sql.rewriting import Screened
from catalog.engines import EngineError, engine_for
from catalog.engines.postgresql import PostgreSQLEngine
from catalog.engines.screens import Screening, Table
from catalog.models import Warehouse

Aside = frozenset[Table]
"""Tables that have no screen for the time being."""

ATTEMPTS = 3
TIDY_EVERY = timedelta(hours=6)
# When this process tidies next: that two do it costs a query, so nothing has to remember it for them.
_next: dict[str, datetime] = {}


def aside(warehouse: Warehouse) -> Aside | None:
    """The tables to read without screens; None where there are none at all, because nothing is managed."""
    engine = _managed(warehouse)
    return None if engine is None else engine.unscreened()


def screened(tables: Aside | None) -> Screened | None:
    """The same as the guard asks for it, table by table."""
    if tables is None:
        return None

    def has_screen(policy: TablePolicy) -> bool:
        return Table(policy.schema, policy.table) not in tables

    return has_screen


def is_ready(warehouse: Warehouse, plan: Plan) -> bool:
    """Whether every screen the plan reads is there; makes those that are missing.

    Cost: nothing for screens that were used today.
    """
    if plan.screening is None:
        return True
    engine = _managed(warehouse, plan.screening)
    return engine is not None and not engine.secure()


def tidy(warehouse: Warehouse) -> int:
    """Removes the screens of a warehouse that nobody used for a week; gives how many.

    Errors: `EngineError` when the administrator's connection cannot be made.
    """
    engine = _managed(warehouse)
    return 0 if engine is None else engine.tidy()


def tidy_if_due(now: datetime) -> None:
    """Tidies every managed warehouse, a few times a day; what a busy one keeps is tried again the next time.

    Errors: `EngineError` of a warehouse that cannot be reached, after the others were tidied.
    """
    if _next.get("tidy", now) > now:
        return
    _next["tidy"] = now + TIDY_EVERY
    failures = []
    for warehouse in Warehouse.objects.exclude(manage=""):
        try:
            tidy(warehouse)
        except EngineError as error:
            failures.append(error)
    if failures:
        raise failures[0]


def release(warehouse: Warehouse) -> int:
    """Removes every screen of a warehouse and leaves its tables as they were; gives how many there were."""
    engine = _managed(warehouse)
    return 0 if engine is None else engine.tidy(everything=True)


def _managed(warehouse: Warehouse, through: Screening | None = None) -> PostgreSQLEngine | None:
    if not warehouse.manage:
        return None
    engine = engine_for(warehouse.url, warehouse.manage, through)
    return engine if isinstance(engine, PostgreSQLEngine) else None
