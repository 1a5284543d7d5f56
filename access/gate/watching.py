"""Looks after results that are silent: an engine still at work, or a reader who takes their time.

Whoever reads a result has its access judged again with each batch. Where no batch comes, nobody would judge, so one
thread of this process does, and stops the engine of a result whose access ended.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import Protocol

from django.db import connection


class Watched(Protocol):
    """A result as far as its watch is concerned."""

    @property
    def is_silent(self) -> bool:
        """Whether nobody judged its access for too long."""
        ...

    def look(self) -> None:
        """Judges its access, and stops it if it ended."""
        ...


class Watch:
    """The thread and what it looks after; it ends when there is nothing, and starts again."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._thread: threading.Thread | None = None
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def over(self, result: Watched) -> None:
        """Watches a result until it is let go or nobody holds it any more."""
        with self._lock:
            self._results.add(result)
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="watch", daemon=True)
                thread.start()
                self._thread = thread

    def let_go(self, result: Watched) -> None:
        """Stops watching; safe to repeat."""
        with self._lock:
            self._results.discard(result)

    def _forget(self) -> None:
        """Threads do not survive a fork."""
        self._lock = threading.Lock()
        self._results: weakref.WeakSet[Watched] = weakref.WeakSet()
        self._thread = None

    def _run(self) -> None:
        try:
            while self._round():
                time.sleep(self._every)
        except BaseException:
            # The next result starts another thread; those of this one are still judged with their batches.
            self._thread = None
            raise

    def _round(self) -> bool:
        """Looks once at every silent result; False when there is nothing to look after."""
        with self._lock:
            results = list(self._results)
            if not results:
                self._thread = None
        try:
            for result in results:
                if result.is_silent:
                    result.look()
        finally:
            connection.close()
        return bool(results)
