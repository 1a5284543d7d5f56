"""What somebody else did in the warehouse is found, said once, and put right; what is not ours is left alone."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from access import provisioning
from access.clock import database_now
from access.models import AuditEvent, NativeFinding, Notice, Principal
from catalog.engines import EngineError
from tests.access.provisioning.world import World, view

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(*names: str) -> list[str]:
    """The sentences of the audit's events of these kinds, oldest first."""
    return list(AuditEvent.objects.filter(kind__in=names).order_by("id").values_list("reason", flat=True))  # fmt: skip


@pytest.fixture
def role(world: World, ana: Principal) -> str:
    world.rules(masks=[("email", "email", "", {})])
    world.grant(ana)
    made = world.login(ana)
    world.settle()
    return made


REPAIRED = (
    ("ALTER ROLE {role} VALID UNTIL 'infinity'", "VALID UNTIL"),
    ("ALTER ROLE {role} NOLOGIN", "may log in"),
    ("ALTER ROLE {role} CREATEROLE", "powers"),
    ("ALTER ROLE {role} SUPERUSER", "powers"),
    ("ALTER ROLE {role} CONNECTION LIMIT -1", "Settings"),
    ("ALTER ROLE {role} SET search_path = public", "Settings"),
    ("DROP VIEW {role}.{view}", "is gone"),
    ("CREATE OR REPLACE VIEW {role}.{view} AS SELECT * FROM sales.customers", "was changed"),
    ("ALTER VIEW {role}.{view} SET (security_barrier = false)", "was changed"),
    ("ALTER VIEW {role}.{view} OWNER TO portal", "was changed"),
    ("REVOKE SELECT ON {role}.{view} FROM {role}", "was changed"),
    ("REVOKE USAGE ON SCHEMA {role} FROM {role}", "schema"),
    ("ALTER SCHEMA {role} OWNER TO portal", "schema"),
    ("DROP SCHEMA {role} CASCADE", "schema is gone"),
    ("UPDATE gatehouse_native.rights SET expires_at = 'infinity'", "look up"),
    ("DELETE FROM gatehouse_native.rights", "look up"),
    ("UPDATE gatehouse_native.logins SET principal = 'ben'", "look up"),
    ("REVOKE SELECT ON sales.customers FROM {owner}", "no longer read"),
)


def test_whatever_was_changed_is_as_it_was_again(world: World, ana: Principal, role: str) -> None:
    expected = world.ask(role, f"SELECT * FROM {view()} ORDER BY id")
    for number, (statement, words) in enumerate(REPAIRED, start=1):
        world.do(statement.format(role=role, view=view(), owner=world.access.owner_role))

        outcome = world.settle()

        assert outcome.n_found, statement
        assert world.ask(role, f"SELECT * FROM {view()} ORDER BY id") == expected, statement
        found, repaired = kinds("drift.found"), kinds("drift.repaired")
        assert words in found[-1] or any(words in sentence for sentence in found[number - 1 :])
        assert sorted(found) == sorted(repaired), statement
        assert world.settle().n_put == 0, statement
    assert not NativeFinding.objects.filter(gone_at=None).exists()


def test_a_dropped_role_comes_back_without_a_password(
    world: World, ana: Principal, role: str
) -> None:
    world.do(f"DROP OWNED BY {role}; DROP ROLE {role}")
    world.settle()

    assert world.do("SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = %(role)s", role=role) == [(True,)]  # fmt: skip
    assert "The role is gone." in kinds("drift.found")
    again = provisioning.open_login(world.access, holder=ana, actor=ana, now=database_now())
    assert again.user == role


GIVEN = (
    "GRANT SELECT ON sales.customers TO {role}",
    "GRANT SELECT (email) ON sales.customers TO {role}",
    "GRANT USAGE ON SCHEMA sales TO {role}",
    "GRANT wh_reader TO {role}",
    "GRANT pg_read_all_data TO {role}",
    "GRANT {role} TO wh_keeper",
    "GRANT {owner} TO wh_keeper",
    "GRANT SELECT ON {role}.{view} TO PUBLIC",
    "GRANT SELECT ON {role}.{view} TO wh_keeper",
    "GRANT UPDATE ON {role}.{view} TO {role}",
    "GRANT USAGE ON SCHEMA {role} TO wh_keeper",
    "GRANT CREATE ON SCHEMA {role} TO {role}",
    "GRANT USAGE ON SCHEMA gatehouse_native TO {role}",
    "GRANT SELECT ON gatehouse_native.keys TO {role}",
    "GRANT SELECT ON sales.orders TO {owner}",
    "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {role}",
)


def test_what_others_gave_is_reported_once_and_left(world: World, role: str) -> None:
    names = {"role": role, "view": view(), "owner": world.access.owner_role}
    for number, statement in enumerate(GIVEN, start=1):
        world.do(statement.format(**names))
        assert world.settle().n_found >= 1, statement
        assert len(kinds("drift.found")) >= number
    n_events = len(kinds("drift.found"))

    assert world.settle().n_found == 0
    assert len(kinds("drift.found")) == n_events
    assert kinds("drift.repaired") == []
    assert NativeFinding.objects.filter(gone_at=None).count() == n_events


def test_what_others_gave_is_taken_back_where_that_is_wanted(
    world: World, role: str, administrator: Principal
) -> None:
    names = {"role": role, "view": view(), "owner": world.access.owner_role}
    expected = world.ask(role, f"SELECT * FROM {view()} ORDER BY id")
    provisioning.change(world.access, actor=None, now=database_now(), takes_back=True)
    for statement in GIVEN:
        world.do(statement.format(**names))
    outcome = world.settle()

    assert (
        outcome.n_found >= len(GIVEN) - 1
    )  # a privilege on a column and on its table are told as one or two
    assert not NativeFinding.objects.filter(gone_at=None).exists()
    assert len(kinds("drift.repaired")) == len(kinds("drift.found"))
    assert world.ask(role, f"SELECT * FROM {view()} ORDER BY id") == expected
    with pytest.raises(Exception, match="permission denied"):
        world.ask(role, "SELECT * FROM sales.customers")
    assert Notice.objects.filter(recipient=administrator, kind="drift.found").count() == 1


def test_what_somebody_takes_back_themselves_is_noted(world: World, role: str) -> None:
    world.do(f"GRANT SELECT ON sales.customers TO {role}")
    world.settle()
    world.do(f"REVOKE SELECT ON sales.customers FROM {role}")
    world.settle()

    assert kinds("drift.gone") == kinds("drift.found")


def test_a_table_open_to_everybody_is_told(world: World, role: str) -> None:
    world.do("GRANT USAGE ON SCHEMA sales TO PUBLIC; GRANT SELECT ON sales.orders TO PUBLIC")
    try:
        world.settle()
        assert "Everybody who may connect may read sales.orders" in kinds("drift.found")
    finally:
        world.do("REVOKE USAGE ON SCHEMA sales FROM PUBLIC; REVOKE SELECT ON sales.orders FROM PUBLIC")  # fmt: skip


def test_a_role_of_the_same_name_that_somebody_made_is_left_alone(world: World, role: str) -> None:
    world.do(f"DROP OWNED BY {role}; DROP ROLE {role}; CREATE ROLE {role} LOGIN SUPERUSER")
    try:
        world.settle()

        assert world.do("SELECT rolsuper FROM pg_roles WHERE rolname = %(role)s", role=role) == [(True,)]  # fmt: skip
        assert "The role is another one of the same name." in kinds("drift.found")
    finally:
        world.do(f"DROP ROLE {role}")


def test_a_schema_of_somebody_else_is_left_alone(world: World, ana: Principal) -> None:
    world.do("CREATE SCHEMA gatehouse_native; CREATE TABLE gatehouse_native.theirs (i int)")
    world.grant(ana)
    try:
        with pytest.raises(EngineError, match="not made by this portal"):
            world.settle()
        assert world.do("SELECT count(*) FROM gatehouse_native.theirs") == [(0,)]
        world.access.refresh_from_db()
        assert "not made by this portal" in world.access.failure
    finally:
        world.do("DROP SCHEMA gatehouse_native CASCADE")


def test_a_table_that_is_replaced_gets_its_view_again(world: World, role: str) -> None:
    world.do("CREATE TABLE sales.made AS SELECT * FROM sales.customers WHERE id < 5")
    world.do("ALTER TABLE sales.customers RENAME TO kept; ALTER TABLE sales.made RENAME TO customers")  # fmt: skip
    world.do(f"DROP VIEW {role}.{view()}")
    try:
        world.settle()
        assert world.ask(role, f"SELECT count(*) FROM {view()}") == [(4,)]
    finally:
        world.do("DROP TABLE sales.customers CASCADE; ALTER TABLE sales.kept RENAME TO customers")


def test_a_table_with_rules_of_its_owners_has_no_view(world: World, ana: Principal) -> None:
    world.do("ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY")
    world.grant(ana, "orders")
    world.grant(ana)
    try:
        role = world.login(ana)
        world.settle()
        assert world.row(ana).missing == {
            "sales.orders": "it has row-level security of its owner's"
        }
        assert world.ask(role, f"SELECT count(*) FROM {view()}") == [(60,)]
    finally:
        world.do("ALTER TABLE sales.orders DISABLE ROW LEVEL SECURITY")
    world.settle()
    assert world.row(ana).missing == {}
    assert world.ask(role, f"SELECT count(*) FROM {view('orders')}") == [(200,)]


def test_something_planted_among_the_views_is_told_and_kept(world: World, role: str) -> None:
    world.do(f"CREATE TABLE {role}.planted (i int)")
    try:
        world.settle()
        assert f"{role}.planted stands among the views of {role}" in kinds("drift.found")
        assert world.do(f"SELECT count(*) FROM {role}.planted") == [(0,)]
    finally:
        world.do(f"DROP TABLE {role}.planted")


def test_two_beats_at_once_do_no_harm(world: World, role: str) -> None:
    world.do(f"ALTER ROLE {role} VALID UNTIL 'infinity'; DROP VIEW {role}.{view()}")
    world.do(f"GRANT SELECT ON sales.customers TO {role}")
    errors: list[BaseException] = []

    def one(now: datetime) -> None:
        from django.db import connection

        try:
            provisioning.settle(world.access, now=now)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    world.access.refresh_from_db()
    beats = [threading.Thread(target=one, args=(database_now(),)) for _ in range(4)]
    for each in beats:
        each.start()
    for each in beats:
        each.join()

    assert errors == []
    assert world.ask(role, f"SELECT count(*) FROM {view()}") == [(60,)]
    found = kinds("drift.found")
    assert len(found) == len(set(found)) == 3
