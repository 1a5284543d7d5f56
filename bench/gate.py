"""What the gate costs: deciding and rewriting, the rewritten query, and the whole way from call to last byte."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from statistics import geometric_mean, median, quantiles
from typing import Any

import sqlglot

from access import gate
from access.gate import judging, plans
from access.gate.lookup import Tables
from access.models import Principal, Surface
from access.policies.reading import Standing
from access.sql import Plan, guard
from bench._warehouse import ENTITLEMENT, LITERAL, QUERIES, build, reader
from catalog.engines import Engine, engine_for
from catalog.models import Warehouse
from portal.embedded.web import set_aside

ROUNDS = 7
TINY = "SELECT country FROM shop.territory"


def run() -> list[dict[str, Any]]:
    """The figures."""
    warehouse = build()
    literal = reader(warehouse, "literal", LITERAL)
    analyst = reader(warehouse, "analyst", ENTITLEMENT)
    return [
        *_deciding(warehouse, analyst),
        *_rewritten(warehouse, literal, "literal row filters"),
        *_rewritten(warehouse, analyst, "an entitlement table"),
        *_whole_way(warehouse, analyst),
    ]


def _request(warehouse: Warehouse, person: Principal, sql: str) -> judging.Request:
    return judging.Request(
        uuid.uuid4(), person, warehouse, sql, "shop", "", Surface.WORKBENCH, None
    )


def _no_values(request: judging.Request, sql: str) -> list[Any]:
    return []


def _plan(warehouse: Warehouse, person: Principal, sql: str) -> Plan:
    return judging.judge(_request(warehouse, person, sql), _no_values).plan


def _deciding(warehouse: Warehouse, person: Principal) -> list[dict[str, Any]]:
    """Guard and rewriting with every policy already at hand, so that no database is in the figure."""
    set_aside()
    cold: list[float] = []
    warm: list[float] = []
    parse: list[float] = []
    stands = judging.stand(person)
    for sql in QUERIES.values():
        request = _request(warehouse, person, sql)
        tables = judging.tables_for(request)
        for _ in range(ROUNDS):
            plans.forget()
            cold.append(_cpu_seconds(_guarded, request, tables))
            parse.append(_cpu_seconds(_parsed, sql))
        judging.planned(request, tables, stands, list)
        for _ in range(200):
            warm.append(_cpu_seconds(_remembered, request, tables, stands))
    p99 = quantiles(cold, n=100)[98]
    return [
        _figure("guard and rewriting, cold, median CPU", 1e3 * median(cold), 3.0, "ms", "rival: the limit set for it"),
        _figure("guard and rewriting, cold, p99 CPU", 1e3 * p99, 8.0, "ms", "rival: the limit set for it"),
        _figure("guard, cold, beside parsing and printing alone", 1e3 * median(cold), 1e3 * median(parse), "ms",
                "rival: sqlglot reading and writing the same texts"),
        _figure("guard, remembered, median CPU", 1e6 * median(warm), 200.0, "µs", "rival: the limit set for it"),
    ]  # fmt: skip


def _parsed(sql: str) -> str:
    return sqlglot.parse_one(sql, dialect="duckdb").sql("duckdb")


def _guarded(request: judging.Request, tables: Tables) -> Plan:
    question = request.question
    return guard(
        request.sql,
        dialect=question.dialect,
        lookup=tables,
        default_schema=request.schema,
        warehouse=question.warehouse,
        variables={"principal": request.principal.username, "teams": [], "mask_key": "0"},
    )


def _remembered(request: judging.Request, tables: Tables, stands: Standing) -> Plan:
    assert plans.tables_asked.get(request.question) is not None
    found = plans.plans.get(judging.key_of(request, tables, stands))
    assert found is not None
    return found


def _rewritten(warehouse: Warehouse, person: Principal, what: str) -> list[dict[str, Any]]:
    """Rewritten against bare text on the same engine, interleaved; the best of each counts."""
    engine = engine_for(warehouse.url)
    ratios = {}
    for name, sql in QUERIES.items():
        rewritten = _plan(warehouse, person, sql).sql
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(_seconds(_drain, engine, rewritten))
            bare.append(_seconds(_drain, engine, sql))
        ratios[name] = (min(ours), min(bare))
    each = {name: ours / bare for name, (ours, bare) in ratios.items()}
    worst = max(each, key=lambda name: each[name])
    total = [sum(pair[side] for pair in ratios.values()) * 1e3 for side in (0, 1)]
    mean = geometric_mean(each.values())
    listed = ", ".join(f"{name} {ratio:.2f}" for name, ratio in each.items())
    return [
        _figure(f"rewritten query, masks and {what}, geometric mean", total[0], total[1], "ms",
                f"rival: the bare query, same engine and run; aim 1.15; {listed}", mean),
        _figure(f"rewritten query, masks and {what}, worst ({worst})", 1e3 * ratios[worst][0],
                1e3 * ratios[worst][1], "ms", "rival: the bare query; aim 2", each[worst]),
    ]  # fmt: skip


def _whole_way(warehouse: Warehouse, person: Principal) -> list[dict[str, Any]]:
    """From `gate.open` to the last byte: policies, plan, record, audit event, engine, evidence."""
    engine = engine_for(warehouse.url)
    gated: list[float] = []
    bare: list[float] = []
    for _ in range(60):
        gated.append(_seconds(_through_gate, warehouse, person, TINY))
        bare.append(_seconds(_drain, engine, TINY))
    bulk = "SELECT * FROM shop.lineitem"
    rewritten = _plan(warehouse, person, bulk).sql
    gated_bulk, bare_bulk = [], []
    for _ in range(5):
        gated_bulk.append(_seconds(_through_gate, warehouse, person, bulk))
        bare_bulk.append(_seconds(_drain, engine, rewritten))
    return [
        _figure("a four-row query through the gate, median", 1e3 * median(gated), 1e3 * median(bare), "ms",
                "rival: the same statement handed to the engine; two commits are in ours"),
        _figure("three million rows through the gate", 1e3 * min(gated_bulk), 1e3 * min(bare_bulk), "ms",
                "rival: the rewritten statement handed to the engine"),
    ]  # fmt: skip


def _through_gate(warehouse: Warehouse, person: Principal, sql: str) -> int:
    with gate.open(person, sql, warehouse=warehouse, surface=Surface.WORKBENCH) as result:
        return sum(len(message) for message in result.arrow())


def _drain(engine: Engine, sql: str) -> int:
    stream = engine.run(sql, deadline=time.monotonic() + 120, max_rows=None)
    return sum(batch.rows for batch in stream)


def _seconds(act: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - started


def _cpu_seconds(act: Callable[..., object], *arguments: object) -> float:
    """Work of this thread alone, which other people's load on the machine does not lengthen."""
    started = time.thread_time()
    act(*arguments)
    return time.thread_time() - started


def _figure(
    name: str, ours: float, rival: float, unit: str, note: str, ratio: float | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 4),
        "rival": round(rival, 4),
        "ratio": round(ours / rival if ratio is None else ratio, 4),
        "unit": unit,
        "note": note,
    }
