"""Runs every benchmark, or `--only NAME`; prints a table and writes `bench/results.json`.

Each runs in a process and over a database of its own: what one leaves in the catalog would change what the next
one measures. The servers boot in a scratch home, so no portal on this machine is seen or touched.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import subprocess
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
    return alone(only) if only else each(names)


def alone(name: str) -> int:
    """Runs one benchmark in this process; the exit status."""
    with scratch_portal():
        figures = measure(name)
    write(name, figures)
    show(name, figures)
    return 0 if figures else 1


def each(names: list[str]) -> int:
    """Runs every benchmark in a process of its own; a failed one does not stop the others."""
    command = [sys.executable, "-m", "bench", "--only"]
    failed = [name for name in names if subprocess.run([*command, name], check=False).returncode]
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


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
    """The figures of one benchmark; none when it failed, which is said."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        figures: list[dict[str, Any]] = importlib.import_module(f"bench.{name}").run()
    except Exception as error:  # Its scratch portal must be taken down whatever broke.
        print(f"{name} failed: {error!r}", file=sys.stderr)
        return []
    return figures


def write(name: str, figures: list[dict[str, Any]]) -> None:
    """Puts the figures into the results file, keeping those of benchmarks that did not run this time."""
    kept = json.loads(RESULTS.read_text())["benchmarks"] if RESULTS.exists() else {}
    if figures:
        kept[name] = figures
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    answer = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "benchmarks": kept,
    }
    RESULTS.write_text(json.dumps(answer, indent=2, sort_keys=True) + "\n")


def show(name: str, figures: list[dict[str, Any]]) -> None:
    """Prints the table of one benchmark."""
    print(f"{name:<58} {'ours':>10} {'rival':>10} {'ratio':>8}  unit")
    for figure in figures:
        print(
            f"  {figure['name']:<56} {figure['ours']:>10.4g} {figure['rival']:>10.4g}"
            f" {figure['ratio']:>8.3g}  {figure['unit']}"
        )
        print(f"      {figure['note']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
