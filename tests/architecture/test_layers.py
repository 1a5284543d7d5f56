"""The law of the rooms, portal -> access -> catalog, checked by import-linter with an empty ignore list."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.sources import ROOT

CONTRACT = """
[importlinter]
root_packages =
    portal
    access
    catalog

[importlinter:contract:1]
name = rooms
type = layers
layers =
    portal
    access
    catalog
"""


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c()",
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_down_only() -> None:
    verdict = lint(ROOT)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_no_import_is_excepted_from_the_law() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert settings["contracts"]
    assert not [one for one in settings["contracts"] if one.get("ignore_imports")]


def test_an_upward_import_is_found_even_inside_a_function(tmp_path: Path) -> None:
    for room in ("portal", "access", "catalog"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / ".importlinter").write_text(CONTRACT)
    (tmp_path / "portal" / "views.py").touch()
    assert lint(tmp_path).returncode == 0

    (tmp_path / "catalog" / "search.py").write_text("def search():\n    import portal.views\n")

    assert lint(tmp_path).returncode == 1
