"""The command `ingest`: prints what an import did, and stops with a sentence where it cannot."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from access.clock import database_now
from access.models import ColumnMask, DatasetPolicy, Notice, Principal
from access.people import tokens
from access.people.stewardship import appoint
from access.policies import rules
from access.policies.masks import Mask
from catalog.importers import import_openlineage
from catalog.models import Check, Dataset
from tests.catalog.contents import BAKERY, DATA, NOW, bake, contents

pytestmark = pytest.mark.django_db


def ingest(*words: str) -> str:
    out = StringIO()
    call_command("ingest", *words, stdout=out)
    return out.getvalue()


def test_each_source_is_imported_and_counted(tmp_path: Path) -> None:
    bake(tmp_path)
    events = tmp_path / "events.jsonl"
    told = {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T05:00:00Z",
        "run": {"runId": "r"},
        "job": {"namespace": "dbt", "name": "daily"},
        "outputs": [{"namespace": "duckdb:///srv/b.duckdb", "name": "bakery.main.daily"}],
    }
    events.write_text(json.dumps(told) + "\n")

    assert "datasets: 6 added" in ingest("warehouse", "wh")
    assert "checks: 5 added" in ingest("dbt", str(BAKERY), "--warehouse", "wh")
    assert "events: 1 added" in ingest("openlineage", str(events))
    assert "checks: 5 added" in ingest("odcs", str(DATA / "contract.yaml"))
    assert (Dataset.objects.count(), Check.objects.count()) == (6, 10)


def test_a_second_run_says_that_nothing_changed(tmp_path: Path) -> None:
    bake(tmp_path)
    ingest("warehouse", "wh")
    ingest("dbt", str(BAKERY), "--warehouse", "wh")
    before = contents()

    words = ingest("dbt", str(BAKERY), "--warehouse", "wh")

    assert words.rstrip().endswith("Nothing changed.")
    assert "added" not in words
    assert contents() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["warehouse", "nowhere"], "There is no warehouse 'nowhere'. There are: wh."),
        (["dbt", "nowhere", "--warehouse", "wh"], "nowhere: expected the folder dbt writes to"),
        (["openlineage", "nowhere.jsonl"], "nowhere.jsonl: expected a file that can be read"),
        (["odcs", "nowhere.yaml"], "nowhere.yaml: expected this file to exist"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    bake(tmp_path)

    with pytest.raises(CommandError) as refused:
        ingest(*words)

    assert str(refused.value).startswith(sentence)


# --- Rules that no longer fit the columns an import brought


def told(*columns: str, number: int = 1) -> dict[str, Any]:
    """An event that writes the receipts with these columns."""
    fields = [{"name": name, "type": "INTEGER"} for name in columns]
    output = {
        "namespace": "duckdb:///srv/b.duckdb",
        "name": "bakery.raw.sales",
        "facets": {"schema": {"_producer": "x", "_schemaURL": "y", "fields": fields}},
    }
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-03-0{number}T05:00:00Z",
        "run": {"runId": f"run {number}"},
        "job": {"namespace": "tills", "name": "daily"},
        "outputs": [output],
    }


@pytest.fixture
def sales(tmp_path: Path) -> Dataset:
    """A table that nobody has described yet, and the steward who answers for it."""
    found = Dataset.objects.create(
        warehouse=bake(tmp_path),
        schema_name="raw",
        table_name="sales",
        identity="raw.sales",
        name="wh.raw.sales",
    )
    appoint(
        Principal.objects.create(username="olga"), actor=None, now=database_now(), dataset=found
    )
    return found


def is_closed_and_told(dataset: Dataset) -> bool:
    notices = Notice.objects.filter(recipient__username="olga", kind="policy.closed")
    return "cents" in rules.rules_of(dataset).broken_reason and notices.count() == 1


def test_events_that_take_a_column_from_a_filter_close_the_dataset(
    sales: Dataset, tmp_path: Path
) -> None:
    import_openlineage([told("id", "cents")], now=NOW)
    rules.set_policy(sales, actor=None, now=database_now(), rows="cents > 10")
    events = tmp_path / "events.jsonl"

    events.write_text(json.dumps(told("id", "cents", "shop", number=2)) + "\n")
    assert "closed" not in ingest("openlineage", str(events))
    events.write_text(json.dumps(told("id", number=3)) + "\n")
    words = ingest("openlineage", str(events))

    assert "wh.raw.sales is closed." in words
    assert is_closed_and_told(sales)


def test_an_event_posted_to_the_portal_closes_the_dataset_too(
    sales: Dataset, client: Client, administrator: Principal
) -> None:
    import_openlineage([told("id", "cents")], now=NOW)
    rules.set_policy(sales, actor=None, now=database_now(), masks={"cents": Mask("null_value")})
    _, token = tokens.issue(administrator, actor=None, now=database_now())

    answer = client.post(
        "/api/v1/lineage",
        told("id", number=2),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 201
    assert is_closed_and_told(sales)


def test_a_contract_that_first_describes_a_table_closes_rules_that_do_not_fit_it(
    sales: Dataset, tmp_path: Path
) -> None:
    policy = DatasetPolicy.objects.create(dataset=sales)
    ColumnMask.objects.create(policy=policy, column_name="cents", kind="null_value")
    contract = tmp_path / "contract.yaml"
    contract.write_text((DATA / "contract.yaml").read_text().replace("name: cents", "name: euros"))

    words = ingest("odcs", str(contract))

    assert "wh.raw.sales is closed." in words
    assert is_closed_and_told(sales)
