"""Browsers of people who are signed in."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from access.models import Principal
from tests.portal.pages.accessibility import WIDE

Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """The browser of somebody who is signed in; whatever it complains of fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def visitor(viewer: Principal, *, scripts: bool = True) -> Page:
        client = Client()
        client.force_login(viewer)
        context = browser.new_context(
            base_url=live_server.url, viewport=WIDE, java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies(
            [
                {"name": each.key, "value": each.value, "url": live_server.url}
                for each in client.cookies.values()
            ]
        )
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield visitor
    for context in contexts:
        context.close()
    assert complaints == []
