"""Turns at the gate: how many queries one person may have running in one process.

Each running query holds a thread of the web server until its last byte. Without a limit, one person with a handful of
slow queries would keep everybody else, and the health check, waiting.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

from access.errors import Refusal

PER_PERSON = 10
# Units: seconds that a further query waits for one of the person's others to end.
WAIT = 10.0

_running: Counter[int] = Counter()
_freed = threading.Condition()


class Turn:
    """The right of one query to run, given back once by `end`.

    Errors: `Refusal` `too_many_queries` when the person's other queries keep running for too long.
    """

    def __init__(self, principal_id: int) -> None:
        self._principal_id = principal_id
        self._is_over = False
        until = time.monotonic() + WAIT
        with _freed:
            while _running[principal_id] >= PER_PERSON:
                if not _freed.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise _too_many()
            _running[principal_id] += 1

    def end(self) -> None:
        """Lets the person's next query run; safe to repeat."""
        with _freed:
            if self._is_over:
                return
            self._is_over = True
            _running[self._principal_id] -= 1
            if not _running[self._principal_id]:
                del _running[self._principal_id]
            _freed.notify_all()


def _too_many() -> Refusal:
    return Refusal(
        f"You have {PER_PERSON} queries running here already. Wait for one to end, or stop one, and try again.",
        code="too_many_queries",
        status=429,
    )
