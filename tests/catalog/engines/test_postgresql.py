"""PostgreSQL: types as they are, read-only, and stopped when it should."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from catalog.engines import Engine, EngineError, engine_for
from catalog.engines.postgresql import PostgreSQLStream
from catalog.engines.postgresql_sessions import MOST, close_idle
from tests.catalog.engines.conftest import read

UTC = dt.UTC

VALUES = {
    "true": True,
    "1::smallint": 1,
    "(-2)::integer": -2,
    "9223372036854775807": 9223372036854775807,
    "1.5::real": 1.5,
    "2.25::double precision": 2.25,
    "'ä€'::text": "ä€",
    "'ab'::char(3)": "ab ",
    "12.30::numeric(10,2)": Decimal("12.30"),
    "-0.01::numeric(10,2)": Decimal("-0.01"),
    "1::numeric / 3": Decimal("0.333333333"),
    "date '2024-02-29'": dt.date(2024, 2, 29),
    "date '1969-12-31'": dt.date(1969, 12, 31),
    "date 'infinity'": "infinity",
    "date '-infinity'": "-infinity",
    "timestamp 'infinity'": "infinity",
    "timestamptz '-infinity'": "-infinity",
    "timestamp '20000-02-29 12:00'": "20000-02-29T12:00:00",
    "-12345.67::numeric(10,2)": Decimal("-12345.67"),
    "-1::numeric": Decimal("-1.000000000"),
    "time '23:59:59.999999'": dt.time(23, 59, 59, 999999),
    "timestamp '1999-12-31 23:59:59.5'": dt.datetime(1999, 12, 31, 23, 59, 59, 500000),  # noqa: DTZ001
    "timestamptz '2024-07-01 02:00+02'": dt.datetime(2024, 7, 1, tzinfo=UTC),
    "'\\x00ff'::bytea": b"\x00\xff",
    "'{\"a\": [1]}'::jsonb": '{"a": [1]}',
    "array[1, 2]": "{1,2}",
    "'4b8e68ff-9103-4e3a-af59-196c426ec813'::uuid": "4b8e68ff-9103-4e3a-af59-196c426ec813",
    "interval '1 day 2 hours'": "1 day 02:00:00",
    "inet '10.0.0.1'": "10.0.0.1/32",
    "999999999999999.999::numeric(18,3)": Decimal("999999999999999.999"),
    "-999999999999999.999::numeric(18,3)": Decimal("-999999999999999.999"),
    "12345678901234567.89::numeric(19,2)": Decimal("12345678901234567.89"),
    "int4range(1, 5)": "[1,5)",
    "'{\"a\": [1]}'::json": '{"a": [1]}',
    "array['x', null]": "{x,NULL}",
    "macaddr '08:00:2b:01:02:03'": "08:00:2b:01:02:03",
    "'NaN'::double precision = 'NaN'": True,
    "'Infinity'::double precision": float("inf"),
    "null::integer": None,
    "null::numeric(5,2)": None,
    "null::text": None,
    "null": None,
}


@pytest.mark.parametrize("expression", VALUES)
def test_a_value_arrives_as_what_it_is(postgresql_engine: Engine, expression: str) -> None:
    # Twice, beside a NULL: validity bitmaps and the fast path without them are different code.
    rows = read(
        postgresql_engine,
        f"SELECT v FROM (SELECT 1 AS n, {expression} AS v UNION ALL SELECT 2, NULL) AS t ORDER BY n",
    )
    alone = read(postgresql_engine, f"SELECT {expression} AS v")

    assert [row[0] for row in rows] == [VALUES[expression], None]
    assert alone == [(VALUES[expression],)]


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELECT 'NaN'::numeric", "arithmetic"),
        ("SELECT 1e35::numeric(36,0) * 1000", "arithmetic"),
        ("SELECT 10::numeric ^ 30", "arithmetic"),
        ("SELECT 'NaN'::numeric(10,2)", "other"),
    ],
)
def test_a_number_that_does_not_fit_fails_rather_than_lies(
    postgresql_engine: Engine, sql: str, cause: str
) -> None:
    with pytest.raises(EngineError) as caught:
        read(postgresql_engine, sql)

    assert caught.value.cause == cause


def test_every_row_of_many_batches_arrives_in_order(postgresql_engine: Engine) -> None:
    rows = read(
        postgresql_engine, "SELECT i, 'n' || i FROM generate_series(1, 50000) AS t(i) ORDER BY i"
    )

    assert rows == [(i, f"n{i}") for i in range(1, 50001)]


def test_order_survives_the_cast_of_odd_types(postgresql_engine: Engine) -> None:
    rows = read(
        postgresql_engine,
        "SELECT i, array[i] AS a FROM generate_series(1, 3000) AS t(i) ORDER BY i DESC",
    )

    assert [row[0] for row in rows] == list(range(3000, 0, -1))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_sleep(30)",
        "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b",
    ],
)
def test_a_query_ends_at_its_deadline(postgresql_engine: Engine, sql: str) -> None:
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        read(postgresql_engine, sql, seconds=1.0)

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 2.0


def test_a_server_that_does_not_keep_the_deadline_is_cut_off(postgresql_engine: Engine) -> None:
    stream = postgresql_engine.run(
        "SELECT pg_backend_pid(), pg_sleep(30)", deadline=time.monotonic() + 1.0, max_rows=None
    )
    assert isinstance(stream, PostgreSQLStream)
    backend = stream._connection.info.backend_pid
    started = time.monotonic()

    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(EngineError):
            list(stream)
    finally:
        os.kill(backend, signal.SIGCONT)

    assert time.monotonic() - started < 4.0


@pytest.mark.parametrize(
    "sql",
    [
        "WITH gone AS (DELETE FROM sales.customers RETURNING *) SELECT * FROM gone",
        "SELECT nextval('sales.numbers')",
        "SELECT lo_create(0)",
    ],
)
def test_even_a_superuser_of_the_warehouse_writes_nothing(
    postgresql_warehouse: str, postgres_url: str, sql: str
) -> None:
    owner = psycopg.conninfo.make_conninfo(postgres_url, dbname="engine_wh")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("CREATE SEQUENCE IF NOT EXISTS sales.numbers")
    mighty = engine_for(postgresql_warehouse.replace("engine_reader", "portal"))

    with pytest.raises(EngineError) as caught:
        read(mighty, sql)

    assert caught.value.cause == "not_a_query"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "COPY sales.customers TO STDOUT",
        "COPY sales.customers TO PROGRAM 'cat'",
        "SET ROLE postgres",
        "BEGIN",
        "LISTEN gossip",
        "WITH gone AS (DELETE FROM sales.customers RETURNING *) SELECT * FROM gone",
        "SELECT id FROM sales.customers FOR UPDATE",
        "SELECT id INTO TEMP mine FROM sales.customers",
        "VALUES (1); VALUES (2)",
        "EXPLAIN ANALYZE DELETE FROM sales.customers",
    ],
)
def test_nothing_is_written_or_reached_even_without_the_guard(
    postgresql_engine: Engine, sql: str
) -> None:
    with pytest.raises(EngineError):
        read(postgresql_engine, sql)

    assert len(read(postgresql_engine, "SELECT id FROM sales.customers")) == 2


def test_unqualified_names_reach_only_the_system_catalog(postgresql_engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        read(postgresql_engine, "SELECT id FROM customers")

    assert caught.value.cause == "name"


def _connections(postgres_url: str) -> int:
    with psycopg.connect(postgres_url) as server:
        row = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'engine_wh'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_stream_left_halfway_leaves_no_connection_behind(
    postgresql_engine: Engine, postgres_url: str
) -> None:
    close_idle()
    for _ in range(5):
        stream = postgresql_engine.run(
            "SELECT i FROM generate_series(1, 10000000) AS t(i)",
            deadline=time.monotonic() + 30,
            max_rows=None,
        )
        next(iter(stream))
        stream.close()

    for _ in range(50):
        if _connections(postgres_url) == 0:
            return
        time.sleep(0.1)
    pytest.fail("a connection stayed open")


def test_queries_that_end_well_share_a_connection(
    postgresql_engine: Engine, postgres_url: str
) -> None:
    close_idle()
    backends = {read(postgresql_engine, "SELECT pg_backend_pid()")[0][0] for _ in range(10)}

    assert len(backends) == 1
    assert _connections(postgres_url) == 1


def test_closing_twice_does_not_take_the_connection_from_its_next_user(
    postgresql_engine: Engine,
) -> None:
    close_idle()
    first = postgresql_engine.run("SELECT 1", deadline=time.monotonic() + 9, max_rows=None)
    assert sum(batch.rows for batch in first) == 1
    second = postgresql_engine.run("SELECT 2", deadline=time.monotonic() + 9, max_rows=None)

    first.close()
    first.cancel()

    assert sum(batch.rows for batch in second) == 1


def test_a_connection_remembers_nothing_of_the_last_query(postgresql_engine: Engine) -> None:
    read(
        postgresql_engine,
        "SELECT set_config('work_mem', '1MB', false), set_config('my.secret', 'x', false)",
    )

    assert read(postgresql_engine, "SELECT current_setting('work_mem'), current_setting('my.secret', true)") == [("64MB", "")]  # fmt: skip


def test_a_restarted_server_is_noticed_and_forgiven(
    postgresql_engine: Engine, postgres_url: str
) -> None:
    """Every session is ended under the pool's hands, as a restart does."""
    read(postgresql_engine, "SELECT 1")
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'engine_wh'"
        )

    assert read(postgresql_engine, "SELECT 1") == [(1,)]


def test_a_stream_whose_server_goes_away_fails(
    postgresql_engine: Engine, postgres_url: str
) -> None:
    stream = postgresql_engine.run(
        "SELECT i FROM generate_series(1, 50000000) AS t(i)",
        deadline=time.monotonic() + 60,
        max_rows=None,
    )
    batches = iter(stream)
    next(batches)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'engine_wh'"
        )

    with pytest.raises(EngineError) as caught:
        for _ in batches:
            pass

    assert caught.value.cause == "crash"
    assert read(postgresql_engine, "SELECT 1") == [(1,)]


def test_never_more_connections_than_the_pool_has_places(
    postgresql_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = [
        postgresql_engine.run("SELECT 1", deadline=time.monotonic() + 30, max_rows=None)
        for _ in range(MOST)
    ]

    with pytest.raises(EngineError) as caught:
        postgresql_engine.run("SELECT 1", deadline=time.monotonic() + 0.3, max_rows=None)

    assert caught.value.cause == "unreachable"
    for stream in streams:
        stream.close()
    assert read(postgresql_engine, "SELECT 1") == [(1,)]


def test_a_cancelled_stream_fails_and_its_server_stops(
    postgresql_engine: Engine, postgres_url: str
) -> None:
    close_idle()
    stream = postgresql_engine.run(
        "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
        deadline=time.monotonic() + 60,
        max_rows=None,
    )
    threading.Timer(0.5, stream.cancel).start()

    with pytest.raises(EngineError):
        list(stream)

    for _ in range(50):
        if _connections(postgres_url) == 0:
            return
        time.sleep(0.1)
    pytest.fail("the server still works for nobody")


def test_a_changed_secret_is_used_by_the_next_connection(
    postgresql_warehouse: str, postgres_url: str, tmp_path: Path
) -> None:
    secret = tmp_path / "role"
    secret.write_text("engine_reader\n")
    engine = engine_for(postgresql_warehouse.replace("engine_reader", f"${{file:{secret}}}"))
    first = read(engine, "SELECT current_user::text")

    secret.write_text("portal\n")

    assert first + read(engine, "SELECT current_user::text") == [("engine_reader",), ("portal",)]


def test_a_secret_may_come_from_a_command(postgresql_warehouse: str) -> None:
    engine = engine_for(postgresql_warehouse.replace("engine_reader", "${command:printf engine_%s reader}"))  # fmt: skip

    assert read(engine, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("reference", ["${file:/no/such/file}", "${command:false}", "${NOT_THERE}"])
def test_a_missing_secret_is_named_and_never_shown(
    postgresql_warehouse: str, reference: str
) -> None:
    engine = engine_for(postgresql_warehouse.replace("engine_reader", reference))

    with pytest.raises(EngineError) as caught:
        engine.describe()

    assert caught.value.cause == "unreachable"
    assert caught.value.__cause__ is None


def test_references_in_the_url_are_resolved_when_connecting(
    postgresql_warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = postgresql_warehouse.replace("engine_reader", "${WAREHOUSE_ROLE}")
    engine = engine_for(template)
    monkeypatch.setenv("WAREHOUSE_ROLE", "engine_reader")

    assert len(engine.describe()) == 2


def test_the_portals_own_database_is_never_a_warehouse(
    postgresql_warehouse: str, postgres_url: str
) -> None:
    owner = psycopg.conninfo.make_conninfo(postgres_url, dbname="engine_wh")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("CREATE TABLE public.access_grant (id int)")
        try:
            with pytest.raises(EngineError) as caught:
                engine_for(postgresql_warehouse).describe()
        finally:
            database.execute("DROP TABLE public.access_grant")

    assert "never a warehouse" in str(caught.value)


def test_a_role_with_too_many_rights_is_a_concern(
    postgresql_engine: Engine, postgresql_warehouse: str
) -> None:
    assert postgresql_engine.concerns() == ()

    mighty = engine_for(postgresql_warehouse.replace("engine_reader", "portal"))

    assert any("superuser" in sentence for sentence in mighty.concerns())


@pytest.mark.parametrize(
    ("name", "quoted", "expected"),
    [("Customers", False, "customers"), ("Customers", True, "Customers"), ("ÄB", False, "Äb")],
)
def test_names_fold_as_postgresql_folds_them(
    postgresql_engine: Engine, name: str, quoted: bool, expected: str
) -> None:
    assert postgresql_engine.fold(name, quoted) == expected


def test_the_first_rows_come_before_the_last_are_made(postgresql_engine: Engine) -> None:
    started = time.monotonic()
    slow = "SELECT a, pg_sleep(CASE WHEN a > 20000 THEN 60 ELSE 0 END) IS NULL FROM generate_series(1, 30000) t(a)"
    stream = postgresql_engine.run(slow, deadline=started + 60, max_rows=None)

    assert next(iter(stream)).rows > 0
    assert time.monotonic() - started < 10
    stream.close()
