"""Screens in PostgreSQL: the reader sees what they say, everybody else what they saw before, and doubt shows nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from catalog.engines import EngineError, engine_for
from catalog.engines.postgresql import PostgreSQLEngine
from catalog.engines.postgresql_sessions import close_idle
from catalog.engines.screens import ROW, Screen, Screening, Table
from tests.catalog.engines.conftest import read

CUSTOMERS = Table("sales", "customers")
TERRITORY = Table("sales", "territory")
SHOWN = (f'"{ROW}"."id" AS "id"', f'left("{ROW}"."email", 1) AS "email"')
GERMANS = Screen(CUSTOMERS, SHOWN, """"sales"."customers"."country" = 'DE'""")
MINE = Screen(
    CUSTOMERS,
    SHOWN,
    '"sales"."customers"."country" IN (SELECT t.country FROM sales.territory t'
    " WHERE t.person = (SELECT current_setting('gatehouse.principal')))",
    frozenset({TERRITORY}),
)
SETTINGS = {"gatehouse.principal": "ana", "gatehouse.teams": "{}", "gatehouse.mask_key": "k"}
TABLES = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.customers (id int PRIMARY KEY, email text, country text);
    INSERT INTO sales.customers VALUES (1, 'ana@example.com', 'DE'), (2, 'bo@example.com', 'FR'), (3, 'cy', 'DE');
    CREATE TABLE sales.territory (person text, country text);
    INSERT INTO sales.territory VALUES ('ana', 'FR'), ('bo', 'DE');
    GRANT USAGE ON SCHEMA sales TO screens_clerk, screens_reader;
    GRANT SELECT, UPDATE, DELETE ON sales.customers TO screens_clerk;
"""


@dataclass
class Kept:
    """A database with an administrator who owns its tables, a clerk who works in it, and the gate's reader."""

    owner: str
    clerk: str
    reader: str
    manage: str

    def engine(self, *screens: Screen, **settings: str) -> PostgreSQLEngine:
        through = Screening(screens, {**SETTINGS, **settings}) if screens else None
        engine = engine_for(self.reader, self.manage, through)
        assert isinstance(engine, PostgreSQLEngine)
        return engine

    def ids(self, screen: Screen, **settings: str) -> list[Any]:
        """What the reader gets through a screen."""
        engine = self.engine(screen, **settings)
        engine.secure()
        return [
            row[0] for row in read(engine, f"SELECT id FROM gatehouse.{screen.view} ORDER BY id")
        ]

    def do(self, statement: str, role: str = "owner") -> list[Any]:
        with psycopg.connect(getattr(self, role), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(params=["superuser", "owner"])
def kept(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Kept]:
    """Managed by a superuser, and by a member of the tables' owner that may make roles."""
    name = f"screens_{request.param}"
    admin = "portal" if request.param == "superuser" else "screens_admin"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {name}".encode())
        for role, rights in (("reader", ""), ("clerk", ""), ("admin", "CREATEROLE")):
            if not server.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", [f"screens_{role}"]
            ).fetchone():
                server.execute(f"CREATE ROLE screens_{role} LOGIN {rights}".encode())
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'screens_owner'").fetchone():
            server.execute("CREATE ROLE screens_owner NOLOGIN")
        server.execute("GRANT screens_owner TO screens_admin")
        server.execute("ALTER ROLE screens_reader SET temp_file_limit = '1GB'")
        server.execute(f"GRANT CREATE ON DATABASE {name} TO screens_admin".encode())
        host = server.info.host
    roles = {
        role: make_conninfo(postgres_url, dbname=name, user=role)
        for role in (admin, "screens_clerk")
    }
    with psycopg.connect(roles[admin], autocommit=True) as database:
        database.execute(TABLES.encode())
        if request.param == "owner":
            for table in (CUSTOMERS, TERRITORY):
                database.execute(
                    f"GRANT CREATE ON SCHEMA sales TO screens_owner;"
                    f" ALTER TABLE {'.'.join(table)} OWNER TO screens_owner".encode()
                )
    urls = [f"postgresql://{role}@/{name}?host={host}" for role in ("screens_reader", admin)]
    yield Kept(roles[admin], roles["screens_clerk"], *urls)
    close_idle()
    engine = engine_for(*urls)
    assert isinstance(engine, PostgreSQLEngine)
    engine.tidy(everything=True)
    engine._keeper._refused.clear()
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_reader_sees_the_rows_and_columns_of_the_screen(kept: Kept) -> None:
    engine = kept.engine(GERMANS)
    engine.secure()

    assert read(engine, f"SELECT * FROM gatehouse.{GERMANS.view} ORDER BY id") == [
        (1, "a"),
        (3, "c"),
    ]


def test_one_screen_serves_everybody_by_the_session(kept: Kept) -> None:
    assert kept.ids(MINE) == [2]
    assert kept.ids(MINE, **{"gatehouse.principal": "bo"}) == [1, 3]
    assert kept.ids(MINE, **{"gatehouse.principal": "otto"}) == []


def test_the_reader_gets_at_no_table(kept: Kept) -> None:
    kept.ids(MINE)

    for table in ("sales.customers", "sales.territory", "gatehouse.screens"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            psycopg.connect(kept.reader) as own,
        ):
            own.execute(f"SELECT FROM {table}".encode())


def test_others_read_and_write_as_before(kept: Kept) -> None:
    kept.ids(GERMANS)

    assert kept.do("SELECT count(*) FROM sales.customers", "clerk") == [(3,)]
    assert kept.do(
        "UPDATE sales.customers SET country = 'DE' WHERE id = 2 RETURNING id", "clerk"
    ) == [(2,)]
    assert kept.do("DELETE FROM sales.customers WHERE id = 3 RETURNING id", "clerk") == [(3,)]
    assert kept.do("INSERT INTO sales.customers VALUES (4, 'x', 'PL') RETURNING id") == [(4,)]
    assert kept.ids(GERMANS) == [1, 2]


def test_others_keep_their_plans(kept: Kept) -> None:
    """An index for an operator that is not leakproof is the first thing row-level security takes away."""
    kept.do("CREATE INDEX ON sales.customers (email text_pattern_ops)")
    kept.ids(GERMANS)

    plan = _plan(kept, "SELECT email FROM sales.customers WHERE email LIKE 'ana%'")

    assert "Index Cond" in plan


def _plan(kept: Kept, sql: str) -> str:
    with psycopg.connect(kept.clerk, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {sql}".encode()))


def _policy(kept: Kept) -> str:
    database = make_conninfo(kept.owner)
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    return GERMANS.role(str(name))


@pytest.mark.parametrize(
    "sabotage",
    [
        'DROP POLICY "{policy}" ON sales.customers',
        "ALTER TABLE sales.customers DISABLE ROW LEVEL SECURITY",
        "DROP VIEW gatehouse.{view}",
        "CREATE TABLE sales.new AS SELECT * FROM sales.customers; DROP TABLE sales.customers CASCADE;"
        " ALTER TABLE sales.new RENAME TO customers",
        "CREATE TABLE sales.new AS SELECT * FROM sales.customers; ALTER TABLE sales.customers RENAME TO old;"
        " ALTER TABLE sales.new RENAME TO customers; DELETE FROM sales.old",
    ],
    ids=["no policy", "no security", "no view", "replaced", "renamed"],
)
def test_a_screen_out_of_place_shows_nothing_until_it_is_mended(kept: Kept, sabotage: str) -> None:
    kept.ids(GERMANS)
    statement = sabotage.format(policy=_policy(kept), view=GERMANS.view)
    kept.do(statement)
    alone = engine_for(kept.reader, "", Screening((GERMANS,), SETTINGS))

    with pytest.raises(EngineError):
        read(alone, f"SELECT id FROM gatehouse.{GERMANS.view}")

    assert kept.ids(GERMANS) == [1, 3]


@pytest.mark.parametrize(
    ("setting", "screen", "reason"),
    [
        (
            "CREATE VIEW sales.seen AS SELECT * FROM sales.customers",
            Table("sales", "seen"),
            "a view",
        ),
        ("ALTER TABLE sales.territory ENABLE ROW LEVEL SECURITY", TERRITORY, "of its owner's"),
        ("GRANT INSERT ON sales.territory TO screens_clerk", TERRITORY, "load it"),
        ("SELECT 1", Table("sales", "nowhere"), "no such table"),
    ],
)
def test_what_cannot_be_screened_is_left_alone_and_says_why(
    kept: Kept, setting: str, screen: Table, reason: str
) -> None:
    kept.do(setting)
    wanted = Screen(screen, (f'"{ROW}".* AS "x"',))
    engine = kept.engine(wanted)

    assert engine.secure() == {screen}
    assert engine.unscreened() == {screen}
    assert any(reason in sentence for sentence in engine.concerns())
    assert kept.do("SELECT count(*) FROM pg_policy") == [(0,)]


def test_rules_that_look_into_their_own_or_a_secured_table_get_no_screen(kept: Kept) -> None:
    own = Screen(CUSTOMERS, SHOWN, '"sales"."customers"."id" = (SELECT max(id) FROM sales.customers c)', frozenset({CUSTOMERS}))  # fmt: skip

    assert kept.engine(own).secure() == {CUSTOMERS}

    kept.engine()._keeper._refused.clear()
    kept.do("ALTER TABLE sales.territory ENABLE ROW LEVEL SECURITY")

    assert kept.engine(MINE).secure() == {CUSTOMERS}


def test_a_busy_table_is_given_up_within_a_moment(kept: Kept) -> None:
    with psycopg.connect(kept.clerk) as busy:
        busy.execute("SELECT FROM sales.customers")
        started = time.monotonic()

        assert kept.engine(GERMANS).secure() == {CUSTOMERS}
        assert time.monotonic() - started < 3
        assert any("busy" in sentence for sentence in kept.engine(GERMANS).concerns())


def test_without_its_administrator_a_warehouse_has_no_new_screens(kept: Kept) -> None:
    gone = engine_for(kept.reader, kept.manage + "&port=1", Screening((GERMANS,), SETTINGS))
    assert isinstance(gone, PostgreSQLEngine)

    assert gone.secure() == {CUSTOMERS}


def test_a_partitioned_table_is_screened_as_a_whole(kept: Kept) -> None:
    kept.do("CREATE TABLE sales.visits (id int, country text) PARTITION BY LIST (country)")
    kept.do("CREATE TABLE sales.visits_de PARTITION OF sales.visits FOR VALUES IN ('DE')")
    kept.do("CREATE TABLE sales.visits_rest PARTITION OF sales.visits DEFAULT")
    kept.do("INSERT INTO sales.visits VALUES (1, 'DE'), (2, 'FR'), (3, 'PL')")
    visits = Screen(Table("sales", "visits"), (f'"{ROW}"."id" AS "id"',), "\"sales\".\"visits\".\"country\" <> 'PL'")  # fmt: skip

    assert kept.ids(visits) == [1, 2]
    assert kept.do("SELECT count(*) FROM sales.visits_rest") == [(2,)]


def test_many_at_once_make_one_screen(kept: Kept) -> None:
    found: list[list[Any]] = []
    threads = [threading.Thread(target=lambda: found.append(kept.ids(GERMANS))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [[1, 3]] * 6
    assert kept.do("SELECT count(*) FROM gatehouse.screens") == [(1,)]


def test_unused_screens_go_and_used_ones_stay(kept: Kept) -> None:
    kept.ids(GERMANS)
    kept.ids(MINE)
    kept.do(
        f"UPDATE gatehouse.screens SET used_on = current_date - 9 WHERE view = '{GERMANS.view}'"
    )

    assert kept.engine().tidy() == 1
    assert kept.do("SELECT view FROM gatehouse.screens") == [(MINE.view,)]
    assert kept.do(f"SELECT FROM pg_roles WHERE rolname = '{_policy(kept)}'") == []
    assert kept.ids(MINE) == [2]
    assert kept.ids(GERMANS) == [1, 3]


def test_a_released_warehouse_is_as_it_was(kept: Kept) -> None:
    before = kept.do("SELECT relname, relrowsecurity, relacl::text FROM pg_class WHERE relnamespace = 'sales'::regnamespace ORDER BY 1")  # fmt: skip
    kept.ids(GERMANS)
    kept.ids(MINE)

    assert kept.engine().tidy(everything=True) == 2

    after = kept.do("SELECT relname, relrowsecurity, relacl::text FROM pg_class WHERE relnamespace = 'sales'::regnamespace ORDER BY 1")  # fmt: skip
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert "gatehouse" not in str(after)
    assert kept.do("SELECT count(*) FROM pg_policy") == [(0,)]
    assert kept.do("SELECT FROM pg_namespace WHERE nspname = 'gatehouse'") == []


def test_what_the_portal_keeps_is_no_dataset(kept: Kept) -> None:
    kept.ids(GERMANS)

    assert {relation.schema for relation in kept.engine().describe()} == {"sales"}


def test_a_mighty_reader_gets_no_screens(kept: Kept, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("ALTER ROLE screens_reader BYPASSRLS")
        try:
            assert kept.engine(GERMANS).secure() == {CUSTOMERS}
        finally:
            server.execute("ALTER ROLE screens_reader NOBYPASSRLS")
            kept.engine()._keeper._refused.clear()


def test_names_change_with_everything_they_stand_for() -> None:
    others = [
        MINE,
        Screen(CUSTOMERS, SHOWN[:1], GERMANS.condition),
        Screen(TERRITORY, SHOWN, GERMANS.condition),
        Screen(CUSTOMERS, SHOWN, GERMANS.condition + " "),
        Screen(CUSTOMERS, SHOWN, GERMANS.condition, frozenset({TERRITORY})),
    ]

    assert len({screen.view for screen in (GERMANS, *others)}) == 6
    assert GERMANS.role("a") != GERMANS.role("b")


def test_security_switched_off_while_a_query_waits_for_the_table_shows_nothing(kept: Kept) -> None:
    """The look at the screens must see what happened until the table was locked, not when the query began."""
    kept.ids(GERMANS)
    found: list[list[Any]] = []
    with psycopg.connect(kept.owner) as other:
        other.execute("ALTER TABLE sales.customers DISABLE ROW LEVEL SECURITY")
        reading = threading.Thread(target=lambda: found.append(kept.ids(GERMANS)))
        reading.start()
        time.sleep(1)
        other.commit()
    reading.join()

    assert found == [[1, 3]]
