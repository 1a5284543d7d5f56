"""Why a query shows what it shows, over the API: before it runs, and later by its number."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access.models import GrantUse, QueryRecord
from tests.portal.routes.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "select id from sales.orders where country = 'DE'"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A real warehouse with one dataset that the grantee reads, and a hidden one."""
    return make_world(tmp_path)


def call(world: World, who: str, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {world.tokens[who]}"}
    address = f"/api/v1{path}"
    if not body:
        return Client().get(address, headers=headers)
    text = json.dumps(body)
    return Client().post(address, text, content_type="application/json", headers=headers)


def test_a_query_is_explained_without_being_run(world: World) -> None:
    told = call(world, "grantee", "/queries/explain", sql=SQL).json()

    assert (told["verdict"], told["needs"]) == ("allowed", [])
    (seen,) = told["datasets"]
    assert (seen["name"], seen["columns_visible"], seen["columns_total"]) == (
        "wh.sales.orders", 2, 2,
    )  # fmt: skip
    assert {c["name"]: c["clauses"] for c in seen["columns"]} == {
        "id": ["selected"],
        "country": ["filtered"],
    }
    # What was taken in an emergency nobody approved.
    approvers = {grant["purpose"]: grant["approved_by"] for grant in seen["grants"]}
    assert approvers["Reading"] == "Steward"
    assert None in approvers.values()
    assert told["rewritten_sql"] is None
    assert not QueryRecord.objects.filter(surface="api", started_at=told["valid_until"]).exists()
    assert not GrantUse.objects.exists()


def test_a_refusal_is_explained_with_what_to_ask_for(world: World) -> None:
    told = call(world, "outsider", "/queries/explain", sql=SQL).json()

    assert (told["verdict"], told["code"]) == ("refused", "no_grant")
    assert [need["dataset"] for need in told["needs"]] == ["wh.sales.orders"]


def test_what_is_hidden_explains_itself_no_more_than_what_is_not_there(world: World) -> None:
    hidden = call(world, "outsider", "/queries/explain", sql="select id from sales.secrets")
    absent = call(world, "outsider", "/queries/explain", sql="select id from sales.nothing")

    assert hidden.content.replace(b"secrets", b"nothing") == absent.content


def test_every_answer_carries_the_number_by_which_it_is_explained_later(world: World) -> None:
    answered = call(world, "grantee", "/queries", sql=SQL)
    b"".join(answered.streaming_content)
    refused = call(world, "outsider", "/queries", sql=SQL)

    first = call(world, "grantee", f"/queries/{answered['Gatehouse-Query']}").json()
    second = call(world, "outsider", f"/queries/{refused['Gatehouse-Query']}").json()

    assert (first["sql"], first["rows"], first["code"]) == (SQL, 1, None)
    assert first["columns"] == {"wh.sales.orders": {"country": ["filtered"], "id": ["selected"]}}
    assert first["policy_unchanged"] is True
    assert (second["code"], second["now"]["verdict"]) == ("no_grant", "refused")


def test_nobody_elses_query_is_explained_to_anybody(world: World) -> None:
    answered = call(world, "grantee", "/queries", sql=SQL)
    b"".join(answered.streaming_content)
    path = f"/queries/{answered['Gatehouse-Query']}"

    for who in ("outsider", "requester", "steward", "administrator"):
        assert call(world, who, path).status_code == 404
