"""As others see it: for whoever decides, with values only where they may read them; and why a result is as it is."""

from pathlib import Path

import pytest
from django.test import Client

from access.clock import database_now
from access.models import AuditEvent, Grant, Principal, QueryRecord
from tests.people import make_grant
from tests.portal.routes.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "select id, country from sales.orders"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A real warehouse with one dataset that the grantee reads, and a hidden one."""
    return make_world(tmp_path)


def page(
    client: Client, viewer: Principal, address: str, status: int = 200, by_script: bool = False
) -> str:
    client.force_login(viewer)
    response = client.get(address, headers={"HX-Request": "true"} if by_script else {})
    assert response.status_code == status
    return response.content.decode()


def as_grantee(client: Client, viewer: Principal) -> str:
    return page(client, viewer, "/datasets/wh.sales.orders/as/?holder=user:grantee")


def test_a_steward_without_a_grant_sees_the_shape_and_no_value(
    client: Client, world: World
) -> None:
    words = as_grantee(client, world.people["steward"])

    assert "Grantee sees all 2 columns" in words
    assert "no right to read" in words
    assert "<td>DE</td>" not in words


def test_a_steward_with_a_grant_sees_a_few_rows(client: Client, world: World) -> None:
    make_grant(world.people["steward"], world.dataset, now=database_now())

    words = as_grantee(client, world.people["steward"])

    assert "<td>DE</td>" in words
    assert AuditEvent.objects.filter(kind="query.seen_as", dataset="wh.sales.orders").count() == 1


def test_a_request_is_previewed_before_it_is_decided(client: Client, world: World) -> None:
    make_grant(world.people["steward"], world.dataset, now=database_now())
    words = page(
        client, world.people["steward"], f"/requests/{world.request.pk}/preview/", by_script=True
    )

    assert "Requester would see all 2 columns" in words
    assert "<td>DE</td>" in words
    assert "<html" not in words
    assert Grant.objects.filter(principal=world.people["requester"]).count() == 0


def test_outsiders_holders_and_askers_look_through_nobodys_eyes(
    client: Client, world: World
) -> None:
    for who in ("outsider", "grantee", "requester", "administrator"):
        address = "/datasets/wh.sales.orders/as/?holder=user:grantee"
        assert "Only a steward" in page(client, world.people[who], address, 403)
    assert not QueryRecord.objects.filter(surface="view_as").exists()


def test_somebody_who_holds_nothing_of_mine_is_not_found(client: Client, world: World) -> None:
    steward = world.people["steward"]
    real = page(client, steward, "/datasets/wh.sales.orders/as/?holder=user:outsider", 404)
    made_up = page(client, steward, "/datasets/wh.sales.orders/as/?holder=user:nobody", 404)

    assert "holds anything that you decide about" in real
    assert "holds anything that you decide about" in made_up


def test_the_workbench_looks_through_somebodys_eyes(client: Client, world: World) -> None:
    steward = world.people["steward"]
    client.force_login(steward)
    sent = {"sql": SQL, "as": "user:grantee"}
    refused = client.post("/workbench/run/", sent, headers={"HX-Request": "true"}).content.decode()
    make_grant(steward, world.dataset, now=database_now())
    seen = client.post("/workbench/run/", sent, headers={"HX-Request": "true"}).content.decode()
    outsider = Client()
    outsider.force_login(world.people["outsider"])

    assert "Not to be seen as Grantee" in refused
    assert "As Grantee sees it" in seen
    assert "<td>DE</td>" in seen
    assert outsider.post("/workbench/run/", sent).status_code == 404
    assert 'name="as"' not in outsider.get("/workbench/").content.decode()
    assert 'name="as"' in client.get("/workbench/").content.decode()


# Why these rows and columns


def test_a_result_links_to_why_and_the_page_tells_it(client: Client, world: World) -> None:
    viewer = world.people["grantee"]
    client.force_login(viewer)
    client.post("/workbench/run/", {"sql": SQL})
    record = QueryRecord.objects.get(surface="workbench")

    words = page(client, viewer, f"/queries/{record.pk}/")
    part = page(client, viewer, f"/queries/{record.pk}/", by_script=True)

    assert "<b>Steward</b> approved it" in words
    assert "all 2 columns are open to you" in part
    assert "<html" not in part
    assert "What the warehouse was asked" not in words


def test_the_query_of_somebody_else_is_not_found(client: Client, world: World) -> None:
    for who in ("outsider", "steward", "administrator"):
        page(client, world.people[who], f"/queries/{world.query.pk}/", 404)


def test_a_query_of_mine_over_what_i_lost_says_what_to_ask_for(
    client: Client, world: World
) -> None:
    viewer = world.people["outsider"]
    client.force_login(viewer)
    client.post("/workbench/run/", {"sql": SQL})
    record = QueryRecord.objects.get(surface="workbench")

    words = page(client, viewer, f"/queries/{record.pk}/")

    assert "Why it was not answered" in words
    assert "/datasets/wh.sales.orders/request/?columns=id%2Ccountry" in words
