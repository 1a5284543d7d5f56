"""Real portals for the tests: started by the command line, watched from outside, ended for good."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from portal.embedded.processes import is_alive
from portal.home import Home

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SERVER_VARIABLES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_HOME", "PORTAL_ENV")


def clean_environment(**more: str) -> dict[str, str]:
    """This process' environment without the test run's own servers."""
    kept = {key: value for key, value in os.environ.items() if key not in SERVER_VARIABLES}
    return {**kept, **more}


@contextmanager
def scratch_home(name: str = "home") -> Iterator[Home]:
    """A home outside pytest's own folder, which is closed to the account that root's servers run under."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-test-home-"))
    folder.chmod(0o711 if os.getuid() == 0 else 0o700)
    home = Home.at(folder / name)
    try:
        yield home
    finally:
        for pid in processes_of(home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home.sockets, ignore_errors=True)


def processes_of(home: Home) -> set[int]:
    """Every living process that works for a home: by its folder, command line or environment."""
    mark = os.fsencode(home.root)
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                facts = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                facts += os.fsencode(os.readlink(entry / "cwd"))
                if mark in facts and is_alive(int(entry.name)):
                    found.add(int(entry.name))
    return found


def free_port() -> int:
    """A port nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(claim: Callable[[], bool], seconds: float) -> bool:
    """Whether the claim became true within the time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if claim():
            return True
        time.sleep(0.05)
    return claim()


class RunningPortal:
    """One `manage.py up --empty`, which can be started again over the same home."""

    def __init__(
        self,
        home: Home,
        *,
        port: int | None = None,
        user: int | None = None,
        python: str = sys.executable,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.home = home
        self.variables = variables or {}
        self.port = port or free_port()
        self.user = user
        self.python = python
        # Beside the home, and removed with it.
        self.log = Path(tempfile.mkstemp(prefix="log-", dir=home.root.parent)[1])
        self.started_at = 0
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Starts it, the first time or again."""
        self.started_at = self.log.stat().st_size
        # Another interpreter than the virtual environment's must be told where the packages are.
        packages = "" if self.python == sys.executable else sysconfig.get_path("purelib")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(self.python, "manage.py", "up", "--empty"),
                    *("--home", self.home.root, "--port", str(self.port)),
                ],
                cwd=ROOT,
                env=clean_environment(
                    HOME=str(self.home.root.parent), PYTHONPATH=packages, **self.variables
                ),
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        return self.process

    def status(self, path: str = "/readyz") -> int:
        """The HTTP status of one page, 0 when nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    def is_ready(self, seconds: float = 120) -> bool:
        """Whether it said so and its database answers, within the time."""

        def is_decided() -> bool:
            return self.process.poll() is not None or (
                "ready after" in self.said() and self.status() == 200
            )

        return eventually(is_decided, seconds) and self.process.poll() is None

    def said(self) -> str:
        """What it printed since its last start."""
        return self.said_ever()[self.started_at :].decode(errors="replace")

    def said_ever(self) -> bytes:
        """Everything it printed."""
        return self.log.read_bytes()

    def pids(self, word: str) -> list[int]:
        """Processes of the home whose command line contains a word."""
        found = []
        for pid in processes_of(self.home):
            with suppress(OSError):
                if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return sorted(found)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Asks it to stop and returns the seconds that took; one that has ended stays so."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=20)
        return time.monotonic() - started
