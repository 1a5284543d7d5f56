"""What the kernel takes away from a worker, tried from inside one without DuckDB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PRELUDE = """
import os, socket, sys
from pathlib import Path
from catalog.engines import confinement
folder = Path(sys.argv[1])
held = confinement.confine_files(readable=[folder / "open.txt"], writable=[folder / "scratch"])
print("held" if held else "no landlock", flush=True)
"""
ATTEMPTS = {
    "read a file beside its own": "(folder / 'closed.txt').read_text()",
    "list a folder": "list(folder.iterdir())",
    "write beside its scratch folder": "(folder / 'new.txt').write_text('x')",
    "write the warehouse": "(folder / 'open.txt').write_text('x')",
    "start a program": "os.execv('/bin/true', ['true'])",
    "connect out": "socket.create_connection(('127.0.0.1', 9), timeout=1)",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "go on in a thread": "import threading; failures = []; threading.excepthook = lambda e: failures.append(e);"
    " t = threading.Thread(target=lambda: (folder / 'closed.txt').read_text()); t.start(); t.join();"
    " raise failures[0].exc_value",
}


def confined(folder: Path, attempt: str) -> list[str]:
    """What a confined process prints; the last line says how the attempt went."""
    (folder / "scratch").mkdir(exist_ok=True)
    (folder / "open.txt").write_text("open")
    (folder / "closed.txt").write_text("closed")
    script = (
        PRELUDE
        + f"try:\n    {attempt}\n    print('done')\nexcept OSError as error:\n    print(error.errno)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    lines = answer.stdout.split()
    if lines[:1] != ["held"]:
        pytest.skip("this kernel has no Landlock")
    return lines


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_confined_process_cannot(tmp_path: Path, attempt: str) -> None:
    assert confined(tmp_path, attempt)[-1] == "13"


def test_a_confined_process_still_reads_its_file_and_writes_its_scratch(tmp_path: Path) -> None:
    allowed = "(folder / 'open.txt').read_text(); (folder / 'scratch' / 'x').write_text('x')"

    assert confined(tmp_path, allowed)[-1] == "done"


def test_memory_beyond_the_limit_is_an_error_not_a_swollen_machine(tmp_path: Path) -> None:
    script = (
        "from catalog.engines import confinement;"
        "confinement.limit_resources(bytes_memory=200 << 20, bytes_file=1 << 20); bytearray(400 << 20)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert "MemoryError" in answer.stderr


FORBIDDEN = {
    "a network socket": "socket.socket()",
    "a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a socket of this machine": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
    "another process": "os.fork()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a program by a library call": "subprocess.run(['/bin/true'])",
    "a program from memory": "os.memfd_create('x')",
    "a signal to its parent": "os.kill(os.getppid(), 0)",
    "a handle on its parent": "os.pidfd_open(os.getppid())",
    "reading its parent's memory": "raw(310, 270, os.getppid(), 0, 0, 0, 0, 0)",
    "tracing its parent": "raw(101, 117, 16, os.getppid(), 0, 0)",
    "a file system": "libc_says(libc.mount(b'none', b'/mnt', b'tmpfs', 0, None))",
    "another root": "os.chroot('/')",
    "another namespace": "raw(272, 97, 0x10000000)",
    "a program in the kernel": "raw(321, 280, 0, 0, 0)",
    "a queue past the filter": "raw(425, 425, 1, 0)",
    "the limits of its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "the same from a thread": "in_a_thread(socket.socket)",
}
WALLED = """
import ctypes, os, platform, resource, socket, subprocess, threading
from catalog.engines import confinement, seccomp
libc = ctypes.CDLL(None, use_errno=True)

def libc_says(answer):
    if answer == -1:
        raise OSError(ctypes.get_errno(), "")

def raw(intel, arm, *arguments):
    libc_says(libc.syscall(intel if platform.machine() == "x86_64" else arm, *arguments))

def in_a_thread(act):
    failures = []
    threading.excepthook = lambda thrown: failures.append(thrown.exc_value)
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    raise failures[0]

confinement.limit_resources(bytes_memory=1 << 30, bytes_file=1 << 20)
print("held" if {wall} else "no seccomp", flush=True)
"""


def tried(attempt: str, wall: str = "seccomp.forbid_system_calls()") -> list[str]:
    """What a process behind the filter prints; the last word says how the attempt went."""
    script = WALLED.replace("{wall}", wall)
    script += (
        f"try:\n    {attempt}\n    print('done')\nexcept OSError as error:\n    print(error.errno)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    words = answer.stdout.split()
    if words[:1] != ["held"]:
        pytest.skip("this system has no seccomp filters")
    return words


@pytest.mark.parametrize("attempt", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_filter_refuses(attempt: str) -> None:
    assert tried(attempt)[-1] == "1"


@pytest.mark.parametrize("attempt", ["socket.socket()", "subprocess.run(['/bin/true'])"])
def test_what_the_filter_refuses_goes_without_it(attempt: str) -> None:
    assert tried(attempt, wall="True")[-1] == "done"


@pytest.mark.parametrize(
    "attempt",
    [
        "thread = threading.Thread(target=print); thread.start(); thread.join()",
        "resource.getrlimit(resource.RLIMIT_DATA)",
        "import signal; signal.raise_signal(signal.SIGCHLD)",
    ],
)
def test_the_filter_lets_pass_what_an_engine_needs(attempt: str) -> None:
    assert tried(attempt)[-1] == "done"


def test_rights_of_root_are_gone_but_reading() -> None:
    script = (
        "from catalog.engines import confinement; confinement.drop_rights();"
        "print(next(line for line in open('/proc/self/status') if line.startswith('CapEff')))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert int(answer.stdout.split()[1], 16) & ~0b110 == 0
