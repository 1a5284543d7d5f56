"""What both engines promise alike."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from catalog.engines import Engine, EngineError, engine_for, kind_of
from catalog.engines.arrow import END_OF_STREAM
from tests.catalog.engines.conftest import read


def test_describe_lists_tables_and_views_with_columns_and_comments(engine: Engine) -> None:
    customers, germans = engine.describe()

    assert (customers.schema, customers.name, customers.kind) == ("sales", "customers", "table")
    assert customers.comment == "One row per customer."
    assert [column.name for column in customers.columns] == ["id", "email", "country"]
    assert [column.is_nullable for column in customers.columns] == [False, True, True]
    assert customers.columns[1].comment == "Where we write to."
    assert (germans.kind, len(germans.columns)) == ("view", 1)
    assert "country" in germans.definition


def test_run_streams_arrow_that_pyarrow_reads(engine: Engine) -> None:
    stream = engine.run(
        "SELECT id, email FROM sales.customers ORDER BY id",
        deadline=time.monotonic() + 10,
        max_rows=None,
    )

    body = stream.schema_ipc + b"".join(batch.ipc for batch in stream) + END_OF_STREAM

    table = pa.ipc.open_stream(io.BytesIO(body)).read_all()
    table.validate(full=True)
    assert table.to_pylist() == [{"id": 1, "email": "ana@example.com"}, {"id": 2, "email": None}]


def test_an_empty_result_still_has_its_schema(engine: Engine) -> None:
    stream = engine.run(
        "SELECT id, email FROM sales.customers WHERE id > 9",
        deadline=time.monotonic() + 10,
        max_rows=None,
    )

    assert list(stream) == []
    assert [name for name, _ in stream.columns] == ["id", "email"]
    assert pa.ipc.open_stream(stream.schema_ipc + END_OF_STREAM).schema.names == ["id", "email"]


def test_max_rows_cuts_the_result_and_says_so(engine: Engine) -> None:
    sql = "SELECT id FROM sales.customers ORDER BY id"
    for max_rows, expected, is_truncated in [
        (0, [], True),
        (1, [(1,)], True),
        (2, [(1,), (2,)], False),
    ]:
        stream = engine.run(sql, deadline=time.monotonic() + 10, max_rows=max_rows)

        assert sum(batch.rows for batch in stream) == len(expected)
        assert stream.is_truncated is is_truncated


def test_repeated_output_names_are_kept(engine: Engine) -> None:
    stream = engine.run("SELECT 1 AS a, 2 AS a", deadline=time.monotonic() + 10, max_rows=None)

    assert [name for name, _ in stream.columns] == ["a", "a"]
    stream.close()


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELECT 1; SELECT 2", "not_a_query"),
        ("SELECT 1; DROP TABLE sales.customers", "not_a_query"),
        ("CREATE TEMP TABLE mine AS SELECT 1", "not_a_query"),
        ("DELETE FROM sales.customers", "not_a_query"),
        ("SELECT nothing FROM sales.customers", "name"),
        ("SELECT CAST(email AS INTEGER) FROM sales.customers", "conversion"),
    ],
)
def test_the_second_wall_stands_alone(engine: Engine, sql: str, cause: str) -> None:
    with pytest.raises(EngineError) as caught:
        read(engine, sql)

    assert caught.value.cause == cause
    assert len(read(engine, "SELECT id FROM sales.customers")) == 2


def test_an_error_never_repeats_what_the_engine_said(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        read(engine, "SELECT CAST(email AS INTEGER) FROM sales.customers")

    chain = [caught.value, caught.value.__cause__]
    if not caught.value.__suppress_context__:
        chain.append(caught.value.__context__)
    assert not any("ana@" in str(error) for error in chain if error)


def test_sixteen_queries_at_once_each_get_their_own_answer(engine: Engine) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: read(engine, f"SELECT {n} AS n", 30), range(16)))

    assert answers == [[(n,)] for n in range(16)]


def test_closing_early_frees_the_engine(engine: Engine) -> None:
    many = {"duckdb": "range(50000000)", "postgres": "generate_series(1, 50000000)"}
    stream = engine.run(
        f"SELECT i FROM {many[engine.dialect]} AS t(i)",
        deadline=time.monotonic() + 60,
        max_rows=None,
    )
    next(iter(stream))

    started = time.monotonic()
    stream.close()
    stream.close()

    assert time.monotonic() - started < 1.0
    assert read(engine, "SELECT 1 AS one") == [(1,)]


def test_an_unknown_scheme_is_refused_without_repeating_the_url() -> None:
    with pytest.raises(EngineError) as caught:
        kind_of("mysql://ana:hunter2@host/db")

    assert "hunter2" not in str(caught.value)


def test_a_missing_warehouse_is_unreachable_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "hunter2")
    for url in (
        "duckdb:////nowhere/${WAREHOUSE_PASSWORD}/wh.duckdb",
        "postgresql://ana:${WAREHOUSE_PASSWORD}@127.0.0.1:1/db",
        "postgresql://ana:${NOT_DEFINED}@127.0.0.1:1/db",
    ):
        with pytest.raises(EngineError) as caught:
            engine_for(url).describe()

        assert caught.value.cause == "unreachable"
        assert "hunter2" not in str(caught.value) + repr(caught.value.__cause__)


def test_a_query_that_yields_nothing_in_time_ends_long_before_its_deadline(engine: Engine) -> None:
    endless = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        list(engine.run(endless, deadline=started + 60, max_rows=None, first_by=started + 0.5))

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 5


def test_a_query_that_began_in_time_may_stream_to_its_deadline(engine: Engine) -> None:
    rows = "SELECT a FROM generate_series(1, 300000) t(a)"
    started = time.monotonic()
    stream = engine.run(rows, deadline=started + 60, max_rows=None, first_by=started + 2)

    batches = iter(stream)
    n_rows = next(batches).rows
    time.sleep(max(0.0, started + 2.2 - time.monotonic()))

    assert n_rows + sum(batch.rows for batch in batches) == 300000
