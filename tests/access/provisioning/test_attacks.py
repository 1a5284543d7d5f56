"""Whoever has a login sends any text they like, and gets nothing but what their views show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from access.gate.judging import mask_key
from access.models import Principal
from catalog.engines.postgresql_passwords import verifier_of
from tests.access.provisioning.world import World, view

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedObject,
)
SECRET = "person3@example.com"  # in France; only Germany is granted


@pytest.fixture
def role(world: World, ana: Principal) -> str:
    """Sees Germans, whose addresses are hashed, and is watched by somebody else's login beside."""
    world.rules(masks=[("email", "hash", "", {}), ("seen", "day", "", {})])
    world.grant(ana, rows="country = 'DE'")
    other = world.person("ben")
    world.grant(other, unmasked=["email"], rows="country = 'FR'")
    world.login(other)
    return world.login(ana)


@pytest.fixture
def session(world: World, role: str) -> Iterator[psycopg.Connection[Any]]:
    with world.connect(role) as session:
        # Nothing may rest on what a session begins with.
        session.execute("SET default_transaction_read_only = off")
        yield session


def others_schema(world: World) -> str:
    return world.row(Principal.objects.get(username="ben")).role


OUT_OF_REACH = (
    "SELECT * FROM sales.customers",
    "SELECT count(*) FROM sales.orders",
    "SELECT * FROM gatehouse_native.logins",
    "SELECT * FROM gatehouse_native.rights",
    "SELECT * FROM gatehouse_native.keys",
    "SELECT * FROM gatehouse_native.views",
    "TABLE {other}.sales__customers",
    "SET ROLE {other}",
    "SET ROLE portal",
    "SET SESSION AUTHORIZATION {other}",
    "SET ROLE wh_reader",
    "UPDATE {view} SET country = 'DE'",
    "DELETE FROM {view}",
    "INSERT INTO {view} (id) VALUES (1000)",
    "INSERT INTO gatehouse_native.rights VALUES (session_user, 2, now(), now() + interval '1 day')",
    "CREATE TABLE {mine}.own (i int)",
    "CREATE OR REPLACE VIEW {view} AS SELECT 1",
    "ALTER VIEW {view} SET (security_barrier = false)",
    "ALTER VIEW {view} OWNER TO session_user",
    "DROP VIEW {view}",
    "COPY sales.customers TO STDOUT",
    "COPY {view} TO '/etc/passwd'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_read_binary_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM pg_statistic",
    "ALTER ROLE {mine} VALID UNTIL 'infinity'",
    "ALTER ROLE {mine} SUPERUSER",
    "CREATE ROLE another",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "CREATE TABLE sales.planted (i int)",
    "CREATE PUBLICATION p FOR TABLE sales.customers",
    "DO $$ BEGIN LOCK TABLE sales.customers; END $$",
    "ANALYZE sales.customers; SELECT * FROM sales.customers",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'portal'",
)


def test_nothing_else_is_within_reach(
    world: World, session: psycopg.Connection[Any], role: str
) -> None:
    names = {"other": others_schema(world), "mine": role, "view": view()}
    reached = []
    for attempt in OUT_OF_REACH:
        try:
            session.execute(attempt.format(**names).encode())
            reached.append(attempt)
        except (
            *REFUSED,
            psycopg.errors.InvalidGrantOperation,
            psycopg.errors.ObjectNotInPrerequisiteState,
        ):
            pass
    assert reached == []
    # This one is only warned about.
    session.execute(f"GRANT SELECT ON {view()} TO PUBLIC".encode())
    assert world.settle().n_found == 0


def test_a_leaky_function_never_sees_a_hidden_row(session: psycopg.Connection[Any]) -> None:
    told: list[str] = []
    session.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
    session.execute(
        "CREATE FUNCTION pg_temp.leak(value anyelement) RETURNS bool COST 0.0000001 LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE NOTICE 'seen %', value; RETURN true; END $$"
    )
    for text in (
        "SELECT id FROM {view} WHERE pg_temp.leak(id)",
        "SELECT id FROM {view} WHERE pg_temp.leak(email) AND pg_temp.leak(country)",
        "SELECT count(*) FROM {view} v JOIN (VALUES (1)) AS t (i) ON pg_temp.leak(v.country)",
        "SELECT id FROM {view} ORDER BY pg_temp.leak(country)",
        "SELECT id FROM {view} v, LATERAL (SELECT pg_temp.leak(v.email)) AS l",
    ):
        session.execute(text.format(view=view()).encode())

    assert told
    seen = " ".join(told)
    assert "FR" not in seen
    assert "ES" not in seen
    assert "@" not in seen
    ids = {row[0] for row in session.execute(f"SELECT id FROM {view()}".encode())}
    assert {int(word.split()[1]) for word in told if word.split()[1].isdigit()} == ids


def test_an_error_tells_of_no_hidden_row(session: psycopg.Connection[Any], role: str) -> None:
    """Every person but the Germans has a number below forty or a name that is no number; a cast would say which."""
    assert session.execute(
        f"SELECT count(*) FROM {view()} WHERE CASE WHEN country = 'FR' THEN (email::int) ELSE 1 END = 1".encode()
    ).fetchone() == (15,)
    assert session.execute(
        f"SELECT count(*) FROM {view()} WHERE 1 / (CASE country WHEN 'FR' THEN 0 ELSE 1 END) = 1".encode()
    ).fetchone() == (15,)


def test_who_asks_cannot_be_forged(
    world: World, session: psycopg.Connection[Any], role: str
) -> None:
    before = session.execute(f"SELECT count(*) FROM {view()}".encode()).fetchone()
    for setting in (
        "SET gatehouse.principal = 'ben'",
        "SET gatehouse.teams = '{blue}'",
        "SET application_name = 'gatehouse'",
        "SET search_path = pg_temp, public",
        "CREATE TEMP TABLE logins (role name, principal text); INSERT INTO logins VALUES (session_user, 'ben')",
        "CREATE TEMP TABLE rights AS SELECT session_user::name AS role, 2 AS grant_id",
        "SET session_replication_role = replica",
        "SET row_security = off",
    ):
        try:
            session.execute(setting.encode())
        except psycopg.errors.InsufficientPrivilege:
            continue
    found = session.execute(f"SELECT count(*) FROM {role}.{view()}".encode()).fetchone()
    assert found == before == (15,)


def test_another_time_zone_does_not_move_a_mask(session: psycopg.Connection[Any]) -> None:
    """The start of a day in a zone of one's own choosing would tell the time of day, minute by minute."""
    days = session.execute(f"SELECT seen FROM {view()}".encode()).fetchall()
    assert all(day.hour == day.minute == 0 for (day,) in days)

    for setting in ("SET timezone = '<x>-05:17'", "SET datestyle = 'German'"):
        session.execute(setting.encode())
        with pytest.raises(psycopg.errors.InvalidTextRepresentation, match="timezone UTC"):
            session.execute(f"SELECT seen FROM {view()}".encode())
        session.execute("DISCARD ALL")
    assert session.execute(f"SELECT seen FROM {view()}".encode()).fetchall() == days


def test_a_zone_changed_while_rows_are_read_stops_the_reading(
    session: psycopg.Connection[Any],
) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation, match="timezone UTC"):
        session.execute(
            f"SELECT seen, set_config('TimeZone', 'Asia/Tokyo', false) FROM {view()}".encode()
        )


def test_no_secret_stands_where_everybody_may_look(
    world: World, session: psycopg.Connection[Any], role: str
) -> None:
    key = mask_key()
    texts = session.execute(
        "SELECT pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' UNION ALL"
        " SELECT ev_action::text FROM pg_rewrite UNION ALL SELECT prosrc FROM pg_proc UNION ALL"
        " SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting"
    ).fetchall()
    assert not any(key in (text or "") for (text,) in texts)
    assert not any("ana" in (text or "").split("'") for (text,) in texts)
    # The key is there all the same: hashes are those of the gate.
    assert len(world.ask(role, f"SELECT email FROM {view()} LIMIT 1")[0][0] or "x" * 64) == 64


def test_statistics_and_statements_of_others_are_not_shown(
    world: World, session: psycopg.Connection[Any]
) -> None:
    other = others_schema(world)
    world.ask(other, f"SELECT 'a word of ben''s' FROM {view()}")
    assert session.execute(
        "SELECT count(*) FROM pg_stats WHERE schemaname = 'sales'"
    ).fetchone() == (0,)
    shown = session.execute(
        "SELECT query FROM public.pg_stat_statements WHERE userid <> session_user::regrole"
    ).fetchall()
    assert {text for (text,) in shown} <= {"<insufficient privilege>"}


def test_sessions_of_others_are_not_read(world: World, session: psycopg.Connection[Any]) -> None:
    other = others_schema(world)
    with world.connect(other) as theirs:
        theirs.execute("SET default_transaction_read_only = off")
        theirs.execute("CREATE TEMP TABLE mine AS SELECT 'theirs' AS word")
        theirs.execute("SELECT lo_from_bytea(4711, 'theirs')")
        (place,) = theirs.execute("SELECT pg_my_temp_schema()::regnamespace::text").fetchone() or (
            "",
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"SELECT * FROM {place}.mine".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT lo_get(4711)")
        theirs.execute("SELECT lo_unlink(4711)")


def test_a_verifier_is_what_the_server_would_have_made(world: World) -> None:
    world.do(f"CREATE ROLE checked LOGIN PASSWORD '{verifier_of('a pass word')}'")
    try:
        world.passwords["checked"] = "a pass word"
        assert world.ask("checked", "SELECT 1") == [(1,)]
        world.passwords["checked"] = "another"
        with pytest.raises(psycopg.OperationalError, match="password"):
            world.ask("checked", "SELECT 1")
    finally:
        world.do("DROP ROLE checked")
