"""What protection costs in DuckDB: TPC-H at scale 1 with masks and row filters, against the bare queries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from access.sql import guard
from bench._tpch import ENTITLEMENT, LITERAL, SCHEMA, TPCH, policies
from bench._web import figure
from catalog.engines import Engine, duckdb_pool, engine_for

SCALE = float(os.environ.get("GATEHOUSE_BENCH_DUCKDB_SCALE", "1"))
ROUNDS = 5
SECONDS = 120.0
ROWS = {"literal row filters": LITERAL, "entitlement tables": ENTITLEMENT}
AIM_MEAN, AIM_WORST = 1.15, 2.0
ENTITLED = """
    CREATE TABLE tpch.territory AS SELECT 'analyst' AS person, n_nationkey AS nationkey FROM tpch.nation
        WHERE n_nationkey NOT IN (3, 7);
    CREATE TABLE tpch.desk AS SELECT DISTINCT 'analyst' AS person, o_clerk AS clerk FROM tpch.orders
        WHERE right(o_clerk, 1) NOT IN ('2', '4');
"""


def run() -> list[dict[str, Any]]:
    """The figures."""
    with warehouse() as engine:
        times = _times(engine)
    return [row for what in ROWS for row in _figures(what, times)]


@contextmanager
def warehouse() -> Iterator[Engine]:
    """The data in a file of DuckDB; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-tpch-"))
    try:
        yield engine_for(f"duckdb:///{_filled(folder)}")
    finally:
        duckdb_pool.close_all()
        shutil.rmtree(folder, ignore_errors=True)


def _filled(folder: Path) -> Path:
    program = Path(sys.executable).with_name("tpchgen-cli")
    words = (program, "parquet", "-s", str(SCALE), f"--output-dir={folder}")
    subprocess.run(words, check=True, capture_output=True)
    path = folder / "measured.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(f"CREATE SCHEMA {SCHEMA}")
        for table, columns in TPCH.tables.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            source = f"SELECT * FROM read_parquet('{folder / table}.parquet')"  # noqa: S608 - ours
            database.execute(f"CREATE TABLE {SCHEMA}.{table} ({listed})")
            database.execute(f"INSERT INTO {SCHEMA}.{table} {source}").fetchall()
            (folder / f"{table}.parquet").unlink()
        database.execute(ENTITLED).fetchall()
    return path


def _times(engine: Engine) -> dict[str, dict[str, float]]:
    """The best time of each query in each form, all forms interleaved."""
    best: dict[str, dict[str, float]] = {what: {} for what in ("", *ROWS)}
    for name, sql in TPCH.queries.items():
        texts = {"": bare(sql), **{what: rewritten(sql, ROWS[what]) for what in ROWS}}
        for _ in range(ROUNDS):
            for what, text in texts.items():
                seconds = _seconds(engine, text)
                best[what][name] = min(seconds, best[what].get(name, seconds))
    return best


def bare(sql: str) -> str:
    """The query as written, its tables found in their schema."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    own = {part.alias for part in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in own:
            table.set("db", exp.to_identifier(SCHEMA))
    return tree.sql("duckdb")


def rewritten(sql: str, rows: dict[str, str]) -> str:
    """The query as the gate sends it."""
    known = policies(rows)
    plan = guard(
        sql,
        dialect="duckdb",
        lookup=lambda schema, table, warehouse: known.get(table),
        default_schema=SCHEMA,
        warehouse="wh",
        variables={"principal": "analyst", "teams": [], "mask_key": "0"},
    )
    return plan.sql


def _seconds(engine: Engine, sql: str) -> float:
    started = time.perf_counter()
    stream = engine.run(sql, deadline=time.monotonic() + SECONDS, max_rows=None)
    assert sum(batch.rows for batch in stream) >= 0
    return time.perf_counter() - started


def _figures(what: str, times: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    plain, ours = times[""], times[what]
    each = {name: ours[name] / plain[name] for name in plain}
    worst = max(each, key=lambda name: each[name])
    listed = ", ".join(f"{name} {ratio:.2f}" for name, ratio in each.items())
    return [
        figure(
            f"TPC-H on DuckDB, masks and {what}, geometric mean",
            *(sum(ours.values()), sum(plain.values()), "s"),
            f"rival: the bare queries, scale {SCALE:g}; aim {AIM_MEAN}; {listed}",
            geometric_mean(each.values()),
        ),
        figure(
            f"TPC-H on DuckDB, masks and {what}, worst ({worst})",
            *(ours[worst], plain[worst], "s"),
            f"rival: the bare query; aim {AIM_WORST}",
        ),
    ]
