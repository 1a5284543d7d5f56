"""The Trino engine against a small server that speaks Trino's protocol; no Trino can be had from a package index."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from catalog.engines import Engine, EngineError, engine_for
from catalog.engines.trino import address_of
from tests.catalog.engines.conftest import read

COLUMNS = [
    ("id", "bigint"),
    ("name", "varchar(20)"),
    ("amount", "decimal(10,2)"),
    ("day", "date"),
    ("seen", "timestamp(3) with time zone"),
    ("tags", "array(varchar)"),
]
ROWS = [
    [1, "Ana", "10.50", "2024-02-29", "2024-01-01 10:00:00.000 UTC", ["a", "b"]],
    [2, None, "-3.25", None, None, None],
]


class Cluster(ThreadingHTTPServer):
    """Answers every statement with two pages, or with a failure; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.statements: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.n_cancelled = 0
        self.failure: dict[str, Any] | None = None
        self.is_endless = False

    @property
    def url(self) -> str:
        return f"trino://gate@127.0.0.1:{self.server_port}/lake"


class Asked(BaseHTTPRequestHandler):
    server: Cluster

    def do_POST(self) -> None:
        self.server.statements.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.headers.append(dict(self.headers))
        self._answer({"nextUri": self._page(1)})

    def do_GET(self) -> None:
        page = int(self.path.rpartition("/")[2])
        if self.server.failure:
            self._answer({"error": self.server.failure})
        elif self.server.is_endless:
            time.sleep(0.05)
            self._answer({"nextUri": self._page(page + 1)})
        else:
            more = {"nextUri": self._page(page + 1)} if page <= len(ROWS) else {}
            data = {"data": [ROWS[page - 1]]} if page <= len(ROWS) else {}
            self._answer({"columns": _described(), **data, **more})

    def do_DELETE(self) -> None:
        self.server.n_cancelled += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return

    def _page(self, number: int) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/statement/q/{number}"

    def _answer(self, said: dict[str, Any]) -> None:
        body = json.dumps({"id": "q", "infoUri": "http://x", "stats": {"state": "RUNNING"}, **said})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


def _described() -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind, "typeSignature": _signature(kind)} for name, kind in COLUMNS
    ]


def _signature(kind: str) -> dict[str, Any]:
    head, _, rest = kind.partition("(")
    inside, _, tail = rest.partition(")")
    arguments = [
        {"kind": "LONG", "value": int(one)}
        if one.strip().isdigit()
        else {"kind": "TYPE", "value": _signature(one)}
        for one in inside.split(",")
        if one
    ]
    return {"rawType": head + tail, "arguments": arguments}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    server = Cluster()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def engine(cluster: Cluster) -> Engine:
    return engine_for(cluster.url)


def _failure(name: str, kind: str = "USER_ERROR") -> dict[str, Any]:
    return {
        "message": "Cannot cast 'ana@example.com'",
        "errorCode": 1,
        "errorName": name,
        "errorType": kind,
    }


def test_every_type_keeps_its_name_and_its_values(engine: Engine) -> None:
    stream = engine.run("SELECT 1", deadline=time.monotonic() + 10, max_rows=None)

    assert stream.columns == tuple(COLUMNS)
    assert read(engine, "SELECT 1") == [
        (
            1,
            "Ana",
            Decimal("10.50"),
            date(2024, 2, 29),
            datetime(2024, 1, 1, 10, tzinfo=UTC),
            "['a', 'b']",
        ),
        (2, None, Decimal("-3.25"), None, None, None),
    ]


def test_a_statement_travels_with_its_time_limit_and_the_catalog(
    cluster: Cluster, engine: Engine
) -> None:
    read(engine, "SELECT id FROM sales.customers", 30.0)

    headers = {name.lower(): value for name, value in cluster.headers[0].items()}
    assert cluster.statements == ["SELECT id FROM sales.customers"]
    assert headers["x-trino-catalog"] == "lake"
    assert headers["x-trino-user"] == "gate"
    assert "query_max_run_time" in headers["x-trino-session"]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE x",
        "INSERT INTO x SELECT 1",
        "SET SESSION a = 1",
        "CALL system.x()",
        "EXPLAIN SELECT 1",
    ],
)
def test_only_a_query_is_sent(cluster: Cluster, engine: Engine, sql: str) -> None:
    with pytest.raises(EngineError) as caught:
        read(engine, sql)

    assert caught.value.cause == "not_a_query"
    assert cluster.statements == []


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (_failure("INVALID_CAST_ARGUMENT"), "conversion"),
        (_failure("DIVISION_BY_ZERO"), "arithmetic"),
        (_failure("COLUMN_NOT_FOUND"), "name"),
        (_failure("SYNTAX_ERROR"), "not_a_query"),
        (_failure("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES"), "memory"),
        (_failure("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES"), "deadline"),
        (_failure("GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR"), "other"),
    ],
)
def test_a_failure_is_told_by_its_cause_alone(
    cluster: Cluster, engine: Engine, failure: dict[str, Any], cause: str
) -> None:
    cluster.failure = failure

    with pytest.raises(EngineError) as caught:
        read(engine, "SELECT 1")

    assert caught.value.cause == cause
    assert "ana@" not in f"{caught.value}{caught.value.__cause__}"


def test_max_rows_cuts_the_result_and_cancels_the_query(cluster: Cluster, engine: Engine) -> None:
    stream = engine.run("SELECT 1", deadline=time.monotonic() + 10, max_rows=1)

    assert sum(batch.rows for batch in stream) == 1
    assert stream.is_truncated


def test_the_deadline_cancels_the_query(cluster: Cluster, engine: Engine) -> None:
    cluster.is_endless = True
    started = time.monotonic()

    with pytest.raises(EngineError) as caught:
        read(engine, "SELECT 1", 1.0)

    assert caught.value.cause == "deadline"
    assert time.monotonic() - started < 5
    assert cluster.n_cancelled


def test_closing_cancels_the_query(cluster: Cluster, engine: Engine) -> None:
    stream = engine.run("SELECT 1", deadline=time.monotonic() + 10, max_rows=None)
    assert stream.columns

    stream.close()
    stream.close()

    assert cluster.n_cancelled == 1


def test_a_missing_server_is_unreachable_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRINO_PASSWORD", "hunter2:/@")
    for url in (
        "trino://gate:${TRINO_PASSWORD}@127.0.0.1:1/lake",
        "trino://gate:${NOT_DEFINED}@127.0.0.1:1/lake",
        "trino://gate:${TRINO_PASSWORD}@127.0.0.1:1/lake?scheme=http",
        "trino://gate@127.0.0.1:1/",
        "trino://gate@127.0.0.1:1/lake?colour=blue",
    ):
        with pytest.raises(EngineError) as caught:
            engine_for(url).describe()

        assert caught.value.cause == "unreachable"
        assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


def test_a_password_may_hold_any_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRINO_PASSWORD", "a/b:c@d")

    address = address_of("trino://Gate:${TRINO_PASSWORD}@trino.example.com/lake")

    assert (address.user, address.password) == ("Gate", "a/b:c@d")
    assert (address.scheme, address.port, address.catalog) == ("https", 443, "lake")
