"""Every address against everybody: the list of addresses is read from the URL configuration itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from portal.api.urls import api
from tests.portal.routes.expectations import API, PAGES, Try, filled
from tests.portal.routes.world import MARKER, PERSONAS, World, make_world

# The gate refuses to work inside a transaction, so what passes it is tried outside; the rest is rolled back.
THROUGH_THE_GATE = {
    "workbench-run",
    "dashboard-tile",
    "view-as",
    "preview-request",
    "POST /queries",
}


def page_names() -> set[str]:
    """The names of all pages, as the URL configuration has them."""
    return {
        str(pattern.name)
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern)
    }


def operations() -> set[str]:
    """`METHOD /path` of every operation, as the API describes itself."""
    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }


def test_every_page_and_operation_states_what_it_answers() -> None:
    assert page_names() == PAGES.keys()
    assert operations() == API.keys()


@pytest.fixture
def world(tmp_path: Path, transactional_db: None) -> World:
    """A world of its own for each persona."""
    return make_world(tmp_path)


def cases(table: dict[str, list[Try]]) -> Iterator[tuple[str, Try]]:
    """Every way to call every route; those that only read come first."""
    every = [(name, attempt) for name, tries in table.items() for attempt in tries]
    return iter(sorted(every, key=lambda case: case[1].method != "get"))


def answers(
    table: dict[str, list[Try]], persona: str, call: Callable[[str, Try], tuple[int, bytes]]
) -> list[str]:
    """What differs from the stated statuses; no call leaves anything behind for the next."""
    differing = []
    for name, attempt in cases(table):
        if name in THROUGH_THE_GATE:
            status, text = call(name, attempt)
        else:
            with transaction.atomic():
                status, text = call(name, attempt)
                transaction.set_rollback(True)
        expected = attempt.expected[PERSONAS.index(persona)]
        if status != expected:
            said = f"{name} {attempt.label}".strip()
            differing.append(f"{said}: {status} instead of {expected}: {text[:200]!r}")
    return differing


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_answers_each_persona_as_stated(world: World, persona: str) -> None:
    signed_in = Client()
    if persona in world.people:
        signed_in.force_login(world.people[persona])

    def call(name: str, attempt: Try) -> tuple[int, bytes]:
        client = Client()
        client.cookies.load(signed_in.cookies.output(header=""))
        address = reverse(name, kwargs=filled(attempt.path, world))
        response = getattr(client, attempt.method)(address, filled(attempt.body, world))
        if response.status_code == 404:
            assert MARKER not in response.content.decode()
        return response.status_code, response.content

    assert answers(PAGES, persona, call) == []


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_operation_answers_each_persona_as_stated(world: World, persona: str) -> None:
    def call(name: str, attempt: Try) -> tuple[int, bytes]:
        response = _call(world, persona, name.split(" ")[1], attempt)
        text = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code >= 400:
            assert response.headers["Content-Type"] == "application/problem+json"
            assert json.loads(text)["code"]
        return response.status_code, text

    assert answers(API, persona, call) == []


def _call(world: World, persona: str, path: str, attempt: Try) -> Any:
    for key, value in filled(attempt.path, world).items():
        path = path.replace(f"{{{key}}}", str(value))
    token = world.tokens.get(persona)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    send = getattr(Client(), attempt.method)
    if attempt.method not in ("post", "put", "patch"):
        return send(f"/api/v1{path}", query_params=attempt.body, headers=headers)
    body = json.dumps(filled(attempt.body, world))
    return send(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_what_is_hidden_and_what_does_not_exist_read_the_same(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.tokens['outsider']}"}
    hidden, absent = (
        Client().get(f"/api/v1/datasets/{name}", headers=headers).content
        for name in (world.hidden.name, "wh.sales.nothing")
    )
    assert hidden == absent
