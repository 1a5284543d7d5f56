"""Errors as pages, fragments and problem documents; nothing in them that was forbidden."""

import pytest
from django.test import Client

from access.models import Principal

pytestmark = pytest.mark.django_db


def test_a_missing_page_offers_the_search(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert 'role="search"' in response.content.decode()


def test_a_stranger_sees_no_navigation_on_an_error_page(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "nav__link" not in response.content.decode()


def test_a_program_gets_a_problem_document(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    response = client.get("/datasets/wh.a.b/", headers={"Accept": "application/json"})

    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"
    assert response.json()["status"] == 404


def test_a_fragment_gets_a_fragment(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    response = client.get("/datasets/wh.a.b/", headers={"HX-Request": "true"})

    assert response.status_code == 404
    assert "<html" not in response.content.decode()


def test_a_stale_form_says_what_to_do(analyst: Principal) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)

    response = client.post("/theme/", {"theme": "dark"})

    assert response.status_code == 403
    assert "reload it" in response.content.decode()


def test_our_own_failure_needs_neither_database_nor_session(
    analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(analyst)

    def broken() -> None:
        raise RuntimeError("a table is missing: secret_table")

    monkeypatch.setattr("portal.samples.context", broken)
    response = client.get("/style/")

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "secret_table" not in response.content.decode()
