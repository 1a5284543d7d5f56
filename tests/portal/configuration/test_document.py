"""Reading YAML: every value keeps its line, and nothing is guessed."""

import pytest

from portal.configuration.document import parse
from portal.configuration.errors import BrokenConfiguration
from portal.configuration.schema import check


def mistakes_of(text: str, environment: dict[str, str] | None = None) -> list[tuple[int, str]]:
    """The `(line, field)` of everything wrong in `text`."""
    with pytest.raises(BrokenConfiguration) as broken:
        check(parse(text, "file.yaml", environment or {}))
    return [(each.line, each.field) for each in broken.value.mistakes]


def test_norway_is_a_word() -> None:
    document = parse("grants: [NO, yes, 2026-01-31]", "file.yaml", {})
    assert document.values == {"grants": ["NO", "yes", "2026-01-31"]}


def test_a_variable_is_the_environments_value() -> None:
    document = parse("users: [{username: '${NAME}-1'}]", "file.yaml", {"NAME": "ada"})
    assert document.values["users"][0]["username"] == "ada-1"


def test_a_warehouse_url_keeps_its_reference() -> None:
    text = "warehouses:\n- {name: wh, url: 'postgresql://u:${PASSWORD}@h/d'}"
    document = parse(text, "file.yaml", {"PASSWORD": "hunter2"})
    assert document.values["warehouses"][0]["url"] == "postgresql://u:${PASSWORD}@h/d"


def test_a_missing_variable_is_a_mistake_on_its_line() -> None:
    text = "users:\n- username: ada\n  email: ${NOWHERE}"
    assert mistakes_of(text) == [(3, "users[0].email")]


def test_an_empty_file_describes_nothing() -> None:
    assert parse("", "file.yaml", {}).values == {}


BROKEN = {
    "no yaml": ("users: [", [(1, "")]),
    "no mapping": ("- users", [(1, "")]),
    "repeated key": ("users: []\nusers: []", [(2, "users")]),
    "unknown kind": ("people: []", [(1, "people")]),
    "unknown key": ("users:\n- username: ada\n  mail: a@b.c", [(3, "users[0].mail")]),
    "missing key": ("users:\n- name: Ada", [(2, "users[0].username")]),
    "wrong type": ("users:\n- username: [ada]", [(2, "users[0].username")]),
    "ownerless service": ("users:\n- {username: bot, service: true}", [(2, "users[0]")]),
    "bad span": (
        "datasets:\n- name: w.s.t\n  access:\n    longest: soon",
        [(4, "datasets[0].access.longest")],
    ),
    "bad mask": (
        "datasets:\n- name: w.s.t\n  columns:\n  - name: email\n    mask: [hide]",
        [(5, "datasets[0].columns[0].mask")],
    ),
    "column twice": (
        "datasets:\n- name: w.s.t\n  columns: [{name: a}, {name: a}]",
        [(3, "datasets[0].columns")],
    ),
    "bad sensitivity": (
        "datasets:\n- name: w.s.t\n  sensitivity: secret",
        [(3, "datasets[0].sensitivity")],
    ),
    "bad principal": (
        "grants:\n- principal: ada\n  dataset: w.s.t\n  expires: 1d\n  reason: x",
        [(2, "grants[0].principal")],
    ),
    "bad expiry": (
        "grants:\n- principal: user:ada\n  dataset: w.s.t\n  expires: tomorrow\n  reason: x",
        [(4, "grants[0].expires")],
    ),
    "no reason": (
        "grants:\n- principal: user:ada\n  dataset: w.s.t\n  expires: 1d",
        [(2, "grants[0].reason")],
    ),
    "two kinds of check": (
        "datasets:\n- name: w.s.t\n  checks:\n  - {unique: a, not_null: a}",
        [(4, "datasets[0].checks[0]")],
    ),
    "metrics": ("metrics:\n- {name: revenue}", [(1, "metrics")]),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_is_told_with_its_line_and_field(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert mistakes_of(text) == expected


def test_all_mistakes_are_told_at_once() -> None:
    text = "users:\n- {name: x}\n- {username: ok, colour: red}\nteams:\n- {name: ''}"
    assert [line for line, _ in mistakes_of(text)] == [2, 3, 5]
