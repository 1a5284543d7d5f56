"""Both embedded servers of one home together: start, wait, stop.

Whoever starts them holds the home's run lock; that, and not a process id in a file, is what "running" means.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.accounts import find_account
from portal.embedded.binaries import Unavailable, find_postgres, find_valkey
from portal.embedded.locks import FileLock
from portal.embedded.postgres import Postgres
from portal.embedded.processes import Program, end, wait_ready
from portal.embedded.sockets import remove_sockets
from portal.embedded.valkey import Valkey
from portal.home import Home

READY_SECONDS = 60


@dataclass(frozen=True)
class Wanted:
    """Which servers the portal must bring itself: those the environment names no address for."""

    database: bool
    broker: bool

    @classmethod
    def from_environment(cls) -> "Wanted":
        """Reads DATABASE_URL and REDIS_URL, or the files that stand in for them."""
        return cls(not _is_given("DATABASE_URL"), not _is_given("REDIS_URL"))

    @property
    def anything(self) -> bool:
        """Whether there is anything to start."""
        return self.database or self.broker


def _is_given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def run_lock(home: Home) -> FileLock:
    """Held by the one process that runs the home's servers."""
    return FileLock(home.state / "run.lock")


def programs(
    home: Home,
    wanted: Wanted,
    *,
    is_durable: bool = True,
    extra_access: tuple[str, ...] = (),
) -> list[Program]:
    """The wanted servers in their order of starting.

    Errors: `Unavailable` when a program is missing or cannot run under this account.
    """
    if not wanted.anything:
        return []
    postgres = find_postgres() if wanted.database else None
    valkey = find_valkey() if wanted.broker else None
    probe = postgres.postgres if postgres else valkey
    assert probe is not None
    account = find_account(home.root, probe)
    found: list[Program] = []
    if postgres:
        found.append(Postgres(home, postgres, account, is_durable, extra_access))
    if valkey:
        found.append(Valkey(home, valkey, account))
    return found


@dataclass
class Servers:
    """The running servers of one home, started and stopped by this process."""

    home: Home
    programs: list[Program]
    log: Path
    running: list[tuple[Program, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def start(self) -> None:
        """Starts the servers at once and waits until each answers.

        Errors: `Unavailable` with the end of the log when one does not; the others are stopped again.
        """
        try:
            with self.log.open("ab") as output:
                for program in self.programs:
                    self.running.append((program, program.launch(output.fileno())))
            for program, process in self.running:
                if not wait_ready(program, process, READY_SECONDS):
                    raise Unavailable(f"{program.name} did not start: {self._last_words()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the servers, last started first, and removes their sockets."""
        for program, process in reversed(self.running):
            end(process, program.stop_signal, program.grace)
        self.running.clear()
        remove_sockets(self.home.sockets)

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-800:].strip()


@contextlib.contextmanager
def running(home: Home, wanted: Wanted) -> Iterator[None]:
    """The servers for as long as the block lasts. The caller holds the run lock."""
    servers = Servers(home, programs(home, wanted), home.state / "servers.log")
    servers.start()
    try:
        yield
    finally:
        servers.stop()
