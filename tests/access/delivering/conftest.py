"""Endpoints of the portal on loopback, which the settings of a test allow, and a mail server that keeps what it gets."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from access import notices
from access.clock import database_now
from access.models import Endpoint, Principal
from tests.access.delivering.receivers import Receiver

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"before" * 5).decode()


@pytest.fixture(autouse=True)
def _loopback(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_HTTP = ["127.0.0.1"], True
    settings.PORTAL_URL = "https://data.example"
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("OLD_HOOK_SECRET", OLD_SECRET)


@pytest.fixture
def mail_server(settings: Any) -> None:
    """A mail server that keeps what it gets in `mail.outbox`."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def endpoint(db: None) -> Callable[..., Endpoint]:
    """Makes an endpoint of the portal's for a receiver."""

    def make(
        receiver: Receiver, name: str = "hook", kind: str = "generic", **said: Any
    ) -> Endpoint:
        secrets = ["${HOOK_SECRET}"] if kind == "generic" and said.get("owner") is None else []
        fields = {"secrets": secrets, "address": receiver.url, **said}
        return Endpoint.objects.create(name=name, kind=kind, created_at=database_now(), **fields)

    return make


def tell(
    person: Principal, key: str, kind: str = "test", link: str = "/access/", **said: Any
) -> None:
    """One notice to somebody."""
    notices.tell(
        person,
        kind,
        said.get("subject", f"Subject of {key}"),
        said.get("body", f"Body of {key}."),
        link=link,
        dedupe_key=f"{key}:{person.pk}",
        now=said.get("now") or database_now(),
    )
