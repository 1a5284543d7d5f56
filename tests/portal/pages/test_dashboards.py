"""Dashboards: every tile asks as its viewer; a tile that may not be drawn offers the request and fails alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access.models import Principal
from portal.dashboards.definition import parse_definition
from portal.dashboards.tiles import Viewing, draw
from portal.models import Dashboard, PinnedDashboard
from tests.portal.routes.world import TILE, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

TILES = [
    TILE,
    {**TILE, "name": "broken", "sql": "select nothing from nowhere"},
    {**TILE, "name": "level", "sql": "select 10000.0 as value, 10001.0 as before from orders"},
    {
        **TILE,
        "name": "chart",
        "kind": "bar",
        "x": "country",
        "y": ["n"],
        "sql": "select '</script><b>' as country, count(*) as n from orders",
    },
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A real warehouse, and a dashboard with a good tile, a broken one and a chart."""
    made = make_world(tmp_path)
    made.dashboard.definition = {**made.dashboard.definition, "tiles": TILES}
    made.dashboard.save()
    return made


def tile(client: Client, viewer: Principal, name: str) -> str:
    client.force_login(viewer)
    response = client.get(f"/dashboards/board/tiles/{name}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_tile_shows_the_number_and_where_it_comes_from(client: Client, world: World) -> None:
    words = tile(client, world.people["grantee"], "n")

    assert '<p class="kpi__value" title="1">1</p>' in words
    assert "/datasets/wh.sales.orders/" in words


def test_an_outsider_gets_the_way_to_ask_instead_of_the_number(
    client: Client, world: World
) -> None:
    words = tile(client, world.people["outsider"], "n")

    assert "kpi__value" not in words
    assert 'hx-target="#refused-n"' in words
    assert "/datasets/wh.sales.orders/request/" in words
    assert "access-granted from:body" in words


def test_who_asked_already_sees_that_it_waits(client: Client, world: World) -> None:
    words = tile(client, world.people["requester"], "n")

    assert "it waits for a decision" in words
    assert "Ask for access" not in words


def test_a_broken_tile_fails_alone(client: Client, world: World) -> None:
    client.force_login(world.people["grantee"])

    words = client.get("/dashboards/board/?draw=now").content.decode()

    assert 'id="refused-broken"' in words
    assert "kpi__value" in words


def test_data_cannot_leave_the_block_of_a_chart(client: Client, world: World) -> None:
    words = tile(client, world.people["grantee"], "chart")

    assert "</script><b>" not in words
    assert "\\u003c/script>" in words


def test_a_change_too_small_to_show_is_neither_good_nor_bad(world: World) -> None:
    definition = parse_definition(world.dashboard.definition)
    level = definition.tile("level")
    assert level is not None

    drawn = draw(Viewing(world.people["grantee"], definition), level)

    assert drawn.kpi is not None
    assert drawn.kpi.is_good is None


def test_the_page_comes_before_its_tiles_are_drawn(client: Client, world: World) -> None:
    client.force_login(world.people["grantee"])

    words = client.get("/dashboards/board/").content.decode()

    assert "kpi__value" not in words
    assert words.count('hx-trigger="load"') == len(TILES)


def test_pinning_is_ones_own_and_a_second_press_takes_it_off(client: Client, world: World) -> None:
    client.force_login(world.people["grantee"])
    client.post("/dashboards/board/pin/")
    assert list(PinnedDashboard.objects.values_list("principal__username", flat=True)) == [
        "grantee"
    ]

    client.post("/dashboards/board/pin/")

    assert not PinnedDashboard.objects.exists()


def test_the_gallery_costs_the_same_however_many(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        definition = {**world.dashboard.definition, "name": f"b{number}"}
        Dashboard.objects.create(name=f"b{number}", title=f"B{number}", definition=definition)
    client.force_login(world.people["outsider"])

    with django_assert_max_num_queries(16):
        assert len(client.get("/dashboards/").context["cards"]) == 6


def test_what_is_not_there_is_not_found(client: Client, world: World) -> None:
    client.force_login(world.people["grantee"])

    assert client.get("/dashboards/nothing/").status_code == 404
    assert client.get("/dashboards/board/tiles/nothing/").status_code == 404
