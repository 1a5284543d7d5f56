"""A tree of child processes: notices each end, repairs what can be repaired, ends as a whole.

A child that ends is started again, later each time; one that keeps ending brings the tree down with its last words
as the reason. Everything happens in one thread, which also is what PR_SET_PDEATHSIG demands.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.invoker import Invoker
from portal.embedded.journal import Journal
from portal.embedded.processes import Program, adopt_orphans, end_group, is_alive

PATIENCE = 0.5
FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
CRASHES, CRASH_SPAN = 6, 60.0


class Stopped(Exception):
    """Somebody asked the tree to stop."""


class Broken(Exception):
    """The tree cannot go on; the message is the plain reason."""


@dataclass
class Child:
    """One program with its current process, and when it ended before."""

    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    due_at: float | None = None
    ended_at: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))
    # What to do after it was started again, for those that depend on it.
    on_return: Callable[[], None] | None = None

    @property
    def delay(self) -> float:
        """Seconds to wait before the next start: none to speak of at first, then doubling."""
        recent = sum(1 for at in self.ended_at if at > time.monotonic() - CRASH_SPAN)
        return min(FIRST_DELAY * 2.0 ** max(recent - 1, 0), LONGEST_DELAY)

    @property
    def is_crash_loop(self) -> bool:
        """Whether it ended so often in so short a time that starting it again is no repair."""
        return len(self.ended_at) == CRASHES and self.ended_at[0] > time.monotonic() - CRASH_SPAN


class Tree:
    """The children of this process and the loop that watches them."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.children: list[Child] = []
        self._job: subprocess.Popen[bytes] | None = None
        self._is_stopping = False
        self._stop_reason = ""
        self._invoker = Invoker()
        adopt_orphans()
        self._listen()

    def add(self, program: Program, *, on_return: Callable[[], None] | None = None) -> Child:
        """Starts a program and keeps it running from now on."""
        child = Child(program, on_return=on_return)
        self.children.append(child)
        self._launch(child)
        return child

    def run(self, program: Program) -> None:
        """Runs a program that ends by itself, watching the others meanwhile.

        Errors: `Broken` with its last words when it does not end well; `Stopped`.
        """
        self._job = process = self._spawn(program)
        try:
            while process.poll() is None:
                self.watch()
        finally:
            end_group(process)
            self._job = None
            self.journal.drain(0)
        if process.returncode != 0:
            raise Broken(f"{program.name} failed: {self.journal.last_words(program.name)}")

    def wait_ready(self, child: Child, seconds: float) -> None:
        """Returns once the child's program answers.

        Errors: `Broken` when it does not within the time; `Stopped`.
        """
        until = time.monotonic() + seconds
        while not child.program.is_ready():
            if time.monotonic() > until:
                name = child.program.name
                raise Broken(
                    f"{name} did not become ready in {seconds:.0f} s: {self.journal.last_words(name)}"
                )
            self.watch(0.05)

    def watch(self, seconds: float = PATIENCE) -> None:
        """One round: write what children wrote, notice who ended, start again who is due.

        Errors: `Stopped` when a signal asked for it, `Broken` for a child that keeps ending.
        """
        self.journal.drain(seconds)
        if self._is_stopping:
            raise Stopped(self._stop_reason)
        if self._invoker.gave_up():
            raise Stopped("make was asked to stop")
        self._bury_strangers()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._lost(child)
            elif child.process is None and (child.due_at or 0) <= time.monotonic():
                self._launch(child)
                self.journal.say(f"{child.program.name} runs again")
                if child.on_return is not None:
                    child.on_return()

    def restart(self, child: Child) -> None:
        """Ends a child on purpose; the next round starts it again. Does not count as a crash."""
        if child.process is not None:
            self._end([child])
            child.process, child.due_at = None, time.monotonic()

    def stop(self, stages: list[list[str]]) -> None:
        """Ends the children stage by stage, each stage at once, then whatever descendants are left."""
        for names in stages:
            self._end([child for child in self.children if child.program.name in names])
        self._end(self.children)
        self._end_strays()
        self.journal.drain(0)

    # --- Signals

    def _listen(self) -> None:
        reading, writing = os.pipe()
        for descriptor in (reading, writing):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self.journal.watch(reading)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        # Without a handler the signal would not wake the loop.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._is_stopping = True
        self._stop_reason = signal.Signals(number).name

    # --- Children

    def _spawn(self, program: Program) -> "subprocess.Popen[bytes]":
        output = self.journal.open(program.name)
        try:
            return program.launch(output)
        finally:
            os.close(output)

    def _launch(self, child: Child) -> None:
        child.process = self._spawn(child.program)
        child.due_at = None

    def _lost(self, child: Child) -> None:
        assert child.process is not None
        end_group(child.process)
        self.journal.drain(0)
        name, ended = child.program.name, _how(child.process.returncode)
        child.process = None
        child.ended_at.append(time.monotonic())
        if child.is_crash_loop:
            raise Broken(
                f"{name} ended {CRASHES} times within {CRASH_SPAN:.0f} s, the last time {ended}. "
                f"Its last words: {self.journal.last_words(name)}"
            )
        child.due_at = time.monotonic() + child.delay
        self.journal.say(f"{name} ended ({ended}); starting it again in {child.delay:.1f} s")

    def _end(self, children: list[Child]) -> None:
        """Asks all at once, waits for the slowest's grace, then kills; output flows meanwhile."""
        running = [child for child in children if child.process and child.process.poll() is None]
        for child in running:
            assert child.process is not None
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(child.program.stop_signal)
        started = time.monotonic()
        while any(
            child.process is not None
            and child.process.poll() is None
            and time.monotonic() < started + child.program.grace
            for child in running
        ):
            self.journal.drain(0.05)
        for child in children:
            if child.process is not None:
                end_group(child.process)

    # --- Descendants that are not our children by launch

    def _bury_strangers(self) -> None:
        """Reaps orphans this process adopted; our own children are left to their Popen objects."""
        processes = [child.process for child in self.children] + [self._job]
        own = {process.pid for process in processes if process is not None}
        for pid in _offspring():
            if pid not in own and not is_alive(pid):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def _end_strays(self) -> None:
        for pid in _offspring():
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _offspring() -> list[int]:
    """The process ids of this process' children, from proc(5); empty where there is none."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return [int(word) for word in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def _how(returncode: int) -> str:
    if returncode >= 0:
        return f"exit code {returncode}"
    return f"killed by {signal.Signals(-returncode).name}"
