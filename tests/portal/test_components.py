"""The design system's own promises: documented, shown, and nothing inline."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from access.models import Principal

ROOT = Path(settings.BASE_DIR)
PARTIALS = sorted((ROOT / "templates/portal/components").glob("_*.html"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VENDORED = {"plotly.css"}
STYLES = sorted(
    path for path in (ROOT / "portal/static/portal/css").glob("*.css") if path.name not in VENDORED
)


@pytest.mark.parametrize("path", PARTIALS, ids=lambda path: path.stem)
def test_every_partial_opens_with_its_context_and_is_documented(path: Path) -> None:
    first = path.read_text().split("#}")[0].split("{% endcomment %}")[0]

    assert "ontext" in first
    assert f"`{path.stem}`" in (ROOT / "docs/reference/components.md").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_style_or_script_inline(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text) if "json" not in tag)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_style_sheet_stays_in_its_layer_and_uses_the_tokens(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S).strip()

    assert not text or text.startswith("@layer")
    if path.name != "tokens.css":
        assert not re.search(r"#[0-9a-f]{3,8}\b(?![\w-]*\s*\{)", text)


def test_the_styles_of_a_page_are_light() -> None:
    import gzip

    sheets = re.findall(
        r"css/(\w+)\.css", (ROOT / "templates/portal/components/_styles.html").read_text()
    )
    size = sum(
        len(gzip.compress((ROOT / f"portal/static/portal/css/{name}.css").read_bytes()))
        for name in sheets
    )

    assert size <= 24_000


@pytest.mark.django_db
def test_the_style_page_shows_every_state_of_access(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    words = client.get("/style/").content.decode()

    for state in (
        "none",
        "pending",
        "scheduled",
        "live",
        "expiring",
        "suspended",
        "expired",
        "ended",
    ):
        assert f"standing--{state}" in words
    for tone in ("stale", "failed", "hidden", "exposure", "past", "centre"):
        assert f"lineage__box--{tone}" in words


@pytest.mark.django_db
def test_the_policy_of_a_page_allows_nothing_inline(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    policy = client.get("/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
