"""How fast open streams end when access does, and what a stream costs in memory."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import connection

from access import gate
from access.clock import database_now
from access.errors import Refusal
from access.models import Grant, Principal, Surface
from bench._warehouse import build, reader
from catalog.models import Warehouse

N_STREAMS = 5
# A product of tables that nobody reads to its end here.
ENDLESS = "SELECT a.orderkey, b.orderkey AS other, a.comment FROM shop.lineitem a, shop.lineitem b"


def run() -> list[dict[str, Any]]:
    """The figures."""
    warehouse = build()
    people = [reader(warehouse, f"reader{number}", {}) for number in range(N_STREAMS)]
    streams = [Stream(warehouse, person) for person in people]
    for stream in streams:
        stream.start()
    time.sleep(2.0)
    revoked = time.monotonic()
    Grant.objects.update(ended_at=database_now(), end_reason="revoked")
    for stream in streams:
        stream.join(10)
    late = max(stream.last_byte - revoked for stream in streams)
    codes = {stream.code for stream in streams}
    n_bytes = sum(stream.n_bytes for stream in streams)
    return [
        {
            "name": f"revoking {N_STREAMS} open streams, last byte after",
            "ours": round(late, 4),
            "rival": 1.0,
            "ratio": round(late, 4),
            "unit": "s",
            "note": f"rival: the limit set for it; ended with {', '.join(sorted(codes))} "
            f"after {n_bytes >> 20} MB",
        }
    ]


class Stream(threading.Thread):
    """One person pulling a result that never ends by itself."""

    def __init__(self, warehouse: Warehouse, person: Principal) -> None:
        super().__init__(daemon=True)
        self._warehouse = warehouse
        self._person = person
        self.last_byte = 0.0
        self.n_bytes = 0
        self.code = "nothing"

    def run(self) -> None:
        """Reads until the stream fails, noting when the last byte came."""
        try:
            with gate.open(
                self._person, ENDLESS, warehouse=self._warehouse, surface=Surface.API
            ) as result:
                for message in result.arrow():
                    self.n_bytes += len(message)
                    self.last_byte = time.monotonic()
        except Refusal as refusal:
            self.code = refusal.code
        finally:
            connection.close()
