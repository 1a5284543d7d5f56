"""Deciding and emergencies as people walk them: a question by keyboard, one verdict on several, glass broken and looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from access.asking import requests
from access.clock import database_now
from access.deciding import approval
from access.deciding.approval import AutoRule, Said
from access.models import BreakGlassReview, Grant, Principal, Team
from access.spans import parse_span
from catalog.models import Dataset
from tests.journeys.conftest import MOSTLY_DUCKDB, Caller

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    MOSTLY_DUCKDB,
]

Shop = Callable[[str], Caller]
Visit = Callable[[str], Page]


def ask(username: str, purpose: str = "Churn report") -> None:
    requests.submit(
        Dataset.objects.get(),
        actor=Principal.objects.get(username=username),
        purpose=purpose,
        duration=parse_span("30d"),
        columns=["customer_id", "email"],
        now=database_now(),
    )


def test_a_question_is_asked_by_keyboard_and_answered_on_the_request(visit: Visit) -> None:
    ask("alice")
    steward, asker = visit("olga"), visit("alice")
    steward.goto("/inbox/")
    expect(steward.locator(".case")).to_be_visible()

    steward.keyboard.press("w")
    steward.keyboard.type("Would the country do?")
    steward.keyboard.press("Enter")
    expect(steward.get_by_text("Asked. Alice Analyst was told")).to_be_visible()
    asker.goto("/access/")
    asker.goto(f"/requests/{requests.made_by(Principal.objects.get(username='alice')).get().pk}/")
    asker.get_by_label("Your answer").fill("No, I write to them.")
    asker.get_by_role("button", name="Answer").click()
    expect(asker.get_by_text("Answered. Olga Owner was told.")).to_be_visible()

    steward.goto("/inbox/")
    expect(steward.locator(".case")).to_contain_text("No, I write to them.")
    steward.keyboard.press("a")
    expect(steward.get_by_text("Approved. Alice Analyst can read Customers now.")).to_be_visible()


def test_several_are_chosen_and_approved_by_keyboard(visit: Visit) -> None:
    ask("alice")
    ask("otto", "Letters")
    steward = visit("olga")
    steward.goto("/inbox/")
    several = steward.locator("#several")
    expect(steward.locator(".case")).to_have_count(2)
    expect(several).to_be_hidden()

    for key in "xjx":
        steward.keyboard.press(key)
    expect(several).to_be_visible()
    steward.get_by_role("button", name="Approve all chosen").press("Enter")

    expect(steward.get_by_text("Approved 2 requests.")).to_be_visible()
    assert Grant.objects.count() == 2


def test_what_is_had_at_once_is_told_while_columns_are_unticked(visit: Visit) -> None:
    team = Team.objects.create(name="sales")
    Principal.objects.get(username="alice").groups.add(team)
    rule = AutoRule("sales", ("customer_id", "country"))
    approval.say(Dataset.objects.get(), Said(auto_approve=(rule,)), actor=None, now=database_now())
    page = visit("alice")
    page.goto("/datasets/wh.sales.customers/request/?columns=customer_id,email")
    expect(page.locator(".ask__hint")).to_contain_text("Leave out email and you have it at once.")

    page.locator("details[data-ticks] summary").click()
    page.locator("input[name=columns][value=email]").uncheck()

    expect(page.locator(".ask__hint")).to_contain_text("You get this at once")
    page.locator("input[name=columns][value=phone]").check()
    expect(page.locator(".ask__hint")).to_contain_text("Leave out phone")


def test_glass_is_broken_in_two_clicks_and_every_statement_is_looked_at(visit: Visit) -> None:
    said = Said(responders=("user:otto",))
    approval.say(Dataset.objects.get(), said, actor=None, now=database_now())
    responder, steward = visit("otto"), visit("olga")
    responder.goto("/datasets/wh.sales.customers/")
    responder.get_by_role("link", name="Break glass").click()
    responder.keyboard.type("Orders fail since nine")
    responder.get_by_role("button", name="Break glass").click()
    responder.wait_for_url("**/workbench/**")
    responder.locator("#sql").fill("select email from sales.customers")
    responder.locator("#sql").press("Control+Enter")
    expect(responder.locator("#outcome table")).to_be_visible()

    steward.goto("/inbox/")
    steward.get_by_role("link", name="Look at what they read").click()
    expect(steward.locator(".statement")).to_have_text("select email from sales.customers")
    steward.get_by_label("Why does it end now?").fill("Solved")
    steward.get_by_role("button", name="End it now").click()
    review = BreakGlassReview.objects.get()
    steward.get_by_text("Yes", exact=True).click()
    steward.get_by_label("What did you look at").fill("One column, as said.")
    steward.get_by_role("button", name="Send the review").click()

    expect(steward.get_by_text("Otto Outsider was told what you found")).to_be_visible()
    review.refresh_from_db()
    assert review.is_justified
    responder.locator("#sql").fill("select email from sales.customers limit 1")
    responder.locator("#sql").press("Control+Enter")
    expect(responder.locator("#outcome table")).to_be_hidden()
