"""One readable stream out of the output of many processes: each line behind the name of who wrote it."""

import contextlib
import os
import selectors
import sys
from collections.abc import Callable

WIDTH = 9
# Advice to the administrator of a large server, printed at every start of a small one.
NOISE = ("Memory overcommit must be enabled",)


class Journal:
    """Reads the children's pipes and writes prefixed lines; remembers the last one of each for a plain reason."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._write = write or _to_standard_output
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}
        self._last: dict[str, str] = {}

    def open(self, name: str) -> int:
        """A descriptor for one process to write to; close it once the process has inherited it."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._selector.register(reading, selectors.EVENT_READ, name)
        self._rest[reading] = b""
        return writing

    def watch(self, descriptor: int) -> None:
        """Makes `drain` return early when the descriptor can be read; its bytes are thrown away."""
        self._selector.register(descriptor, selectors.EVENT_READ, None)

    def drain(self, seconds: float) -> None:
        """Writes what the children have written, waiting up to the given time for the first of it."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            else:
                self._read(key.fd, key.data)

    def say(self, line: str, *, name: str = "gatehouse") -> None:
        """Writes one line of somebody's."""
        self._last[name] = line or self._last.get(name, "")
        self._write(f"{name:<{WIDTH}} | {line}\n")

    def last_words(self, name: str) -> str:
        """The last line one process wrote; the rest stands above it in the same stream."""
        return self._last.get(name, "it said nothing")

    def _read(self, descriptor: int, name: str) -> None:
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        *lines, rest = (self._rest[descriptor] + chunk).split(b"\n")
        if not chunk:
            self._selector.unregister(descriptor)
            os.close(descriptor)
            lines, rest = ([*lines, rest] if rest else lines), b""
        self._rest[descriptor] = rest
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if not any(noise in text for noise in NOISE):
                self.say(text, name=name)


def _to_standard_output(text: str) -> None:
    """A reader that went away (`make demo | head`) must not end the portal."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()
