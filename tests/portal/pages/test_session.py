"""Signing in and out: closed by default, one sentence for every failure, never led elsewhere."""

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.converters import UUIDConverter

from access.clock import database_now
from access.models import AuditEvent, Principal
from access.people import principals

pytestmark = pytest.mark.django_db

OPEN = {"healthz", "readyz", "metrics", "sign-in", "sign-out", "theme"}


def pages() -> list[str]:
    return [
        str(each.name)
        for each in get_resolver().url_patterns
        if isinstance(each, URLPattern) and each.name not in OPEN
    ]


@pytest.mark.parametrize("name", pages())
def test_every_page_sends_a_stranger_to_sign_in(client: Client, name: str) -> None:
    pattern = next(p for p in get_resolver().url_patterns if getattr(p, "name", "") == name)
    arguments = {
        argument: uuid.UUID(int=1) if isinstance(converter, UUIDConverter) else "1"
        for argument, converter in pattern.pattern.converters.items()
    }
    from django.urls import reverse

    response = client.get(reverse(name, kwargs=arguments))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


def test_signing_in_leads_where_the_person_was_going(client: Client, analyst: Principal) -> None:
    response = client.post(
        "/sign-in/", {"username": "alice", "password": "pass", "next": "/search/?q=orders"}
    )

    assert response["Location"] == "/search/?q=orders"
    assert AuditEvent.objects.filter(kind="session.started", actor=analyst).exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_a_sign_in_link_cannot_lead_elsewhere(
    client: Client, analyst: Principal, elsewhere: str
) -> None:
    sent = {"username": "alice", "password": "pass", "next": elsewhere}

    assert client.post("/sign-in/", sent)["Location"] == "/"


def test_every_failure_reads_the_same(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    principals.deactivate(steward, actor=None, reason="Left", now=database_now())
    tries = [("alice", "wrong"), ("nobody", "pass"), ("olga", "pass")]

    answers = [client.post("/sign-in/", {"username": u, "password": p}) for u, p in tries]

    assert {answer.status_code for answer in answers} == {422}
    assert all("do not belong together" in answer.content.decode() for answer in answers)


def test_a_failed_sign_in_is_recorded_without_what_was_typed(
    client: Client, analyst: Principal
) -> None:
    client.post("/sign-in/", {"username": "alice", "password": "hunter2"})
    client.post("/sign-in/", {"username": "hunter2", "password": "hunter2"})

    event = AuditEvent.objects.get(kind="session.refused")
    assert event.subject == "user:alice"
    assert "hunter2" not in f"{event.data}{event.reason}{event.actor_label}"


def test_a_deactivated_person_is_out_at_once(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)
    principals.deactivate(analyst, actor=None, reason="Left", now=database_now())

    assert client.get("/").status_code == 302


def test_the_chosen_appearance_is_in_the_page(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    client.post("/theme/", {"theme": "dark", "next": "/"})
    dark = client.get("/style/").content.decode()
    client.post("/theme/", {"theme": "system", "next": "/"})
    system = client.get("/style/").content.decode()

    assert '<html lang="en" data-theme="dark">' in dark
    assert '<html lang="en">' in system


def test_a_production_portal_shows_no_cast(
    client: Client, analyst: Principal, settings: object
) -> None:
    from portal.demo.people import GUEST, SHARED

    Principal.objects.create_user(GUEST, "", "x", name="Karim")
    shown = client.get("/sign-in/").content.decode()
    settings.IS_PRODUCTION = True  # type: ignore[attr-defined]
    production = client.get("/sign-in/").content.decode()

    assert SHARED in shown
    assert SHARED not in production


def test_a_name_tried_too_often_waits_even_with_the_right_password(
    client: Client, analyst: Principal
) -> None:
    for _ in range(10):
        client.post("/sign-in/", {"username": "alice", "password": "wrong"})
    response = client.post("/sign-in/", {"username": "alice", "password": "pass"})
    assert response.status_code == 422
    assert "Too many tries" in response.content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        '"><script>',
        "audit",
    ],
)
def test_what_is_no_path_of_this_portal_leads_home(
    client: Client, analyst: Principal, target: str
) -> None:
    sign_in = {"username": "alice", "password": "pass", "next": target}
    client.force_login(analyst)

    for response in (
        client.get("/sign-in/", {"next": target}),
        client.post("/sign-in/", sign_in),
        client.post("/theme/", {"theme": "dark", "next": target}),
    ):
        assert (response.status_code, response["Location"]) == (302, "/")
