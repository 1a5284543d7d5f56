"""How little it takes: each way through asking, deciding, keeping and emergencies with its clicks and keys counted.

The clicks and what comes of them are what is held to; the seconds are printed, since they say as much about the machine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import pytest
from playwright.sync_api import Locator, Page, expect

from access import sweep
from access.asking import requests
from access.clock import database_now
from access.deciding import approval, decisions
from access.deciding.approval import Said
from access.delivering import links
from access.models import (
    AccessRequest,
    AuditEvent,
    BreakGlassReview,
    DatasetPolicy,
    Decision,
    DecisionLink,
    Dormancy,
    Grant,
    Notice,
    Principal,
)
from access.words import counted
from catalog.models import Dataset
from tests.journeys.conftest import MOSTLY_DUCKDB, Caller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Shop = Callable[[str], Caller]
Visit = Callable[[str], Page]
# No query is run, so the engine says nothing.
ANY_ENGINE = pytest.mark.parametrize("shop", ["duckdb"], indirect=True)
WANTED = "select email, country from sales.customers order by customer_id"


@dataclass
class Hand:
    """Somebody's hand on one page: what it clicks and presses counts; what it writes does not."""

    page: Page
    n_clicks: int = 0
    n_keys: int = 0

    def __str__(self) -> str:
        return f"{counted(self.n_clicks, 'click')}, {counted(self.n_keys, 'key')}"

    def click(self, place: Locator) -> None:
        """One click."""
        self.n_clicks += 1
        place.click()

    def press(self, key: str) -> None:
        """One key, wherever the keyboard is."""
        self.n_keys += 1
        self.page.keyboard.press(key)


@contextmanager
def timed(words: str, hand: Hand) -> Iterator[None]:
    """Prints how long it took, and what it took."""
    began = monotonic()
    yield
    print(f"\n{words}: {hand}, {monotonic() - began:.2f} s")


def run(page: Page, sql: str) -> None:
    """Types a query over what stands in the editor, and runs it by keyboard."""
    page.locator("#sql").fill(sql)
    page.locator("#sql").press("Control+Enter")


def person(username: str) -> Principal:
    return Principal.objects.get(username=username)


def asked(username: str, days: int = 30) -> AccessRequest:
    """A request that waits for Olga."""
    return requests.submit(
        Dataset.objects.get(),
        actor=person(username),
        purpose="Churn report",
        duration=timedelta(days=days),
        columns=["customer_id", "email", "country"],
        now=database_now(),
    )


def held(username: str, days: int = 30) -> Grant:
    """A grant that Olga gave."""
    grant = decisions.approve(asked(username, days), actor=person("olga"), now=database_now())
    assert grant is not None
    return grant


@MOSTLY_DUCKDB
def test_a_refused_query_is_asked_for_with_a_sentence_and_one_click(visit: Visit) -> None:
    page = visit("alice")
    hand = Hand(page)
    page.goto("/workbench/")
    with timed("refused to sent", hand):
        run(page, WANTED)
        expect(page.get_by_label("What will you use it for?")).to_be_focused()
        page.keyboard.type("Which customers leave us")
        hand.click(page.get_by_role("button", name="Send request"))
        expect(page.locator(".asked")).to_contain_text("you will be told")

    assert hand.n_clicks <= 2
    made = AccessRequest.objects.get()
    assert sorted(made.columns or []) == ["country", "customer_id", "email"]


@ANY_ENGINE
def test_a_request_is_decided_with_one_key(visit: Visit) -> None:
    asked("alice")
    page = visit("olga")
    hand = Hand(page)
    page.goto("/inbox/")
    expect(page.locator(".case[data-current]")).to_be_visible()
    with timed("key to granted, the seconds of second thoughts included", hand):
        hand.press("a")
        expect(page.get_by_text("Approved. Alice Analyst can read Customers now.")).to_be_visible()

    assert (hand.n_clicks, hand.n_keys) == (0, 1)
    assert Grant.objects.count() == 1


@ANY_ENGINE
def test_the_link_in_a_mail_decides_with_one_click(visit: Visit) -> None:
    asked("alice")
    links.prepare(Notice.objects.filter(recipient=person("olga")), now=database_now())
    page = visit("olga")
    hand = Hand(page)
    page.goto(f"/decide/{links.token_of(DecisionLink.objects.get())}/")
    with timed("the page behind a mail's link to granted", hand):
        hand.click(page.get_by_role("button", name="Approve"))
        expect(page.locator(".message")).to_be_visible()

    assert hand.n_clicks == 1
    assert Grant.objects.get().principal == person("alice")


@ANY_ENGINE
def test_a_verdict_taken_back_in_time_was_never_given(visit: Visit) -> None:
    asked("alice")
    page = visit("olga")
    hand = Hand(page)
    page.goto("/inbox/")
    expect(page.locator(".case[data-current]")).to_be_visible()

    hand.press("a")
    expect(page.locator(".held")).to_contain_text("until then nothing has happened")
    hand.press("z")
    expect(page.locator(".held")).to_have_count(0)

    expect(page.get_by_role("button", name="Approve a")).to_be_visible()
    page.goto("/")
    assert not Decision.objects.exists()
    assert (
        not AuditEvent.objects.filter(kind__startswith="request.")
        .exclude(kind="request.submitted")
        .exists()
    )
    assert AccessRequest.objects.get().state == "pending"


@ANY_ENGINE
def test_whoever_leaves_the_page_has_decided(visit: Visit) -> None:
    asked("alice")
    asked("otto")
    page = visit("olga")
    page.goto("/inbox/")
    expect(page.locator(".case")).to_have_count(2)

    page.keyboard.press("a")
    expect(page.locator(".held")).to_be_visible()
    page.goto("/my-data/")
    for _ in range(60):
        if Grant.objects.exists():
            break
        page.wait_for_timeout(250)
    page.goto("/inbox/")

    expect(page.locator(".case")).to_have_count(1)
    assert Grant.objects.get().principal == person("alice")


@ANY_ENGINE
def test_verdicts_follow_one_another_without_waiting(visit: Visit) -> None:
    asked("alice")
    asked("otto")
    page = visit("olga")
    hand = Hand(page)
    page.goto("/inbox/")
    expect(page.locator(".case")).to_have_count(2)
    with timed("two requests decided", hand):
        hand.press("a")
        hand.press("a")
        expect(page.get_by_text("Nothing waits for you")).to_be_visible()

    assert hand.n_keys == 2
    assert Grant.objects.count() == 2


@ANY_ENGINE
def test_access_is_renewed_with_one_click(visit: Visit) -> None:
    grant = held("alice")
    page = visit("alice")
    hand = Hand(page)
    page.goto("/access/")
    with timed("click to asked again", hand):
        hand.click(page.get_by_role("button", name="Renew Customers"))
        expect(page.locator(".message")).to_be_visible()

    assert hand.n_clicks == 1
    assert requests.made_by(person("alice")).get(kind="renewal").grant == grant


@MOSTLY_DUCKDB
def test_what_ended_unused_is_read_again_within_seconds_of_one_click(
    visit: Visit, shop: Shop
) -> None:
    held("otto", 180)
    assert shop("otto").query("select country from sales.customers")[0] == 200
    grant, page = held("alice", 180), visit("alice")
    now = database_now()
    sweep.run(now + timedelta(days=31))
    sweep.run(now + timedelta(days=46))
    grant.refresh_from_db()
    assert grant.end_reason == "unused"
    hand = Hand(page)
    page.goto("/access/")
    with timed("click on restore to the rows of a query (aim: 5 s)", hand):
        hand.click(page.get_by_role("button", name="Restore Customers"))
        expect(page.get_by_text("Restored. You can read Customers again until")).to_be_visible()
        page.goto("/workbench/")
        run(page, WANTED)
        expect(page.locator("#outcome table")).to_be_visible()

    assert hand.n_clicks == 1
    assert page.locator("#outcome tbody tr").count() == 3


@MOSTLY_DUCKDB
def test_what_sleeps_is_read_again_within_seconds_of_one_click(visit: Visit) -> None:
    grant, page, now = held("alice", 180), visit("alice"), database_now()
    asleep = Grant.objects.filter(pk=grant.pk)
    asleep.update(suspended_at=now, suspend_reason="Asleep until its season.")
    Dormancy.objects.create(
        grant=grant,
        since=now,
        reason="It was used at this time last year.",
        sensitivity=grant.dataset.sensitivity,
        policy_version=DatasetPolicy.objects.get(dataset=grant.dataset).version,
    )
    hand = Hand(page)
    page.goto("/access/")
    with timed("click on wake to the rows of a query (aim: 5 s)", hand):
        hand.click(page.get_by_role("button", name="Wake"))
        expect(page.locator(".message")).to_be_visible()
        page.goto("/workbench/")
        run(page, WANTED)
        expect(page.locator("#outcome table")).to_be_visible()

    assert hand.n_clicks == 1


@MOSTLY_DUCKDB
def test_glass_is_broken_with_two_clicks_and_reviewed_with_four(visit: Visit) -> None:
    said = Said(responders=("user:otto",))
    approval.say(Dataset.objects.get(), said, actor=None, now=database_now())
    responder, steward = Hand(visit("otto")), Hand(visit("olga"))
    page = responder.page
    page.goto("/datasets/wh.sales.customers/")
    with timed("emergency to the rows of a query", responder):
        responder.click(page.get_by_role("link", name="Break glass"))
        page.get_by_label("What is the emergency?").fill("Orders fail since nine")
        responder.click(page.get_by_role("button", name="Break glass"))
        page.wait_for_url("**/workbench/**")
        run(page, WANTED)
        expect(page.locator("#outcome table")).to_be_visible()
    assert responder.n_clicks == 2

    page = steward.page
    page.goto("/inbox/")
    with timed("inbox to reviewed", steward):
        steward.click(page.get_by_role("link", name="Look at what they read"))
        expect(page.locator(".statement")).to_have_text(WANTED)
        page.get_by_label("Why does it end now?").fill("Solved")
        steward.click(page.get_by_role("button", name="End it now"))
        steward.click(page.get_by_text("Yes", exact=True))
        page.get_by_label("What did you look at").fill("One statement, as said.")
        steward.click(page.get_by_role("button", name="Send the review"))
        expect(page.get_by_text("Otto Outsider was told what you found")).to_be_visible()
    assert steward.n_clicks == 4
    assert BreakGlassReview.objects.get().is_justified
