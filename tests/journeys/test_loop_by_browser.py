"""The loop as people walk it: refused, asked in one sentence, narrowed by keyboard, read, seen in a chart, ended, restored."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from access import sweep
from access.asking import requests
from access.clock import database_now
from access.deciding import decisions
from access.models import AccessRequest, Grant, Principal
from catalog.models import Dataset
from portal.models import Dashboard
from tests.journeys.conftest import MOSTLY_DUCKDB, Caller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Shop = Callable[[str], Caller]
Visit = Callable[[str], Page]
WANTED = "select email, country, phone from sales.customers order by customer_id"
TILE = {
    "name": "spent",
    "title": "Spent by customer",
    "kind": "bar",
    "dataset": "wh.sales.customers",
    "sql": "select country, sum(customer_id) as n from customers group by country",
    "x": "country",
    "y": ["n"],
}


def run(page: Page, sql: str) -> None:
    """Type a query over what stands in the editor, and run it by keyboard."""
    page.locator("#sql").fill(sql)
    page.locator("#sql").press("Control+Enter")


def grid(page: Page) -> list[list[str]]:
    """The rows of the result, headings first."""
    table = page.locator("#outcome table")
    expect(table).to_be_visible()
    return [row.locator("th, td").all_inner_texts() for row in table.locator("tr").all()]


def approved(username: str, duration: str = "30d") -> Grant:
    """A grant of the customers without their row 'spent', asked for and approved before the story begins."""
    now = database_now()
    asked = requests.submit(
        Dataset.objects.get(),
        actor=Principal.objects.get(username=username),
        purpose="Churn report",
        duration=timedelta(days=int(duration[:-1])),
        columns=["customer_id", "country"],
        now=now,
    )
    grant = decisions.approve(asked, actor=Principal.objects.get(username="olga"), now=now)
    assert grant is not None
    return grant


@MOSTLY_DUCKDB
def test_a_refused_query_becomes_a_request_with_one_sentence_and_one_click(visit: Visit) -> None:
    page = visit("alice")
    page.goto("/workbench/")
    run(page, WANTED)
    purpose = page.get_by_label("What will you use it for?")
    expect(purpose).to_be_focused()

    page.keyboard.type("Which customers leave us")
    page.get_by_role("button", name="Send request").click()

    expect(page.locator(".asked")).to_contain_text("Olga Owner decides; you will be told")
    made = AccessRequest.objects.get()
    assert made.purpose == "Which customers leave us"
    assert sorted(made.columns or []) == ["country", "customer_id", "email", "phone"]
    run(page, WANTED)
    expect(page.locator("#outcome")).to_contain_text("it waits for a decision")


def test_a_steward_approves_less_by_keyboard_and_exactly_that_is_read(visit: Visit) -> None:
    page = visit("alice")
    page.goto("/datasets/wh.sales.customers/request/?columns=customer_id,email,country,phone")
    page.keyboard.type("Which customers leave us")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request for Customers")
    steward = visit("olga")
    steward.goto("/inbox/")
    expect(steward.locator(".case")).to_contain_text("Which customers leave us")

    steward.keyboard.press("s")
    steward.locator("input[name=columns][value=country]").focus()
    steward.keyboard.press("Space")
    steward.keyboard.press("a")

    expect(steward.get_by_text("Approved. Alice Analyst can read Customers now.")).to_be_visible()
    page.goto("/workbench/")
    run(page, "select * from sales.customers order by customer_id")
    headings, *rows = grid(page)
    assert headings == ["customer_id", "email", "phone"]
    assert [row[0] for row in rows] == ["1", "2", "3"], "the row filter leaves XX out"
    assert rows[0][2] == "+** 11"
    assert "ada@" not in rows[0][1]


def test_one_key_approves_and_the_asker_sees_the_chart_and_the_use(visit: Visit) -> None:
    definition = {"name": "board", "title": "Board", "warehouse": "wh", "schema": "sales"}
    Dashboard.objects.create(
        name="board", title="Board", definition={**definition, "tiles": [TILE]}
    )
    page, steward = visit("alice"), visit("olga")
    page.goto("/dashboards/board/")
    page.get_by_role("link", name="Ask for access").click()
    page.get_by_label("What will you use it for?").fill("The Monday meeting")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#tile-spent .asked")).to_contain_text("Sent.")

    steward.goto("/inbox/")
    steward.keyboard.press("a")
    expect(steward.get_by_text("Nothing waits for you")).to_be_visible()

    page.reload()
    expect(page.locator("#tile-spent .main-svg .bars").first).to_be_attached()
    page.locator("#tile-spent").get_by_text("As a table").click()
    assert page.locator("#tile-spent tbody tr").count() == 2
    page.goto("/access/")
    expect(page.locator(".holding")).to_contain_text("just now")
    expect(page.locator(".holding")).to_contain_text("2 of 2 used")


def test_what_is_past_is_refused_though_nothing_swept(visit: Visit) -> None:
    grant, page = approved("alice"), visit("alice")
    page.goto("/workbench/")
    run(page, "select country from sales.customers")
    assert len(grid(page)) == 4

    _end_now(grant)
    run(page, "select country from sales.customers")

    expect(page.locator("#outcome")).to_contain_text("You do not have access to all of this yet")
    page.goto("/access/")
    expect(page.locator(".holding")).to_contain_text("Expired")


def _end_now(grant: Grant) -> None:
    """Moves a grant into the past, whole, so that it ended a second ago."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE access_grant SET starts_at = starts_at - interval '60 days',"
            " expires_at = statement_timestamp() - interval '1 second' WHERE id = %s",
            [grant.pk],
        )
        cursor.execute("SET session_replication_role = origin")


@MOSTLY_DUCKDB
def test_what_ended_unused_comes_back_with_one_click(visit: Visit, shop: Shop) -> None:
    approved("otto", "180d")
    assert shop("otto").query("select country from sales.customers")[0] == 200
    grant, page = approved("alice", "180d"), visit("alice")
    now = database_now()
    sweep.run(now + timedelta(days=31))
    page.goto("/access/")
    expect(page.locator(".holding")).to_contain_text("Not used so far. It ends on")
    sweep.run(now + timedelta(days=46))

    page.goto("/access/")
    page.get_by_role("button", name="Restore Customers").click()

    expect(page.get_by_text("Restored. You can read Customers again until")).to_be_visible()
    restored = Grant.objects.filter(principal=grant.principal).exclude(pk=grant.pk).get()
    assert restored.ended_at is None


@MOSTLY_DUCKDB
def test_an_outsider_meets_none_of_it(visit: Visit) -> None:
    approved("alice")
    page = visit("otto")

    page.goto("/inbox/")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    page.goto("/workbench/")
    run(page, "select country from sales.customers")

    expect(page.locator("#outcome")).to_contain_text("You do not have access to all of this yet")
    page.goto("/my-data/")
    expect(page.get_by_text("You answer for no dataset")).to_be_visible()
