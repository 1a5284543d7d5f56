"""A review of access in a real browser: one key a grant, hundreds of them, nothing lost, accessible and without JavaScript."""

from collections import Counter
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from access.models import AuditEvent, Campaign, CampaignItem, Principal
from tests.people import make_person, put_in_charge
from tests.portal.pages.accessibility import inspect
from tests.portal.pages.conftest import Visit
from tests.portal.pages.reviewing import make_review

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEYS = {"keep": "a", "narrow": "n", "revoke": "d", "": "a"}
CURRENT = "[data-item][data-current]"


def at(page: Page, review: Campaign) -> Page:
    """The review, ready for the first key."""
    page.goto(f"/reviews/{review.pk}/")
    expect(page.locator(CURRENT)).to_be_focused()
    return page


def verdicts() -> Counter[str]:
    return Counter(CampaignItem.objects.values_list("verdict", flat=True))


def wait_for_verdicts(page: Page, n: int) -> None:
    """Until so many are decided, however long the queue is."""
    for _ in range(600):
        if CampaignItem.objects.exclude(verdict="").count() == n:
            return
        page.wait_for_timeout(100)
    raise AssertionError(verdicts())


@pytest.mark.parametrize("n_grants", [12, pytest.param(500, marks=pytest.mark.drill)])
def test_a_review_is_certified_by_one_key_a_grant(
    visit: Visit, steward: Principal, n_grants: int
) -> None:
    review = make_review(steward, n_grants)
    page, n_keys, lost = at(visit(steward), review), 0, 0
    expected = Counter[str]()
    began = monotonic()
    for _ in range(n_grants):
        page.wait_for_selector(CURRENT)
        advised = page.locator(CURRENT).get_attribute("data-recommended") or ""
        expected[advised or "keep"] += 1
        page.keyboard.press(KEYS[advised])
        n_keys += 1
        lost += page.evaluate("document.activeElement === document.body")
    pressed = monotonic() - began
    wait_for_verdicts(page, n_grants)
    print(
        f"\n{n_grants} grants: {n_keys} keys, {pressed:.1f} s of keys, {monotonic() - began:.1f} s till all were on record"
    )

    expect(page.get_by_text("Nothing waits for you here")).to_be_visible()
    expect(page.locator("#review-done")).to_be_focused()
    assert (n_keys, lost) == (n_grants, 0)
    assert verdicts() == expected
    assert AuditEvent.objects.filter(kind="grant.certified").count() == n_grants


def test_what_was_said_is_taken_back_and_the_keyboard_is_there(
    visit: Visit, steward: Principal
) -> None:
    review = make_review(steward, 4)
    page = at(visit(steward), review)
    first = page.locator(CURRENT).get_attribute("id")
    advised = page.locator(CURRENT).get_attribute("data-recommended") or ""

    page.keyboard.press(KEYS[advised])
    expect(page.locator("#undo")).to_contain_text("Take it back")
    page.keyboard.press("z")

    expect(page.locator(f"#{first}[data-item]")).to_be_focused()
    assert verdicts() == {"": 4}
    expect(page.locator("#undo")).to_be_hidden()


def test_taking_away_against_the_evidence_asks_why_and_goes_on(
    visit: Visit, steward: Principal
) -> None:
    review = make_review(steward, 6)
    page = at(visit(steward), review)
    row = page.locator("[data-recommended=keep]").first
    name = row.get_attribute("id")
    row.focus()

    page.keyboard.press("d")
    expect(page.get_by_label("Why revoke")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"#{name}")).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.type("The project is over")
    page.keyboard.press("Enter")

    expect(page.locator(f"#{name}")).to_contain_text("Revoked")
    expect(page.locator(CURRENT)).to_be_focused()
    assert CampaignItem.objects.get(verdict="revoke").reason == "The project is over"


def test_the_next_key_is_about_all_that_are_chosen(visit: Visit, steward: Principal) -> None:
    review = make_review(steward, 5)
    page = at(visit(steward), review)
    for key in "xjxja":
        page.keyboard.press(key)

    expect(page.locator("#review-progress")).to_contain_text("2 kept")
    assert verdicts() == {"keep": 2, "": 3}


def test_what_somebody_else_decided_meanwhile_shows_in_its_place(
    visit: Visit, steward: Principal
) -> None:
    review = make_review(steward, 3)
    second = make_person("sven", name="Sven Second")
    put_in_charge(second, CampaignItem.objects.latest("pk").grant.dataset.domain)
    mine, theirs = at(visit(steward), review), at(visit(second), review)
    name = theirs.locator(CURRENT).get_attribute("id")
    theirs.keyboard.press("a")
    expect(theirs.locator(f"#{name}")).to_contain_text("Kept")

    mine.keyboard.press("a")

    expect(mine.locator(f"#{name}")).to_contain_text("Sven Second")
    expect(mine.locator("#review-problems")).to_contain_text("has decided this already")
    expect(mine.locator(CURRENT)).to_be_focused()


def test_whoever_leaves_the_page_has_decided(visit: Visit, steward: Principal) -> None:
    review = make_review(steward, 6)
    page = at(visit(steward), review)
    for _ in range(6):
        page.keyboard.press("a")
    page.goto("/reviews/")
    wait_for_verdicts(page, 6)


def test_a_review_works_without_javascript(visit: Visit, steward: Principal) -> None:
    review = make_review(steward, 4)
    page = visit(steward, scripts=False)
    page.goto(f"/reviews/{review.pk}/")

    page.locator("[data-item] button[value=keep]").first.click()
    expect(page.locator(".message")).to_contain_text("Decided 1 grant")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".message")).to_contain_text("Taken back")
    page.locator("[data-item] input").first.check()
    page.get_by_label("Why").fill("Over")
    page.get_by_label("Why").press("Enter")
    page.get_by_role("button", name="Revoke chosen").click()
    expect(page.locator(".message")).to_contain_text("Decided 1 grant")

    assert verdicts() == {"revoke": 1, "": 3}


def test_the_pages_of_a_review_are_accessible_and_fit(visit: Visit, steward: Principal) -> None:
    review = make_review(steward, 8)
    page = at(visit(steward), review)
    page.keyboard.press("a")
    page.keyboard.press("x")
    expect(page.locator("#undo")).to_contain_text("Take it back")
    inspect(page)
    for address in ("/reviews/", "/reviews/new/"):
        page.goto(address)
        inspect(page)
