"""Large batches from a warehouse worker to the portal by memory both see, where the system has it.

Through a pipe the kernel copies each byte twice, into pages it has to find first; here the worker writes a batch once
and the portal copies it once. A few slots are used in turn. A pipe of credits gives a slot back, so that a slow reader
slows the query as a full pipe does. The portal trusts nothing it finds: where a batch lies is checked, what lies there
is copied before it is looked at, and the size of the memory is sealed, so that no worker can pull it away.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import suppress

N_SLOTS = 2
BYTES_PER_SLOT = 8 << 20
# Below this a pipe is as quick, and the memory need not be touched.
LEAST_BYTES = 64 << 10

PLACE = struct.Struct("!QQ")
CREDIT = b"c"


def is_available() -> bool:
    """Whether this system has memory that can be handed on and sealed."""
    return hasattr(os, "memfd_create") and hasattr(fcntl, "F_ADD_SEALS")


class Reader:
    """The portal's side: owns the memory, and the end of the pipe that credits go into."""

    def __init__(self) -> None:
        memory = os.memfd_create("gatehouse-batches", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(memory, N_SLOTS * BYTES_PER_SLOT)
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
            fcntl.fcntl(memory, fcntl.F_ADD_SEALS, seals)
            self._view = mmap.mmap(memory, N_SLOTS * BYTES_PER_SLOT)
            credits, self._credits = os.pipe()
        except BaseException:
            os.close(memory)
            raise
        # A worker that takes no credits must not make the portal wait.
        os.set_blocking(self._credits, False)
        # What the worker gets, and whoever forks it then closes.
        self.theirs = (memory, credits)
        self._is_touched = False

    def taken(self, place: bytes) -> bytes:
        """A copy of what lies at the place a worker named; its slot is free again. Errors: `ValueError`."""
        if len(place) != PLACE.size:
            raise ValueError("malformed place")
        start, length = PLACE.unpack(place)
        if start + length > len(self._view):
            raise ValueError("place outside the memory")
        self._is_touched = True
        found = self._view[start : start + length]
        with suppress(OSError):
            os.write(self._credits, CREDIT)
        return found

    def emptied(self) -> None:
        """Gives the memory back to the system until the next large batch."""
        if self._is_touched:
            self._is_touched = False
            with suppress(AttributeError, OSError, ValueError):
                self._view.madvise(mmap.MADV_REMOVE)

    def close(self) -> None:
        """Lets go of the memory; it is gone once the worker has, too."""
        self._view.close()
        os.close(self._credits)


def reader() -> Reader | None:
    """The portal's side of a new memory; None where the system has none, or none to spare, and a pipe must do."""
    with suppress(OSError):
        return Reader() if is_available() else None
    return None


class Writer:
    """The worker's side."""

    def __init__(self, memory: int, credits: int) -> None:
        self._view = memoryview(mmap.mmap(memory, N_SLOTS * BYTES_PER_SLOT))
        os.close(memory)
        self._credits = credits
        self._n_written = 0

    def place(self, *parts: bytes | memoryview) -> bytes | None:
        """Writes the parts one after the other into the next slot, waiting until it is free, and names the place.

        None where they do not fit, or are too few bytes to be worth it. Errors: `OSError` when the portal is gone.
        """
        length = sum(map(len, parts))
        if not LEAST_BYTES <= length <= BYTES_PER_SLOT:
            return None
        if self._n_written >= N_SLOTS and not os.read(self._credits, 1):
            raise BrokenPipeError
        start = at = self._n_written % N_SLOTS * BYTES_PER_SLOT
        for part in parts:
            self._view[at : at + len(part)] = part
            at += len(part)
        self._n_written += 1
        return PLACE.pack(start, length)
