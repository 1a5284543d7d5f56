"""A real web server over the scratch portal, and people who call its API over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from access.clock import database_now
from access.models import Principal
from access.people import tokens

ROOT = Path(__file__).resolve().parent.parent
ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"


@dataclass(frozen=True)
class Web:
    """The server: its port, and the processes that serve."""

    port: int
    main: int

    @property
    def processes(self) -> list[int]:
        """The web processes, without the one that only watches over them."""
        return [
            pid
            for task in Path(f"/proc/{self.main}/task").iterdir()
            for pid in map(int, (task / "children").read_text().split())
        ]

    def bytes_resident(self, peak: bool = False) -> int:
        """The memory of the largest web process, now or at its peak so far."""
        word = "VmHWM" if peak else "VmRSS"
        return max(
            int(line.split()[1]) << 10
            for pid in self.processes
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith(word)
        )

    def ask(self, secret: str, sql: str, accept: str = ARROW) -> http.client.HTTPResponse:
        """The open answer to one query."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps({"sql": sql, "schema": "shop"})
        headers = {
            "Authorization": f"Bearer {secret}",
            "Accept": accept,
            "Content-Type": "application/json",
        }
        connection.request("POST", "/api/v1/queries", body, headers)
        return connection.getresponse()


@contextmanager
def serving(processes: int = 2) -> Iterator[Web]:
    """The web server for as long as something is measured."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        port = listening.getsockname()[1]
        descriptor = listening.fileno()
        words = (str(descriptor), str(processes), str(settings.WEB_THREADS))
        server = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded.web", *words],
            pass_fds=(descriptor,),
            cwd=ROOT,
            env={**os.environ, "PORTAL_HOSTS": "127.0.0.1", "PORTAL_PORT": str(port)},
        )
        try:
            _wait_until_it_answers(port)
            yield Web(port, server.pid)
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_it_answers(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            client.request("GET", "/healthz")
            if client.getresponse().status == 200:
                return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def token(person: Principal) -> str:
    """A token of somebody."""
    _, secret = tokens.issue(person, actor=None, now=database_now())
    return secret


def figure(
    name: str, ours: float, rival: float, unit: str, note: str, ratio: float | None = None
) -> dict[str, Any]:
    """One row of the table; `ratio` is given where it is not simply ours by the rival's."""
    return {
        "name": name,
        "ours": round(ours, 4),
        "rival": round(rival, 4),
        "ratio": round(ours / rival if ratio is None else ratio, 4),
        "unit": unit,
        "note": note,
    }
