"""How fast open streams end when access does, what HTTP adds to a stream, and what one costs in memory."""

from __future__ import annotations

import threading
import time
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from django.db import connection

from access import gate
from access.clock import database_now
from access.errors import Refusal
from access.models import Grant, Principal, Surface
from bench._warehouse import build, reader
from bench._web import ARROW, Web, figure, serving, token
from catalog.engines.duckdb_process import Limits
from catalog.models import Warehouse

N_STREAMS = 5
ROUNDS = 7
# A product of tables that nobody reads to its end here.
ENDLESS = "SELECT a.orderkey, b.orderkey AS other, a.comment FROM shop.lineitem a, shop.lineitem b"
PULL = "SELECT * FROM shop.lineitem"
# Every line four times four times: 48 million rows, more than five gigabytes as plain buffers.
LONG_PULL = "SELECT l.* FROM shop.lineitem l, shop.territory a, shop.territory b"


def run() -> list[dict[str, Any]]:
    """The figures."""
    warehouse = build()
    secret = token(reader(warehouse, "puller", {}))
    with serving() as web:
        figures = [
            *_over_http(web, secret, warehouse),
            *_in_memory(web, secret),
            _slow_reader(web, secret),
        ]
    return [*figures, _revoked(warehouse)]


# --- Over HTTP


def _over_http(web: Web, secret: str, warehouse: Warehouse) -> list[dict[str, Any]]:
    """Interleaved pulls of the same rows; the best of each counts."""
    forms = {"LZ4": ARROW, "plain": f'{ARROW};codecs=""'}
    ours: dict[str, list[float]] = {form: [] for form in forms}
    sizes: dict[str, int] = {}
    rival: list[float] = []
    for _ in range(ROUNDS):
        for form, accept in forms.items():
            started = time.perf_counter()
            sizes[form] = _pulled(web, secret, accept)
            ours[form].append(time.perf_counter() - started)
        started = time.perf_counter()
        _in_process(warehouse)
        rival.append(time.perf_counter() - started)
    return [
        figure(
            f"Arrow over HTTP, {form} buffers, three million rows",
            *(1e3 * min(ours[form]), 1e3 * min(rival), "ms"),
            "rival: the bare query's batches in one process, DuckDB to pyarrow, as many threads;"
            f" aim 1.5; {sizes[form] >> 20} MB on the wire; the gate and its record are in ours",
        )
        for form in forms
    ]


def _pulled(web: Web, secret: str, accept: str) -> int:
    """Reads every batch, as a client would, and says how many bytes came."""
    with web.ask(secret, PULL, accept) as answer:
        source = pa.PythonFile(Counted(answer), mode="r")
        rows = sum(batch.num_rows for batch in pa.ipc.open_stream(source))
        assert rows == 3_000_000, rows
        n_bytes: int = source.tell()
        return n_bytes


class Counted:
    """A file that knows how far it was read."""

    closed = False

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self._n_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end."""
        found: bytes = self._answer.read(size)
        self._n_bytes += len(found)
        return found

    def tell(self) -> int:
        """The bytes read."""
        return self._n_bytes

    def close(self) -> None:
        """The response is closed by who opened it."""


def _in_process(warehouse: Warehouse) -> int:
    path = warehouse.url.removeprefix("duckdb:///")
    config: dict[str, Any] = {"threads": Limits().threads}
    with duckdb.connect(path, read_only=True, config=config) as database:
        batches = database.sql(PULL).to_arrow_reader(32_768)
        return sum(batch.num_rows for batch in batches)


# --- In memory


def _in_memory(web: Web, secret: str) -> list[dict[str, Any]]:
    before = web.bytes_resident()
    started = time.perf_counter()
    with web.ask(secret, LONG_PULL) as answer:
        first = answer.read(1)
        first_after = time.perf_counter() - started
        assert first
        n_bytes = 1
        while piece := answer.read(1 << 20):
            n_bytes += len(piece)
    grown = (web.bytes_resident(peak=True) - before) >> 20
    return [
        figure(
            "a pull of 48 million rows, first bytes after", first_after, 0.5, "s",
            "rival: the limit set for it",
        ),
        figure(
            "the same pull, memory of the web process grew by", grown, 256.0, "MB",
            f"rival: the limit set for it; {n_bytes >> 20} MB were sent",
        ),
    ]  # fmt: skip


def _slow_reader(web: Web, secret: str) -> dict[str, Any]:
    """Somebody who reads a little and then nothing: neither the web process nor the engine may run ahead."""
    before = web.bytes_resident(peak=True)
    with web.ask(secret, LONG_PULL) as answer:
        answer.read(1 << 20)
        time.sleep(5.0)
        grown = (web.bytes_resident(peak=True) - before) >> 20
    return figure(
        "a reader who rests for 5 s, memory of the web process grew by", grown, 64.0, "MB",
        "rival: the limit set for it",
    )  # fmt: skip


# --- Revoked


def _revoked(warehouse: Warehouse) -> dict[str, Any]:
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
    return figure(
        f"revoking {N_STREAMS} open streams, last byte after", late, 1.0, "s",
        f"rival: the limit set for it; ended with {', '.join(sorted(codes))} after {n_bytes >> 20} MB",
    )  # fmt: skip


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
