"""Text that PostgreSQL cannot store is the sender's mistake, and told so, on every way in."""

from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Principal
from access.people import tokens


@pytest.fixture
def caller(analyst: Principal) -> dict[str, Any]:
    _, secret = tokens.issue(analyst, scopes=[], expires_at=None, actor=analyst, now=database_now())
    return {"headers": {"Authorization": f"Bearer {secret}"}}


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/a%00.b.c",
        "/datasets/a.b.c%00/lineage",
        "/datasets?domain=%00",
        "/datasets?tag=a%00",
        "/datasets?%00=a",
    ],
)
def test_a_path_or_query_with_a_nul_is_a_bad_request(path: str, caller: dict[str, Any]) -> None:
    response = Client().get(f"/api/v1{path}", **caller)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["code"] == "bad_request"


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\udfff\\ud800"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/access-requests", '{"dataset": "%s", "purpose": "p", "duration": "1d"}'),
        ("/access-requests", '{"dataset": "a.b.c", "purpose": "%s", "duration": "1d"}'),
        ("/access-requests", '{"dataset": "a.b.c", "columns": ["%s"], "duration": "1d"}'),
        ("/queries", '{"sql": "select 1", "warehouse": "%s"}'),
        ("/queries", '{"sql": "select 1", "purpose": "%s"}'),
        ("/queries", '{"sql": "select 1", "%s": 1}'),
    ],
)
def test_a_body_with_such_text_is_a_bad_request(
    path: str, body: str, text: str, caller: dict[str, Any]
) -> None:
    response = Client().post(
        f"/api/v1{path}", body % text, content_type="application/json", **caller
    )

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["code"] == "bad_request"


def test_a_body_nested_beyond_reading_is_a_bad_request(caller: dict[str, Any]) -> None:
    body = "[" * 100_000
    response = Client().post("/api/v1/queries", body, content_type="application/json", **caller)

    assert response.status_code == 400


def test_a_form_with_a_nul_is_a_bad_request(analyst: Principal) -> None:
    client = Client()
    client.force_login(analyst)

    assert client.get("/search/", {"q": "a\x00b"}).status_code == 400
    assert client.post("/sign-in/", {"username": "a\x00", "password": "b"}).status_code == 400
