"""A page looked at by axe, in both themes, and on a narrow screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21aa"]
# The themes differ in colours and in nothing else.
COLOURS = ["color-contrast"]
NARROW = 320
WIDE = {"width": 1440, "height": 900}


def assert_accessible(page: Page, rules: list[str] = RULES) -> None:
    """No rule of axe is broken by the page as it stands; `rules` are tags or names of rules."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, (page.url, found.generate_report())


def inspect(page: Page) -> None:
    """Accessible in both themes; nothing wider than a narrow screen."""
    page.wait_for_load_state("networkidle")
    for theme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert_accessible(page, rules)
    page.set_viewport_size({"width": NARROW, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, page.url
    page.set_viewport_size(WIDE)
