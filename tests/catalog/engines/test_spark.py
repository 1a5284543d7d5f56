"""What the Spark engine promises, asked of a real Spark Connect server with two executors."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from catalog.engines import Engine, EngineError, engine_for
from catalog.engines.arrow import END_OF_STREAM, rows_of
from tests import spark
from tests.catalog.engines.conftest import read

pytestmark = pytest.mark.spark

# Hours of work on two executors.
ENDLESS = (
    "SELECT count(*) FROM range(0, 1000000, 1, 4) a, range(0, 100000000, 1, 1) b"
    " WHERE a.id * b.id % 7 = 8"
)
# One value at a time that takes long: no task looks up in between to see whether it was told to stop.
LONG_VALUES = (
    "SELECT max(length(repeat(CAST(id AS STRING), 100000000))) AS n FROM range(0, 4000, 1, 2)"
)
MANY = "SELECT id, concat('event ', id) AS name FROM range(0, 4000000, 1, 32)"
TABLES = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.customers (id INT, email STRING COMMENT 'Where we write to.', country STRING)"
    " COMMENT 'One row per customer.'",
    "INSERT INTO shop.customers VALUES (1, 'ana@example.com', 'DE'), (2, NULL, 'FR')",
    "CREATE VIEW shop.germans AS SELECT id FROM shop.customers WHERE country = 'DE'",
)


@pytest.fixture(scope="module")
def engine(spark_server: spark.Server) -> Engine:
    spark.execute(spark_server.url, *TABLES)
    return engine_for(spark_server.url)


def _run(engine: Engine, sql: str, seconds: float = 60.0, **options: Any) -> Any:
    options.setdefault("max_rows", None)
    return engine.run(sql, deadline=time.monotonic() + seconds, **options)


def _is_free(engine: Engine) -> bool:
    """Whether both executors work on nothing else: each must take its half of this at once."""
    return read(engine, "SELECT count(*) FROM range(0, 1000, 1, 2)", 90.0) == [(1000,)]


def test_describe_lists_tables_and_views_with_columns_and_comments(engine: Engine) -> None:
    customers, germans = (one for one in engine.describe() if one.schema == "shop")

    assert (customers.name, customers.kind) == ("customers", "table")
    assert customers.comment == "One row per customer."
    assert [(column.name, column.type) for column in customers.columns] == [
        ("id", "int"),
        ("email", "string"),
        ("country", "string"),
    ]
    assert customers.columns[1].comment == "Where we write to."
    assert (germans.name, germans.kind) == ("germans", "view")
    assert "country" in germans.definition


def test_a_result_is_arrow_that_pyarrow_reads(engine: Engine) -> None:
    stream = _run(engine, "SELECT id, email FROM shop.customers ORDER BY id")

    body = stream.schema_ipc + b"".join(batch.ipc for batch in stream) + END_OF_STREAM

    table = pa.ipc.open_stream(io.BytesIO(body)).read_all()
    table.validate(full=True)
    assert table.to_pylist() == [{"id": 1, "email": "ana@example.com"}, {"id": 2, "email": None}]
    assert stream.columns == (("id", "int"), ("email", "string"))


def test_every_type_keeps_its_name_and_its_values(engine: Engine) -> None:
    sql = (
        "SELECT CAST(-1.25 AS DECIMAL(10,2)) AS d, DATE '2024-02-29' AS day, TIMESTAMP '2024-01-01 10:00:00' AS t,"
        " array(1, 2) AS a, struct(1 AS x, 'y' AS y) AS s, CAST(1.5 AS DOUBLE) AS f, true AS b, CAST(7 AS BIGINT) AS n"
    )
    stream = _run(engine, sql)
    types = [kind for _, kind in stream.columns]

    (row,) = [row for batch in stream for row in rows_of(stream.schema_ipc, batch.ipc)]

    assert types == [
        "decimal(10,2)", "date", "timestamp", "array<int>", "struct<x:int,y:string>", "double", "boolean", "bigint",
    ]  # fmt: skip
    assert [str(row[0]), str(row[1]), row[2].isoformat()] == [
        "-1.25",
        "2024-02-29",
        "2024-01-01T10:00:00+00:00",
    ]
    assert engine.shape(sql) == stream.columns


def test_an_empty_result_still_has_its_schema(engine: Engine) -> None:
    stream = _run(engine, "SELECT id, email FROM shop.customers WHERE id > 9")

    assert list(stream) == []
    assert [name for name, _ in stream.columns] == ["id", "email"]


def test_max_rows_cuts_the_result_and_says_so(engine: Engine) -> None:
    sql = "SELECT id FROM shop.customers ORDER BY id"
    for max_rows, expected, is_truncated in [
        (0, [], True),
        (1, [(1,)], True),
        (2, [(1,), (2,)], False),
    ]:
        stream = _run(engine, sql, max_rows=max_rows)

        assert [row for one in stream for row in rows_of(stream.schema_ipc, one.ipc)] == expected
        assert stream.is_truncated is is_truncated


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELECT 1; SELECT 2", "not_a_query"),
        ("SELECT 1; DROP TABLE shop.customers", "not_a_query"),
        ("DROP TABLE shop.customers", "not_a_query"),
        ("CREATE TEMPORARY VIEW mine AS SELECT 1", "not_a_query"),
        ("INSERT INTO shop.customers VALUES (3, 'x', 'y')", "not_a_query"),
        ("SET spark.sql.ansi.enabled = false", "not_a_query"),
        ("ADD JAR '/srv/evil.jar'", "not_a_query"),
        ("SELECT nothing FROM shop.customers", "name"),
        ("SELECT * FROM csv.`/etc/passwd`", "name"),
        ("SELECT * FROM text.`file:///etc/passwd`", "name"),
        ("SELECT CAST(email AS INT) FROM shop.customers", "conversion"),
        ("SELECT id / 0 FROM shop.customers", "arithmetic"),
        ("SELECT id + 9223372036854775807 FROM shop.customers", "arithmetic"),
    ],
)
def test_the_second_wall_stands_alone(engine: Engine, sql: str, cause: str) -> None:
    with pytest.raises(EngineError) as caught:
        read(engine, sql)

    assert caught.value.cause == cause
    assert "ana@" not in f"{caught.value}{caught.value.__cause__}"


def test_the_second_wall_left_everything_as_it_was(engine: Engine) -> None:
    assert len(read(engine, "SELECT id FROM shop.customers")) == 2


def test_a_statement_does_not_read_the_environment_of_the_server(engine: Engine) -> None:
    assert read(engine, "SELECT '${env:PATH}', '${spark.driver.host}'") == [
        ("${env:PATH}", "${spark.driver.host}")
    ]


def test_explaining_runs_nothing(engine: Engine) -> None:
    for command in ("DROP TABLE shop.customers", "INSERT INTO shop.customers VALUES (3, 'x', 'y')"):
        with pytest.raises(EngineError):
            engine.parse_tree(command)

    assert len(read(engine, "SELECT id FROM shop.customers")) == 2


def test_sessions_see_nothing_of_each_other(engine: Engine, spark_server: spark.Server) -> None:
    spark.execute(spark_server.url, "CREATE TEMPORARY VIEW left_behind AS SELECT 1 AS a")

    with pytest.raises(EngineError) as caught:
        read(engine, "SELECT a FROM left_behind")

    assert caught.value.cause == "name"


def test_the_deadline_ends_a_query_on_the_executors_too(engine: Engine) -> None:
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        list(_run(engine, ENDLESS, 3.0))

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 6
    assert _is_free(engine)


def test_a_query_that_yields_nothing_in_time_ends_long_before_its_deadline(engine: Engine) -> None:
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        list(_run(engine, ENDLESS, first_by=started + 1))

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 5


def test_closing_early_frees_the_executors(engine: Engine) -> None:
    stream = _run(engine, MANY)
    next(iter(stream))

    stream.close()
    stream.close()

    assert _is_free(engine)


@pytest.mark.drill
def test_a_stopped_statement_that_does_not_listen_ends_with_its_executors(
    engine: Engine, spark_server: spark.Server
) -> None:
    assert _is_free(engine)
    before = set(spark_server.executors())

    with pytest.raises(EngineError):
        list(_run(engine, LONG_VALUES, 4.0))

    assert _is_free(engine)
    assert before - set(spark_server.executors())


def test_a_server_that_does_not_stop_tasks_is_a_concern(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.concerns() == ()

    monkeypatch.setattr("catalog.engines.spark.REAPER", "spark.task.nothing.enabled")

    (concern,) = engine.concerns()
    assert "spark.task.nothing.killTimeout=10s" in concern


def test_another_thread_may_cancel(engine: Engine) -> None:
    stream = _run(engine, ENDLESS)
    threading.Timer(1.0, stream.cancel).start()

    with pytest.raises(EngineError):
        list(stream)

    assert _is_free(engine)


@pytest.mark.drill
def test_a_query_ends_with_the_process_that_asked(
    engine: Engine, spark_server: spark.Server
) -> None:
    asking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from catalog.engines import engine_for;"
            f"list(engine_for('{spark_server.url}').run({ENDLESS!r}, deadline=time.monotonic() + 100, max_rows=None))",
        ],
        cwd=spark.ROOT,
    )
    time.sleep(4)
    assert asking.poll() is None

    asking.kill()
    asking.wait()

    assert _is_free(engine)


def test_a_missing_server_is_unreachable_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPARK_TOKEN", "hunter2;/=")
    for url in (
        "sc://127.0.0.1:1/;token=${SPARK_TOKEN}",
        "sc://127.0.0.1:1/;token=${NOT_DEFINED}",
        "sc://127.0.0.1:1/;ssl_ca=/nowhere/ca.pem",
        "sc://127.0.0.1:1/;colour=blue",
        "sc://ana:hunter2@127.0.0.1:1",
    ):
        with pytest.raises(EngineError) as caught:
            engine_for(url).describe()

        assert caught.value.cause == "unreachable"
        assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize(
    ("url", "n_concerns"),
    [
        ("sc://127.0.0.1:15002", 0),
        ("sc://spark.example.com:15002", 1),
        ("sc://spark.example.com/;use_ssl=true", 0),
    ],
)
def test_an_open_line_to_another_machine_is_a_concern(url: str, n_concerns: int) -> None:
    assert len(engine_for(url).concerns()) == n_concerns


# --- Losing parts of the cluster


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[spark.Server]:
    """A server that a test may break."""
    with spark.running(tmp_path_factory.mktemp("breakable")) as server:
        yield server


def test_losing_an_executor_neither_lies_nor_stops_the_next_query(
    spark_server: spark.Server, engine: Engine
) -> None:
    stream = _run(engine, MANY, 120.0)
    batches = iter(stream)
    n_rows = next(batches).rows

    os.kill(spark_server.executors()[0], signal.SIGKILL)

    # Spark works the lost part out anew; a stream that could not be made whole would have to fail instead.
    with contextlib.suppress(EngineError):
        n_rows += sum(batch.rows for batch in batches)
        assert n_rows == 4_000_000
    assert _is_free(engine)
    assert len(spark_server.executors()) == 2


@pytest.mark.drill
def test_losing_the_server_fails_the_stream_and_the_next_query(own_server: spark.Server) -> None:
    engine = engine_for(own_server.url)
    stream = _run(engine, MANY, 120.0)
    batches = iter(stream)
    next(batches)

    own_server.stop()

    with pytest.raises(EngineError) as caught:
        list(batches)
    assert caught.value.cause == "crash"
    with pytest.raises(EngineError) as after:
        read(engine, "SELECT 1 AS one")
    assert after.value.cause == "unreachable"


@pytest.mark.drill
def test_a_server_that_stands_still_does_not_hold_its_reader(own_server: spark.Server) -> None:
    engine = engine_for(own_server.url)
    read(engine, "SELECT count(*) FROM range(0, 1000, 1, 2)", 60.0)
    stream = _run(engine, MANY, 20.0)
    batches = iter(stream)
    next(batches)

    own_server.pause()
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        list(batches)
    own_server.resume()

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 25
