"""The same little shop in a DuckDB file and in a PostgreSQL database, described in one configuration."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from access.clock import database_now
from access.models import Principal
from access.people import tokens
from portal.configuration.applying import apply
from portal.embedded.servers import Servers, Wanted, programs
from tests import spark
from tests.journeys.pulls import Office, build_duckdb, build_postgresql, build_spark
from tests.portal.embedded.portals import scratch_home

ROWS = """
    (1, 'ada@example.com', 'DE', '+49 111', 10.5),
    (2, 'bob@example.com', 'FR', '+33 222', 20.0),
    (3, 'cyd@example.com', 'DE', '+49 333', 30.0),
    (4, 'eve@example.com', 'XX', '+99 444', 99.0)
"""
COLUMNS = "customer_id integer, email varchar(80), country varchar(2), phone varchar(20), spent double precision"

CONFIGURATION = """
warehouses: [{name: wh, url: "WAREHOUSE"}]
users:
  - {username: alice, email: alice@example.com, name: Alice Analyst}
  - {username: olga, email: olga@example.com, name: Olga Owner}
  - {username: otto, email: otto@example.com, name: Otto Outsider}
domains: [{name: commerce, title: Commerce, stewards: [olga]}]
datasets:
  - name: wh.sales.customers
    title: Customers
    domain: commerce
    sensitivity: confidential
    columns:
      - {name: email, mask: email}
      - {name: phone, mask: {sql: "concat('+** ', right(phone, 2))"}}
    rows: "country <> 'XX'"
"""


@dataclass
class Caller:
    """Somebody who calls the API with a token of their own."""

    principal: Principal
    secret: str

    def get(self, path: str, **query: str) -> Any:
        """The answer to a GET, as a response."""
        return Client().get(f"/api/v1{path}", query, headers=self._headers)

    def post(self, path: str, **body: Any) -> Any:
        """The answer to a POST of JSON, as a response."""
        text = json.dumps(body)
        return Client().post(
            f"/api/v1{path}", text, content_type="application/json", headers=self._headers
        )

    def delete(self, path: str) -> Any:
        """The answer to a DELETE, as a response."""
        return Client().delete(f"/api/v1{path}", headers=self._headers)

    def query(self, sql: str, **options: Any) -> tuple[int, Any]:
        """Status and body of a query."""
        response = self.post("/queries", sql=sql, **options)
        text = b"".join(response.streaming_content) if response.streaming else response.content
        return response.status_code, json.loads(text)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
def duckdb_shop(tmp_path: Path) -> str:
    """The URL of the shop in a DuckDB file."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute(f"CREATE TABLE sales.customers ({COLUMNS})")
        connection.execute(f"INSERT INTO sales.customers VALUES {ROWS}")
    return f"duckdb:///{path}"


@pytest.fixture
def postgresql_shop(postgres_url: str) -> Iterator[str]:
    """The URL of the shop in a PostgreSQL database of its own, read by a role that owns nothing."""
    facts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        admin.execute("CREATE DATABASE shop")
        admin.execute("DROP ROLE IF EXISTS shop_reader")
        admin.execute("CREATE ROLE shop_reader LOGIN")
    shop = psycopg.conninfo.make_conninfo(postgres_url, dbname="shop")
    with psycopg.connect(shop, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA sales")
        owner.execute(f"CREATE TABLE sales.customers ({COLUMNS})")  # type: ignore[arg-type]
        owner.execute(f"INSERT INTO sales.customers VALUES {ROWS}")  # type: ignore[arg-type]
        owner.execute("GRANT USAGE ON SCHEMA sales TO shop_reader")
        owner.execute("GRANT SELECT ON sales.customers TO shop_reader")
    yield f"postgresql://shop_reader@/shop?host={facts['host']}&port={facts.get('port', 5432)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        admin.execute("DROP ROLE IF EXISTS shop_reader")


# For what a person does on pages, where the engine says little: the other one is left to the drill.
MOSTLY_DUCKDB = pytest.mark.parametrize(
    "shop", ["duckdb", pytest.param("postgresql", marks=pytest.mark.drill)], indirect=True
)


@pytest.fixture(params=["duckdb", "postgresql"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None
) -> Callable[[str], Caller]:
    """The shop on one engine, applied to the portal; gives a caller by name."""
    url = request.getfixturevalue(f"{request.param}_shop")
    path = tmp_path / "shop.yaml"
    path.write_text(CONFIGURATION.replace("WAREHOUSE", url), encoding="utf-8")
    apply([path], now=database_now())

    def caller(username: str) -> Caller:
        principal = Principal.objects.get(username=username)
        _, secret = tokens.issue(
            principal, scopes=[], expires_at=None, actor=None, now=database_now()
        )
        return Caller(principal, secret)

    return caller


@pytest.fixture
def visit(
    browser: Browser, live_server: LiveServer, shop: Callable[[str], Caller]
) -> Iterator[Callable[[str], Page]]:
    """The browser of somebody who is signed in; whatever it complains of fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def visitor(username: str) -> Page:
        client = Client()
        client.force_login(Principal.objects.get(username=username))
        context = browser.new_context(base_url=live_server.url)
        contexts.append(context)
        context.add_cookies(
            [
                {"name": each.key, "value": each.value, "url": live_server.url}
                for each in client.cookies.values()
            ]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield visitor
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def warehouse_server() -> Iterator[Servers]:
    """A PostgreSQL for warehouses alone, which a drill may kill and start again."""
    with scratch_home() as home:
        home.make()
        wanted = Wanted(database=True, broker=False)
        found = programs(home, wanted, extra_access=("local all all trust",))
        servers = Servers(home, found, home.state / "log")
        servers.start()
        yield servers
        servers.stop()


PEOPLE = ("alice", "dora", *(f"puller{number}" for number in range(20)))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, warehouse_server: Servers) -> Iterator[Office]:
    """A running portal with twenty-two people who may pull fifty million rows."""
    folder = tmp_path_factory.mktemp("pulls")
    with scratch_home() as home:
        warehouses = {
            "duckdb": build_duckdb(folder / "pulls.duckdb"),
            "postgresql": build_postgresql(warehouse_server.home.database_url),
        }
        this = Office(home, warehouses, PEOPLE)
        yield this
        this.portal.stop()


@pytest.fixture(scope="module")
def doomed_spark(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[spark.Server]:
    """A Spark server for one module alone, whose processes may be killed; the module says its `SLOTS`."""
    slots = getattr(request.module, "SLOTS", 1)
    with spark.running(tmp_path_factory.mktemp("doomed"), slots) as server:
        yield server


@pytest.fixture(scope="module")
def spark_office(
    tmp_path_factory: pytest.TempPathFactory, doomed_spark: spark.Server
) -> Iterator[Office]:
    """The same portal over DuckDB and Spark."""
    duck = build_duckdb(tmp_path_factory.mktemp("pulls") / "pulls.duckdb")
    with scratch_home() as home:
        this = Office(home, {"duckdb": duck, "spark": build_spark(doomed_spark.url)}, PEOPLE)
        yield this
        this.portal.stop()
