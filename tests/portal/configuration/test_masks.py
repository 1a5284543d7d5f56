"""Masks and row filters as configuration: their parameters, what is said when they are wrong, what readers are told."""

from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Grant, Principal
from access.people.tokens import issue
from access.policies import rules
from access.policies.masks import MASKS, Mask, from_json, mask_of
from catalog.models import Dataset
from portal.configuration.document import parse
from portal.configuration.errors import BrokenConfiguration
from portal.configuration.schema import check
from tests.portal.configuration.conftest import Apply

SAID: dict[str, Mask] = {
    "email": Mask("email"),
    "redact": Mask("redact"),
    "null_value": Mask("null_value"),
    "hash": Mask("hash"),
    "partial": Mask("partial"),
    "week": Mask("week"),
    "{truncate: month}": Mask("month"),
    "{partial: {first: 2, last: 3}}": mask_of("partial", None, {"first": 2, "last": 3}),
    "{bucket: 10}": mask_of("bucket", None, {"width": 10}),
    "{bucket: 2.5}": mask_of("bucket", None, {"width": 2.5}),
    "{bucket: [18, 30, 65]}": mask_of("bucket", None, {"edges": [18, 30, 65]}),
    "{generalise: {table: sales.places, from: city, to: land}}": mask_of(
        "generalise", None, {"table": "sales.places", "from": "city", "to": "land"}
    ),
    "{sql: upper(x)}": Mask("sql", "upper(x)"),
}
WRONG: dict[str, tuple[str, str]] = {
    "hide": ("", "expected one of redact"),
    "bucket": ("", "needs to be told how"),
    "generalise": ("", "needs to be told how"),
    "{hide: 1}": ("", "expected one of redact"),
    "{email: {}}": (".email", "expected one of redact"),
    "{bucket: 0}": (".bucket", "a number above 0"),
    "{bucket: ten}": (".bucket", "a number above 0"),
    "{bucket: true}": (".bucket", "a number above 0"),
    "{bucket: []}": (".bucket", "a width or a list"),
    "{bucket: [3, 2]}": (".bucket", "that go up"),
    "{bucket: [a]}": (".bucket", "numbers"),
    "{partial: 3}": (".partial", "a mapping"),
    "{partial: {first: -1}}": (".partial.first", "whole number from 0"),
    "{partial: {first: 0}}": (".partial", "redact"),
    "{partial: {middle: 1}}": (".partial.middle", "no such key"),
    "{truncate: fortnight}": (".truncate", "year, quarter"),
    "{generalise: {table: a.b, from: c}}": (".generalise.to", "column to look up"),
    "{generalise: {table: a.b.c.d, from: c, to: d}}": (".generalise.table", "schema.table"),
    "{generalise: {table: a.b, from: c, to: d, x: y}}": (".generalise.x", "no such key"),
    "{sql: ''}": (".sql", "as text"),
    "{email: 1, hash: 2}": ("", "expected one of redact"),
    "[email]": ("", "expected one of redact"),
}


@pytest.mark.parametrize("text", SAID)
def test_a_mask_is_read_as_it_is_written(text: str) -> None:
    entries = check(
        parse(f"datasets: [{{name: w.s.t, columns: [{{name: x, mask: {text}}}]}}]", "f", {})
    )

    assert entries.datasets[0].columns[0].mask == SAID[text]


@pytest.mark.parametrize("text", SAID)
def test_a_mask_survives_being_kept(text: str) -> None:
    assert from_json(SAID[text].as_json()) == SAID[text]
    assert SAID[text].words


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_mask_is_told_with_its_line_and_field(text: str) -> None:
    field, words = WRONG[text]
    document = f"datasets:\n- name: w.s.t\n  columns:\n  - name: x\n    mask: {text}"

    with pytest.raises(BrokenConfiguration) as broken:
        check(parse(document, "file.yaml", {}))

    (mistake,) = broken.value.mistakes
    assert (mistake.file, mistake.line) == ("file.yaml", 5)
    assert mistake.field == f"datasets[0].columns[0].mask{field}"
    assert words in mistake.expected


def test_every_mask_can_be_written() -> None:
    assert {mask.kind for mask in SAID.values()} >= set(MASKS) - {
        "year",
        "quarter",
        "day",
        "hour",
        "round",
    }


BASE = """
warehouses:
  - {name: wh, url: "duckdb:///WAREHOUSE"}
users:
  - {username: alice, email: alice@example.com}
  - {username: olga}
datasets:
  - name: wh.sales.customers
    stewards: [olga]
    visibility: listed
    columns:
      - {name: customer_id, mask: {bucket: [2, 3]}}
      - {name: email, mask: {generalise: {table: sales.old_customers, from: customer_id, to: customer_id}}}
      - {name: phone, mask: {partial: {first: 1, last: 1}}}
      - {name: updated_at, mask: {truncate: year}}
    rows: "country <> 'XX'"
grants:
  - principal: user:alice
    dataset: wh.sales.customers
    masks: {ssn: {partial: {last: 1}}, country: {sql: "length(country)"}}
    expires: 30d
    reason: Testing
"""


def test_masks_are_applied_once_and_planned_by_difference(applied: Apply) -> None:
    assert applied(BASE)
    assert applied(BASE, plan=True) == ()
    assert applied(BASE) == ()

    planned = applied(BASE.replace("bucket: [2, 3]", "bucket: 2"), plan=True)

    assert [(change.verb, change.key) for change in planned] == [("update", "wh.sales.customers")]
    assert any("width" in line for change in planned for line in change.lines())


def test_what_was_applied_is_kept_with_its_parameters(applied: Apply) -> None:
    applied(BASE)

    policy = rules.rules_of(Dataset.objects.get(name="wh.sales.customers"))
    grant = Grant.objects.get()

    assert policy.masks["customer_id"] == mask_of("bucket", None, {"edges": [2, 3]})
    assert policy.masks["email"].type == "INTEGER"
    assert from_json(grant.masks["ssn"]) == mask_of("partial", None, {"last": 1})
    assert from_json(grant.masks["country"]).type == "BIGINT"


def _described(name: str) -> dict[str, Any]:
    person = Principal.objects.get(username=name)
    _, secret = issue(person, actor=person, now=database_now(), scopes=["catalog"])
    found = Client().get(
        "/api/v1/datasets/wh.sales.customers", headers={"Authorization": f"Bearer {secret}"}
    )
    assert found.status_code == 200
    return {column["name"]: column for column in found.json()["columns"]}


def test_the_api_says_which_type_a_reader_gets_and_how_it_is_masked(applied: Apply) -> None:
    applied(BASE)

    seen = _described("alice")

    assert (seen["customer_id"]["type"], seen["customer_id"]["type_seen"]) == ("INTEGER", "VARCHAR")
    assert seen["customer_id"]["mask"] == "bucket"
    assert seen["customer_id"]["mask_words"] == "ranges with ends at 2, 3"
    assert (seen["email"]["type"], seen["email"]["type_seen"]) == ("VARCHAR", "INTEGER")
    assert (seen["country"]["mask"], seen["country"]["type_seen"]) == ("sql", "BIGINT")
    assert seen["updated_at"]["type_seen"] == seen["updated_at"]["type"]
    assert seen["phone"]["mask_words"] == "the first 1 and the last 1 characters"


NOWHERE = {
    "a row filter": (
        "rows: \"country <> 'XX'\"",
        'rows: "country IN (SELECT c FROM sales.nowhere)"',
        "datasets[0].rows",
        "no table sales.nowhere",
    ),
    "a mapping table": (
        "table: sales.old_customers",
        "table: sales.nowhere",
        "datasets[0].columns[1].mask",
        "no table sales.nowhere",
    ),
    "an owner's mask": (
        "mask: {truncate: year}",
        'mask: {sql: "(SELECT max(x) FROM wh.sales.nowhere)"}',
        "datasets[0].columns[3].mask",
        "no table sales.nowhere",
    ),
    "a grant's mask": (
        'sql: "length(country)"',
        'sql: "(SELECT max(x) FROM sales.nowhere)"',
        "grants[0].masks.country",
        "no table sales.nowhere",
    ),
    "a grant's filter": (
        "expires: 30d",
        'rows: "country IN (SELECT c FROM sales.nowhere)"\n    expires: 30d',
        "grants[0].rows",
        "no table sales.nowhere",
    ),
    "a filter that is no condition": (
        "rows: \"country <> 'XX'\"",
        'rows: "customer_id"',
        "datasets[0].rows",
        "says yes or no",
    ),
    "types that do not fit": (
        'sql: "length(country)"',
        'sql: "length(updated_at)"',
        "grants[0].masks.country",
        "cannot use this expression",
    ),
    "another warehouse": (
        "rows: \"country <> 'XX'\"",
        'rows: "country IN (SELECT c FROM other.sales.customers)"',
        "datasets[0].rows",
        "own warehouse",
    ),
}


@pytest.mark.parametrize("case", NOWHERE)
def test_a_policy_that_cannot_hold_is_refused_when_it_is_applied(applied: Apply, case: str) -> None:
    old, new, field, words = NOWHERE[case]
    assert old in BASE

    with pytest.raises(BrokenConfiguration) as broken:
        applied(BASE.replace(old, new))

    (mistake,) = broken.value.mistakes
    assert mistake.field == field
    assert mistake.line > 1
    assert words in mistake.expected
    assert not Grant.objects.exists()
