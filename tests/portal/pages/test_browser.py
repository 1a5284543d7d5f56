"""The pages in a real browser: keyboard, both themes, narrow and wide, no violation of policy or accessibility."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from access.clock import database_now
from access.models import Principal
from catalog import search
from catalog.models import Check
from tests.access.lifecycle import ask, granted, stewarded
from tests.datasets import make_chain, make_dataset
from tests.portal.pages.accessibility import assert_accessible, inspect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/",
    "/search/?q=customer",
    "/search/?q=weather",
    "/datasets/wh.sales.customers/",
    "/datasets/wh.sales.customers/history/",
    "/datasets/wh.sales.customers/lineage/",
    "/style/",
    "/nothing/here/",
)


@pytest.fixture
def company(analyst: Principal, steward: Principal) -> None:
    """A few datasets in different states, with a grant and a request."""
    customers = stewarded(
        steward, title="Customers", description="One row per customer.\n\nJoin to **orders**."
    )
    customers.columns.filter(name="email").update(description="Where we write to", tags=["pii"])
    notes = make_dataset("sales.customer_notes", columns=["note"], contacts=["Ana Ruiz"])
    old = make_dataset(
        "sales.customer_old",
        data_updated_at=database_now() - timedelta(days=9),
        freshness_within=timedelta(days=1),
    )
    hidden = make_dataset("sales.targets", visibility="hidden")
    Check.objects.create(
        dataset=notes,
        source="dbt",
        key="k",
        name="note is never empty",
        definition={"kind": "not_null"},
        column_name="note",
        last_status="fail",
        last_failures=3,
        last_run_at=database_now(),
    )
    make_chain(old, customers, notes, hidden)
    granted(customers, analyst, steward, columns=["customer_id", "country"])
    ask(stewarded(steward, "sales.visits"), analyst)
    search.refresh()


@pytest.fixture
def visitor(
    page: Page, live_server: LiveServer, company: None, analyst: Principal
) -> Iterator[Page]:
    """The analyst's browser; whatever it complains of fails the test."""
    client = Client()
    client.force_login(analyst)
    session = client.cookies[next(name for name in client.cookies if "session" in name)]
    page.context.add_cookies(
        [{"name": session.key, "value": session.value, "url": live_server.url}]
    )
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [each for each in complaints if "404 (Not Found)" not in each] == []


def show(page: Page, live_server: LiveServer, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live_server.url + address)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_in_both_themes_and_fits_a_narrow_screen(
    visitor: Page, live_server: LiveServer, address: str
) -> None:
    show(visitor, live_server, address, 1440)

    inspect(visitor)


def test_the_accessibility_check_finds_what_is_wrong(page: Page) -> None:
    page.set_content("<html lang=en><title>t</title><main><img src=x></main>")

    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)


def test_the_accessibility_check_finds_a_colour_too_weak_in_one_theme(page: Page) -> None:
    page.set_content(
        "<html lang=en><title>t</title><style>@media (prefers-color-scheme: dark) {p {color: #eee}}</style>"
        "<main><p>Weak</p></main>"
    )

    with pytest.raises(AssertionError, match="color-contrast"):
        inspect(page)


def test_the_palette_finds_a_dataset_by_keyboard_alone(
    visitor: Page, live_server: LiveServer
) -> None:
    show(visitor, live_server, "/", 1440)

    visitor.keyboard.press("Control+k")
    visitor.keyboard.type("customer_no")
    expect(visitor.locator("#palette-results a").first).to_contain_text("customer_notes")
    visitor.keyboard.press("ArrowDown")
    visitor.keyboard.press("Enter")

    expect(visitor).to_have_url(f"{live_server.url}/datasets/wh.sales.customer_notes/")


def test_escape_closes_the_palette_and_slash_opens_it(
    visitor: Page, live_server: LiveServer
) -> None:
    show(visitor, live_server, "/style/", 1440)

    visitor.keyboard.press("/")
    expect(visitor.locator("#palette")).to_be_visible()
    visitor.keyboard.press("Escape")

    expect(visitor.locator("#palette")).to_be_hidden()


def test_the_first_stop_of_the_keyboard_skips_to_the_content(
    visitor: Page, live_server: LiveServer
) -> None:
    show(visitor, live_server, "/datasets/wh.sales.customers/", 1440)

    visitor.keyboard.press("Tab")
    visitor.keyboard.press("Enter")

    assert visitor.evaluate("document.activeElement.id") == "main"


def test_the_menu_opens_on_a_narrow_screen(visitor: Page, live_server: LiveServer) -> None:
    show(visitor, live_server, "/", 360)
    expect(visitor.get_by_role("link", name="Workbench")).to_be_hidden()

    visitor.get_by_role("button", name="Menu").click()

    expect(visitor.get_by_role("link", name="Workbench")).to_be_visible()


def test_the_pages_work_without_scripts(
    browser: object, live_server: LiveServer, company: None, analyst: Principal
) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/")
    page.fill("[name=username]", "alice")
    page.fill("[name=password]", "pass")
    page.click("form.panel button")

    page.fill("#q", "customer_notes")
    page.get_by_role("button", name="Search").click()
    page.locator("ol.results a").first.click()

    assert page.url.endswith("/datasets/wh.sales.customer_notes/")
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()
