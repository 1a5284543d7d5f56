"""Runs every benchmark, or `--only NAME`; prints a table and writes `bench/results.json`.

It boots servers of its own in a scratch home, so it neither sees nor touches a portal on this machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"


def main() -> int:
    """The exit status: 0 when every benchmark ran."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if "\ndef run(" in path.read_text())
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", choices=names, default=os.environ.get("ONLY") or None)
    only = parser.parse_args().only
    with scratch_portal():
        found = {name: measure(name) for name in names if only in (None, name)}
    write(found)
    show(found)
    return 0 if all(found.values()) else 1


@contextmanager
def scratch_portal() -> Iterator[None]:
    """A migrated, empty portal for as long as the benchmarks run."""
    from portal.embedded.commands import servers_for

    home = Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
    # Root's PostgreSQL runs under an unprivileged account, which has to get to its folder below this one.
    home.chmod(0o700 if os.getuid() else 0o711)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ["PORTAL_HOME"] = str(home / "home")
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    try:
        with servers_for(["bench"]):
            import django

            django.setup()
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def measure(name: str) -> list[dict[str, Any]]:
    """The figures of one benchmark; none when it failed, which is said and does not stop the others."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        figures: list[dict[str, Any]] = importlib.import_module(f"bench.{name}").run()
    except Exception as error:  # One broken benchmark must not hide the figures of the rest.
        print(f"{name} failed: {error!r}", file=sys.stderr)
        return []
    return figures


def write(found: dict[str, list[dict[str, Any]]]) -> None:
    """Puts the figures into the results file, keeping those of benchmarks that did not run this time."""
    kept = json.loads(RESULTS.read_text())["benchmarks"] if RESULTS.exists() else {}
    kept.update({name: figures for name, figures in found.items() if figures})
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    answer = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "benchmarks": kept,
    }
    RESULTS.write_text(json.dumps(answer, indent=2, sort_keys=True) + "\n")


def show(found: dict[str, list[dict[str, Any]]]) -> None:
    """Prints the table."""
    print(f"{'figure':<58} {'ours':>10} {'rival':>10} {'ratio':>8}  unit")
    for name, figures in found.items():
        print(name)
        for figure in figures:
            print(
                f"  {figure['name']:<56} {figure['ours']:>10.4g} {figure['rival']:>10.4g}"
                f" {figure['ratio']:>8.3g}  {figure['unit']}"
            )
            print(f"      {figure['note']}")


if __name__ == "__main__":
    sys.exit(main())
