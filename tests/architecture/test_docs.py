"""Documentation that leads somewhere: links resolve, commands and scopes are described, the allow-list is current."""

import re
import runpy
from pathlib import Path

import pytest

from access.people.tokens import SCOPES
from access.policies.masks import MASKS
from portal.settings import BASE_DIR

LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PAGES = [BASE_DIR / "README.md", *sorted((BASE_DIR / "docs").rglob("*.md"))]


def broken_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    targets = [link for link in LINK.findall(text) if "://" not in link]
    return [link for link in targets if not (page.parent / link).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path, path.read_text(encoding="utf-8")) == []


def test_a_link_to_nowhere_is_found() -> None:
    assert broken_links(BASE_DIR / "README.md", "[gone](docs/gone.md) [web](https://a.b)") == [
        "docs/gone.md"
    ]


def test_every_command_is_described() -> None:
    folder = BASE_DIR / "portal/management/commands"
    commands = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    text = (BASE_DIR / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert {name for name in commands if f"manage.py {name}" not in text} == set()


def test_every_scope_is_described() -> None:
    text = (BASE_DIR / "docs/reference/api.md").read_text(encoding="utf-8")
    assert {scope for scope in SCOPES if f"`{scope}`" not in text} == set()


def test_every_mentioned_document_exists() -> None:
    mentioned = set()
    for path in [*BASE_DIR.glob("portal/**/*.py"), *BASE_DIR.glob("access/**/*.py")]:
        mentioned |= set(re.findall(r"docs/[a-z/-]+\.md", path.read_text(encoding="utf-8")))
    assert {name for name in mentioned if not (BASE_DIR / name).exists()} == set()


def test_the_allow_list_is_what_the_code_allows() -> None:
    made = runpy.run_path(str(BASE_DIR / "docs/allow_list.py"))

    written = made["PAGE"].read_text(encoding="utf-8")
    assert written == made["page"](), "Run `make allowlist`."


def test_every_mask_is_described() -> None:
    text = (BASE_DIR / "docs/reference/masks.md").read_text(encoding="utf-8")
    assert {name for name in MASKS if f"`{name}`" not in text} == set()
