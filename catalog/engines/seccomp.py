"""System calls a worker gives up before it reads its first query, by a seccomp filter written here.

The filter names what is forbidden and lets the rest pass. A list of what is allowed would be tighter, but it would
have to fit every C library and kernel a portal may meet, and a worker that dies of a missing call is an outage; files
and TCP are Landlock's business, and DuckDB's own lock-down stands before both.
Source: Linux `seccomp(2)`, `bpf(2)` (classic) and `include/uapi/linux/audit.h`.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

SECCOMP = {"x86_64": 317, "aarch64": 277}
SECCOMP_SET_MODE_FILTER = 1
# Threads that exist already get the filter too.
SECCOMP_FILTER_FLAG_TSYNC = 1

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# On x86-64 this bit selects a second numbering of the same calls.
X32_BIT = 0x40000000

EPERM, ENOSYS = 1, 38
ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
ERRNO = 0x00050000

# Classic BPF: load a word of `struct seccomp_data`, compare it, return.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENT_0 = 0, 4, 16
CLONE_THREAD = 0x10000


class Call(NamedTuple):
    """The numbers of one system call; None where the architecture has none."""

    x86_64: int | None
    aarch64: int | None


def _same(number: int) -> Call:
    """Calls added since 2019 have one number everywhere."""
    return Call(number, number)


# Each group with what it would let a query do that got the better of DuckDB.
FORBIDDEN: dict[str, dict[str, Call]] = {
    "talk to anybody": {
        "socket": Call(41, 198),
        "socketpair": Call(53, 199),
        "connect": Call(42, 203),
        "bind": Call(49, 200),
        "listen": Call(50, 201),
        "accept": Call(43, 202),
        "accept4": Call(288, 242),
        "msgget": Call(68, 186),
        "semget": Call(64, 190),
        "shmget": Call(29, 194),
        "mq_open": Call(240, 180),
    },
    "start a program": {
        "execve": Call(59, 221),
        "execveat": Call(322, 281),
        "fork": Call(57, None),
        "vfork": Call(58, None),
        "memfd_create": Call(319, 279),
    },
    "reach into another process": {
        "ptrace": Call(101, 117),
        "process_vm_readv": Call(310, 270),
        "process_vm_writev": Call(311, 271),
        "process_madvise": _same(440),
        "kcmp": Call(312, 272),
        "kill": Call(62, 129),
        "tkill": Call(200, 130),
        "rt_sigqueueinfo": Call(129, 138),
        "rt_tgsigqueueinfo": Call(297, 240),
        "pidfd_open": _same(434),
        "pidfd_send_signal": _same(424),
        "pidfd_getfd": _same(438),
    },
    "see other files than Landlock shows": {
        "mount": Call(165, 40),
        "umount2": Call(166, 39),
        "pivot_root": Call(155, 41),
        "chroot": Call(161, 51),
        "setns": Call(308, 268),
        "unshare": Call(272, 97),
        "open_tree": _same(428),
        "move_mount": _same(429),
        "fsopen": _same(430),
        "fsconfig": _same(431),
        "fsmount": _same(432),
        "fspick": _same(433),
        "mount_setattr": _same(442),
        "name_to_handle_at": Call(303, 264),
        "open_by_handle_at": Call(304, 265),
    },
    "attack the kernel where it is widest": {
        "bpf": Call(321, 280),
        "perf_event_open": Call(298, 241),
        "userfaultfd": Call(323, 282),
        "io_uring_setup": _same(425),
        "io_uring_enter": _same(426),
        "io_uring_register": _same(427),
        "keyctl": Call(250, 219),
        "add_key": Call(248, 217),
        "request_key": Call(249, 218),
        "personality": Call(135, 92),
        "fanotify_init": Call(300, 262),
        "memfd_secret": _same(447),
    },
    "change the machine": {
        "init_module": Call(175, 105),
        "finit_module": Call(313, 273),
        "delete_module": Call(176, 106),
        "kexec_load": Call(246, 104),
        "kexec_file_load": Call(320, 294),
        "reboot": Call(169, 142),
        "swapon": Call(167, 224),
        "swapoff": Call(168, 225),
        "settimeofday": Call(164, 170),
        "clock_settime": Call(227, 112),
        "adjtimex": Call(159, 171),
        "clock_adjtime": Call(305, 266),
        "sethostname": Call(170, 161),
        "setdomainname": Call(171, 162),
        "quotactl": Call(179, 60),
        "acct": Call(163, 89),
        "syslog": Call(103, 116),
    },
}
# Threads are started and signalled with these; the filter looks at their first argument.
CLONE, TGKILL, PRLIMIT = Call(56, 220), Call(234, 131), Call(302, 261)
# Answered as if the kernel had none of it: the C library then starts threads by `clone`, whose flags can be judged.
CLONE3 = 435


def forbid_system_calls() -> bool:
    """Takes the calls above from this process and every thread it has or starts, for good; True if it held.

    What was taken fails with EPERM. Needs no right: the process gives up gaining any on the way.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    program = b"".join(_program(machine))
    code = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    answer = libc.syscall(
        ctypes.c_long(SECCOMP[machine]),
        ctypes.c_long(SECCOMP_SET_MODE_FILTER),
        ctypes.c_long(SECCOMP_FILTER_FLAG_TSYNC),
        filter_,
    )
    return bool(answer == 0)


def _program(machine: str) -> Iterator[bytes]:
    yield _step(LOAD, ARCHITECTURE)
    yield from _unless(EQUAL, ARCHITECTURES[machine], KILL_PROCESS)
    yield _step(LOAD, NUMBER)
    if machine == "x86_64":
        yield from _if(AT_LEAST, X32_BIT, ERRNO | EPERM)
    yield from _if(EQUAL, CLONE3, ERRNO | ENOSYS)
    for group in FORBIDDEN.values():
        for call in group.values():
            number = getattr(call, machine)
            if number is not None:
                yield from _if(EQUAL, number, ERRNO | EPERM)
    # New threads, but no new process; signals to itself; its own limits, which it cannot raise.
    yield from _judged(getattr(CLONE, machine), ANY_BIT, CLONE_THREAD)
    yield from _judged(getattr(TGKILL, machine), EQUAL, os.getpid())
    yield from _judged(getattr(PRLIMIT, machine), EQUAL, 0)
    yield _step(RETURN, ALLOW)


def _judged(number: int, comparison: int, value: int) -> Iterator[bytes]:
    """One call that passes only when its first argument does; the lower half of it is all that these calls read."""
    yield _step(EQUAL, number, otherwise=4)
    yield _step(LOAD, ARGUMENT_0)
    yield _step(comparison, value, otherwise=1)
    yield _step(RETURN, ALLOW)
    yield _step(RETURN, ERRNO | EPERM)


def _if(comparison: int, value: int, verdict: int) -> Iterator[bytes]:
    yield _step(comparison, value, otherwise=1)
    yield _step(RETURN, verdict)


def _unless(comparison: int, value: int, verdict: int) -> Iterator[bytes]:
    yield _step(comparison, value, then=1)
    yield _step(RETURN, verdict)


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` say how many to skip."""
    return struct.pack("=HBBI", code, then, otherwise, value)
