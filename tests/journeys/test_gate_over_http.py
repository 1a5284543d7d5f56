"""The gate as an outside caller meets it: legitimate questions are answered, and attempts tell nothing that is hidden.

The warehouses `amber` and `coral` differ only in what Alice may not see.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from access.clock import database_now
from access.models import Principal
from access.people import tokens
from portal.configuration.applying import apply
from tests.journeys.conftest import Caller

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(__file__).parent / "gate"
ENGINES = ("duckdb", "postgresql")
WORLDS = ("amber", "coral")
EXPECTED = ("200", "400", "403", "404", "422", "429")
# Rows drawn by chance differ from call to call; that nothing hidden is among them is still checked.
RANDOM = ("sample",)
# A share of what is asked, and in the drill all of it.
EVERY = (4, pytest.param(1, marks=pytest.mark.drill))
# Planted in hidden cells: none may ever be in an answer.
MARKS = ("HIDDEN", "SSN0", "ZZZ0", "@secret", "ceo", "root:x")

TABLES = (
    "CREATE SCHEMA sales",
    "CREATE SCHEMA ref",
    "CREATE SCHEMA secret",
    "CREATE TABLE sales.customers (customer_id integer, name varchar(80), email varchar(80), ssn varchar(20),"
    " phone varchar(20), country varchar(2), balance decimal(14, 2), signed_up date)",
    "CREATE TABLE sales.orders (order_id integer, customer_id integer, ordered_at date, status varchar(20),"
    " total decimal(14, 2), note varchar(80))",
    "CREATE TABLE ref.countries (code varchar(2), name varchar(20), region varchar(20))",
    "CREATE TABLE ref.entitlements (username varchar(20), country varchar(2))",
    "CREATE TABLE secret.salaries (person varchar(20), amount integer)",
)
COUNTRIES = [
    ("DE", "Germany", "central"),
    ("FR", "France", "west"),
    ("ES", "Spain", "south"),
    ("XX", "Nowhere", "none"),
]
Row = tuple[Any, ...]
Contents = dict[str, list[Row]]


def blocks(name: str, engine: str) -> list[str]:
    """The queries of one file that this engine can be asked."""
    found = []
    for block in (FOLDER / name).read_text(encoding="utf-8").split("\n\n"):
        first, _, rest = block.strip().partition("\n")
        if first.removeprefix("--") in ENGINES:
            if first == f"--{engine}":
                found.append(rest)
        elif not first.startswith("-- ") and block.strip():
            found.append(block.strip())
    return found


def contents(world: str) -> Contents:
    """Every table of one world; what Alice may see is the same in both."""
    is_amber = world == WORLDS[0]
    mark = f"HIDDEN{world}"
    customers = [_customer(number, is_amber) for number in range(1, 41) if number % 4]
    hidden = range(1, 11) if is_amber else range(1, 18)
    customers += [
        (number * (4 if is_amber else 1_000_003), f"{mark}{number}", f"{mark}{number}@secret.com",
         f"SSN0{number}" if is_amber else "none", "none", "XX", number if is_amber else -number, "2031-01-01")
        for number in hidden
    ]  # fmt: skip
    orders = [_order(number) for number in range(1, 121) if (number + 2) // 3 % 4]
    orders += [
        (4_990 + number, customers[-1][0], "1999-01-01", mark, 0 if is_amber else -1, mark)
        for number in (hidden if is_amber else range(20))
    ]
    entitlements = [("carol", "DE"), ("carol", "ES")] + ([] if is_amber else [("zed", "XX")])
    return {
        "sales.customers": customers,
        "sales.orders": orders,
        "ref.countries": COUNTRIES,
        "ref.entitlements": list(entitlements),
        "secret.salaries": [("ceo", 1 if is_amber else 2)],
    }


def _customer(number: int, is_amber: bool) -> Row:
    country = ("DE", "FR", "ES")[number % 3]
    day = f"2024-{1 + number % 12:02d}-{1 + number % 28:02d}"
    ssn = f"SSN0{number:04d}" if is_amber else f"ZZZ0{number:04d}"
    mail, phone = f"user{number}@example.com", f"+49 {1000 + number}"
    return (number, f"Name {number}", mail, ssn, phone, country, round(number * 1.5, 2), day)


def _order(number: int) -> Row:
    day = f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}"
    status = ("new", "paid", "sent")[number % 3]
    customer = (number + 2) // 3
    return (number, customer, day, status, round(number * 3.25, 2), f"note {number}")


def duckdb_file(path: Path, found: Contents) -> str:
    """The URL of a file with these tables."""
    with duckdb.connect(str(path)) as connection:
        for statement in TABLES:
            connection.execute(statement)
        for table, rows in found.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    return f"duckdb:///{path}"


def postgresql_database(admin: str, name: str, found: Contents) -> str:
    """The URL of a database with these tables, for a role that may only read them."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(admin, dbname=name), autocommit=True
    ) as owner:
        for statement in TABLES:
            owner.execute(statement)
        with owner.cursor() as cursor:
            for table, rows in found.items():
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # type: ignore[arg-type]
        for schema in ("sales", "ref", "secret"):
            owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO worlds_reader")  # type: ignore[arg-type]
            owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO worlds_reader")  # type: ignore[arg-type]
        owner.execute("ANALYZE")
    facts = psycopg.conninfo.conninfo_to_dict(admin)
    return f"postgresql://worlds_reader@/{name}?host={facts['host']}&port={facts.get('port', 5432)}"


@pytest.fixture
def alice(
    request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None
) -> Iterator[Caller]:
    """Alice before two worlds on one engine, with the policies of `gate/policies.yaml`."""
    engine = request.param
    found = {world: contents(world) for world in WORLDS}
    if engine == "duckdb":
        urls = {world: duckdb_file(tmp_path / f"{world}.duckdb", found[world]) for world in WORLDS}
    else:
        admin = request.getfixturevalue("postgres_url")
        cleared(admin)
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE ROLE worlds_reader LOGIN")
        urls = {world: postgresql_database(admin, world, found[world]) for world in WORLDS}
    for world, url in urls.items():
        apply([policies(tmp_path, world, url)], now=database_now())
    yield caller("alice")
    if engine == "postgresql":
        cleared(admin)


def cleared(admin: str) -> None:
    """Nothing of these tests is left on the server."""
    with psycopg.connect(admin, autocommit=True) as connection:
        for world in WORLDS:
            connection.execute(f"DROP DATABASE IF EXISTS {world} WITH (FORCE)")  # type: ignore[arg-type]
        connection.execute("DROP ROLE IF EXISTS worlds_reader")


def policies(folder: Path, world: str, url: str) -> Path:
    """The configuration of one world, as a file."""
    text = (FOLDER / "policies.yaml").read_text(encoding="utf-8")
    path = folder / f"{world}.yaml"
    path.write_text(text.replace("WORLD", world).replace("URL", url), encoding="utf-8")
    return path


def caller(username: str) -> Caller:
    """Somebody with a token."""
    principal = Principal.objects.get(username=username)
    _, secret = tokens.issue(principal, scopes=[], expires_at=None, actor=None, now=database_now())
    return Caller(principal, secret)


def said(alice: Caller, world: str, sql: str) -> str:
    """Status and body of one query, without what differs from call to call, in a world without a name."""
    status, body = alice.query(sql, warehouse=world, schema="sales")
    for key in ("id", "query", "query_id", "instance", "valid_until", "fingerprint", "seconds"):
        body.pop(key, None)
    text = json.dumps(body, sort_keys=True, default=str)
    return f"{status} {text}".replace(f"{world}.", "wh.").replace(f'"{world}"', '"wh"')


@pytest.mark.parametrize("alice", ENGINES, indirect=True)
@pytest.mark.parametrize("every", EVERY)
def test_attempts_tell_nothing_that_is_hidden(alice: Caller, every: int) -> None:
    attempts = blocks("attempts.sql", "")[::every]

    wrong = [problem for sql in attempts if (problem := difference(alice, sql))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("alice", ENGINES, indirect=True)
@pytest.mark.parametrize("every", EVERY)
def test_questions_are_answered_alike(
    alice: Caller, every: int, request: pytest.FixtureRequest
) -> None:
    questions = blocks("questions.sql", request.node.callspec.params["alice"])[::every]

    wrong = [problem for sql in questions if (problem := difference(alice, sql, "200"))]
    assert not wrong, "\n".join(wrong)


def difference(alice: Caller, sql: str, *statuses: str) -> str:
    """What is wrong about the answers to one query in two worlds; nothing when they are alike and keep quiet."""
    one, other = (said(alice, world, sql) for world in WORLDS)
    shown = f"{sql}\n  {one[:300]}\n  {other[:300]}"
    alike = one == other or ("order by" not in sql.lower() and _unordered(one) == _unordered(other))
    if not alike and not any(word in sql.lower() for word in RANDOM):
        return f"differs: {shown}"
    if any(mark in text for mark in MARKS for text in (one, other) if mark not in sql):
        return f"told: {shown}"
    return "" if one.startswith(statuses or EXPECTED) else f"failed: {shown}"


def _unordered(answer: str) -> str:
    """An answer with its rows in an order of their own: what several threads group comes in any, twice in one world too."""
    status, _, body = answer.partition(" ")
    if status != "200" or not body.startswith("{"):
        return answer
    found = json.loads(body)
    return json.dumps({**found, "rows": sorted(map(json.dumps, found["rows"]))})
