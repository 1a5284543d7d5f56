"""Own tools and native access as pages: who sees what, a password once and nowhere else, honest words when it fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from access.clock import database_now
from access.models import AuditEvent, NativeAccess, NativeLogin, Principal
from access.people import principals
from catalog.engines.postgresql_sessions import close_idle
from tests.access.provisioning import world as native
from tests.access.provisioning.world import World, view
from tests.people import put_in_charge

pytestmark = pytest.mark.django_db(transaction=True)
NAVIGATION = 'href="/native/"'


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[native.Server, str, str]]:
    with native.server() as server:
        yield (server, *native.build(server, "native_pages"))
        close_idle()


@pytest.fixture
def world(db: None, urls: tuple[native.Server, str, str]) -> Iterator[World]:
    made = World.at(*urls)
    yield made
    made.release()


def password_in(text: str) -> str:
    (found,) = re.findall(r'<code id="password">([^<]+)</code>', text)
    return str(found)


def test_a_login_opened_on_the_page_reads_its_views(
    client: Client, world: World, analyst: Principal
) -> None:
    world.grant(analyst, rows="country = 'DE'")
    client.force_login(analyst)
    assert "Use your own tools" in client.get("/access/").content.decode()
    page = client.get("/own-tools/").content.decode()
    assert "Get a login" in page
    assert "sales__customers" in page

    answer = client.post(f"/own-tools/{world.access.pk}/login/")

    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    login = NativeLogin.objects.get()
    world.passwords[login.role] = password_in(text)
    assert f"user={login.role}" in text
    assert world.ask(login.role, f"SELECT DISTINCT country FROM {view()}") == [("DE",)]
    # Once, and nowhere else.
    assert world.passwords[login.role] not in client.get("/own-tools/").content.decode()
    assert not any(
        world.passwords[login.role] in str(event.data) for event in AuditEvent.objects.all()
    )


def test_a_new_password_ends_the_old_one(client: Client, world: World, analyst: Principal) -> None:
    world.grant(analyst)
    client.force_login(analyst)
    old, new = (
        password_in(client.post(f"/own-tools/{world.access.pk}/login/").content.decode())
        for _ in range(2)
    )
    role = NativeLogin.objects.get().role

    world.passwords[role] = old
    with pytest.raises(Exception, match="password"):
        world.ask(role, "SELECT 1")
    world.passwords[role] = new
    assert world.ask(role, "SELECT 1") == [(1,)]


def test_the_owner_gets_the_login_of_a_service_account(
    client: Client, world: World, analyst: Principal, outsider: Principal
) -> None:
    robot = principals.create_service("robot", owner=analyst, actor=None, now=database_now())
    world.grant(robot)
    url = f"/own-tools/{world.access.pk}/login/"
    client.force_login(analyst)
    assert "The login of robot" in client.post(url, {"holder": robot.pk}).content.decode()

    client.force_login(outsider)
    assert client.post(url, {"holder": robot.pk}).status_code == 404
    assert client.post(url, {"holder": "nobody"}).status_code == 404


def test_an_outsider_gets_no_login_and_sees_none(
    client: Client, world: World, analyst: Principal, outsider: Principal
) -> None:
    world.grant(analyst)
    login = world.login(analyst)
    client.force_login(outsider)

    shown = client.post(f"/own-tools/{world.access.pk}/login/", follow=True).content.decode()

    assert "reads nothing in wh now" in shown
    assert login not in shown
    assert client.post(f"/own-tools/logins/{world.row(analyst).pk}/close/").status_code == 404
    assert "Use your own tools" not in client.get("/access/").content.decode()


def test_a_closed_login_is_gone(client: Client, world: World, analyst: Principal) -> None:
    world.grant(analyst)
    role = world.login(analyst)
    client.force_login(analyst)

    client.post(f"/own-tools/logins/{world.row(analyst).pk}/close/")
    world.settle()

    assert world.do("SELECT 1 FROM pg_roles WHERE rolname = %(role)s", role=role) == []


def test_a_warehouse_that_does_not_answer_issues_nothing(
    client: Client, world: World, analyst: Principal
) -> None:
    world.grant(analyst)
    manage = world.warehouse.manage
    world.warehouse.manage = "postgresql://portal@/nowhere?host=%2Fnonexistent"
    world.warehouse.save()
    client.force_login(analyst)
    try:
        shown = client.post(f"/own-tools/{world.access.pk}/login/", follow=True).content.decode()
    finally:
        world.warehouse.manage = manage
        world.warehouse.save()

    assert "no password was issued" in shown
    assert NativeLogin.objects.get().keyed_at is None


def test_who_answers_for_all_data_switches_it_and_sees_what_others_did(
    client: Client, world: World, steward: Principal, analyst: Principal
) -> None:
    for dataset in world.house.datasets.values():
        put_in_charge(steward, dataset)
    world.grant(analyst)
    role = world.login(analyst)
    world.do(f"GRANT SELECT ON sales.customers TO {role}")
    client.force_login(steward)
    pk = world.warehouse.pk
    assert NAVIGATION in client.get("/").content.decode()

    client.post(f"/native/{pk}/compare/")
    assert (
        f"{role} has privileges on table sales.customers" in client.get("/native/").content.decode()
    )
    prefix = f"w{pk}"
    client.post(f"/native/{pk}/change/", {f"{prefix}-takes_back": "on", f"{prefix}-host": "db.example.com", f"{prefix}-port": "6432"})  # fmt: skip
    client.post(f"/native/{pk}/compare/")
    page = client.get("/native/").content.decode()
    assert "Nothing in the warehouse is other than the portal put it" in page
    client.force_login(analyst)
    issued = client.post(f"/own-tools/{world.access.pk}/login/").content.decode()
    assert "host=db.example.com port=6432" in issued

    client.force_login(steward)
    client.post(f"/native/{pk}/off/")
    assert not NativeAccess.objects.get().is_on
    assert AuditEvent.objects.filter(kind="native.switched_off", actor=steward).exists()


def test_a_steward_of_a_part_switches_nothing(
    client: Client, world: World, steward: Principal
) -> None:
    put_in_charge(steward, world.house.datasets["customers"])
    client.force_login(steward)

    assert NAVIGATION not in client.get("/").content.decode()
    assert client.get("/native/").status_code == 403
    assert client.post(f"/native/{world.warehouse.pk}/off/").status_code == 404


def test_a_wrong_port_is_said_at_its_field(
    client: Client, world: World, administrator: Principal
) -> None:
    client.force_login(administrator)
    prefix = f"w{world.warehouse.pk}"

    answer = client.post(
        f"/native/{world.warehouse.pk}/change/", {f"{prefix}-port": "99999", f"{prefix}-host": "x"}
    )

    assert answer.status_code == 422
    assert "65535" in answer.content.decode()
