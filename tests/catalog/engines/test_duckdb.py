"""DuckDB in worker processes: killable, confined, and no burden on the file's owner."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from catalog.engines import Engine, EngineError, duckdb_pool, duckdb_process, engine_for
from catalog.engines.confinement import NICEST
from catalog.engines.duckdb import DuckDBEngine, DuckDBStream
from catalog.engines.duckdb_process import Limits
from tests.catalog.engines.conftest import read


def children_of(process: int | str) -> list[int]:
    """The processes that the threads of one started; none if they ended while we looked."""
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):
            found += map(int, (thread / "children").read_text().split())
    return found


def nurseries() -> list[int]:
    """The process ids of what the workers of this test run are copies of."""
    mark = b"duckdb_nursery"
    return [pid for pid in children_of("self") if mark in Path(f"/proc/{pid}/cmdline").read_bytes()]


def workers() -> list[int]:
    """The process ids of the workers of this test run."""
    return [pid for parent in nurseries() for pid in children_of(parent) if is_running(pid)]


def is_running(pid: int) -> bool:
    """Whether a process exists and is more than an exit status nobody collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def resident_bytes(pid: int) -> int:
    """The memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


LONG_CALLS = {
    "a two gigabyte text": "SELECT repeat('x', 2000000000)",
    "padding row by row": "SELECT max(length(lpad('x', 100000 + i::INT, 'y'))) FROM range(1000000) t(i)",
    "hashing long texts": "SELECT max(md5(repeat(i::VARCHAR, 200000))) FROM range(1000000) t(i)",
    "a product of ranges": "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range <> b.range",
}


@pytest.mark.parametrize("sql", LONG_CALLS.values(), ids=LONG_CALLS)
def test_one_long_call_ends_within_a_second_of_its_deadline(
    duckdb_engine: Engine, sql: str
) -> None:
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        read(duckdb_engine, sql, seconds=1.0)

    assert caught.value.cause in {"deadline", "memory"}
    assert time.monotonic() - started < 2.0
    assert read(duckdb_engine, "SELECT 1") == [(1,)]


def test_a_worker_killed_in_the_middle_of_a_stream_fails_that_stream_alone(
    duckdb_engine: Engine,
) -> None:
    sql = "SELECT i FROM range(50000000) t(i)"
    victim = duckdb_engine.run(sql, deadline=time.monotonic() + 30, max_rows=None)
    other = duckdb_engine.run(sql, deadline=time.monotonic() + 30, max_rows=200_000)
    assert isinstance(victim, DuckDBStream)
    assert victim._worker is not None
    os.kill(victim._worker.pid, signal.SIGKILL)

    with pytest.raises(EngineError) as caught:
        list(victim)

    assert caught.value.cause == "crash"
    assert sum(batch.rows for batch in other) == 200_000
    assert read(duckdb_engine, "SELECT 1") == [(1,)]


def test_a_query_out_of_memory_fails_alone(duckdb_engine: Engine) -> None:
    stream = duckdb_engine.run(
        "SELECT i FROM range(50000000) t(i)", deadline=time.monotonic() + 60, max_rows=None
    )
    beside = iter(stream)
    next(beside)

    with pytest.raises(EngineError) as caught:
        read(duckdb_engine, "SELECT string_agg(repeat('x', 1000), ',') FROM range(2000000)")

    assert caught.value.cause == "memory"
    assert next(beside).rows > 0
    assert read(duckdb_engine, "SELECT 1") == [(1,)]
    stream.close()


def test_a_query_that_takes_long_makes_way_and_its_process_is_not_used_again(
    duckdb_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_process, "MAKE_WAY_AFTER", 0.0)
    engine = DuckDBEngine(f"duckdb:///{duckdb_file}")
    told: list[str] = []
    # Much more than the pipe holds, so that it is still at work when it is looked at, and long after.
    stream = engine.run(
        "SELECT i FROM range(50000000) t(i)",
        deadline=time.monotonic() + 60,
        max_rows=5_000_000,
        stood_back=lambda: told.append("stood back"),
    )
    batches = iter(stream)
    next(batches)
    assert stream._worker is not None
    slow = stream._worker.pid

    time.sleep(1.0)

    threads = [int(task.name) for task in Path(f"/proc/{slow}/task").iterdir()]
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {NICEST}
    assert sum(batch.rows for batch in batches) > 0
    assert told == ["stood back"]
    read(engine, "SELECT 1")
    assert slow not in workers()
    duckdb_pool.close_all()


def test_a_short_query_does_not_stand_back(duckdb_engine: Engine) -> None:
    told: list[str] = []

    for _ in range(2):
        list(
            duckdb_engine.run(
                "SELECT 1",
                deadline=time.monotonic() + 30,
                max_rows=None,
                stood_back=lambda: told.append("stood back"),
            )
        )

    assert told == []
    assert len(workers()) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
    ],
)
def test_no_file_and_no_network_even_without_the_guard(duckdb_engine: Engine, sql: str) -> None:
    with pytest.raises(EngineError) as caught:
        read(duckdb_engine, sql)

    assert caught.value.cause in {"other", "name", "unreachable"}


@pytest.mark.parametrize(
    "sql",
    [
        "SET threads = 64",
        "SET enable_external_access = true",
        "ATTACH ':memory:' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA version",
        "COPY (SELECT 1) TO 'out.csv'",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "USE sales",
        "SET VARIABLE x = 1",
        "WITH gone AS (DELETE FROM sales.customers RETURNING *) SELECT * FROM gone",
    ],
)
def test_nothing_but_a_select_runs_even_without_the_guard(duckdb_engine: Engine, sql: str) -> None:
    with pytest.raises(EngineError):
        read(duckdb_engine, sql)

    assert len(read(duckdb_engine, "SELECT id FROM sales.customers")) == 2


def test_the_kernel_keeps_the_worker_from_files_duckdb_would_open(
    duckdb_engine: Engine, duckdb_file: Path
) -> None:
    other = duckdb_file.parent / "other.duckdb"
    duckdb.connect(str(other)).close()

    with pytest.raises(EngineError):
        read(duckdb_engine, f"SELECT * FROM read_duckdb('{other}', table_name := 'x')")


def test_a_worker_inherits_no_environment(
    duckdb_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "hunter2")
    read(duckdb_engine, "SELECT 1")

    worker = Path(f"/proc/{workers()[0]}")

    assert b"hunter2" not in (worker / "environ").read_bytes()
    assert b"hunter2" not in (worker / "cmdline").read_bytes()


def test_every_worker_stands_behind_every_wall_of_the_kernel(duckdb_engine: Engine) -> None:
    read(duckdb_engine, "SELECT 1")
    facts = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{workers()[0]}/status").read_text().splitlines()
        if ":" in line
    )

    if duckdb_engine.concerns():
        pytest.skip("; ".join(duckdb_engine.concerns()))
    assert facts["Seccomp"].split() == ["2"]
    assert facts["NoNewPrivs"].split() == ["1"]
    assert int(facts["CapEff"], 16) & ~0b110 == 0
    assert Path(f"/proc/{workers()[0]}/oom_score_adj").read_text().split() == ["1000"]


def test_a_missing_wall_is_said(duckdb_file: Path) -> None:
    engine = DuckDBEngine(f"duckdb:///{duckdb_file}")
    pool = engine._pool()
    worker = pool.take(deadline=time.monotonic() + 10)
    worker.walls = {"landlock": True}
    pool.give_back(worker)

    (concern,) = engine.concerns()

    assert "seccomp" in concern
    duckdb_pool.close_all()


def test_a_worker_is_used_again(duckdb_engine: Engine) -> None:
    read(duckdb_engine, "SELECT 1")
    before = workers()

    read(duckdb_engine, "SELECT 2")

    assert workers() == before


def test_what_one_query_leaves_behind_the_next_does_not_see(duckdb_engine: Engine) -> None:
    read(duckdb_engine, "SELECT setseed(0.5)")

    with pytest.raises(EngineError):
        read(duckdb_engine, "SELECT * FROM mine")


def test_a_replaced_file_is_read_anew(duckdb_engine: Engine, duckdb_file: Path) -> None:
    assert len(read(duckdb_engine, "SELECT id FROM sales.customers")) == 2
    fresh = duckdb_file.with_suffix(".fresh")
    with duckdb.connect(str(fresh)) as connection:
        connection.execute("CREATE SCHEMA sales; CREATE TABLE sales.customers AS SELECT 7 AS id")
    fresh.replace(duckdb_file)

    assert read(duckdb_engine, "SELECT id FROM sales.customers") == [(7,)]


def test_an_idle_worker_lets_the_owner_write(duckdb_engine: Engine, duckdb_file: Path) -> None:
    assert len(read(duckdb_engine, "SELECT id FROM sales.customers")) == 2
    time.sleep(2.5)
    with duckdb.connect(str(duckdb_file)) as connection:
        connection.execute("INSERT INTO sales.customers VALUES (3, NULL, NULL)")

    assert len(read(duckdb_engine, "SELECT id FROM sales.customers")) == 3


def test_a_file_its_owner_is_writing_is_busy_and_not_broken(
    duckdb_engine: Engine, duckdb_file: Path
) -> None:
    with duckdb.connect(str(duckdb_file)), pytest.raises(EngineError) as caught:
        read(duckdb_engine, "SELECT 1")

    assert caught.value.cause == "busy"
    assert read(duckdb_engine, "SELECT 1") == [(1,)]


def test_no_process_and_no_folder_is_left_behind(duckdb_engine: Engine) -> None:
    before = folders()
    read(duckdb_engine, "SELECT 1")
    abandoned = duckdb_engine.run(
        "SELECT i FROM range(50000000) t(i)", deadline=time.monotonic() + 30, max_rows=None
    )
    assert len(folders()) - len(before) == len(workers()) == 1
    abandoned.close()

    duckdb_pool.close_all()

    assert workers() == []
    assert folders() == before


def folders() -> list[Path]:
    """The temporary folders of this run's workers."""
    own = f"{duckdb_process.FOLDER_PREFIX}{os.getpid()}-*"
    return list(Path(tempfile.gettempdir()).glob(own))


def test_a_worker_dies_with_the_process_that_started_it(duckdb_file: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; from catalog.engines import engine_for;"
        f"s = engine_for('duckdb:///{duckdb_file}').run('SELECT i FROM range(1000000000) t(i)',"
        " deadline=time.monotonic() + 60, max_rows=None);"
        "print(s._worker.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert is_running(worker)

    parent.kill()
    parent.wait()

    for _ in range(30):
        if not is_running(worker):
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent")


def test_nobody_waits_for_somebody_elses_first_rows(duckdb_engine: Engine) -> None:
    slow = duckdb_engine.run(
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range <> b.range",
        deadline=time.monotonic() + 60,
        max_rows=None,
    )
    causes: list[str] = []

    def wait() -> None:
        with pytest.raises(EngineError) as caught:
            _ = slow.columns
        causes.append(caught.value.cause)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.2)

    assert read(duckdb_engine, "SELECT 1", seconds=20) == [(1,)]
    assert waiting.is_alive()
    slow.cancel()
    waiting.join(10)
    assert causes == ["crash"]


def test_every_worker_of_a_process_comes_from_one_nursery(duckdb_engine: Engine) -> None:
    streams = [
        duckdb_engine.run("SELECT 1", deadline=time.monotonic() + 20, max_rows=None)
        for _ in range(3)
    ]

    assert len(nurseries()) == 1
    assert len(workers()) == 3
    for stream in streams:
        stream.close()


def test_a_killed_nursery_takes_its_workers_along_and_is_replaced(duckdb_engine: Engine) -> None:
    stream = duckdb_engine.run(
        "SELECT i FROM range(50000000) t(i)", deadline=time.monotonic() + 30, max_rows=None
    )
    next(iter(stream))
    (before,) = nurseries()
    os.kill(before, signal.SIGKILL)

    with pytest.raises(EngineError) as caught:
        list(stream)

    assert caught.value.cause == "crash"
    assert read(duckdb_engine, "SELECT 1") == [(1,)]
    assert before not in nurseries()


def test_a_worker_holds_its_three_pipes_and_nothing_of_the_portal(
    duckdb_engine: Engine, duckdb_file: Path
) -> None:
    with duckdb_file.open("rb"):
        read(duckdb_engine, "SELECT 1")
        held = [
            os.readlink(entry)
            for entry in Path(f"/proc/{workers()[0]}/fd").iterdir()
            if not entry.name.startswith("1") or int(entry.name) > 2
        ]

    kinds = {name.partition(":")[0] for name in held}
    others = {"/dev/null", "/dev/urandom", str(duckdb_file), "anon_inode"}
    assert kinds <= {"pipe", "/memfd", *others}
    assert sum(name.startswith("pipe:") for name in held) == 3


def test_the_thread_that_asked_may_end_without_ending_the_worker(duckdb_engine: Engine) -> None:
    thread = threading.Thread(target=read, args=(duckdb_engine, "SELECT 1"))
    thread.start()
    thread.join()
    before = workers()

    assert read(duckdb_engine, "SELECT 2") == [(2,)]
    assert workers() == before


def test_a_slow_reader_holds_the_query_and_memory_stays_flat(duckdb_engine: Engine) -> None:
    stream = duckdb_engine.run(
        "SELECT i, repeat('x', 100) AS pad FROM range(20000000) t(i)",
        deadline=time.monotonic() + 60,
        max_rows=None,
    )
    batches = iter(stream)
    next(batches)
    time.sleep(1.0)

    assert resident_bytes(workers()[0]) < 400 << 20
    stream.close()


def test_more_queries_than_workers_wait_and_then_are_told(duckdb_file: Path) -> None:
    engine = DuckDBEngine(f"duckdb:///{duckdb_file}", Limits(workers=1))
    busy = engine.run(
        "SELECT i FROM range(50000000) t(i)", deadline=time.monotonic() + 30, max_rows=None
    )

    with pytest.raises(EngineError) as caught:
        read(engine, "SELECT 1", seconds=0.3)

    assert caught.value.cause == "busy"
    busy.close()
    assert read(engine, "SELECT 1") == [(1,)]
    duckdb_pool.close_all()


def test_types_without_an_arrow_encoding_travel_as_text(duckdb_engine: Engine) -> None:
    row = read(
        duckdb_engine,
        "SELECT map {'a': 1} AS m, 'x'::ENUM('x', 'y') AS e, INTERVAL 1 DAY AS i, ['x'::ENUM('x')] AS l,"
        " uuid() IS NOT NULL AS u, 170141183460469231731687303715884105727::HUGEINT::VARCHAR AS h",
    )[0]

    assert row == (
        '{"a":1}',
        "x",
        "1 day",
        '["x"]',
        True,
        "170141183460469231731687303715884105727",
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-1.50::DECIMAL(9,2)", Decimal("-1.50")),
        (
            "-170141183460469231731687303715884105::HUGEINT",
            Decimal("-170141183460469231731687303715884105"),
        ),
        ("DATE '2024-02-29'", dt.date(2024, 2, 29)),
        ("DATE 'infinity'", "infinity"),
        ("TIMESTAMP '-infinity'", "-infinity"),
        ("TIMESTAMP '1969-12-31 23:59:59.5'", dt.datetime(1969, 12, 31, 23, 59, 59, 500000)),  # noqa: DTZ001
        ("TIMESTAMP_NS '2024-01-01 00:00:00.123456789'", dt.datetime(2024, 1, 1, 0, 0, 0, 123456)),  # noqa: DTZ001
        ("TIMESTAMPTZ '2024-07-01 02:00:00+02'", dt.datetime(2024, 7, 1, tzinfo=dt.UTC)),
        ("[1, NULL]", [1, None]),
        ("{'a': -1.5::DECIMAL(3,1)}", {"a": Decimal("-1.5")}),
        ("'\\xFF'::BLOB", b"\xff"),
        ("NULL", None),
    ],
)
def test_a_value_arrives_as_what_it_is(
    duckdb_engine: Engine, expression: str, value: object
) -> None:
    assert read(duckdb_engine, f"SELECT {expression} AS v") == [(value,)]


@pytest.mark.parametrize("sql", ["DROP TABLE sales.customers", "SELECT 1; SELECT 2", "garbage("])
def test_the_parser_confirms_one_select_and_nothing_else(duckdb_engine: Engine, sql: str) -> None:
    assert '"SELECT_NODE"' in (duckdb_engine.parse_tree("SELECT id FROM sales.customers") or "")

    with pytest.raises(EngineError):
        duckdb_engine.parse_tree(sql)


def test_a_schema_may_be_called_like_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sales.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE SCHEMA sales; CREATE TABLE sales.sales.customers AS SELECT 7 AS id"
        )
    engine = engine_for(f"duckdb:///{path}")

    assert [relation.name for relation in engine.describe()] == ["customers"]
    for _ in range(2):
        assert read(engine, 'SELECT id FROM "sales"."customers"') == [(7,)]
    with pytest.raises(EngineError):
        read(engine, "SELECT * FROM read_csv('/etc/passwd')")
    duckdb_pool.close_all()


def test_a_view_may_name_its_database(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT 7 AS id; CREATE VIEW v AS SELECT * FROM shop.main.t"
        )

    assert read(engine_for(f"duckdb:///{path}"), "SELECT id FROM main.v") == [(7,)]
    duckdb_pool.close_all()


def test_a_relative_path_is_allowed(duckdb_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(duckdb_file.parent)

    assert len(engine_for("duckdb:///wh.duckdb").describe()) == 2
    duckdb_pool.close_all()
