"""What analysts write, through the whole way: the API, the gate, the hardened engine and Arrow, with stored policies."""

import json
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from django.test import Client

from access.clock import database_now
from access.gate import plans
from access.models import ColumnMask, DatasetPolicy, Decision, Grant, Principal, QueryRecord
from access.people import tokens
from catalog.engines import duckdb_pool
from catalog.models import Column, Dataset, Warehouse
from tests.access.sql import company
from tests.access.sql.corpus import sections

FORMATS = ("application/json", "application/vnd.apache.arrow.stream")
CORPUS = sections("benign.sql")
LASTING = timedelta(days=60)
SHARE = 40


def _duckdb(folder: Path) -> str:
    path = folder / "company.duckdb"
    with duckdb.connect(str(path)) as database:
        company.build("duckdb", database.execute)
    return f"duckdb:///{path}"


def _postgresql(server_url: str) -> str:
    name = f"company_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        server.execute("DROP ROLE IF EXISTS company_reader")
        server.execute("CREATE ROLE company_reader LOGIN")
        host = server.info.host
    owner = psycopg.conninfo.make_conninfo(server_url, dbname=name)
    with psycopg.connect(owner, autocommit=True) as database:
        company.build("postgres", lambda text: database.execute(text.encode()))
        database.execute("GRANT USAGE ON SCHEMA sales TO company_reader")
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA sales TO company_reader")
    return f"postgresql://company_reader@/{name}?host={host}"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("company")
    yield {"duckdb": _duckdb(folder), "postgres": _postgresql(postgres_url)}
    duckdb_pool.close_all()


@pytest.fixture(params=["duckdb", "postgres"])
def asked(request: pytest.FixtureRequest, db: None, urls: dict[str, str]) -> Any:
    """Posts a query as Alice, over one engine; gives the status and what came."""
    plans.forget()
    dialect = request.param
    engine = "duckdb" if dialect == "duckdb" else "postgresql"
    warehouse = Warehouse.objects.create(name="wh", url=urls[dialect], engine=engine)
    alice = Principal.objects.create(username="alice")
    for table, policy in company.policies(dialect).items():
        _stored(warehouse, alice, table, policy)
    _, secret = tokens.issue(alice, scopes=[], expires_at=None, actor=alice, now=database_now())
    client = Client(raise_request_exception=True)

    def post(sql: str, accept: str = "application/json") -> tuple[int, bytes]:
        response = client.post(
            "/api/v1/queries",
            json.dumps({"sql": sql, "warehouse": "wh", "schema": "sales"}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Accept": accept},
        )
        if response.streaming:  # type: ignore[attr-defined]
            return response.status_code, b"".join(response.streaming_content)  # type: ignore[attr-defined]
        return response.status_code, response.content

    return dialect, post


def _stored(warehouse: Warehouse, alice: Principal, table: str, policy: Any) -> None:
    dataset = Dataset.objects.create(
        warehouse=warehouse,
        schema_name="sales",
        table_name=table,
        identity=f"sales.{table}",
        name=policy.dataset,
        schema_version=1,
    )
    Column.objects.bulk_create(
        Column(dataset=dataset, name=column.name, position=position, type=column.type)
        for position, column in enumerate(policy.columns, start=1)
    )
    rules = DatasetPolicy.objects.create(dataset=dataset, rows=policy.rows or "")
    for name, mask in policy.masks.items():
        ColumnMask.objects.create(
            policy=rules, column_name=name, kind=mask.kind, sql=mask.sql or ""
        )
    for grant in policy.grants:
        _granted(dataset, alice, grant)


def _granted(dataset: Dataset, alice: Principal, grant: Any) -> None:
    now = database_now()
    columns = None if grant.columns is None else sorted(grant.columns)
    decision = Decision.objects.create(
        kind="configuration", approves=True, columns=columns, rows=grant.rows or "",
        duration=LASTING, decided_at=now,
    )  # fmt: skip
    Grant.objects.create(
        dataset=dataset, decision=decision, principal=alice, purpose=f"Testing {grant.grant_id}", columns=columns,
        rows=grant.rows or "", starts_at=now, created_at=now, expires_at=now + LASTING / 2,
    )  # fmt: skip


def _failures(post: Any, queries: list[str]) -> list[Any]:
    answers = ((sql, accept, post(sql, accept)) for sql in queries for accept in FORMATS)
    return [
        (sql, accept, status, content[:300])
        for sql, accept, (status, content) in answers
        if status != 200
    ]


def test_a_share_of_what_analysts_write_is_answered_over_the_api(asked: Any) -> None:
    dialect, post = asked
    queries = random.Random(20261122).sample(CORPUS["both"] + CORPUS[dialect], SHARE)

    assert _failures(post, queries) == []


@pytest.mark.drill
def test_all_of_what_analysts_write_is_answered_over_the_api(asked: Any) -> None:
    dialect, post = asked

    assert _failures(post, CORPUS["both"] + CORPUS[dialect]) == []


def test_a_pivot_without_values_makes_columns_of_what_its_reader_sees(asked: Any) -> None:
    dialect, post = asked
    if dialect != "duckdb":
        pytest.skip("PostgreSQL has no PIVOT")
    status, content = post("pivot customers on country using count(*)")

    assert status == 200
    names = [column["name"] for column in json.loads(content)["columns"]]
    assert names[-3:] == ["DE", "FR", "US"]
    # Judged once more where that took long, and then asked once more.
    assert QueryRecord.objects.filter(sql__contains="SELECT DISTINCT").count() in (1, 2)


def test_a_pivot_without_values_over_a_hidden_table_is_refused_like_one_over_no_table(
    asked: Any,
) -> None:
    dialect, post = asked
    if dialect != "duckdb":
        pytest.skip("PostgreSQL has no PIVOT")
    (one, hidden), (other, absent) = (
        post(f"pivot {table} on secret using count(*)") for table in ("vault", "nosuch")
    )

    assert one == other == 403
    assert json.loads(hidden)["code"] == json.loads(absent)["code"] == "unknown_table"
