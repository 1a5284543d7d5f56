"""Starting and ending child processes so that none outlives its parent.

Each child leads its own process group (a Ctrl-C in the terminal reaches the supervisor only) and asks the kernel for
a signal when its parent dies, prctl(2) PR_SET_PDEATHSIG; so even kill -9 of the parent leaves nothing behind. The
kernel means the parent *thread*: children must be started from a thread that lives as long as the process.
"""

import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from portal.embedded.accounts import Account

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Program(Protocol):
    """Something the portal keeps running."""

    name: str
    stop_signal: signal.Signals
    grace: float

    def launch(self, output: int | None) -> "subprocess.Popen[bytes]":
        """Starts one process of it, writing to the descriptor `output`."""

    def is_ready(self) -> bool:
        """Whether it answers, and is ours."""


def die_with_parent(death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel to send this process a signal when its parent dies; does nothing where there is no prctl."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))


def adopt_orphans() -> None:
    """Makes this process the parent of its descendants' orphans, so that none escapes to process 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def spawn(
    command: Sequence[str | Path],
    *,
    output: int | None,
    death_signal: signal.Signals,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """One child in a process group of its own, dying with us; `keep` are descriptors it inherits."""
    parent = os.getpid()

    def settle() -> None:
        # Entering a namespace changes credentials, which clears the death signal: so it comes first.
        if account is not None:
            account.enter()
        die_with_parent(death_signal)
        if os.getppid() != parent and sys.platform == "linux":
            os._exit(1)

    changed = account is not None and account.is_changed
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment) if environment is not None else None,
        cwd=cwd,
        pass_fds=tuple(keep),
        start_new_session=True,
        user=account.uid if account and changed else None,
        group=account.gid if account and changed else None,
        extra_groups=[] if changed else None,
        preexec_fn=settle,
    )


def end(process: "subprocess.Popen[bytes]", stop_signal: signal.Signals, grace: float) -> None:
    """Asks the process to stop, waits `grace` seconds, then ends what is left of its group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=grace)
    end_group(process)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kills whatever of the process' group is still there, itself included, and waits for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def listener(path: Path) -> int:
    """The process that listens on a unix socket, 0 if none; as the kernel tells, so it cannot be a stranger's.

    Linux only (SO_PEERCRED in unix(7)); elsewhere 0.
    """
    if sys.platform != "linux":
        return 0
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.settimeout(2)
            client.connect(str(path))
            answer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except OSError:
            return 0
    pid: int = struct.unpack("3i", answer)[0]
    return pid


def end_orphan(pid: int, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Ends a process that is not our child, signal by signal with its seconds; whether it is gone."""
    for stop_signal, seconds in steps:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not is_alive(pid):
                return True
            time.sleep(0.03)
    return False


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rsplit(")", 1)[-1].split()[0] not in {"Z", "X"}


def wait_ready(program: Program, process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether the program answered within the time; False as soon as its process has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        if program.is_ready():
            return True
        time.sleep(0.03)
    return False
