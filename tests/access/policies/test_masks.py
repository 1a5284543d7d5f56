"""Masks as they are said, kept and told: what is taken, what is wrong with the rest and where, and the words for pages."""

from typing import Any

import pytest

from access.policies.masks import MASKS, Mask, WrongMask, from_json, from_words, kept, mask_of

MOST = 10**15
PLACES = {"table": "geo.cities", "from": "city", "to": "country"}
TAKEN: list[tuple[Any, str, dict[str, Any], str]] = [
    ("redact", "redact", {}, "blanked out"),
    ("null_value", "null_value", {}, "left empty"),
    ("hash", "hash", {}, "a stable code"),
    ("email", "email", {}, "first letter and domain"),
    ("round", "round", {}, "whole hundreds"),
    ("year", "year", {}, "the year only"),
    ("partial", "partial", {}, "the last 4 characters"),
    *(({"truncate": unit}, unit, {}, f"the {unit} only") for unit in ("year", "quarter", "month", "week", "day", "hour")),
    ({"partial": {"first": 1}}, "partial", {"first": 1}, "the first 1 character"),
    ({"partial": {"last": 1}}, "partial", {"last": 1}, "the last 1 character"),
    ({"partial": {"first": 20, "last": 0}}, "partial", {"first": 20, "last": 0}, "the first 20 characters"),
    ({"partial": {"first": 0, "last": 20}}, "partial", {"first": 0, "last": 20}, "the last 20 characters"),
    ({"partial": {"first": 2, "last": 3}}, "partial", {"first": 2, "last": 3}, "the first 2 and the last 3 characters"),
    ({"bucket": 10}, "bucket", {"width": 10}, "ranges of 10"),
    ({"bucket": 1}, "bucket", {"width": 1}, "ranges of 1"),
    ({"bucket": 0.5}, "bucket", {"width": 0.5}, "ranges of 0.5"),
    ({"bucket": MOST}, "bucket", {"width": MOST}, "ranges of 1e+15"),
    ({"bucket": [-3]}, "bucket", {"edges": (-3,)}, "ranges with ends at -3"),
    ({"bucket": [18, 30.5]}, "bucket", {"edges": (18, 30.5)}, "ranges with ends at 18, 30.5"),
    ({"bucket": list(range(50))}, "bucket", {"edges": tuple(range(50))}, f"ranges with ends at {', '.join(map(str, range(50)))}"),
    ({"generalise": PLACES}, "generalise", PLACES, "its country"),
    ({"generalise": {**PLACES, "table": "wh.geo.cities"}}, "generalise", {**PLACES, "table": "wh.geo.cities"}, "its country"),
]  # fmt: skip
EXPECTED = r"expected one of redact, .*round, \{sql: EXPRESSION\}, \{partial: "
WHOLE = "expected a whole number from 0 to 20"
WIDTH = "expected the width of a range: a number above 0"
NUMBERS = "expected a list of at most 50 numbers"
EITHER = r"expected a width or a list of ends: \{bucket: 10\} or \{bucket: \[18, 30, 65\]\}"
REFUSED: list[tuple[Any, str, str]] = [
    ("hide", "", EXPECTED),
    ("sql", "", EXPECTED),
    (7, "", EXPECTED),
    ({}, "", EXPECTED),
    ({"email": {}, "hash": {}}, "", EXPECTED),
    ({"hide": 1}, "", EXPECTED),
    ({"email": {}}, "email", EXPECTED),
    ("bucket", "", r"bucket needs to be told how: \{bucket: 10\} or"),
    ("generalise", "", r"generalise needs to be told how: \{generalise: \{table: geo.cities"),
    ({"sql": 1}, "sql", "expected the owner's expression as text"),
    ({"sql": " "}, "sql", "expected the owner's expression as text"),
    ({"truncate": "second"}, "truncate", "expected one of year, quarter, month, week, day, hour"),
    ({"truncate": "email"}, "truncate", "expected one of year"),
    ({"partial": 3}, "partial", "expected a mapping of its parameters"),
    ({"partial": {"middle": 1}}, "partial.middle", "there is no such key here; expected first, last"),
    ({"partial": {"first": 0, "last": 0}}, "partial", "keeping no character at all is the mask redact"),
    *(({"partial": {"first": wrong}}, "partial.first", WHOLE) for wrong in (-1, 21, 1.0, True, "1")),
    *(({"partial": {"last": wrong}}, "partial.last", WHOLE) for wrong in (-1, 21, None)),
    *(({"bucket": wrong}, "bucket", WIDTH) for wrong in (0, -1, True, "ten", None, MOST + 1, float("nan"))),
    *(({"bucket": wrong}, "bucket", NUMBERS) for wrong in (list(range(51)), ["a"], [True], [MOST + 1], [-MOST - 1])),
    ({"bucket": []}, "bucket", EITHER),
    *(({"bucket": wrong}, "bucket", "expected numbers that go up") for wrong in ([3, 2], [2, 2], [1, 3, 2])),
    ({"generalise": []}, "generalise", "expected a mapping of its parameters"),
    ({"generalise": {**PLACES, "x": "y"}}, "generalise.x", "there is no such key here; expected table, from, to"),
    ({"generalise": {"from": "a", "to": "b"}}, "generalise.table", "expected the name of the table"),
    ({"generalise": {**PLACES, "from": 1}}, "generalise.from", "expected the name of the column to look the value up in"),
    ({"generalise": {**PLACES, "to": ""}}, "generalise.to", "expected the name of the column to look up in"),
    ({"generalise": {**PLACES, "to": "x\n"}}, "generalise.to", "expected the name of the column to look up in"),
    *(({"generalise": {**PLACES, "table": wrong}}, "generalise.table", "expected table, schema.table or warehouse")
      for wrong in ("a.b.c.d", "a..b", ".b", "a.")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind", "options", "words"), TAKEN)
def test_a_mask_is_what_was_said(said: Any, kind: str, options: dict[str, Any], words: str) -> None:
    mask = from_words(said)

    assert (mask.kind, mask.sql, dict(mask.options), mask.words) == (kind, None, options, words)
    assert mask.looks_up is (kind == "generalise")
    assert from_json({**mask.as_json(), "type": "date"}) == mask
    assert from_json({**mask.as_json(), "type": "date"}).type == "date"


def test_an_owners_rule_is_kept_with_its_text() -> None:
    mask = from_words({"sql": "upper(x)"})

    assert mask == Mask("sql", "upper(x)")
    assert mask.as_json() == {"kind": "sql", "sql": "upper(x)"}
    assert from_json(mask.as_json()) == mask
    assert mask.looks_up
    assert mask.words == "the owner’s own rule"


@pytest.mark.parametrize(("said", "field", "words"), REFUSED)
def test_a_wrong_mask_says_what_is_expected_and_where(said: Any, field: str, words: str) -> None:
    with pytest.raises(WrongMask, match=f"^{words}") as caught:
        from_words(said)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("kept_as", "field", "words"),
    [
        ({}, "", "Unknown mask '': use one of redact, "),
        ({"kind": "hide"}, "", "Unknown mask 'hide'"),
        ({"kind": "sql"}, "", "Unknown mask 'sql'"),
        ({"kind": "email", "sql": "x"}, "", "Unknown mask 'email'"),
        ({"kind": "email", "options": {"b": 1, "a": 1}}, "a", "this mask has no parameter a"),
        ({"kind": "email", "options": [1]}, "", "The parameters of a mask are a mapping."),
        ({"kind": "bucket", "options": {"width": 1, "edges": [1]}}, "", "expected a width or"),
        ({"kind": "bucket", "options": {"edges": 3}}, "", "expected a width or a list"),
        ({"kind": "bucket"}, "", "expected a width or a list"),
    ],
)
def test_a_kept_mask_that_is_not_understood_is_an_error(
    kept_as: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(WrongMask, match=f"^{words}") as caught:
        from_json(kept_as)

    assert caught.value.field == field


def test_parameters_are_kept_as_plain_values_in_one_order() -> None:
    mask = mask_of("partial", None, {"last": 1, "first": 2})

    assert mask.options == (("first", 2), ("last", 1))
    assert mask.option("first") == 2
    assert mask.option("width") is None
    assert mask_of("bucket", None, {"edges": [1, 2]}).as_json() == {
        "kind": "bucket",
        "sql": "",
        "options": {"edges": [1, 2]},
    }


def test_partial_keeps_the_last_four_when_nothing_is_said() -> None:
    assert kept(Mask("partial")) == (0, 4)
    assert kept(mask_of("partial", None, {"first": 3})) == (3, 0)


def test_the_type_the_engine_said_makes_no_other_mask() -> None:
    assert Mask("hash", type="text") == Mask("hash")
    assert "text" not in repr(Mask("hash", type="text"))


def test_every_mask_has_words() -> None:
    assert list(MASKS) == ["redact", "null_value", "hash", "partial", "email", "year", "quarter", "month",
                           "week", "day", "hour", "round", "bucket", "generalise"]  # fmt: skip
    with pytest.raises(AttributeError):
        Mask("hash").kind = "email"  # type: ignore[misc]
