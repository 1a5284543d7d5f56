"""An administrator's role that is no superuser is enough, and metadata imports do not take people's views for tables."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from access import grants, provisioning
from access.clock import database_now
from access.models import AuditEvent, Principal
from access.provisioning import evidence
from catalog.importers import import_warehouse
from catalog.models import Dataset
from tests.access.provisioning import world as native
from tests.access.provisioning.world import World, view

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "kept_wh"


@pytest.fixture(scope="module")
def kept(password_server: native.Server) -> tuple[str, str]:
    """A warehouse whose tables belong to a role that the administrator is a member of."""
    url, manage = native.build(password_server, NAME)
    server = password_server
    if not server.do("SELECT 1 FROM pg_roles WHERE rolname = 'wh_owner'"):
        server.do("CREATE ROLE wh_owner NOLOGIN; ALTER ROLE wh_keeper CREATEROLE")
        server.do("GRANT wh_owner TO wh_keeper; GRANT pg_read_all_stats TO wh_keeper")
    server.do(f"GRANT CREATE ON DATABASE {NAME} TO wh_keeper")
    for (table,) in server.do("SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace::regnamespace::text IN ('sales', '\"Odd one\"')", NAME):  # fmt: skip
        server.do(f"ALTER TABLE {table} OWNER TO wh_owner", NAME)
    server.do('ALTER SCHEMA sales OWNER TO wh_owner; ALTER SCHEMA "Odd one" OWNER TO wh_owner', NAME)  # fmt: skip
    return url, manage.replace("portal@", "wh_keeper@")


@pytest.fixture
def world(db: None, password_server: native.Server, kept: tuple[str, str]) -> Iterator[World]:
    made = World.at(password_server, *kept)
    yield made
    made.release()


@pytest.fixture
def ana(world: World) -> Principal:
    return world.person("ana")


def test_it_makes_repairs_and_takes_out(world: World, ana: Principal) -> None:
    world.rules(masks=[("email", "hash", "", {})])
    grant = world.grant(ana, rows="country = 'DE'")
    world.grant(ana, "orders")
    role = world.login(ana)
    assert world.ask(role, f"SELECT count(*) FROM {view()}") == [(15,)]

    world.do(f"ALTER ROLE {role} VALID UNTIL 'infinity'; DROP VIEW {role}.{view()}")
    world.do(f"GRANT SELECT ON sales.customers TO {role}")
    provisioning.change(world.access, actor=None, now=database_now(), takes_back=True)
    world.settle()

    assert AuditEvent.objects.filter(kind="drift.repaired").count() == 3
    assert world.ask(role, f"SELECT count(*) FROM {view()}") == [(15,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.ask(role, "SELECT * FROM sales.customers")
    assert evidence.collect(world.access, now=database_now())

    session = world.connect(role)
    grants.revoke(grant, actor=None, reason="Over", now=database_now())
    world.settle()
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")

    provisioning.switch_off(world.access, actor=None, now=database_now())
    world.settle()
    assert world.do("SELECT 1 FROM pg_roles WHERE rolname LIKE 'gatehouse_%'") == []
    assert world.do("SELECT to_regnamespace('gatehouse_native') IS NULL") == [(True,)]


def test_an_import_finds_no_dataset_among_peoples_views(world: World, ana: Principal) -> None:
    world.grant(ana)
    world.login(ana)
    n_datasets = Dataset.objects.count()

    import_warehouse(world.warehouse, now=database_now())

    assert Dataset.objects.count() == n_datasets
