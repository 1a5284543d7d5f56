"""Brings the demo about, step by step: each step is all or nothing and is left out when it has been done.

The company has been here for a while: its rules and grants were applied sixty days ago, its nights of dbt ran since, and
its people asked, decided and read. All of that is made by the same functions as everything real, given past moments.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from access import clock
from catalog.engines import Relation, RelationColumn, engine_for
from catalog.importers import import_dbt, import_relations, import_warehouse
from catalog.models import Warehouse
from portal.configuration.applying import apply
from portal.demo import Step, artifacts, history, people
from portal.demo.warehouse import build
from portal.home import Home

FOLDER = Path(__file__).parent
WAREHOUSE = "tarnfell"
OPENED = timedelta(days=60)
CHANGED = timedelta(days=24)


@dataclass(frozen=True)
class Night:
    """A night on which dbt ran: how many days ago, and whether all went well."""

    days: int
    healthy: bool


# What three tables did not have, had otherwise, and had, before the change.
ADDED = frozenset({"commerce.customer_value.average_order", "operations.stock_levels.needs_order"})
RETYPED = {"commerce.orders.n_items": "BIGINT", "operations.stock_levels.stock_value": "DOUBLE"}
REMOVED = {"commerce.customer_value": (("rfm_score", "INTEGER"),)}

# The last night without trouble lies as far back as the quality team's last spreadsheet.
NIGHTS = (Night(60, True), Night(38, True), Night(7, False), Night(0, False))


@dataclass(frozen=True)
class Anchor:
    """The moment the demo is told from, the same for every attempt in one home, and what the data's tests found."""

    now: datetime
    broken: dict[str, int]


def bring_about(home: Home, progress: Step, now: datetime | None) -> str:
    """See `portal.demo.load`. Cost: about fifteen seconds on two cores."""
    steps: list[tuple[str, Callable[[Anchor], None]]] = [
        ("Describing the warehouse", _describe),
        ("Bringing in the people and their rules", _apply),
        ("Reading what dbt knows", lambda anchor: _read_dbt(home, anchor)),
        ("Telling what happened so far", lambda anchor: history.play(anchor.now)),
    ]
    total = len(steps) + 1
    anchor = _anchor(
        home, now, lambda part: progress(f"Drawing the company's data: {part}", 0, total)
    )
    for done, (words, step) in enumerate(steps, start=1):
        progress(words, done, total)
        step(anchor)
    progress("The demo is ready", total, total)
    return people.welcome(people.give_passwords())


def _anchor(home: Home, now: datetime | None, progress: Callable[[str], None]) -> Anchor:
    """Builds the warehouse unless it is there; the note beside it says when it was and is written last."""
    file = home.warehouse / f"{WAREHOUSE}.duckdb"
    note = home.warehouse / f"{WAREHOUSE}.json"
    if not (file.exists() and note.exists()):
        moment = now or clock.database_now()
        built = build(file, anchor=moment, progress=progress)
        text = json.dumps({"now": moment.isoformat(), "broken": built.broken})
        draft = note.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(note)
    kept = json.loads(note.read_text(encoding="utf-8"))
    return Anchor(datetime.fromisoformat(kept["now"]).astimezone(UTC), kept["broken"])


def _describe(anchor: Anchor) -> None:
    """The warehouse as it was at first, then as it is: three tables have changed since, for their histories to show."""
    apply([FOLDER / "warehouse.yaml"], now=anchor.now - OPENED)
    warehouse = Warehouse.objects.get(name=WAREHOUSE)
    if warehouse.described_at is None:
        relations = engine_for(warehouse.url, warehouse.manage).describe()
        import_relations(warehouse, map(_as_before, relations), now=anchor.now - OPENED)
    import_warehouse(warehouse, now=anchor.now - CHANGED)


def _as_before(relation: Relation) -> Relation:
    """The columns a relation had before the change."""
    place = f"{relation.schema}.{relation.name}"
    columns = [
        replace(column, type=RETYPED.get(f"{place}.{column.name}", column.type))
        for column in relation.columns
        if f"{place}.{column.name}" not in ADDED
    ]
    columns += [RelationColumn(name, kind) for name, kind in REMOVED.get(place, ())]
    return replace(relation, columns=tuple(columns))


def _read_dbt(home: Home, anchor: Anchor) -> None:
    warehouse = Warehouse.objects.get(name=WAREHOUSE)
    for night in NIGHTS:
        now = anchor.now - timedelta(days=night.days)
        folder = artifacts.freshen(
            home.warehouse / "dbt", now=now, broken=anchor.broken, healthy=night.healthy
        )
        import_dbt(folder, warehouse, now=now)


def _apply(anchor: Anchor) -> None:
    apply([FOLDER / "company.yaml", FOLDER / "dashboards.yaml"], now=anchor.now - OPENED)
