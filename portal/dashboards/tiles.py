"""Runs one tile as the person who looks and says what to draw; a tile that cannot be drawn says so alone."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlglot.errors import SqlglotError

from access import gate
from access.errors import AccessError, Need, Refusal
from access.models import Principal, Surface
from catalog.models import EngineKind, Warehouse
from portal.dashboards import figures
from portal.dashboards.definition import Definition, SelectFilter, Tile
from portal.dashboards.figures import MissingColumn, figure, position
from portal.dashboards.filters import Value, filled
from portal.dashboards.formats import short, written

ROWS = {"kpi": 1, "table": 100}
CHART_ROWS = 5_000

DIALECTS = {kind.value: kind.dialect for kind in EngineKind}


@dataclass(frozen=True)
class Kpi:
    """A number, what it was before, and the line that led there."""

    value: str
    exact: str
    change: float | None = None
    is_good: bool | None = None
    before: str = ""
    trend: tuple[float, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its words, whether it is a number, and how long its bar is (0 to 1)."""

    text: str
    is_number: bool
    bar: float | None = None


@dataclass(frozen=True)
class Table:
    """Headers and rows of cells."""

    headers: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """A tile ready to show: exactly one of `kpi`, `figure` with `table`, `table` alone, or a refusal."""

    tile: Tile
    milliseconds: int = 0
    kpi: Kpi | None = None
    figure: dict[str, Any] | None = None
    table: Table | None = None
    is_empty: bool = False
    refusal: str = ""
    code: str = ""
    needs: tuple[Need, ...] = ()
    policy: str = ""
    query_id: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """The rows of one governed query and what the gate said of them."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    policy: str = ""
    query_id: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Viewing:
    """Somebody looking at a dashboard with its filters as they stand."""

    principal: Principal
    definition: Definition
    values: Mapping[str, Value] = field(default_factory=dict)

    def ask(self, sql: str, limit: int) -> Answer:
        """The rows of one query, read through the gate. Errors: `AccessError`."""
        warehouse = Warehouse.objects.filter(name=self.definition.warehouse).first()
        if warehouse is None:
            raise Refusal("The warehouse of this dashboard is gone.", code="warehouse_unavailable")
        with suppress(
            SqlglotError
        ):  # The gate refuses what cannot be parsed, and says where it breaks.
            sql = filled(sql, DIALECTS[warehouse.engine], self.values)
        with gate.open(
            self.principal,
            sql,
            warehouse=warehouse,
            schema=self.definition.schema_name,
            purpose=f"Dashboard: {self.definition.title}",
            surface=Surface.DASHBOARD,
            limit=limit,
        ) as result:
            names = tuple(column[0] for column in result.columns)
            return Answer(
                names=names,
                rows=list(result.rows()),
                policy=result.policy_fingerprint,
                query_id=str(result.id),
                valid_until=result.valid_until,
            )


def draw(viewing: Viewing, tile: Tile) -> Drawn:
    """The tile as this person may see it; errors become part of the tile."""
    began = monotonic()
    try:
        answer = viewing.ask(tile.sql, tile.limit or ROWS.get(tile.kind, CHART_ROWS))
        drawn = _shape(viewing, tile, answer)
    except Refusal as error:
        return Drawn(tile=tile, refusal=error.message, code=error.code, needs=error.needs)
    except AccessError as error:
        return Drawn(tile=tile, refusal=error.message, code=error.code)
    except MissingColumn as error:
        return Drawn(tile=tile, refusal=str(error), code="broken_tile")
    milliseconds = round((monotonic() - began) * 1000)
    return Drawn(
        tile=tile,
        milliseconds=milliseconds,
        policy=answer.policy,
        query_id=answer.query_id,
        valid_until=answer.valid_until,
        is_empty=not answer.rows,
        **drawn,
    )


def _shape(viewing: Viewing, tile: Tile, answer: Answer) -> dict[str, Any]:
    if not answer.rows:
        return {}
    if tile.kind == "kpi":
        return {"kpi": _kpi(viewing, tile, answer)}
    if tile.kind == "table":
        return {"table": _table(tile, answer)}
    return {
        "figure": figure(tile, answer.names, answer.rows),
        "table": _table(tile, answer),
    }


def _kpi(viewing: Viewing, tile: Tile, answer: Answer) -> Kpi:
    row = answer.rows[0]
    value = row[position(answer.names, "value")]
    before = row[position(answer.names, "before")] if "before" in answer.names else None
    change = None
    if value is not None and before:
        change = float(value) / float(before) - 1
    return Kpi(
        value=short(value, tile.format),
        exact=written(value, tile.format),
        change=change,
        is_good=None if _is_level(change) else ((change or 0.0) > 0) == (tile.good == "up"),
        before=written(before, tile.format) if before is not None else "",
        trend=_trend(viewing, tile),
    )


def _is_level(change: float | None) -> bool:
    """Less than what a tenth of a percent would show is neither up nor down."""
    return change is None or abs(change) < 0.0005


def _trend(viewing: Viewing, tile: Tile) -> tuple[float, ...]:
    if not tile.trend:
        return ()
    answer = viewing.ask(tile.trend, CHART_ROWS)
    y = position(answer.names, "y")
    return tuple(float(row[y]) for row in answer.rows if row[y] is not None)


def _table(tile: Tile, answer: Answer) -> Table:
    columns = [(c.name, c.label, c.format, c.bar) for c in tile.columns] or [
        (name, tile.labels.get(name), tile.format if name in tile.y else None, False)
        for name in answer.names
    ]
    places = [position(answer.names, name) for name, _, _, _ in columns]
    numeric = [_is_numeric(answer.rows, place) for place in places]
    largest = [
        _largest(answer.rows, place) if c[3] else 0.0
        for place, c in zip(places, columns, strict=True)
    ]
    rows = tuple(
        tuple(
            Cell(
                text=written(row[place], columns[i][2]),
                is_number=numeric[i],
                bar=float(row[place]) / largest[i]
                if largest[i] and row[place] is not None
                else None,
            )
            for i, place in enumerate(places)
        )
        for row in answer.rows
    )
    headers = tuple(
        (label or tile.labels.get(name) or name.replace("_", " ").capitalize(), numeric[i])
        for i, (name, label, _, _) in enumerate(columns)
    )
    return Table(headers, rows)


def _is_numeric(rows: Sequence[Sequence[Any]], place: int) -> bool:
    found = [row[place] for row in rows if row[place] is not None]
    return bool(found) and isinstance(figures.typed(found[:50]), dict)


def _largest(rows: Sequence[Sequence[Any]], place: int) -> float:
    return max((abs(float(row[place])) for row in rows if row[place] is not None), default=0.0)


def options(viewing: Viewing, filter: SelectFilter) -> tuple[tuple[str, str], ...]:
    """The choices of a select filter as `(value, label)`; those from SQL are what this viewer may see, or none."""
    if filter.options:
        return tuple((each.value, each.label) for each in filter.options)
    try:
        answer = viewing.ask(filter.sql or "", 500)
    except AccessError:
        return ()
    found = [(str(row[0]), str(row[-1])) for row in answer.rows if row and row[0] is not None]
    return tuple(found)
