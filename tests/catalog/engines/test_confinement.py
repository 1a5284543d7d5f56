"""What the kernel takes away from a worker, tried from inside one without DuckDB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PRELUDE = """
import os, socket, sys
from pathlib import Path
from catalog.engines import confinement
folder = Path(sys.argv[1])
held = confinement.confine_files(readable=[folder / "open.txt"], writable=[folder / "scratch"])
print("held" if held else "no landlock", flush=True)
"""
ATTEMPTS = {
    "read a file beside its own": "(folder / 'closed.txt').read_text()",
    "list a folder": "list(folder.iterdir())",
    "write beside its scratch folder": "(folder / 'new.txt').write_text('x')",
    "write the warehouse": "(folder / 'open.txt').write_text('x')",
    "start a program": "os.execv('/bin/true', ['true'])",
    "connect out": "socket.create_connection(('127.0.0.1', 9), timeout=1)",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "go on in a thread": "import threading; failures = []; threading.excepthook = lambda e: failures.append(e);"
    " t = threading.Thread(target=lambda: (folder / 'closed.txt').read_text()); t.start(); t.join();"
    " raise failures[0].exc_value",
}


def confined(folder: Path, attempt: str) -> list[str]:
    """What a confined process prints; the last line says how the attempt went."""
    (folder / "scratch").mkdir(exist_ok=True)
    (folder / "open.txt").write_text("open")
    (folder / "closed.txt").write_text("closed")
    script = (
        PRELUDE
        + f"try:\n    {attempt}\n    print('done')\nexcept OSError as error:\n    print(error.errno)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    lines = answer.stdout.split()
    if lines[:1] != ["held"]:
        pytest.skip("this kernel has no Landlock")
    return lines


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_confined_process_cannot(tmp_path: Path, attempt: str) -> None:
    assert confined(tmp_path, attempt)[-1] == "13"


def test_a_confined_process_still_reads_its_file_and_writes_its_scratch(tmp_path: Path) -> None:
    allowed = "(folder / 'open.txt').read_text(); (folder / 'scratch' / 'x').write_text('x')"

    assert confined(tmp_path, allowed)[-1] == "done"


def test_memory_beyond_the_limit_is_an_error_not_a_swollen_machine(tmp_path: Path) -> None:
    script = (
        "from catalog.engines import confinement;"
        "confinement.limit_resources(bytes_memory=200 << 20, bytes_file=1 << 20); bytearray(400 << 20)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert "MemoryError" in answer.stderr
