"""One DuckDB worker as its user sees it: a process that answers requests over two pipes and can be killed.

Workers are copies of one nursery per web process, see `duckdb_nursery`.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from catalog.engines import shared_memory
from catalog.engines.base import Cause, EngineError
from catalog.engines.frames import Frame, Kind, TooLate, Torn, read_frame, widen, write_frame

ROOT = Path(__file__).resolve().parents[2]
FOLDER_PREFIX = "gatehouse-worker-"
START_SECONDS = 20.0
# The nursery gets neither this process's environment nor its working folder, and no module but those it names.
PROGRAM = (
    "import sys; sys.path.append({root!r}); from catalog.engines.duckdb_nursery import main; main()"
)
ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC", "PATH": ""}
# Seconds of processor time after which a query gets what others leave of it. What was given up does not come back.
MAKE_WAY_AFTER = 1.0

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
    """One process, the two pipes to it and, where the system has it, memory shared with it."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.signature = signature_of(path)
        self._folder = tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-")
        theirs, self._requests = os.pipe()
        self._output, answers = os.pipe()
        widen(self._output)
        self._shared = shared_memory.reader()
        shared = () if self._shared is None else self._shared.theirs
        words = {
            "path": path,
            "folder": self._folder,
            "threads": limits.threads,
            "bytes_memory": limits.bytes_memory,
            "bytes_temporary": limits.bytes_temporary,
            "make_way_after": MAKE_WAY_AFTER,
        }
        try:
            self.pid, self._handle = _forked(json.dumps(words).encode(), theirs, answers, *shared)
        except BaseException:
            self._let_go(self._requests, self._output)
            raise
        finally:
            for descriptor in (theirs, answers, *shared):
                os.close(descriptor)
        self._is_dead = False
        # Whether it stood back for others, which it can never take back.
        self.is_spent = False
        # The kernel's walls by name, and whether each stands; known once the worker is ready.
        self.walls: dict[str, bool] = {}
        self.is_short = False
        # Called when it stands back for others.
        self.stood_back: Callable[[], object] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the process can still take a request."""
        return not self._is_dead and not self._has_ended(0)

    def ask(self, verb: str, *, deadline: float, **arguments: Any) -> None:
        """Sends one request; its answer comes through `next_frame`."""
        request = {"verb": verb, "seconds": deadline - time.monotonic(), **arguments}
        try:
            write_frame(self._requests, Frame(Kind.REQUEST, json.dumps(request).encode()))
        except OSError as error:
            raise EngineError("crash") from error

    def next_frame(self, *, deadline: float) -> Frame:
        """The next frame of the answer.

        Errors: `EngineError` of cause `deadline`, `crash`, or the one the worker names.
        """
        try:
            while (frame := read_frame(self._output, deadline=deadline)).kind is Kind.SLOW:
                self.is_spent = True
                if self.stood_back is not None:
                    self.stood_back()
        except TooLate:
            raise EngineError("deadline") from None
        except (Torn, OSError):
            raise EngineError(self._cause_of_death(deadline)) from None
        if frame.kind in (Kind.END, Kind.ANSWER, Kind.FAILURE):
            self.is_spent = self.is_spent or bool(frame.rows)
        if frame.kind is Kind.FAILURE:
            raise EngineError(_known(frame.payload.decode()))
        return self._copied(frame) if frame.kind is Kind.SHARED else frame

    def _copied(self, frame: Frame) -> Frame:
        """The batch that lies where the frame says."""
        if self._shared is None:
            raise EngineError("crash")
        try:
            return Frame(Kind.BATCH, self._shared.taken(frame.payload), frame.rows)
        except ValueError:
            raise EngineError("crash") from None

    def rest(self) -> None:
        """Gives back what only a running query needs."""
        if self._shared is not None:
            self._shared.emptied()

    def _cause_of_death(self, deadline: float) -> Cause:
        # A worker stuck in one call past the deadline is ended by its own alarm before we look.
        return "deadline" if time.monotonic() >= deadline else "crash"

    def stop(self) -> None:
        """Ends the process now and leaves the rest to whoever reads from it, who will meet the end of the pipe."""
        with suppress(OSError):
            if self._handle is None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def kill(self) -> None:
        """Ends the process now and removes what it left; safe to repeat."""
        if self._is_dead:
            return
        self._is_dead = True
        self.stop()
        self._has_ended(None)
        self._let_go(self._requests, self._output, self._handle)

    def _let_go(self, *descriptors: int | None) -> None:
        for descriptor in descriptors:
            if descriptor is not None:
                os.close(descriptor)
        if self._shared is not None:
            self._shared.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _has_ended(self, seconds: float | None) -> bool:
        """Whether the process is gone, by its handle or its end of the pipe. Waits so long for that, or for ever."""
        poller = select.poll()
        if self._handle is None:
            poller.register(self._output, 0)
        else:
            poller.register(self._handle, select.POLLIN)
        return bool(poller.poll(seconds))


def _known(word: str) -> Cause:
    return next((cause for cause in get_args(Cause) if cause == word), "other")


def started(path: str, limits: Limits, deadline: float) -> Worker:
    """A worker that is ready for requests.

    Errors: `EngineError` of cause `crash` or `deadline` when it does not start.
    """
    try:
        worker = Worker(path, limits)
    except OSError as error:
        raise EngineError("crash") from error
    try:
        ready = worker.next_frame(deadline=min(deadline, time.monotonic() + START_SECONDS))
        if ready.kind is not Kind.READY:
            raise EngineError("crash")
        worker.walls = json.loads(ready.payload)
    except BaseException:
        worker.kill()
        raise
    return worker


# --- Where workers come from


class Nursery:
    """The process that is copied, and the socket to it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        self._orders.settimeout(START_SECONDS)
        self._lock = threading.Lock()
        with closing(theirs):
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", PROGRAM.format(root=str(ROOT)), str(os.getpid())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd=tempfile.gettempdir(),
                # Not the terminal's, whose Ctrl-C is not for us to hear; but of this session, because Linux shares
                # the processor among sessions first, and a portal must not get as little as each of its queries.
                process_group=0,
            )
        try:
            self._heard()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The process id, for tests."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def fork(self, words: bytes, *descriptors: int) -> tuple[int, int | None]:
        """The number of a new worker with these descriptors, and a handle on it where the system has any.

        Errors: `EngineError` of cause `crash` when the nursery is gone.
        """
        try:
            with self._lock:
                socket.send_fds(self._orders, [words], list(descriptors))
                number, handles = self._heard()
        except (OSError, EngineError) as error:
            # A late answer must not be taken for that of the next order.
            self.close()
            raise EngineError("crash") from error
        return int(number), handles[0] if handles else None

    def _heard(self) -> tuple[bytes, list[int]]:
        words, handles, _, _ = socket.recv_fds(self._orders, 64, 1)
        if not words:
            raise EngineError("crash")
        return words, handles

    def close(self) -> None:
        """Ends it, and with it every worker that came from it."""
        self._orders.close()
        self._process.kill()
        self._process.wait()


# The kernel's parent-death signal fires when the *thread* that started a child ends. Request threads come and go,
# so one thread that lives as long as the process starts the nursery.
_spawner: ThreadPoolExecutor | None = None
_present: Nursery | None = None
_lock = threading.Lock()


def _nursery() -> Nursery:
    """The nursery of this process, started when it is needed first or has gone."""
    global _spawner, _present
    with _lock:
        if _spawner is None:
            _spawner = ThreadPoolExecutor(1, thread_name_prefix="warehouse-spawner")
            _sweep_folders()
        if _present is None or not _present.is_alive:
            if _present is not None:
                _present.close()
            _present = _spawner.submit(Nursery).result()
        return _present


def _forked(words: bytes, *descriptors: int) -> tuple[int, int | None]:
    """See `Nursery.fork`; one that has just gone is replaced."""
    try:
        return _nursery().fork(words, *descriptors)
    except EngineError:
        return _nursery().fork(words, *descriptors)


def end_nursery() -> None:
    """Ends the nursery of this process and all its workers; the next worker starts another."""
    global _present
    with _lock:
        if _present is not None:
            _present.close()
            _present = None


def _forget() -> None:
    """A forked child must not share its parent's socket, nor its spawner thread, which did not survive the fork."""
    global _spawner, _present, _lock
    if _present is not None:
        _present._orders.close()
    _spawner, _present, _lock = None, None, threading.Lock()


def _sweep_folders() -> None:
    """Removes temporary folders left behind by processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        with suppress(OSError, ValueError):
            if folder.stat().st_uid == os.getuid() and not Path(f"/proc/{int(owner)}").exists():
                shutil.rmtree(folder, ignore_errors=True)


os.register_at_fork(after_in_child=_forget)
