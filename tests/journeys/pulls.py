"""A real portal over two warehouses with many rows, and people who pull them by HTTP with Apache's own reader."""

import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa  # type: ignore[import-untyped]

from portal.home import Home
from tests import spark
from tests.portal.embedded.portals import ROOT, RunningPortal, clean_environment

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
N_EVENTS = 1_000_000
N_TIMES = 50
# Fifty million rows, of a table that takes a second to make.
PULL = "SELECT e.id, e.name, e.country FROM sales.events e, sales.times t"
TABLES = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.events AS SELECT CAST(i AS bigint) AS id, 'event ' || i AS name,
        CASE WHEN i % 3 = 0 THEN 'DE' ELSE 'FR' END AS country FROM {series} AS s(i);
    CREATE TABLE sales.times AS SELECT CAST(i AS bigint) AS n FROM {times} AS s(i);
"""
# One process for everybody: a command each would take minutes.
TOKENS = (
    "import json; from access.people import tokens; from access.clock import database_now; from access.models import Principal;"
    "print(json.dumps({p.username: tokens.issue(p, actor=None, now=database_now())[1] for p in Principal.objects.all()}))"
)
CONFIGURATION = """
warehouses:
{warehouses}
users:
  - {{username: olga, email: olga@example.com, name: Olga Owner}}
{users}
domains: [{{name: commerce, title: Commerce, stewards: [olga]}}]
datasets:
{datasets}
grants:
{grants}
dashboards:
{dashboards}
"""
DASHBOARD = """  - name: {engine}
    title: Events
    warehouse: {engine}
    schema: sales
    tiles:
      - {{name: total, title: All, kind: kpi, dataset: {engine}.sales.events, sql: select count(*) as value from events}}
      - name: countries
        title: By country
        kind: table
        dataset: {engine}.sales.events
        sql: select country, count(*) as n from events group by country order by country
"""
SESSIONS = (
    "from django.conf import settings; from django.test import Client; from access.models import Principal;"
    "c = Client(); c.force_login(Principal.objects.get(username='dora')); print(c.cookies[settings.SESSION_COOKIE_NAME].value)"
)


def build_duckdb(path: Path) -> str:
    """The tables in a DuckDB file; its URL."""
    with duckdb.connect(str(path)) as database:
        series, times = f"range({N_EVENTS})", f"range({N_TIMES})"
        database.execute(TABLES.format(series=series, times=times)).fetchall()
    return f"duckdb:///{path}"


def build_postgresql(server_url: str, name: str = "pulls") -> str:
    """The tables in a database of their own, read by a role that owns nothing; its URL."""
    facts = psycopg.conninfo.conninfo_to_dict(server_url)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        admin.execute(f"DROP ROLE IF EXISTS {name}_reader")
        admin.execute(f"CREATE ROLE {name}_reader LOGIN")
    series, times = f"generate_series(1, {N_EVENTS})", f"generate_series(1, {N_TIMES})"
    made = TABLES.format(series=series, times=times)
    with psycopg.connect(server_url, dbname=name, autocommit=True) as owner:
        owner.execute(made.encode())
        owner.execute(f"GRANT USAGE ON SCHEMA sales TO {name}_reader".encode())
        owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA sales TO {name}_reader".encode())
    return f"postgresql://{name}_reader@/{name}?host={facts['host']}&port={facts.get('port', 5432)}"


def build_spark(url: str) -> str:
    """The tables in Spark, as files; its URL."""
    spark.execute(
        url,
        "CREATE SCHEMA sales",
        # Spark hands on a part when all of it is there: many small parts, so that rows arrive soon.
        f"CREATE TABLE sales.events USING parquet AS SELECT id, 'event ' || id AS name,"
        f" CASE WHEN id % 3 = 0 THEN 'DE' ELSE 'FR' END AS country FROM range(0, {N_EVENTS}, 1, 100)",
        f"CREATE TABLE sales.times USING parquet AS SELECT id AS n FROM range(0, {N_TIMES}, 1, 1)",
    )
    return url


@dataclass
class Office:
    """The portal, what its configuration says at the moment, and what people and operators do to it from outside."""

    home: Home
    warehouses: dict[str, str]
    people: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    rows: str = ""
    grant: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.portal = RunningPortal(self.home, variables=self.variables)
        assert self.portal.is_ready(), self.portal.said()
        self.apply()
        self.tokens: dict[str, str] = json.loads(self.asked(TOKENS))

    def apply(self) -> None:
        """Brings the portal to what this object says."""
        file = self.home.root.parent / "office.yaml"
        file.write_text(self._configuration(), encoding="utf-8")
        self.command("apply", str(file))

    def command(self, *words: str) -> str:
        """What a command of the portal prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=clean_environment(**self.variables, PORTAL_HOME=str(self.home.root)),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(
        self, person: str, method: str, path: str, accept: str = JSON, **body: object
    ) -> http.client.HTTPResponse:
        """The open answer to one call of the API."""
        connection = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {self.tokens[person]}",
            "Content-Type": "application/json",
            "Accept": accept,
        }
        text = json.dumps(body) if method == "POST" else None
        connection.request(method, f"/api/v1{path}", text, headers)
        return connection.getresponse()

    def call(self, person: str, method: str, path: str, **body: object) -> tuple[int, Any]:
        """Status and body of one call of the API."""
        with self.ask(person, method, path, JSON, **body) as answer:
            return answer.status, json.loads(answer.read() or b"null")

    def asked(self, code: str) -> str:
        """What a line of Python prints inside the portal."""
        return self.command("shell", "-v", "0", "-c", code).strip().splitlines()[-1]

    def tile(self, warehouse: str, name: str) -> tuple[int, str]:
        """Status and text of one tile of a warehouse's dashboard, as Dora's browser asks for it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=60)
        cookie = f"gatehouse_session_{self.portal.port}={self.session}"
        headers = {"Cookie": cookie, "HX-Request": "true"}
        connection.request("GET", f"/dashboards/{warehouse}/tiles/{name}/", headers=headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()

    @cached_property
    def session(self) -> str:
        """The session of Dora, who signed in with a browser."""
        return self.asked(SESSIONS)

    def _configuration(self) -> str:
        engines = tuple(self.warehouses)
        datasets = "".join(
            f"  - {{name: {engine}.sales.{table}, title: {table}, domain: commerce, sensitivity: internal"
            + (f', rows: "{self.rows}"' if self.rows and table == "events" else "")
            + "}\n"
            for engine in engines
            for table in ("events", "times")
        )
        grants = "".join(
            f"  - {{principal: 'user:{name}', dataset: {engine}.sales.{table}, reason: Pulling, "
            + ", ".join(f"{key}: {value}" for key, value in self._terms(name, table).items())
            + "}\n"
            for name in self.people
            for engine in engines
            for table in ("events", "times")
        )
        users = "".join(
            f"  - {{username: {name}, email: {name}@example.com, name: {name.title()} Puller}}\n"
            for name in self.people
        )
        return CONFIGURATION.format(
            warehouses="".join(
                f'  - {{name: {name}, url: "{url}"}}\n' for name, url in self.warehouses.items()
            ),
            users=users,
            datasets=datasets,
            grants=grants,
            dashboards="".join(DASHBOARD.format(engine=engine) for engine in engines),
        )

    def _terms(self, name: str, table: str) -> dict[str, str]:
        """Only the first person's grant on the events changes during a drill."""
        changes = self.grant if (name, table) == (self.people[0], "events") else {}
        return {"expires": "30d", **changes}


class Pull(threading.Thread):
    """One person reading a long result as fast as told, until it ends or fails.

    Units: `first_at`, `last_at` and `failed_at` are instants of `time.monotonic()`; `pause` is seconds after each batch.
    """

    def __init__(
        self, office: Office, person: str, warehouse: str, *, sql: str = PULL, pause: float = 0.01
    ) -> None:
        super().__init__(daemon=True)
        self._office = office
        self.person = person
        self._body = {"sql": sql, "warehouse": warehouse}
        self._pause = pause
        self.status = 0
        self.query = ""
        self.rows = 0
        self.first_at = self.last_at = self.failed_at = 0.0
        self.error: Exception | None = None
        self.is_whole = False
        self._leaves = False
        self.start()

    def run(self) -> None:
        """Reads batch by batch."""
        try:
            with self._office.ask(
                self.person, "POST", "/queries", accept=ARROW, **self._body
            ) as answer:
                self.status = answer.status
                self.query = answer.headers.get("Gatehouse-Query", "")
                for batch in pa.ipc.open_stream(answer):
                    self.last_at = time.monotonic()
                    self.first_at = self.first_at or self.last_at
                    self.rows += batch.num_rows
                    if self._leaves:
                        return
                    time.sleep(self._pause)
            self.is_whole = True
        except Exception as error:
            self.error = error
            self.failed_at = time.monotonic()

    def hurry(self) -> None:
        """Rests no longer between batches."""
        self._pause = 0.0

    def leave(self) -> None:
        """Goes away in the middle of the stream."""
        self._leaves = True

    @property
    def is_running(self) -> bool:
        """Whether rows came and more are to come."""
        return bool(self.first_at) and self.is_alive()
