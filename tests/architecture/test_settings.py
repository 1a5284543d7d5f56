"""Every variable the portal reads has its line in the reference, and every line is about a variable it reads."""

import re

from tests.architecture.rules import variables_read
from tests.architecture.sources import ROOT, Source, python_sources

REFERENCE = ROOT / "docs" / "reference" / "settings.md"
# Of the operating system, or handed from the supervisor to its own children.
OTHERS = {"PATH", "PORTAL_SUPERVISED"}


def documented() -> set[str]:
    return set(
        re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    read = variables_read(python_sources()) - OTHERS

    assert documented() == read


def test_an_undocumented_setting_is_found() -> None:
    sources = [Source("portal/settings.py", 'X = flag("PORTAL_NEW_SWITCH", default=False)')]

    assert variables_read(sources) - documented() == {"PORTAL_NEW_SWITCH"}
