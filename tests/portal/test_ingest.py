"""The command `ingest`: prints what an import did, and stops with a sentence where it cannot."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Check, Dataset
from tests.catalog.contents import BAKERY, DATA, bake, contents

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
