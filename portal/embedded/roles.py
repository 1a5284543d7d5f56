"""The portal's own processes as the supervisor starts them: web, worker, beat, and the preparation before them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.processes import spawn

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class PythonProgram:
    """A child running Python with the portal's code."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    grace: float
    keep: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM

    def launch(self, output: int | None) -> "subprocess.Popen[bytes]":
        """Starts it; when the supervisor dies the kernel kills it, as all it knows is in PostgreSQL."""
        return spawn(
            [sys.executable, *self.arguments],
            output=output,
            death_signal=signal.SIGKILL,
            environment={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            cwd=ROOT,
            keep=self.keep,
        )

    def is_ready(self) -> bool:
        """Nothing asks it anything."""
        return True


@dataclass
class Web(PythonProgram):
    """The web server, which can be asked whether it answers."""

    address: tuple[str, int] = ("127.0.0.1", 0)

    def is_ready(self) -> bool:
        """Whether /healthz answers 200."""
        with contextlib.suppress(OSError), socket.create_connection(self.address, 2) as client:
            client.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in client.recv(64)
        return False


def web(
    listening: socket.socket, *, workers: int, threads: int, environment: Mapping[str, str]
) -> Web:
    """Serves the pages and the API on a socket that is already bound."""
    descriptor = listening.fileno()
    host, port = listening.getsockname()[:2]
    return Web(
        "web",
        ("-m", "portal.embedded.web", str(descriptor), str(workers), str(threads)),
        environment,
        grace=4.0,
        keep=(descriptor,),
        address=("127.0.0.1" if host == "0.0.0.0" else host, port),
    )


def worker(*, processes: int, environment: Mapping[str, str]) -> PythonProgram:
    """The Celery worker. In processes and not threads: only those have a time limit that ends a stuck task."""
    return PythonProgram(
        "worker",
        (
            *("-m", "celery", "-q", "-A", "portal.celery", "worker", "--pool=prefork"),
            *(f"--concurrency={processes}", "--without-gossip", "--without-mingle"),
            *("--hostname=worker@gatehouse", "--loglevel=INFO"),
        ),
        environment,
        grace=4.0,
    )


def beat(*, environment: Mapping[str, str]) -> PythonProgram:
    """Celery beat, which sends the tick; a second one anywhere would be harmless."""
    return PythonProgram(
        "beat",
        ("-m", "celery", "-q", "-A", "portal.celery", "beat", "--pidfile=", "--loglevel=WARNING"),
        environment,
        grace=3.0,
    )


def prepare(contents: str, *, environment: Mapping[str, str]) -> PythonProgram:
    """Migrates and brings in the first contents, `demo` or `empty`; ends by itself."""
    return PythonProgram(
        "prepare", ("manage.py", "prepare", f"--{contents}"), environment, grace=3.0
    )
