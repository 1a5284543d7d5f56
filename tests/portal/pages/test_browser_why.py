"""In a real browser: a result says why it is as it is, and a steward looks through somebody's eyes, keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from access.clock import database_now
from access.models import Principal
from tests.people import make_grant
from tests.portal.pages.accessibility import assert_accessible
from tests.portal.routes.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SQL = "select id, country from sales.orders"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A real warehouse with one dataset that the grantee and its steward read."""
    made = make_world(tmp_path)
    make_grant(made.people["steward"], made.dataset, now=database_now())
    return made


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A browser whose every complaint fails the test."""
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


def sign_in(page: Page, live_server: LiveServer, who: Principal) -> None:
    client = Client()
    client.force_login(who)
    session = client.cookies[next(name for name in client.cookies if "session" in name)]
    page.context.add_cookies(
        [{"name": session.key, "value": session.value, "url": live_server.url}]
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_result_says_why_when_asked_by_keyboard(
    quiet: Page, live_server: LiveServer, world: World, theme: str
) -> None:
    sign_in(quiet, live_server, world.people["grantee"])
    quiet.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    quiet.goto(f"{live_server.url}/workbench/")
    quiet.locator("[data-sql]").fill(SQL)
    quiet.keyboard.press("Control+Enter")
    quiet.locator(".why > summary").focus()
    quiet.keyboard.press("Enter")

    expect(quiet.locator(".why__told")).to_contain_text("Steward approved it")
    assert_accessible(quiet)

    quiet.goto(live_server.url + str(quiet.locator(".why").get_attribute("hx-get")))
    expect(quiet.locator("h1")).to_have_text("Why these rows and columns")
    assert_accessible(quiet)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_steward_looks_through_somebodys_eyes(
    quiet: Page, live_server: LiveServer, world: World, theme: str
) -> None:
    sign_in(quiet, live_server, world.people["steward"])
    quiet.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    quiet.set_viewport_size({"width": 360, "height": 800})
    quiet.goto(f"{live_server.url}/datasets/wh.sales.orders/as/")
    quiet.get_by_label("As", exact=True).select_option("user:grantee")
    quiet.get_by_role("button", name="Look").click()

    expect(quiet.locator("h1")).to_contain_text("Grantee sees it")
    expect(quiet.locator(".seen-as table").first).to_contain_text("DE")
    assert quiet.evaluate("document.documentElement.scrollWidth") <= 360
    assert_accessible(quiet)

    quiet.goto(f"{live_server.url}/inbox/")
    quiet.locator(".case__look > summary").first.click()
    expect(quiet.locator(".seen-as").first).to_contain_text("would see")
