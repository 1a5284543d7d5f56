"""Batches through memory that the portal and a worker share: whole, in order, held back by a slow reader, and safe."""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from catalog.engines import EngineError, duckdb_pool, shared_memory
from catalog.engines.duckdb import DuckDBEngine
from catalog.engines.frames import Frame, Kind
from catalog.engines.shared_memory import BYTES_PER_SLOT, LEAST_BYTES, N_SLOTS, PLACE

pytestmark = pytest.mark.skipif(
    not shared_memory.is_available(), reason="This system has no memory that can be sealed."
)
PULL = "SELECT i, hash(i) AS h, repeat(chr(65 + (i % 26)::INT), 90) AS pad FROM range(300000) t(i)"


class Pair:
    """Both sides of one memory, in one process; `memory` stays open so that a test can look at it."""

    def __init__(self) -> None:
        self.reader = shared_memory.Reader()
        memory, credits = self.reader.theirs
        self.memory = os.dup(memory)
        self.writer = shared_memory.Writer(memory, credits)
        self._credits = credits

    def bytes_held(self) -> int:
        """What the system holds for the memory."""
        return os.fstat(self.memory).st_blocks * 512

    def close(self) -> None:
        """Lets go of all of it."""
        self.reader.close()
        os.close(self.memory)
        os.close(self._credits)


@pytest.fixture
def pair() -> Iterator[Pair]:
    both = Pair()
    yield both
    both.close()


def test_what_is_written_is_what_is_taken_slot_after_slot(pair: Pair) -> None:
    for number in range(2 * N_SLOTS + 1):
        head, body = bytes([number]) * 100, os.urandom(LEAST_BYTES + number)
        place = pair.writer.place(head, memoryview(body))

        assert place is not None
        assert pair.reader.taken(place) == head + body


@pytest.mark.parametrize("size", [0, LEAST_BYTES - 1, BYTES_PER_SLOT + 1])
def test_what_is_small_or_does_not_fit_goes_another_way(pair: Pair, size: int) -> None:
    assert pair.writer.place(bytes(size)) is None


@pytest.mark.parametrize("size", [LEAST_BYTES, BYTES_PER_SLOT])
def test_what_just_fits_is_taken(pair: Pair, size: int) -> None:
    place = pair.writer.place(bytes(size))

    assert place is not None
    assert len(pair.reader.taken(place)) == size


def test_a_slot_is_written_again_only_when_it_was_taken(pair: Pair) -> None:
    places = [pair.writer.place(bytes([number]) * LEAST_BYTES) for number in range(N_SLOTS)]
    late: list[bytes | None] = []
    writing = threading.Thread(target=lambda: late.append(pair.writer.place(b"z" * LEAST_BYTES)))
    writing.start()
    writing.join(0.3)
    assert writing.is_alive()

    assert places[0] is not None
    assert pair.reader.taken(places[0]) == bytes(LEAST_BYTES)

    writing.join(10)
    assert late[0] is not None
    assert pair.reader.taken(late[0]) == b"z" * LEAST_BYTES


def test_a_writer_whose_reader_is_gone_does_not_wait_for_ever() -> None:
    both = Pair()
    for _ in range(N_SLOTS):
        both.writer.place(bytes(LEAST_BYTES))
    both.reader.close()

    with pytest.raises(BrokenPipeError):
        both.writer.place(bytes(LEAST_BYTES))
    os.close(both.memory)


@pytest.mark.parametrize(
    "place",
    [
        b"",
        b"short",
        PLACE.pack(0, N_SLOTS * BYTES_PER_SLOT + 1),
        PLACE.pack(N_SLOTS * BYTES_PER_SLOT, 1),
        PLACE.pack((1 << 64) - 1, 2),
        PLACE.pack(0, (1 << 64) - 1),
    ],
)
def test_a_place_outside_is_refused(pair: Pair, place: bytes) -> None:
    with pytest.raises(ValueError, match="place"):
        pair.reader.taken(place)


@pytest.mark.parametrize("size", [0, 4096, 2 * N_SLOTS * BYTES_PER_SLOT])
def test_a_worker_cannot_change_its_size(pair: Pair, size: int) -> None:
    with pytest.raises(PermissionError):
        os.ftruncate(pair.memory, size)
    assert len(mmap.mmap(pair.memory, 0)) == N_SLOTS * BYTES_PER_SLOT


def test_a_worker_that_takes_no_credits_does_not_hold_the_portal(pair: Pair) -> None:
    started = time.monotonic()

    for _ in range(200_000):
        pair.reader.taken(PLACE.pack(0, 1))

    assert time.monotonic() - started < 60


def test_memory_goes_back_when_a_query_is_over(pair: Pair) -> None:
    place = pair.writer.place(b"x" * BYTES_PER_SLOT)
    assert place is not None
    pair.reader.taken(place)
    assert pair.bytes_held() >= BYTES_PER_SLOT

    pair.reader.emptied()

    assert pair.bytes_held() == 0
    again = pair.writer.place(b"y" * LEAST_BYTES)
    assert again is not None
    assert pair.reader.taken(again) == b"y" * LEAST_BYTES


# --- Under an engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    path = tmp_path / "wh.duckdb"
    duckdb.connect(str(path)).close()
    yield DuckDBEngine(f"duckdb:///{path}")
    duckdb_pool.close_all()


def pulled(engine: DuckDBEngine, sql: str = PULL, is_compressed: bool = False) -> list[bytes]:
    """The messages of one result."""
    stream = engine.run(
        sql, deadline=time.monotonic() + 60, max_rows=None, is_compressed=is_compressed
    )
    return [batch.ipc for batch in stream]


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_result_is_the_same_with_and_without(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, is_compressed: bool
) -> None:
    kinds = read_kinds(monkeypatch)
    shared = pulled(engine, is_compressed=is_compressed)
    assert Kind.SHARED in kinds
    duckdb_pool.close_all()
    kinds.clear()
    monkeypatch.setattr(shared_memory, "is_available", lambda: False)

    piped = pulled(engine, is_compressed=is_compressed)

    assert Kind.SHARED not in kinds
    assert len(shared) > N_SLOTS
    assert shared == piped


def test_a_system_with_no_memory_to_spare_pipes(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise OSError("no memory to spare")

    before = open_descriptors()
    monkeypatch.setattr(os, "memfd_create", refused)
    kinds = read_kinds(monkeypatch)

    assert pulled(engine)

    assert Kind.SHARED not in kinds
    duckdb_pool.close_all()
    # The nursery's socket and handle may have come meanwhile.
    assert open_descriptors() <= before + 2


def test_a_row_wider_than_a_slot_comes_through_the_pipe(engine: DuckDBEngine) -> None:
    (message,) = pulled(engine, f"SELECT repeat('x', {BYTES_PER_SLOT}) AS wide")

    assert len(message) > BYTES_PER_SLOT


@pytest.mark.parametrize("payload", [PLACE.pack(0, 1 << 40), b"nowhere"])
def test_a_worker_that_points_outside_is_a_crashed_one(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, payload: bytes
) -> None:
    from catalog.engines import duckdb_process

    stream = engine.run(PULL, deadline=time.monotonic() + 60, max_rows=None)
    assert stream.columns
    monkeypatch.setattr(
        duckdb_process, "read_frame", lambda *_, **__: Frame(Kind.SHARED, payload, 1)
    )

    with pytest.raises(EngineError) as caught:
        list(stream)

    assert caught.value.cause == "crash"


def test_neither_descriptors_nor_memory_outlive_workers(engine: DuckDBEngine) -> None:
    pulled(engine)
    duckdb_pool.close_all()
    before, mapped = open_descriptors(), shared_maps()

    for _ in range(5):
        pulled(engine)
        duckdb_pool.close_all()

    assert open_descriptors() == before
    assert shared_maps() == mapped == 0


def open_descriptors() -> int:
    """How many descriptors this process holds."""
    return len(os.listdir("/proc/self/fd"))


def shared_maps() -> int:
    """How many memories for batches this process holds."""
    return Path("/proc/self/maps").read_text().count("gatehouse-batches")


def read_kinds(monkeypatch: pytest.MonkeyPatch) -> list[Kind]:
    """The kinds of the frames that are read from now on."""
    from catalog.engines import duckdb_process

    kinds: list[Kind] = []
    read = duckdb_process.read_frame

    def noted(*arguments: object, **named: object) -> Frame:
        frame = read(*arguments, **named)  # type: ignore[arg-type]
        kinds.append(frame.kind)
        return frame

    monkeypatch.setattr(duckdb_process, "read_frame", noted)
    return kinds
