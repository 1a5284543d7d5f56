"""Length-prefixed frames between the portal and a warehouse worker, over plain pipes.

A frame is a kind (one byte), a row count and a length (eight bytes each, big-endian), then the payload. Payloads are
JSON or Arrow IPC, or say where in shared memory a batch lies; nothing is ever unpickled.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

HEADER = struct.Struct("!cQQ")
LONGEST_PAYLOAD = 1 << 31
# As much as the kernel lets anybody ask for: with its usual 64 KB two processes take turns instead of working at once.
BYTES_IN_PIPE = 1 << 20


class Kind(bytes, Enum):
    """What a frame holds."""

    READY = b"R"
    SCHEMA = b"S"
    BATCH = b"B"
    SHARED = b"M"
    ANSWER = b"A"
    END = b"E"
    FAILURE = b"X"
    SLOW = b"W"
    REQUEST = b"Q"


@dataclass(frozen=True)
class Frame:
    """One message; `rows` counts the rows of a batch and is 0 otherwise.

    `rest` is the end of a payload that is written where it lies, without being copied; what is read has none.
    """

    kind: Kind
    payload: bytes = field(repr=False)
    rows: int = 0
    rest: bytes | memoryview = field(default=b"", repr=False)


class Torn(Exception):
    """The other side went away, or wrote something that is not a frame."""


class TooLate(Exception):
    """The deadline passed before a whole frame arrived."""


def widen(descriptor: int) -> None:
    """Lets a pipe hold a megabyte, where the system allows it."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, BYTES_IN_PIPE)


def write_frame(descriptor: int, frame: Frame) -> None:
    """Writes a whole frame, waiting as long as the reader does: this is the back pressure of a stream."""
    length = len(frame.payload) + len(frame.rest)
    _write_all(descriptor, HEADER.pack(frame.kind.value, frame.rows, length) + frame.payload)
    _write_all(descriptor, frame.rest)


def read_frame(descriptor: int, *, deadline: float | None = None) -> Frame:
    """The next frame; `deadline` is an instant of `time.monotonic()`.

    Errors: `Torn` at the end of the pipe or for a malformed header, `TooLate` when the deadline passes.
    """
    kind, rows, length = HEADER.unpack(_read_exactly(descriptor, HEADER.size, deadline))
    if length > LONGEST_PAYLOAD:
        raise Torn("frame too long")
    try:
        known = Kind(kind)
    except ValueError as error:
        raise Torn("unknown frame") from error
    return Frame(known, _read_exactly(descriptor, length, deadline), rows)


def _write_all(descriptor: int, payload: bytes | memoryview) -> None:
    view = memoryview(payload)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_exactly(descriptor: int, length: int, deadline: float | None) -> bytes:
    parts: list[bytes] = []
    missing = length
    while missing:
        if deadline is not None:
            _await_readable(descriptor, deadline)
        part = os.read(descriptor, min(missing, BYTES_IN_PIPE))
        if not part:
            raise Torn("end of pipe")
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _await_readable(descriptor: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    remaining = deadline - time.monotonic()
    if remaining <= 0 or not poller.poll(remaining * 1000):
        raise TooLate("deadline passed")
