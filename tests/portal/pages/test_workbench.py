"""The workbench: only what I can read, an answer with or without scripts, and a refusal that offers the request."""

from pathlib import Path

import pytest
from django.test import Client

from access.models import Principal
from tests.portal.routes.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "select id, country from sales.orders"
BY_SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A real warehouse with one dataset that the grantee reads, and a hidden one."""
    return make_world(tmp_path)


def run(client: Client, viewer: Principal, sql: str, **headers: str) -> str:
    client.force_login(viewer)
    response = client.post("/workbench/run/", {"sql": sql}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_schema_is_what_the_viewer_reads(client: Client, world: World) -> None:
    client.force_login(world.people["grantee"])
    names = [each.dataset.name for each in client.get("/workbench/").context["readable"]]
    client.force_login(world.people["outsider"])
    nothing = client.get("/workbench/")

    assert names == ["wh.sales.orders"]
    assert nothing.context["readable"] == []
    assert "secrets" not in nothing.content.decode()


def test_a_script_gets_the_rows_alone(client: Client, world: World) -> None:
    words = run(client, world.people["grantee"], SQL, **BY_SCRIPT)

    assert "<td>DE</td>" in words
    assert "<html" not in words


def test_without_scripts_the_rows_come_with_the_page_and_the_query_stays(
    client: Client, world: World
) -> None:
    words = run(client, world.people["grantee"], SQL)

    assert "<html" in words
    assert "<td>DE</td>" in words
    assert f"{SQL}</textarea>" in words


def test_a_refusal_offers_exactly_the_columns_it_needed(client: Client, world: World) -> None:
    words = run(client, world.people["outsider"], SQL, **BY_SCRIPT)

    assert "You do not have access to all of this yet" in words
    assert "/datasets/wh.sales.orders/request/?columns=id%2Ccountry&amp;origin=workbench" in words
    assert "<td>" not in words


def test_who_asked_already_is_told_so_instead_of_asked_again(client: Client, world: World) -> None:
    words = run(client, world.people["requester"], SQL, **BY_SCRIPT)

    assert "it waits for a decision" in words
    assert "Ask for access" not in words


def test_a_hidden_table_reads_like_one_that_is_not_there(client: Client, world: World) -> None:
    hidden = run(client, world.people["outsider"], "select id from sales.secrets", **BY_SCRIPT)
    absent = run(client, world.people["outsider"], "select id from sales.nothing", **BY_SCRIPT)

    assert hidden.replace("secrets", "nothing") == absent


def test_what_is_no_query_is_said_in_words(client: Client, world: World) -> None:
    said = {
        sql: run(client, world.people["grantee"], sql, **BY_SCRIPT)
        for sql in ("  ", "drop table sales.orders", "select from", "select 1; select 2")
    }

    assert "Nothing to run" in said.pop("  ")
    assert all("The query was not run" in words for words in said.values())


def test_the_rewritten_query_is_shown_to_nobody_who_does_not_answer_for_all_of_it(
    client: Client, world: World
) -> None:
    assert "What the warehouse was asked" not in run(client, world.people["grantee"], SQL)
