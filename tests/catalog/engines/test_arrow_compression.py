"""Record batches with LZ4 buffers, read back by Apache's own reader."""

from __future__ import annotations

import random
import struct

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engines.arrow import END_OF_STREAM
from catalog.engines.arrow_compression import compressed, plain

N_ROWS = 5_000
CHANCE = random.Random(7)
COLUMNS = {
    "integers": pa.array(range(N_ROWS)),
    "texts with nulls": pa.array([None if i % 7 == 0 else f"note {i % 50}" for i in range(N_ROWS)]),
    "what does not shrink": pa.array([CHANCE.random() for _ in range(N_ROWS)]),
    "lists": pa.array([[i, i + 1] if i % 2 else None for i in range(N_ROWS)]),
    "nothing but nulls": pa.nulls(N_ROWS),
    "flags": pa.array([i % 3 == 0 for i in range(N_ROWS)]),
    "structs": pa.array([{"a": i, "b": "x"} for i in range(N_ROWS)]),
    "empty texts": pa.array([""] * N_ROWS),
}


def messages(table: pa.Table) -> tuple[bytes, list[bytes]]:
    """The schema and the batches of a table as encapsulated messages."""
    batches = [batch.serialize().to_pybytes() for batch in table.to_batches()]
    return table.schema.serialize().to_pybytes(), batches


def read(schema: bytes, batches: list[bytes]) -> pa.Table:
    """What a client makes of a stream of these."""
    table = pa.ipc.open_stream(b"".join((schema, *batches, END_OF_STREAM))).read_all()
    table.validate(full=True)
    return table


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_reads_as_it_was(name: str) -> None:
    table = pa.table({name: COLUMNS[name]})
    schema, batches = messages(table)

    assert read(schema, [compressed(batch) for batch in batches]).equals(table)


def test_all_columns_at_once_are_smaller_and_come_back_plain() -> None:
    table = pa.table(COLUMNS)
    schema, (batch,) = messages(table)

    packed = compressed(batch)

    assert len(packed) < 0.7 * len(batch)
    assert read(schema, [packed]).equals(table)
    assert read(schema, [plain(schema, packed)]).equals(table)
    assert len(plain(schema, packed)) > len(packed)


def test_what_is_compressed_already_is_left_alone() -> None:
    schema, (batch,) = messages(pa.table(COLUMNS))

    assert compressed(compressed(batch)) == compressed(batch)
    assert compressed(schema) == schema
    assert compressed(END_OF_STREAM) == END_OF_STREAM


def test_no_column_and_no_row() -> None:
    one = pa.table({"a": pa.array([1]), "b": pa.array(["x"])})
    for table in (pa.table({}), one, one.slice(0, 0)):
        schema, batches = messages(table)
        assert read(schema, [compressed(batch) for batch in batches]).equals(table)


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-(2**62), 2**62), st.none() | st.text(max_size=40)),
        min_size=1, max_size=300,
    )
)  # fmt: skip
def test_any_values_read_as_they_were(rows: list[tuple[int | None, str | None]]) -> None:
    table = pa.table(
        {
            "n": pa.array([row[0] for row in rows], pa.int64()),
            "t": pa.array([row[1] for row in rows], pa.string()),
        }
    )
    schema, batches = messages(table)

    assert read(schema, [compressed(batch) for batch in batches]).equals(table)


def test_the_header_says_what_the_format_asks_for() -> None:
    _, (batch,) = messages(pa.table({"n": pa.array([5] * 1000)}))

    packed = compressed(batch)

    length = struct.unpack_from("<i", packed, 4)[0]
    assert packed[:4] == b"\xff\xff\xff\xff"
    assert (8 + length) % 8 == 0
    assert len(packed) % 8 == 0
