"""Warm, killable worker processes for one DuckDB file, shared by the threads of this process.

A worker serves one request at a time and is killed, not asked, when its deadline passes or its reader leaves early.
Idle workers are thrown away when the file underneath them changed.
"""

from __future__ import annotations

import atexit
import os
import threading
import time

from catalog.engines.base import EngineError
from catalog.engines.duckdb_process import Limits, Worker, end_nursery, signature_of, started


class Pool:
    """The workers of one file in this process: at most `limits.workers` at once, a few kept warm."""

    def __init__(self, path: str, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._idle: list[Worker] = []
        self._slots = {
            False: threading.BoundedSemaphore(limits.workers),
            True: threading.BoundedSemaphore(limits.answers),
        }
        self._lock = threading.Lock()

    def take(self, *, deadline: float, is_short: bool = False) -> Worker:
        """A worker for one request; return it with `give_back` or `discard`.

        `is_short` takes one of those kept for answers that need no waiting.

        Errors: `EngineError` of cause `busy` when every worker stays busy until the deadline, `unreachable` when
        the file is not there or a worker does not start.
        """
        slots = self._slots[is_short]
        if not slots.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise EngineError("busy", "Every worker of this warehouse is busy. Try again.")
        try:
            worker = self._warm() or started(self._path, self._limits, deadline)
        except BaseException:
            slots.release()
            raise
        worker.is_short = is_short
        return worker

    def _warm(self) -> Worker | None:
        current = signature_of(self._path)
        if current[0] is None:
            raise EngineError("unreachable", "The warehouse file is not there.")
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None or (worker.is_alive and worker.signature == current):
                return worker
            worker.kill()

    def give_back(self, worker: Worker) -> None:
        """Keeps a worker that finished its request."""
        worker.stood_back = None
        worker.rest()
        # Once it is idle it may be somebody else's already.
        is_short = worker.is_short
        with self._lock:
            keep = (
                worker.is_alive
                and not worker.is_spent
                and len(self._idle) < self._limits.idle_workers
            )
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.kill()
        self._slots[is_short].release()

    def discard(self, worker: Worker) -> None:
        """Kills a worker that must not be used again."""
        worker.kill()
        self._slots[worker.is_short].release()

    def close(self) -> None:
        """Kills the idle workers; busy ones are killed by whoever holds them."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()


_pools: dict[tuple[str, Limits], Pool] = {}
_registry = threading.Lock()


def pool_for(path: str, limits: Limits) -> Pool:
    """The one pool of this file in this process."""
    with _registry:
        return _pools.setdefault((path, limits), Pool(path, limits))


def close_all() -> None:
    """Kills every idle worker of this process; used at its end and by tests."""
    with _registry:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.close()


def _at_the_end() -> None:
    close_all()
    end_nursery()


def _forget() -> None:
    """A forked child must not share its parent's pipes."""
    global _registry
    _registry = threading.Lock()
    _pools.clear()


atexit.register(_at_the_end)
os.register_at_fork(after_in_child=_forget)
