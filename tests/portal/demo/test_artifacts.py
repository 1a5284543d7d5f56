"""What dbt left behind fits the project it was made from, says nothing of the machine, and can be dated anew."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.demo import artifacts

PROJECT = Path(artifacts.__file__).parent / "dbt"
NOW = datetime(2031, 3, 4, 5, 6, tzinfo=UTC)


def read(name: str, folder: Path = artifacts.ARTIFACTS) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def models() -> dict[str, dict[str, Any]]:
    nodes = read("manifest.json")["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


def described() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in PROJECT.glob("models/*/*.yml"):
        found |= {each["name"]: each for each in yaml.safe_load(path.read_text())["models"]}
    return found


def rendered(sql: str) -> str:
    """The model's file with its references resolved as dbt resolves them."""
    places = {name: (node["schema"], name) for name, node in models().items()}

    def place(match: re.Match[str]) -> str:
        schema, table = places[match[1]] if match[1] else (match[2], match[3])
        return f'"tarnfell"."{schema}"."{table}"'

    pattern = r"\{\{ (?:ref\('(\w+)'\)|source\('(\w+)', '(\w+)'\)) \}\}"
    return re.sub(pattern, place, sql).strip()


def test_the_manifest_holds_exactly_the_models_of_the_project() -> None:
    files = {path.stem: path for path in PROJECT.glob("models/*/*.sql")}

    assert models().keys() == files.keys()
    for name, node in models().items():
        written = rendered(files[name].read_text(encoding="utf-8"))
        assert node["compiled_code"].strip() == written, f"{name} changed after dbt ran"


def test_every_model_and_every_column_of_a_mart_is_described() -> None:
    catalog = read("catalog.json")["nodes"]

    for name, node in models().items():
        assert node["description"], name
        if node["schema"] != "staging":
            real = catalog[node["unique_id"]]["columns"]
            assert node["columns"].keys() == real.keys(), name
            assert all(column["description"] for column in node["columns"].values()), name


def test_the_descriptions_in_the_manifest_are_those_of_the_project() -> None:
    for name, entry in described().items():
        said = models()[name]
        assert said["description"].strip() == entry["description"].strip()
        assert set(said["columns"]) == {column["name"] for column in entry.get("columns", [])}


def test_the_run_holds_one_failure_one_warning_and_what_was_skipped_after_the_failure() -> None:
    statuses: dict[str, list[str]] = {}
    for result in read("run_results.json")["results"]:
        statuses.setdefault(result["status"], []).append(result["unique_id"].split(".")[2])

    assert statuses["fail"] == ["refunds_never_exceed_what_was_paid"]
    assert statuses["warn"] == ["unique_stg_customers_email"]
    assert statuses["skipped"] == ["supplier_scorecard", "not_null_supplier_scorecard_supplier_id"]


def test_one_source_is_stale_and_no_other() -> None:
    stale = [one["unique_id"] for one in read("sources.json")["results"] if one["status"] != "pass"]

    assert stale == ["source.tarnfell.erp.supplier_ratings"]


@pytest.mark.parametrize("name", artifacts.NAMES)
def test_nothing_says_where_or_by_whom_dbt_ran(name: str) -> None:
    text = (artifacts.ARTIFACTS / name).read_text(encoding="utf-8")

    assert not re.search(r'"/(home|tmp|root|work|Users|var)\b|[A-Z]:\\\\', text)
    assert not re.search(r'"(invocation_id|user_id|project_id|env|args|thread_id)"', text)


def test_dating_anew_moves_every_moment_by_the_same_span(tmp_path: Path) -> None:
    artifacts.freshen(tmp_path, now=NOW)

    for name in artifacts.NAMES:
        assert datetime.fromisoformat(read(name, tmp_path)["metadata"]["generated_at"]) == NOW
    before, after = read("sources.json")["results"], read("sources.json", tmp_path)["results"]
    assert [age(each) for each in after] == [age(each) for each in before]


def age(source: dict[str, Any]) -> timedelta:
    at, loaded = (
        datetime.fromisoformat(source[key]) for key in ("snapshotted_at", "max_loaded_at")
    )
    return at - loaded


def test_a_healthy_night_built_everything_and_failed_nothing(tmp_path: Path) -> None:
    artifacts.freshen(tmp_path, now=NOW, healthy=True)

    results = read("run_results.json", tmp_path)["results"]
    assert {result["status"] for result in results} == {"success", "pass", "no-op"} - (
        {"no-op"} if not any(one["status"] == "no-op" for one in results) else set()
    )
    assert all(source["status"] == "pass" for source in read("sources.json", tmp_path)["results"])


def test_the_number_of_broken_rows_is_that_of_the_data_at_hand(tmp_path: Path) -> None:
    failed = "test.tarnfell.refunds_never_exceed_what_was_paid"

    artifacts.freshen(tmp_path, now=NOW, broken={failed: 41})

    results = {one["unique_id"]: one for one in read("run_results.json", tmp_path)["results"]}
    assert results[failed]["failures"] == 41
    assert "41" in results[failed]["message"]
