"""Warm, killable worker processes for one DuckDB file, shared by the threads of this process.

A worker serves one request at a time and is killed, not asked, when its deadline passes or its reader leaves early.
Idle workers are thrown away when the file underneath them changed.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from catalog.engines.base import Cause, EngineError
from catalog.engines.frames import Frame, Kind, TooLate, Torn, read_frame, widen, write_frame

ROOT = Path(__file__).resolve().parents[2]
FOLDER_PREFIX = "gatehouse-worker-"
START_SECONDS = 20.0
# As many workers as can really work at once; beyond, a new one is started only for who waited for one to come back.
ENOUGH = max(2, os.cpu_count() or 2)
STARTS_AT_ONCE = 8
# Seconds.
BACK_WITHIN, LOOK_AGAIN = 0.1, 0.02
# The worker gets neither this process's environment nor its working folder, and no module but those it names.
PROGRAM = (
    "import sys; sys.path.append({root!r}); from catalog.engines.duckdb_worker import main; main()"
)
# Seconds of processor time after which a query gets what others leave of it. What was given up does not come back.
MAKE_WAY_AFTER = 2.0
ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC", "PATH": ""}

Signature = tuple[tuple[int, int, int, int] | None, ...]


@dataclass(frozen=True)
class Limits:
    """What one worker may take (bytes), and how many of them one process keeps per file.

    `answers` are workers besides, for descriptions and parsing: a query must be understood before it can wait.
    """

    workers: int = 32
    answers: int = 2
    idle_workers: int = 8
    threads: int = 2
    bytes_memory: int = 512 << 20
    bytes_temporary: int = 2 << 30


def signature_of(path: str) -> Signature:
    """What tells one state of the file from another: device, inode, size and time of change; also of its log."""
    return tuple(_stamp(name) for name in (path, path + ".wal"))


def _stamp(name: str) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(name)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Worker:
    """One process and the two pipes to it."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.signature = signature_of(path)
        self._folder = tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-")
        self._output, theirs = os.pipe()
        widen(self._output)
        try:
            self._process = self._start(path, limits, theirs)
        except OSError:
            os.close(self._output)
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        finally:
            os.close(theirs)
        self._is_dead = False
        # Whether it stood back for others, which it can never take back.
        self.is_spent = False
        # The kernel's walls by name, and whether each stands; known once the worker is ready.
        self.walls: dict[str, bool] = {}
        self.is_short = False

    def _start(self, path: str, limits: Limits, output: int) -> subprocess.Popen[bytes]:
        settings = {
            "path": path,
            "folder": self._folder,
            "output": output,
            "parent": os.getpid(),
            "threads": limits.threads,
            "bytes_memory": limits.bytes_memory,
            "bytes_temporary": limits.bytes_temporary,
            "make_way_after": MAKE_WAY_AFTER,
        }
        return subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM.format(root=str(ROOT)), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(output,),
            env=ENVIRONMENT,
            cwd=self._folder,
            # Not the terminal's, whose Ctrl-C is not for us to hear; but of this session, because Linux shares the
            # processor among sessions first, and a portal must not get as little as each of its queries.
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """The process id, for tests and for the doctor."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process can still take a request."""
        return not self._is_dead and self._process.poll() is None

    def ask(self, verb: str, *, deadline: float, **arguments: Any) -> None:
        """Sends one request; its answer comes through `next_frame`."""
        request = {"verb": verb, "seconds": deadline - time.monotonic(), **arguments}
        assert self._process.stdin is not None
        try:
            write_frame(
                self._process.stdin.fileno(), Frame(Kind.REQUEST, json.dumps(request).encode())
            )
        except OSError as error:
            raise EngineError("crash") from error

    def next_frame(self, *, deadline: float) -> Frame:
        """The next frame of the answer.

        Errors: `EngineError` of cause `deadline`, `crash`, or the one the worker names.
        """
        try:
            frame = read_frame(self._output, deadline=deadline)
        except TooLate:
            raise EngineError("deadline") from None
        except (Torn, OSError):
            raise EngineError(self._cause_of_death(deadline)) from None
        if frame.kind in (Kind.END, Kind.ANSWER, Kind.FAILURE):
            self.is_spent = bool(frame.rows)
        if frame.kind is Kind.FAILURE:
            raise EngineError(_known(frame.payload.decode()))
        return frame

    def _cause_of_death(self, deadline: float) -> Cause:
        # A worker stuck in one call past the deadline is ended by its own alarm before we look.
        return "deadline" if time.monotonic() >= deadline else "crash"

    def stop(self) -> None:
        """Ends the process now and leaves the rest to whoever reads from it, who will meet the end of the pipe."""
        with suppress(OSError):
            self._process.kill()

    def kill(self) -> None:
        """Ends the process now and removes what it left; safe to repeat."""
        if self._is_dead:
            return
        self._is_dead = True
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        os.close(self._output)
        shutil.rmtree(self._folder, ignore_errors=True)


def _known(word: str) -> Cause:
    return next((cause for cause in get_args(Cause) if cause == word), "other")


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
        self._came_back = threading.Condition(self._lock)
        # Workers that are idle, busy or starting, and those that are starting.
        self._n_alive = 0
        self._n_starting = 0

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
            worker = self._warm() or self._returned(deadline) or self._new(deadline)
        except BaseException:
            slots.release()
            raise
        worker.is_short = is_short
        return worker

    def _returned(self, deadline: float) -> Worker | None:
        """A worker that somebody gives back soon; None when a new one is to be started, which is then counted.

        Starting one takes half a second of a processor. When many come at once, two who share a worker are both
        served before a second one stands.
        """
        until = min(deadline, time.monotonic() + BACK_WITHIN)
        while True:
            with self._lock:
                is_due = self._n_alive < ENOUGH or time.monotonic() >= until
                if is_due and self._n_starting < STARTS_AT_ONCE:
                    self._n_starting += 1
                    self._n_alive += 1
                    return None
                if time.monotonic() >= deadline:
                    raise EngineError("busy", "Every worker of this warehouse is busy. Try again.")
                self._came_back.wait(LOOK_AGAIN)
            if (worker := self._warm()) is not None:
                return worker

    def _new(self, deadline: float) -> Worker:
        try:
            return _started(self._path, self._limits, deadline)
        except BaseException:
            self._gone()
            raise
        finally:
            with self._lock:
                self._n_starting -= 1
                self._came_back.notify_all()

    def _gone(self) -> None:
        with self._lock:
            self._n_alive -= 1
            self._came_back.notify_all()

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
            self._gone()

    def give_back(self, worker: Worker) -> None:
        """Keeps a worker that finished its request."""
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
                self._came_back.notify_all()
        if not keep:
            worker.kill()
            self._gone()
        self._slots[is_short].release()

    def discard(self, worker: Worker) -> None:
        """Kills a worker that must not be used again."""
        worker.kill()
        self._gone()
        self._slots[worker.is_short].release()

    def close(self) -> None:
        """Kills the idle workers; busy ones are killed by whoever holds them."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()
            self._gone()


def _started(path: str, limits: Limits, deadline: float) -> Worker:
    worker = _spawn(lambda: Worker(path, limits))
    try:
        ready = worker.next_frame(deadline=min(deadline, time.monotonic() + START_SECONDS))
        if ready.kind is not Kind.READY:
            raise EngineError("crash")
        worker.walls = json.loads(ready.payload)
    except BaseException:
        worker.kill()
        raise
    return worker


# The kernel's parent-death signal fires when the *thread* that started a child ends. Request threads come and go,
# so one thread that lives as long as the process starts every worker.
_spawner: ThreadPoolExecutor | None = None
_pools: dict[tuple[str, Limits], Pool] = {}
_registry = threading.Lock()


def _spawn(start: Callable[[], Worker]) -> Worker:
    global _spawner
    with _registry:
        if _spawner is None:
            _spawner = ThreadPoolExecutor(1, thread_name_prefix="warehouse-spawner")
            _sweep_folders()
        spawner = _spawner
    return spawner.submit(start).result()


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


def _forget() -> None:
    """A forked child must not share its parent's pipes, nor its spawner thread, which did not survive the fork."""
    global _spawner, _registry
    _spawner, _registry = None, threading.Lock()
    _pools.clear()


def _sweep_folders() -> None:
    """Removes temporary folders left behind by processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        with suppress(OSError, ValueError):
            if folder.stat().st_uid == os.getuid() and not Path(f"/proc/{int(owner)}").exists():
                shutil.rmtree(folder, ignore_errors=True)


atexit.register(close_all)
os.register_at_fork(after_in_child=_forget)
