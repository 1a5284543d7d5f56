"""What a `${...}` reference in a warehouse's URL stands for: a variable, a file's content, a command's output.

Resolved whenever a connection is made, so that a secret may change without a restart. Nothing that was read here may
appear in a log or an error.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
import time
from pathlib import Path

from catalog.engines.base import EngineError

COMMAND_SECONDS = 10.0
# A vault asked for every connection of a busy portal would be a burden; a rotated secret arrives a little later.
KEPT_SECONDS = 30.0
LONGEST = 10_000

_kept: dict[str, tuple[float, str]] = {}
_lock = threading.Lock()


def value_of(kind: str | None, name: str) -> str:
    """The value behind `${NAME}`, `${file:PATH}` or `${command:WORDS}`, without a line end at its end.

    Errors: `EngineError` naming the variable or file, never a value; of a command, only that it failed.
    """
    if kind == "file":
        return _content(Path(name))
    if kind == "command":
        return _output(name)
    found = os.environ.get(name)
    if found is None:
        raise EngineError("unreachable", f"The environment does not define {name}.")
    return found


def _content(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST).rstrip("\r\n")
    except (OSError, ValueError):
        raise EngineError("unreachable", f"The secret file {path} cannot be read.") from None


def _output(command: str) -> str:
    with _lock:
        until, found = _kept.get(command, (0.0, ""))
        if until < time.monotonic():
            found = _run(command)
            _kept[command] = (time.monotonic() + KEPT_SECONDS, found)
        return found


def _run(command: str) -> str:
    """The command's words, without a shell. Its error output may repeat secrets, so it is dropped."""
    try:
        answer = subprocess.run(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=True,
        )
        return answer.stdout[:LONGEST].decode().rstrip("\r\n")
    except (OSError, ValueError, subprocess.SubprocessError):
        raise EngineError(
            "unreachable", "The command that gives the warehouse's secret failed."
        ) from None
