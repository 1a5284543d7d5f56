"""File locks between processes, held by the kernel: they end with their holder, however it ends."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class FileLock:
    """An flock on one file; the file stays, the lock goes when it is released or its process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_exclusive(self) -> bool:
        """Takes the lock alone, if nobody has it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Takes the lock together with others, if nobody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def wait_exclusive(self, seconds: float, *, beat: Callable[[], None] | None = None) -> bool:
        """Takes the lock alone within the time; `beat` runs between the tries."""
        until = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() >= until:
                return False
            if beat is not None:
                beat()
            time.sleep(0.05)
        return True

    def wait_shared(self) -> None:
        """Takes the lock together with others, however long it takes."""
        while not self.try_shared():
            time.sleep(0.05)

    def release(self) -> None:
        """Gives the lock back; doing so twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self, kind: int) -> bool:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
