"""Watches the `make` that started the portal, because make does not hand on every wish to stop.

A Ctrl-C in the terminal reaches the whole process group. A SIGINT sent to make alone does not: make stops catching it
and waits for its child, forever (`fatal_error_signal` in GNU make's commands.c), and a killed make says nothing at all.
"""

import contextlib
import os
import re
import signal
from pathlib import Path


class Invoker:
    """The parent process, if it is make; anything else is none of our business."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._is_make = self._read("comm").strip() in {"make", "gmake"}
        self._did_catch = self._catches_interrupt()

    def gave_up(self) -> bool:
        """Whether make has ended, or was asked to stop and waits for us."""
        if not self._is_make:
            return False
        return os.getppid() != self._pid or (self._did_catch and not self._catches_interrupt())

    def _catches_interrupt(self) -> bool:
        mask = re.search(r"^SigCgt:\s*([0-9a-f]+)", self._read("status"), re.MULTILINE)
        return mask is not None and bool(int(mask[1], 16) >> (signal.SIGINT - 1) & 1)

    def _read(self, name: str) -> str:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self._pid}/{name}").read_text(encoding="utf-8", errors="replace")
        return ""
