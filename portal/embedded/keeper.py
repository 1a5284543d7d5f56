"""Keeps the embedded servers up for single commands, and only as long as some command needs them.

A command takes a shared lock on the home and starts this keeper when nobody runs the servers. The keeper stops them
once it can have that lock alone: when the last command has ended, by itself or by kill -9. A command that comes
meanwhile waits for the lock, then finds nothing running and starts the next keeper; so there is no moment in which
one command stops what another uses.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from portal.embedded.binaries import Unavailable
from portal.embedded.locks import FileLock
from portal.embedded.servers import READY_SECONDS, Wanted, programs, run_lock, running
from portal.home import Home

LOG = "keeper.log"


class Use:
    """One command's claim on the servers of a home: taken before it needs them, given back when it ends."""

    def __init__(self, home: Home, wanted: Wanted) -> None:
        self.home = home
        self.wanted = wanted
        self._use = FileLock(home.state / "use.lock")
        self._is_starter = False

    def begin(self) -> None:
        """Returns once the servers answer.

        Errors: `Unavailable` with the reason when they do not start.
        """
        if not self.wanted.anything:
            return
        self.home.make()
        self._use.wait_shared()
        found = programs(self.home, self.wanted)
        until = time.monotonic() + READY_SECONDS
        keeper: subprocess.Popen[bytes] | None = None
        while not all(program.is_ready() for program in found):
            if keeper is not None and keeper.poll():
                raise Unavailable(f"The embedded servers did not start: {self._last_words()}")
            if keeper is not None and keeper.poll() == 0:
                # Another command's keeper was first: its servers are the ones to wait for.
                keeper = None
            if time.monotonic() > until:
                raise Unavailable(f"The embedded servers do not answer; see {self.home.state}")
            if keeper is None and self._nobody_runs_them():
                keeper = self._start_keeper()
            time.sleep(0.03)
        self._is_starter = keeper is not None

    def finish(self) -> None:
        """Gives the claim back; who started the servers also waits until they are gone, unless others use them."""
        self._use.release()
        if self._is_starter:
            until = time.monotonic() + 10
            while time.monotonic() < until and not self._nobody_runs_them():
                if not self._could_stop():
                    return
                time.sleep(0.03)

    def _nobody_runs_them(self) -> bool:
        with run_lock(self.home) as lock:
            return lock.try_exclusive()

    def _could_stop(self) -> bool:
        """False while another command holds the servers; the keeper holding the lock alone means it is stopping."""
        with FileLock(self._use.path) as lock:
            return lock.try_exclusive() or not lock.try_shared()

    def _start_keeper(self) -> "subprocess.Popen[bytes]":
        with (self.home.state / LOG).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "portal.embedded.keeper", self.home.root],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).resolve().parent.parent.parent,
                start_new_session=True,
            )

    def _last_words(self) -> str:
        return (self.home.state / LOG).read_text(encoding="utf-8", errors="replace")[-800:].strip()


def keep(home: Home) -> None:
    """Runs the servers until no command holds the home any more."""
    with run_lock(home) as lock, FileLock(home.state / "use.lock") as use:
        # Another starter may have been first: then this keeper is not needed.
        if not lock.try_exclusive():
            return
        lock.path.write_text("command", encoding="ascii")
        with running(home, Wanted.from_environment()):
            while not use.try_exclusive():
                time.sleep(0.1)


if __name__ == "__main__":
    os.umask(0o077)
    try:
        keep(Home.at(sys.argv[1]))
    except Unavailable as error:
        sys.exit(str(error))
