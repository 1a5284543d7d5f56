"""Applying files: plan shows it, apply does it, a second plan is empty; anything wrong changes nothing."""

from datetime import timedelta
from typing import Any

import pytest

from access.clock import database_now
from access.models import AuditEvent, Grant, Principal, Team
from access.people.permissions import Permission
from access.people.stewardship import appointed
from access.policies import rules
from catalog.models import Check, Dataset, Domain, Warehouse
from portal.configuration.errors import BrokenConfiguration
from portal.models import AppliedObject, Dashboard
from tests.portal.configuration.conftest import Apply

EVERYTHING = """
warehouses:
  - name: wh
    url: duckdb:///WAREHOUSE
users:
  - {username: alice, email: alice@example.com, name: Alice Analyst, teams: [sales]}
  - {username: olga, email: olga@example.com, name: Olga Owner}
  - {username: root, administrator: true}
  - {username: loader, service: true, owner: olga}
teams:
  - {name: sales, members: [alice]}
domains:
  - {name: commerce, title: Commerce, description: What we sell., stewards: [olga]}
datasets:
  - name: wh.sales.customers
    title: Customers
    domain: commerce
    stewards: [olga]
    sensitivity: confidential
    visibility: listed
    tags: [gold]
    description: One row per customer.
    columns:
      - {name: email, description: Where we write to, tags: [pii], mask: email}
      - {name: ssn, tags: [pii], mask: null_value}
      - {name: phone, mask: {sql: "concat('+** ', right(phone, 2))"}}
    rows: "country <> 'XX'"
    access:
      approvals: 1
      longest: 90d
      unused_after: 30d
      auto_approve: [{team: sales, columns: [customer_id, country], longest: 30d}]
    freshness: {column: updated_at, within: 24h}
    checks:
      - {unique: customer_id}
      - {not_null: email}
      - {accepted_values: {column: country, values: [DE, FR, XX]}}
      - {sql: "select count(*) = 0 from wh.sales.customers where email is null", name: mail}
  - name: wh.sales.old_customers
    visibility: hidden
    viewers: [sales]
    deprecated: {note: Use customers., successor: wh.sales.customers}
grants:
  - principal: user:alice
    dataset: wh.sales.customers
    columns: [customer_id, email, country]
    unmasked: [email]
    masks: {country: redact}
    rows: "country IN ('DE', 'FR')"
    expires: 30d
    reason: Quarterly churn report
  - {principal: "team:sales", dataset: wh.sales.customers, columns: [country], expires: 7d, reason: Overview}
  - {principal: "service:loader", dataset: wh.sales.customers, expires: 90d, reason: Checks}
metrics: []
dashboards:
  - name: overview
    title: Overview
    warehouse: wh
    schema: sales
    tiles: [{name: n, title: Customers, kind: kpi, dataset: wh.sales.customers, sql: select count(*) as value from customers}]
syncs: []
"""


def everything() -> dict[str, Any]:
    """All rows that an apply may touch, to tell whether anything changed."""
    models = (Warehouse, Principal, Team, Domain, Dataset, Check, Grant, Dashboard, AppliedObject)
    return {model.__name__: sorted(map(str, model.objects.values_list())) for model in models} | {
        "audit": AuditEvent.objects.count()
    }


def test_a_plan_shows_what_apply_then_does_and_changes_nothing(applied: Apply) -> None:
    before = everything()
    planned = applied(EVERYTHING, plan=True)
    assert everything() == before
    assert planned
    done = applied(EVERYTHING)
    assert [(each.verb, each.kind, each.key) for each in done] == [
        (each.verb, each.kind, each.key) for each in planned
    ]


def test_applying_again_changes_nothing(applied: Apply) -> None:
    applied(EVERYTHING)
    before = everything()
    assert applied(EVERYTHING, plan=True) == ()
    assert applied(EVERYTHING) == ()
    assert everything() == before


def test_every_key_arrives(applied: Apply) -> None:
    applied(EVERYTHING)
    dataset = Dataset.objects.get(name="wh.sales.customers")
    assert (dataset.title, dataset.sensitivity, dataset.tags) == (
        "Customers",
        "confidential",
        ["gold"],
    )
    assert dataset.freshness_within == timedelta(hours=24)
    policy = rules.rules_of(dataset)
    assert {name: mask.kind for name, mask in policy.masks.items()} == {
        "email": "email",
        "ssn": "null_value",
        "phone": "sql",
    }
    assert (policy.rows, policy.longest) == ("country <> 'XX'", timedelta(days=90))
    assert [str(each) for each in appointed(dataset=dataset, permission=Permission.DECIDE)] == [
        "Olga Owner"
    ]
    old = Dataset.objects.get(name="wh.sales.old_customers")
    assert (old.visibility, old.successor) == ("hidden", dataset)
    grant = Grant.objects.get(principal__username="alice")
    assert (grant.unmasked, grant.masks["country"]["kind"]) == (["email"], "redact")
    assert Check.objects.filter(dataset=dataset, source="configuration").count() == 4
    assert Principal.objects.get(username="loader").owner.username == "olga"  # type: ignore[union-attr]


def test_a_changed_grant_is_replaced_and_an_expired_one_given_again(applied: Apply) -> None:
    applied(EVERYTHING)
    changed = applied(EVERYTHING.replace("[customer_id, email, country]", "[customer_id, email]"))
    assert [(each.verb, each.kind) for each in changed] == [("update", "grant")]
    open_grant = Grant.objects.get(principal__username="alice", ended_at=None)
    assert open_grant.columns == ["customer_id", "email"]
    later = database_now() + timedelta(days=8)
    again = applied(
        EVERYTHING.replace("[customer_id, email, country]", "[customer_id, email]"), now=later
    )
    assert [(each.verb, each.key) for each in again] == [
        ("create", "team:sales on wh.sales.customers for Overview")
    ]


def test_prune_removes_what_the_files_no_longer_name_and_nothing_else(
    applied: Apply, outsider: Principal
) -> None:
    applied(EVERYTHING)
    changes = applied("warehouses: [{name: wh, url: 'duckdb:///WAREHOUSE'}]", pruning=True)
    assert {each.verb for each in changes} == {"remove"}
    assert not Grant.objects.filter(ended_at=None).exists()
    assert not Dashboard.objects.exists()
    assert not Principal.objects.get(username="alice").is_active
    outsider.refresh_from_db()
    assert outsider.is_active
    dataset = Dataset.objects.get(name="wh.sales.customers")
    assert rules.rules_of(dataset).broken_reason
    assert applied("warehouses: [{name: wh, url: 'duckdb:///WAREHOUSE'}]", pruning=True) == ()


def test_without_prune_nothing_is_removed(applied: Apply) -> None:
    applied(EVERYTHING)
    assert applied("warehouses: [{name: wh, url: 'duckdb:///WAREHOUSE'}]") == ()


WRONG = {
    "unknown table": ("wh.sales.old_customers", "wh.sales.nowhere", "datasets[1].name"),
    "unknown column": ("{name: ssn,", "{name: shoe,", "datasets[0].columns[1].name"),
    "unknown mask": ("mask: null_value", "mask: blur", "datasets[0].columns[1].mask"),
    "broken expression": ("right(phone, 2)", "right(fax, 2)", "datasets[0].columns[2].mask"),
    "broken filter": ("country <> 'XX'", "country <>", "datasets[0].rows"),
    "unknown steward": (
        "stewards: [olga]\n    sens",
        "stewards: [nobody]\n    sens",
        "datasets[0].stewards[0]",
    ),
    "unknown domain": ("domain: commerce", "domain: nowhere", "datasets[0].domain"),
    "unknown member": ("members: [alice]", "members: [nobody]", "teams[0].members[0]"),
    "unknown owner": ("owner: olga", "owner: nobody", "users[3].owner"),
    "unknown grantee": ("user:alice", "user:nobody", "grants[0].principal"),
    "unknown granted column": ("unmasked: [email]", "unmasked: [mail]", "grants[0].unmasked[0]"),
    "broken grant filter": ("IN ('DE', 'FR')", "IN (", "grants[0].rows"),
    "unreadable warehouse": (
        "duckdb:///WAREHOUSE",
        "duckdb:////nowhere/at/all.duckdb",
        "datasets[0]",
    ),
    "unknown engine": ("duckdb:///WAREHOUSE", "mysql://host/db", "warehouses[0].url"),
    "dashboard without tiles": ("tiles: [{", "files: [{", "dashboards[0].tiles"),
    "rule for an unknown team": (
        "[{team: sales, columns",
        "[{team: nobody, columns",
        "datasets[0].access.auto_approve",
    ),
}


@pytest.mark.parametrize(("old", "new", "field"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_where_it_stands_and_changes_nothing(
    applied: Apply, old: str, new: str, field: str
) -> None:
    before = everything()
    assert old in EVERYTHING
    with pytest.raises(BrokenConfiguration) as broken:
        applied(EVERYTHING.replace(old, new))
    assert field in [each.field for each in broken.value.mistakes]
    assert all(each.line > 1 for each in broken.value.mistakes)
    assert everything() == before


def test_a_warehouse_password_is_never_shown(applied: Apply) -> None:
    with pytest.raises(BrokenConfiguration) as broken:
        applied("""
warehouses: [{name: pg, url: "postgresql://me:hunter2@127.0.0.1:1/db"}]
datasets: [{name: pg.public.t}]
""")
    assert "hunter2" not in str(broken.value)
