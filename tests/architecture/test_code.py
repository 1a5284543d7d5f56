"""What code may do where; every rule first shows that it can find a mistake."""

import pytest

from tests.architecture import rules
from tests.architecture.sources import Source, project_files, python_sources

# Files past the limit that are one subject all the same, and why.
LONG_FILES: dict[str, str] = {}


def planted(path: str, text: str) -> list[Source]:
    return [Source(path, text)]


def test_nothing_below_portal_speaks_http() -> None:
    assert rules.speaks_http(python_sources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "from django.http import HttpResponse",
        "def late():\n    import django.shortcuts",
        "from ninja import Router",
        "from django.views.generic import View",
    ],
)
def test_http_below_portal_is_found(text: str) -> None:
    assert rules.speaks_http(planted("access/grants.py", text))
    assert rules.speaks_http(planted("portal/views.py", text)) == []


def test_only_engines_import_drivers() -> None:
    assert rules.imports_a_driver(python_sources()) == []


@pytest.mark.parametrize(
    "text", ["import duckdb", "from psycopg import connect", "import trino.dbapi"]
)
def test_a_driver_elsewhere_is_found(text: str) -> None:
    assert rules.imports_a_driver(planted("portal/views/charts.py", text))
    assert rules.imports_a_driver(planted("catalog/engines/duckdb.py", text)) == []


def test_no_model_is_looked_up_by_name() -> None:
    assert rules.looks_models_up(python_sources()) == []


def test_a_model_looked_up_by_name_is_found() -> None:
    text = "from django.apps import apps\nGrant = apps.get_model('access', 'Grant')"

    assert rules.looks_models_up(planted("catalog/search.py", text))


def test_only_the_gate_runs_queries() -> None:
    assert rules.runs_an_engine(python_sources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(engine):\n    return engine.run('select 1')",
        "from catalog.engines import engine_for\nengine_for(url).run('select 1')",
        "from catalog import engines\nx = engines.engine_for(u)\nx.run('select 1')",
    ],
)
def test_a_query_outside_the_gate_is_found(text: str) -> None:
    assert rules.runs_an_engine(planted("portal/charts.py", text))
    assert rules.runs_an_engine(planted("access/gate/opening.py", text)) == []


def test_other_things_may_run() -> None:
    text = "import subprocess\nsubprocess.run(['ls'])\nsweep.run(now)"

    assert rules.runs_an_engine(planted("portal/charts.py", text)) == []


def test_files_stay_readable_in_one_sitting() -> None:
    assert rules.is_too_long(python_sources(), LONG_FILES) == []


def test_a_long_file_and_a_stale_reason_are_found() -> None:
    sources = planted("access/all.py", "x = 1\n" * 401)

    assert rules.is_too_long(sources, {})
    assert rules.is_too_long(sources, {"access/all.py": "generated"}) == []
    assert rules.is_too_long(planted("access/all.py", "x = 1\n"), {"access/all.py": "generated"})


def test_functions_stay_short() -> None:
    assert rules.has_a_long_function(python_sources()) == []


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n"

    assert rules.has_a_long_function(planted("access/a.py", "def f():\n" + body * 46))
    assert rules.has_a_long_function(planted("access/a.py", "def f():\n" + body * 45)) == []


def test_every_module_is_named_for_its_subject() -> None:
    assert rules.has_an_empty_name(source.path for source in python_sources()) == []


def test_an_empty_name_is_found() -> None:
    assert rules.has_an_empty_name(
        ["portal/utils.py", "access/common/x.py", "catalog/search.py"]
    ) == [
        "portal/utils.py",
        "access/common/x.py",
    ]


def test_nothing_names_one_machine() -> None:
    texts = []
    for path in project_files():
        if path.suffix not in {".lock", ".png", ".woff2", ".parquet", ".duckdb"}:
            texts.append((path.name, path.read_text(encoding="utf-8", errors="ignore")))

    assert rules.names_a_machine(texts) == []


@pytest.mark.parametrize("folder", ["tm" + "p", "roo" + "t", "wor" + "k"])
def test_a_path_of_one_machine_is_found(folder: str) -> None:
    assert rules.names_a_machine([("a.md", f"see /{folder}/notes")])
    assert rules.names_a_machine([("a.md", f"see docs/{folder}/notes")]) == []
