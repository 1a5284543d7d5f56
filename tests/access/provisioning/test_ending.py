"""When access ends, it ends in the warehouse too: at once while the portal runs, on time when it is stopped."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from access import grants, provisioning
from access.clock import database_now
from access.models import AuditEvent, Grant, NativeAccess, NativeLogin, Principal, Team
from access.people import principals, teams
from tests.access.gate.house import wait_until
from tests.access.provisioning.world import SOON, World, view

pytestmark = pytest.mark.django_db(transaction=True)
ENDED = "has ended or changed"


def beat(world: World) -> None:
    """What the worker does every few seconds."""
    provisioning.keep(database_now())


def roles(world: World) -> set[str]:
    return {row[0] for row in world.do("SELECT rolname FROM pg_roles WHERE rolname LIKE 'gatehouse_ana_%'")}  # fmt: skip


def reads(world: World, role: str, table: str = "customers") -> int:
    try:
        return int(world.ask(role, f"SELECT count(*) FROM {view(table)}")[0][0])
    except psycopg.Error:
        return 0


def test_expiry_ends_the_login_with_the_portal_stopped(world: World, ana: Principal) -> None:
    grant = world.grant(ana, ends_in=SOON)
    role = world.login(ana)
    assert reads(world, role) == 60
    session = world.connect(role)

    wait_until(grant.expires_at)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        world.connect(role)
    # Neither does a session that was open: the view asks the clock.
    assert session.execute(f"SELECT * FROM {view()}".encode()).fetchall() == []
    session.close()


def test_nothing_held_open_reaches_behind_the_end(world: World, ana: Principal) -> None:
    grant = world.grant(ana, ends_in=SOON)
    role = world.login(ana)
    with (
        world.connect(role) as prepared,
        world.connect(role) as cursor,
        world.connect(role) as loop,
    ):
        prepared.execute(f"PREPARE later AS SELECT id FROM {view()}".encode())
        assert len(prepared.execute("EXECUTE later").fetchall()) == 60
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(f"DECLARE c CURSOR FOR SELECT id FROM {view()}".encode())
        assert len(cursor.execute("FETCH 10 FROM c").fetchall()) == 10

        with pytest.raises(psycopg.Error):  # one statement that began in time and goes on
            loop.execute(
                f"DO $$ DECLARE n int; BEGIN LOOP SELECT count(*) INTO STRICT n FROM {view()};"
                " PERFORM pg_sleep(0.05); END LOOP; END $$".encode()
            )
        assert world.do("SELECT clock_timestamp()")[0][0] >= grant.expires_at

        with pytest.raises(psycopg.errors.InvalidTextRepresentation, match=ENDED):
            cursor.execute("FETCH ALL FROM c").fetchall()
        assert prepared.execute("EXECUTE later").fetchall() == []


def test_a_part_that_ends_takes_only_its_part(world: World, ana: Principal) -> None:
    short = world.grant(ana, rows="country = 'DE'", ends_in=SOON, purpose="Short")
    world.grant(ana, rows="country = 'FR'", columns=["id", "country"], purpose="Long")
    role = world.login(ana)
    assert reads(world, role) == 30

    wait_until(short.expires_at)

    assert {row[0] for row in world.ask(role, f"SELECT country FROM {view()}")} == {"FR"}
    assert {row[0] for row in world.ask(role, f"SELECT email FROM {view()}")} == {None}
    beat(world)
    with pytest.raises(psycopg.errors.UndefinedColumn):
        world.ask(role, f"SELECT email FROM {view()}")


def test_a_revoked_grant_stops_an_open_session_at_once(world: World, ana: Principal) -> None:
    grant = world.grant(ana)
    world.grant(ana, "orders")
    role = world.login(ana)
    session = world.connect(role)
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    session.execute(f"SELECT * FROM {view()}".encode())

    grants.revoke(grant, actor=None, reason="No longer needed", now=database_now())
    beat(world)

    with pytest.raises(psycopg.OperationalError):
        session.execute(f"SELECT * FROM {view()}".encode())
    assert (reads(world, role), reads(world, role, "orders")) == (0, 200)
    assert world.row(ana).ended_at is None


def test_the_last_grant_takes_the_role_along(world: World, ana: Principal) -> None:
    grant = world.grant(ana)
    world.login(ana)

    grants.give_back(grant, actor=ana, now=database_now())
    beat(world)

    assert roles(world) == set()
    ended = NativeLogin.objects.get(principal=ana)
    assert ended.end_reason == "Nothing is granted here any more."
    assert AuditEvent.objects.filter(kind="login.ended").count() == 1


def test_a_pause_shuts_the_login_and_keeps_its_password(world: World, ana: Principal) -> None:
    grant = world.grant(ana)
    role = world.login(ana)

    grants.suspend(grant, actor=None, reason="A question", now=database_now())
    beat(world)
    with pytest.raises(psycopg.OperationalError):
        world.connect(role)
    grants.resume(grant, actor=None, now=database_now())
    beat(world)

    assert reads(world, role) == 60


def test_whoever_leaves_has_no_login(world: World, ana: Principal) -> None:
    world.grant(ana)
    world.login(ana)

    principals.deactivate(ana, actor=None, now=database_now())
    beat(world)

    assert roles(world) == set()
    assert NativeLogin.objects.get(principal=ana).end_reason == "Its holder left."


def test_whoever_leaves_a_team_loses_what_it_held(world: World, ana: Principal) -> None:
    blue = Team.objects.create(name="blue")
    teams.add_member(blue, ana, actor=None, now=database_now())
    world.grant(blue)
    world.grant(ana, "orders")
    role = world.login(ana)
    assert reads(world, role) == 60

    teams.remove_member(blue, ana, actor=None, now=database_now())
    beat(world)

    assert (reads(world, role), reads(world, role, "orders")) == (0, 200)


def test_a_new_mask_holds_in_an_open_session(world: World, ana: Principal) -> None:
    world.grant(ana)
    role = world.login(ana)
    session = world.connect(role)
    session.execute("BEGIN")
    session.execute(f"SELECT email FROM {view()}".encode())

    world.rules(masks=[("email", "redact", "", {})])
    beat(world)

    assert {row[0] for row in world.ask(role, f"SELECT email FROM {view()}")} == {"REDACTED"}
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")


def test_more_time_needs_no_new_session(world: World, ana: Principal) -> None:
    grant = world.grant(ana, ends_in=SOON)
    role = world.login(ana)
    with world.connect(role) as session:
        with transaction.atomic(), connection.cursor() as cursor:
            # Somebody decided that, which is another test's subject.
            cursor.execute("SET LOCAL session_replication_role = replica")
            longer = grant.expires_at + timedelta(days=1)
            Grant.objects.filter(pk=grant.pk).update(expires_at=longer)
        beat(world)
        wait_until(grant.expires_at)

        assert session.execute(f"SELECT count(*) FROM {view()}".encode()).fetchone() == (60,)
        assert world.connect(role)


def test_a_later_grant_is_there_when_it_starts(world: World, ana: Principal) -> None:
    world.grant(ana, "orders")
    later = world.grant(ana, starts_in=SOON, ends_in=timedelta(days=1))
    role = world.login(ana)
    assert reads(world, role) == 0

    wait_until(later.starts_at)
    beat(world)

    assert reads(world, role) == 60


def test_a_quiet_warehouse_costs_one_query(
    world: World, ana: Principal, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    world.grant(ana)
    world.login(ana)
    beat(world)
    now = database_now()

    with django_assert_num_queries(2):
        provisioning.keep(now)


def test_switched_off_leaves_the_warehouse_as_it_was(
    world: World, ana: Principal, ben: Principal
) -> None:
    provisioning.switch_off(world.access, actor=None, now=database_now())
    beat(world)
    before = everything(world)
    world.access = provisioning.switch_on(world.warehouse, actor=None, now=database_now())
    world.grant(ana)
    world.grant(ben, "orders")
    open_session = world.connect(world.login(ana))
    world.login(ben)
    assert everything(world) != before

    provisioning.switch_off(world.access, actor=None, now=database_now())
    beat(world)

    assert everything(world) == before
    with pytest.raises(psycopg.OperationalError):
        open_session.execute("SELECT 1")
    assert NativeAccess.objects.get().cleared_at is not None
    assert not NativeLogin.objects.filter(ended_at=None).exists()


def everything(world: World) -> list[tuple[str, ...]]:
    """Roles, schemas, relations and privileges of the warehouse."""
    return world.do(
        "SELECT 'role', rolname::text, '' FROM pg_roles UNION ALL"
        " SELECT 'schema', nspname::text, coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' UNION ALL"
        " SELECT 'relation', oid::regclass::text, coalesce(relacl::text, '') FROM pg_class"
        " WHERE relnamespace <> 'pg_toast'::regnamespace AND relnamespace::regnamespace::text !~ '^pg_(toast_)?temp' ORDER BY 1, 2"
    )


def test_a_role_that_is_gone_already_is_no_error(world: World, ana: Principal) -> None:
    grant = world.grant(ana)
    role = world.login(ana)
    world.do(f"DROP OWNED BY {role}; DROP ROLE {role}")

    Grant.objects.filter(pk=grant.pk).update(ended_at=Now(), end_reason="revoked")
    beat(world)

    assert roles(world) == set()
    assert not NativeLogin.objects.filter(ended_at=None).exists()
