"""Takes the pictures of the README from a running demo: `python docs/pictures.py http://localhost:8000 PASSWORD`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FOLDER = Path(__file__).parent / "images"
SHOTS = {
    "dataset": ("lena", "/datasets/tarnfell.commerce.customers/", 900),
    "search": ("lena", "/search/?q=customer", 820),
    "inbox": ("ines", "/inbox/", 820),
    "dashboard": ("lena", "/dashboards/sales-pulse/", 900),
    "workbench": ("jonas", "/workbench/?dataset=tarnfell.commerce.customers", 820),
    "my-access": ("lena", "/access/", 760),
    "lineage": ("tomas", "/datasets/tarnfell.operations.deliveries/lineage/", 820),
}


def take(browser: Browser, base: str, password: str, name: str) -> None:
    """One picture of one page as one person sees it."""
    person, address, height = SHOTS[name]
    page = browser.new_page(viewport={"width": 1280, "height": height}, color_scheme="light")
    page.goto(f"{base}/sign-in/")
    page.fill("input[name=username]", person)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    page.goto(base + address)
    if name == "workbench":
        page.press("textarea", "Control+Enter")
        page.wait_for_selector("#outcome table")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


def main() -> None:
    """All of them."""
    base, password = sys.argv[1:3]
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in SHOTS:
            take(browser, base, password, name)
        browser.close()


if __name__ == "__main__":
    main()
