"""What protection costs in PostgreSQL: TPC-H rewritten in both forms, against the bare queries; rows turned into Arrow."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import geometric_mean
from typing import Any

import psycopg

from access.sql import Plan, guard
from bench._tpch import ENTITLEMENT, LITERAL, SCALE, SCHEMA, TPCH, Place, bare, policies, tpch
from catalog.engines import engine_for
from catalog.engines.postgresql import PostgreSQLEngine

ROUNDS = 3
SECONDS = 60.0
# A query that takes less is run more often, because more else happens beside it.
SHORT = 0.3
FORMS = ("screens", "subqueries")
ROWS = {"literal row filters": LITERAL, "entitlement tables": ENTITLEMENT}
AIM_MEAN, AIM_WORST = 1.05, 1.5


def run() -> list[dict[str, Any]]:
    """The figures."""
    with tpch() as place:
        times = _times(place)
        figures = []
        for form in FORMS:
            for what in ROWS:
                figures += _figures(form, what, times)
        return [*figures, _converted(place)]


def _times(place: Place) -> dict[tuple[str, str], dict[str, float]]:
    """The best time of each query in each form, all forms interleaved."""
    best: dict[tuple[str, str], dict[str, float]] = {}
    for name, sql in TPCH.queries.items():
        runs: dict[tuple[str, str], Callable[[], int]] = {
            ("bare", ""): _drain(engine_for(place.tables), bare(sql))
        }
        for what, rows in ROWS.items():
            runs["screens", what] = _screened(place, _plan(sql, rows, is_managed=True))
            runs["subqueries", what] = _drain(
                engine_for(place.tables), _plan(sql, rows, is_managed=False).sql
            )
        for _ in range(ROUNDS if _seconds(runs["bare", ""]) > SHORT else ROUNDS * 3):
            for form, act in runs.items():
                seconds = _seconds(act)
                known = best.setdefault(form, {})
                known[name] = min(seconds, known.get(name, seconds))
    return best


def _plan(sql: str, rows: dict[str, str], *, is_managed: bool) -> Plan:
    known = policies(rows)
    return guard(
        sql,
        dialect="postgres",
        lookup=lambda schema, table, warehouse: known.get(table),
        default_schema=SCHEMA,
        warehouse="wh",
        variables={"principal": "analyst", "teams": [], "mask_key": "0"},
        screened=(lambda policy: True) if is_managed else None,
    )


def _screened(place: Place, plan: Plan) -> Callable[[], int]:
    engine = engine_for(place.screens, place.manage, plan.screening)
    assert isinstance(engine, PostgreSQLEngine)
    missing = engine.secure()
    assert not missing, missing
    return _drain(engine, plan.sql)


def _drain(engine: Any, sql: str) -> Callable[[], int]:
    def act() -> int:
        stream = engine.run(sql, deadline=time.monotonic() + SECONDS, max_rows=None)
        return sum(batch.rows for batch in stream)

    return act


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _figures(
    form: str, what: str, times: dict[tuple[str, str], dict[str, float]]
) -> list[dict[str, Any]]:
    plain, ours = times["bare", ""], times[form, what]
    each = {name: ours[name] / plain[name] for name in plain}
    worst = max(each, key=lambda name: each[name])
    listed = ", ".join(f"{name} {ratio:.2f}" for name, ratio in each.items())
    aimed = form == "screens"
    return [
        _figure(
            f"TPC-H by {form}, masks and {what}, geometric mean",
            sum(ours.values()),
            sum(plain.values()),
            f"rival: the bare queries, scale {SCALE:g}; {f'aim {AIM_MEAN}; ' if aimed else ''}{listed}",
            geometric_mean(each.values()),
        ),
        _figure(
            f"TPC-H by {form}, masks and {what}, worst ({worst})",
            ours[worst],
            plain[worst],
            f"rival: the bare query{f'; aim {AIM_WORST}' if aimed else ''}",
            each[worst],
        ),
    ]


def _converted(place: Place) -> dict[str, Any]:
    """A whole table as Arrow batches, against its bytes as the server's binary COPY sends them, unread."""
    sql = f"SELECT * FROM {SCHEMA}.lineitem"  # noqa: S608 - a constant
    ours, rival = [], []
    with psycopg.connect(place.tables) as connection:
        for _ in range(ROUNDS):
            ours.append(_seconds(_drain(engine_for(place.tables), sql)))
            rival.append(_seconds(lambda: _copied(connection, sql)))
    return _figure(
        "all of lineitem as Arrow batches",
        min(ours),
        min(rival),
        f"rival: COPY in binary, received and dropped; scale {SCALE:g}",
        min(ours) / min(rival),
    )


def _copied(connection: Any, sql: str) -> int:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT binary)") as copy,
    ):
        return sum(len(data) for data in copy)


def _figure(name: str, ours: float, rival: float, note: str, ratio: float) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 4),
        "rival": round(rival, 4),
        "ratio": round(ratio, 4),
        "unit": "s",
        "note": note,
    }
