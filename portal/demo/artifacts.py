"""What dbt left behind when it really built the demo's project: kept small to commit, and dated anew when loaded.

`python -m portal.demo.artifacts raw FILE` draws the raw tables for dbt to build on; `python -m portal.demo.artifacts keep
BUILT DOCS` trims what dbt wrote and puts it into `artifacts/` (docs/how-to/demo-company.md has the whole recipe). Nothing
that says on which machine or by whom dbt ran is kept.
"""

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ARTIFACTS = Path(__file__).parent / "artifacts"
NAMES = ("manifest.json", "catalog.json", "run_results.json", "sources.json")

PASSED = {"status": "pass", "failures": 0, "message": None}

Json = Any

UNKEPT = frozenset(
    {
        "invocation_id", "invocation_started_at", "user_id", "project_id", "send_anonymous_usage_stats", "env",
        "run_started_at", "root_path", "build_path", "compiled_path", "created_at", "unrendered_config", "raw_code",
        "extra_ctes", "extra_ctes_injected", "doc_blocks", "thread_id", "adapter_response", "args", "docs",
        "batch_results", "overload_results", "unrendered_database", "unrendered_schema", "latest_version_pointer",
    }
)  # fmt: skip
UNKEPT_PARTS = ("macros", "docs", "selectors", "disabled", "semantic_models", "saved_queries")
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$")


def freshen(
    into: Path, *, now: datetime, broken: Mapping[str, int] | None = None, healthy: bool = False
) -> Path:
    """Writes the artifacts as if dbt had run just before `now`, and gives the folder.

    Every moment in a file moves by the same span, so that the age of a source and the length of a step stay what they
    were. `broken` replaces how many rows broke each test by what the data at hand says. A `healthy` run is one of the
    nights before the trouble: every model was built and every test passed.
    """
    into.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        document = json.loads((ARTIFACTS / name).read_text(encoding="utf-8"))
        if name == "run_results.json":
            _recount(document, broken or {})
        if healthy:
            _mend(document, name)
        span = now - datetime.fromisoformat(document["metadata"]["generated_at"])
        text = json.dumps(_moved(document, span), ensure_ascii=False)
        (into / name).write_text(text, encoding="utf-8")
    return into


def _recount(document: Json, broken: Mapping[str, int]) -> None:
    for result in document["results"]:
        if result["failures"]:
            result["failures"] = broken.get(result["unique_id"], result["failures"])
            counted = f"Got {result['failures']} result"
            result["message"] = re.sub(r"Got \d+ result", counted, result["message"])


def _mend(document: Json, name: str) -> None:
    if name == "sources.json":
        for source in document["results"]:
            source |= {"status": "pass", "max_loaded_at": source["snapshotted_at"]}
    if name == "run_results.json":
        for result in document["results"]:
            is_test = result["unique_id"].startswith("test.")
            result |= PASSED if is_test else {"status": "success"}
            if not result["timing"]:
                result["timing"] = document["results"][0]["timing"]


def keep(built: Path, docs: Path, into: Path = ARTIFACTS) -> None:
    """Trims the target folders of `dbt build` with `dbt source freshness`, and of `dbt docs generate`.

    Only the documentation run compiles everything, so the manifest is its own.
    """
    into.mkdir(exist_ok=True)
    results = _read(built / "run_results.json")
    for result in results["results"]:
        result.pop("compiled_code", None)
    documents = {
        "manifest.json": _read(docs / "manifest.json") | {part: {} for part in UNKEPT_PARTS},
        "catalog.json": _read(docs / "catalog.json"),
        "run_results.json": results,
        "sources.json": _read(built / "sources.json"),
    }
    for name, document in documents.items():
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (into / name).write_text(f"{text}\n", encoding="utf-8")


def _read(path: Path) -> Json:
    return _trimmed(json.loads(path.read_text(encoding="utf-8")))


def _trimmed(value: Json) -> Json:
    """`value` without what says nothing or says too much: unkept keys, empty settings, macros."""
    if isinstance(value, list):
        return [_trimmed(each) for each in value]
    if not isinstance(value, dict):
        return value
    trimmed = {key: _trimmed(each) for key, each in value.items() if key not in UNKEPT}
    if set(trimmed) == {"macros", "nodes"}:
        trimmed["macros"] = []
    if isinstance(trimmed.get("config"), dict):
        trimmed["config"] = {
            key: each for key, each in trimmed["config"].items() if each not in (None, {}, [], "")
        }
    return trimmed


def _moved(value: Json, span: timedelta) -> Json:
    if isinstance(value, list):
        return [_moved(each, span) for each in value]
    if isinstance(value, dict):
        return {key: _moved(each, span) for key, each in value.items()}
    if isinstance(value, str) and MOMENT.match(value):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment + span).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def main(arguments: list[str]) -> None:
    """`raw FILE` or `keep BUILT DOCS`."""
    match arguments:
        case ["raw", path]:
            _draw_raw(Path(path))
        case ["keep", built, docs]:
            keep(Path(built), Path(docs))
        case _:
            sys.exit(__doc__)


def _draw_raw(path: Path) -> None:
    import duckdb

    from portal.demo.generate import generate

    with duckdb.connect(str(path)) as connection:
        generate(connection, anchor=datetime.now(UTC), progress=lambda _: None)


if __name__ == "__main__":
    main(sys.argv[1:])
