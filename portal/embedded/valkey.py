"""The embedded Valkey: the queue between the web and the worker, over one unix socket.

Nothing lives only here. When its append-only file cannot be read after a crash, the file is set aside and an empty
server starts: the outbox in PostgreSQL sends again whatever was lost.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.accounts import Account
from portal.embedded.binaries import Unavailable
from portal.embedded.postgres import own
from portal.embedded.processes import end_orphan, listener, spawn
from portal.embedded.sockets import make_sockets
from portal.home import Home

CONFIGURATION = """\
# Written by Gatehouse at every start; changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
loglevel warning
"""


@dataclass
class Valkey:
    """How to start and recognise the Valkey of one home."""

    home: Home
    binary: Path
    account: Account
    name: str = field(default="valkey", init=False)
    stop_signal: signal.Signals = field(default=signal.SIGTERM, init=False)
    grace: float = field(default=3.0, init=False)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.home.sockets / "valkey.sock"

    def launch(self, output: int | None) -> "subprocess.Popen[bytes]":
        """Writes the configuration and starts the server, setting aside data it could not read last time."""
        make_sockets(self.home.sockets, self.account)
        folder = self.home.valkey
        folder.mkdir(mode=0o700, exist_ok=True)
        self._set_damage_aside()
        configuration = folder / "valkey.conf"
        configuration.write_text(
            CONFIGURATION.format(socket=_quoted(self.socket), folder=_quoted(folder)),
            encoding="utf-8",
        )
        own(folder, self.account)
        self._end_orphan()
        self.socket.unlink(missing_ok=True)
        self._mark.touch()
        return spawn(
            [self.binary, configuration],
            output=output,
            death_signal=signal.SIGTERM,
            account=self.account,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd=folder,
        )

    def is_ready(self) -> bool:
        """Whether a server answers on our socket, has loaded its data and works in our folder."""
        if not self._answer(b"PING\r\n").startswith(b"+PONG"):
            return False
        is_ours = os.fsencode(self.home.valkey) in self._answer(b"CONFIG GET dir\r\n")
        if is_ours:
            self._mark.unlink(missing_ok=True)
        return is_ours

    @property
    def _mark(self) -> Path:
        """There from launch until the first answer; still there at the next launch, the last one never got so far."""
        return self.home.state / "valkey-starting"

    def _set_damage_aside(self) -> None:
        data = self.home.valkey / "appendonlydir"
        if self._mark.exists() and data.exists():
            data.rename(data.with_name(f"set-aside-{int(time.time())}"))

    def _end_orphan(self) -> None:
        """Two servers appending to one file would spoil it, and Valkey itself takes no lock."""
        orphan = listener(self.socket)
        if orphan and not end_orphan(orphan, ((signal.SIGTERM, 4), (signal.SIGKILL, 2))):
            raise Unavailable(f"Another Valkey (process {orphan}) uses {self.home.valkey}.")

    def _answer(self, question: bytes) -> bytes:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(question)
            return client.recv(4096)
        return b""


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
