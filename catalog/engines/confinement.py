"""What the operating system takes away from a worker before it touches a warehouse: the outer half of the second wall.

DuckDB's own lock-down is a setting inside the process that runs the query. These limits hold even if the query gets
the better of DuckDB. Each is best effort by kernel: where one is missing the others still stand.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_NO_NEW_PRIVS = 38

# The same three numbers on every architecture Linux runs on: Landlock came after system calls were unified.
LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446
LANDLOCK_CREATE_RULESET_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1

READ_FILE = 1 << 2
READ_DIR = 1 << 3
EXECUTE = 1 << 0
# Write, remove, make a regular file, truncate.
WRITE = (1 << 1) | (1 << 5) | (1 << 8) | (1 << 14)
# Rights grow with the kernel's version of Landlock; asking for one it does not know is an error.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
TCP_RIGHTS = 3
SCOPES = 3

CAPABILITY_VERSION = 0x20080522
CAP_DAC_OVERRIDE = 1 << 1
CAP_DAC_READ_SEARCH = 1 << 2

OUT_OF_MEMORY_FIRST = 1000
# How nice a query is once it has taken long: a tenth of the processor beside one that has not. Nicer ones starve where
# the machine has other work.
NICEST = 10
# Beyond what may hold data: code, thread stacks and what allocators reserve without using.
ADDRESSES_BESIDES = 4 << 30


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process when its parent ends; ends it at once if that has already happened."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def go_by(name: str) -> None:
    """Names this process, in at most 15 letters, for whoever lists them."""
    if sys.platform == "linux":
        word = ctypes.create_string_buffer(name.encode())
        _prctl(PR_SET_NAME, ctypes.addressof(word))


def limit_resources(*, bytes_memory: int, bytes_file: int) -> None:
    """Caps memory, file size and open files, and forbids core dumps, which would write data to disk."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_DATA, bytes_memory)
    # Shared mappings do not count as data.
    _lower(resource.RLIMIT_AS, bytes_memory + ADDRESSES_BESIDES)
    _lower(resource.RLIMIT_FSIZE, bytes_file)
    _lower(resource.RLIMIT_NOFILE, 128)
    if sys.platform == "linux":
        _prctl(PR_SET_DUMPABLE, 0)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)


def go_first() -> None:
    """Makes this process the one the kernel ends when the machine runs out of memory."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OUT_OF_MEMORY_FIRST), encoding="ascii")


def stand_back() -> None:
    """Leaves the processor to others from now on, as far as they want it. What is given up never comes back."""
    for thread in os.listdir("/proc/self/task") if sys.platform == "linux" else ():
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(thread), NICEST)


def drop_rights() -> None:
    """Gives up every right of root but reading what root may read, where the portal runs as root.

    Source: Linux `capabilities(7)`; without a later `execve` what is dropped here cannot come back.
    """
    if sys.platform != "linux":
        return
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    data = ctypes.create_string_buffer(24)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(header, data) != 0:
        return
    permitted = struct.unpack_from("=6I", data.raw)[1]
    kept = permitted & (CAP_DAC_OVERRIDE | CAP_DAC_READ_SEARCH)
    libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def confine_files(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Leaves this thread, and every thread it starts, only these files and folders, and no TCP; True if it held.

    Source: Linux `landlock(7)`. Call before the engine starts threads: the rule binds only later ones.
    """
    if sys.platform != "linux":
        return False
    version = _syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION)
    if version < 1:
        return False
    handled = (1 << FILE_RIGHTS[min(version, 5)]) - 1
    ruleset = _syscall(LANDLOCK_CREATE_RULESET, *_ruleset(handled, version), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, (READ_FILE | READ_DIR | EXECUTE) & handled)
        for path in writable:
            _allow(ruleset, path, handled & (READ_FILE | READ_DIR | WRITE))
        return _syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _ruleset(handled: int, version: int) -> tuple[ctypes.Array[ctypes.c_char], int]:
    fields = [handled]
    if version >= 4:
        fields.append(TCP_RIGHTS)
    if version >= 6:
        fields.append(SCOPES)
    packed = struct.pack(f"={len(fields)}Q", *fields)
    return ctypes.create_string_buffer(packed, len(packed)), len(packed)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= ~(READ_DIR | (1 << 5) | (1 << 8))
        rule = struct.pack("=Qi", rights, descriptor)
        _syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    plain = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    return int(libc.syscall(ctypes.c_long(number), *plain))


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(
        option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)
    )


def _lower(which: int, limit: int) -> None:
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(which, (limit, limit))
