"""The pages of asking, deciding, holding and reading in a real browser: accessible in both themes, whole on a narrow screen."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from access.asking.requests import submit
from access.clock import database_now
from access.models import Grant
from portal.models import Dashboard
from tests.access.lifecycle import DAY
from tests.portal.pages.accessibility import inspect
from tests.portal.pages.conftest import Visit
from tests.portal.routes.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VisitAs = Callable[[str], Page]
PAGES = {
    "steward": [
        "/inbox/",
        "/my-data/",
        "/audit/",
        "/notices/",
        "/decide/LINK/",
        "/datasets/wh.sales.orders/rules/",
        "/delegations/",
        "/emergencies/",
        "/emergencies/EMERGENCY/",
    ],
    "requester": [
        "/access/",
        "/requests/REQUEST/",
        "/dashboards/board/",
        "/inbox/",
        "/preferences/",
    ],
    "grantee": [
        "/access/",
        "/dashboards/",
        "/dashboards/board/",
        "/workbench/",
        "/datasets/wh.sales.orders/emergency/",
        "/own-tools/",
    ],
    "administrator": [
        "/unowned/",
        "/deliveries/",
        "/rules/",
        "/rules/sensitivities/restricted/",
        "/audit/who/",
        "/audit/who/?subject=wh.sales.orders",
        "/native/",
    ],
    "outsider": ["/datasets/wh.sales.orders/request/", "/my-data/", "/notices/", "/access/"],
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One dataset in a real warehouse, and people in every role."""
    return make_world(tmp_path)


@pytest.fixture
def visit_as(visit: Visit, world: World) -> VisitAs:
    """The browser of somebody in this role."""
    return lambda role: visit(world.people[role])


@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_a_role_are_accessible_and_fit(
    visit_as: VisitAs, world: World, role: str
) -> None:
    page = visit_as(role)

    for address in PAGES[role]:
        named = address.replace("REQUEST", str(world.request.pk)).replace("LINK", world.link)
        page.goto(named.replace("EMERGENCY", str(world.emergency.pk)))
        inspect(page)


def test_a_refused_query_its_form_and_its_mistakes_are_accessible(visit_as: VisitAs) -> None:
    page = visit_as("outsider")
    page.goto("/workbench/?sql=select+id+from+sales.orders")
    page.locator("#sql").press("Control+Enter")
    expect(page.get_by_role("button", name="Send request")).to_be_visible()

    inspect(page)


def test_pressing_a_beside_an_open_narrowing_never_gives_all_that_was_asked(
    visit_as: VisitAs, world: World
) -> None:
    page = visit_as("steward")
    page.goto("/inbox/")

    page.keyboard.press("s")
    page.locator("input[name=columns][value=id]").uncheck()
    page.keyboard.press("a")

    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert Grant.objects.latest("pk").columns == ["country"]


def test_a_key_beside_an_open_denial_approves_nothing(visit_as: VisitAs, world: World) -> None:
    page = visit_as("steward")
    page.goto("/inbox/")
    page.keyboard.press("d")
    page.locator(".case").focus()

    page.keyboard.press("a")
    page.keyboard.press("Escape")

    expect(page.get_by_label("Why?")).to_be_hidden()
    assert Grant.objects.exclude(decision__kind="break_glass").count() == 1


def test_j_and_k_move_between_requests(visit_as: VisitAs, world: World) -> None:
    for purpose in ("First", "Second"):
        submit(
            world.dataset,
            actor=world.people["outsider"],
            purpose=purpose,
            duration=30 * DAY,
            now=database_now(),
        )
    page = visit_as("steward")
    page.goto("/inbox/")
    seen = []

    for key in "jjk":
        page.keyboard.press(key)
        seen.append(page.locator(".case[data-current] .case__purpose").inner_text())

    assert seen == ["First", "Second", "First"]


def test_a_name_is_completed_by_keyboard(visit_as: VisitAs) -> None:
    page = visit_as("grantee")
    page.goto("/workbench/?sql=select+")
    page.locator("#sql").press("End")

    page.keyboard.type("coun")
    page.keyboard.press("Tab")

    expect(page.locator("#sql")).to_have_value("select country")


CHART = {
    "name": "chart",
    "title": "Chart",
    "warehouse": "wh",
    "schema": "sales",
    "filters": [
        {
            "name": "country",
            "label": "Country",
            "kind": "select",
            "all": "All countries",
            "options": [{"value": "DE", "label": "Germany"}],
        }
    ],
    "tiles": [
        {
            "name": "n",
            "title": "Orders by country",
            "kind": "bar",
            "dataset": "wh.sales.orders",
            "sql": "select country, count(*) as n from orders group by country",
            "x": "country",
            "y": ["n"],
            "click": {"country": "country"},
        }
    ],
}


def click_the_bar(page: Page) -> None:
    """A click in the middle of the only bar."""
    bar = page.locator("#tile-n .bars path").first
    expect(bar).to_be_attached()
    page.wait_for_load_state("networkidle")
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#marks-n")).to_be_visible()


def test_a_mark_offers_its_filter_its_rows_and_how_it_is_counted(
    visit_as: VisitAs, world: World
) -> None:
    Dashboard.objects.create(name="chart", title="Chart", definition=CHART)
    page = visit_as("grantee")
    page.goto("/dashboards/chart/")

    click_the_bar(page)
    expect(page.locator("#marks-n [data-mark]")).to_have_text("DE")
    rows = page.get_by_role("link", name="See its rows").get_attribute("href") or ""
    assert parse_qs(urlsplit(rows).query)["sql"] == [
        "select *\nfrom wh.sales.orders\nwhere country = 'DE'\nlimit 100"
    ]
    page.get_by_role("link", name="How it is counted").click()
    expect(page.locator("#counted-n")).to_contain_text("group by country")
    expect(page.locator("#marks-n")).to_be_hidden()

    click_the_bar(page)
    page.keyboard.press("Escape")
    expect(page.locator("#marks-n")).to_be_hidden()
    click_the_bar(page)
    page.get_by_role("link", name="Show only this").click()
    page.wait_for_url("**/dashboards/chart/?country=DE")
