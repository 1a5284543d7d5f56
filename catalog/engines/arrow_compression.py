"""Record batches with LZ4 buffers: the same Arrow IPC messages, a third of the bytes.

nanoarrow writes no compressed messages, and pyarrow would be sixty megabytes for this one thing, so the header of the
message is read and written here. Both layouts are fixed by the format.
Source: Apache Arrow columnar format, "Compression" and `Message.fbs`; FlatBuffers internals.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import lz4.frame
import nanoarrow as na

from catalog.engines.arrow import END_OF_STREAM, BatchWriter

CONTINUATION = b"\xff\xff\xff\xff"
RECORD_BATCH = 3
VERSION_5 = 4
# A buffer that would not shrink is sent as it is, which this length says.
AS_IT_IS = struct.pack("<q", -1)
# Below this, the frame costs more than it saves.
LEAST_BYTES = 64
WORTHWHILE = 0.9

# Slots of the two tables: `Message` is version, header type, header, body length; `RecordBatch` is length, nodes,
# buffers, compression, counts of variadic buffers.
HEADER_TYPE, HEADER, BODY_LENGTH = 1, 2, 3
LENGTH, NODES, BUFFERS, COMPRESSION, VARIADIC = 0, 1, 2, 3, 4


class _Batch(NamedTuple):
    """What the header of an uncompressed record batch says: rows, its nodes verbatim, and where the buffers lie."""

    n_rows: int
    nodes: bytes
    buffers: tuple[tuple[int, int], ...]


def compressed(message: bytes) -> bytes:
    """The record batch of an encapsulated message with LZ4 buffers; any other message as it is.

    Cost: LZ4 runs without Python's lock. The message is not checked: it comes from an engine's own writer.
    """
    end = 8 + int.from_bytes(message[4:8], "little")
    head = message[:end]
    return message if _plain(head) is None else packed(head, memoryview(message)[end:])


def packed(head: bytes, content: memoryview) -> bytes:
    """The same of a message in two parts, its header and its body, which is read where it lies."""
    batch = _plain(head)
    if batch is None:
        return b"".join((head, content))
    parts: list[bytes | memoryview] = []
    places: list[int] = []
    offset = 0
    for place in _bodies(content, batch.buffers):
        size = sum(map(len, place))
        places += (offset, size)
        padding = -size % 8
        parts += (*place, bytes(padding))
        offset += size + padding
    header = _header(batch, places, offset)
    return b"".join((CONTINUATION, len(header).to_bytes(4, "little"), header, *parts))


def plain(schema_message: bytes, message: bytes) -> bytes:
    """The same record batch without compression, for a reader that knows none. Cost: one decoding, unless it has none."""
    length = int.from_bytes(message[4:8], "little")
    if _batch(message[8 : 8 + length]) is not None:
        return message
    written = BatchWriter()
    with na.ArrayStream.from_readable(schema_message + message + END_OF_STREAM) as stream:
        arrays = [written.message(array) for array in na.c_array_stream(stream)]
    return b"".join(arrays)


def _bodies(
    body: memoryview, buffers: tuple[tuple[int, int], ...]
) -> Iterator[tuple[bytes | memoryview, ...]]:
    """Each buffer as it is to be sent: its true length and its content; an empty one is nothing."""
    for offset, size in buffers:
        content = body[offset : offset + size]
        if not size:
            yield ()
            continue
        packed = _lz4(content) if size >= LEAST_BYTES else content
        if len(packed) < WORTHWHILE * size:
            yield size.to_bytes(8, "little"), packed
        else:
            yield AS_IT_IS, content


def _lz4(content: memoryview) -> bytes:
    packed: bytes = lz4.frame.compress(
        content, block_size=lz4.frame.BLOCKSIZE_MAX256KB, block_linked=False, store_size=False
    )
    return packed


# --- Reading


def _plain(head: bytes) -> _Batch | None:
    """What the framed header of a message describes; None for anything this module leaves alone."""
    return _batch(head[8:]) if head[:4] == CONTINUATION else None


def _batch(header: bytes) -> _Batch | None:
    """The record batch a header describes; None for anything this module leaves alone."""
    message = int.from_bytes(header[:4], "little")
    kind = _slot(header, message, HEADER_TYPE)
    reference = _slot(header, message, HEADER)
    if not kind or not reference or header[kind] != RECORD_BATCH:
        return None
    table = _target(header, reference)
    if _slot(header, table, COMPRESSION) or _slot(header, table, VARIADIC):
        return None
    length = _slot(header, table, LENGTH)
    n_rows = _long(header, length) if length else 0
    nodes = _vector(header, _slot(header, table, NODES))
    places = struct.iter_unpack("<qq", _vector(header, _slot(header, table, BUFFERS)))
    return _Batch(n_rows, nodes, tuple(places))


def _slot(data: bytes, table: int, number: int) -> int:
    """Where a field of a table lies; 0 when it is left out."""
    vtable = table - int.from_bytes(data[table : table + 4], "little", signed=True)
    size = int.from_bytes(data[vtable : vtable + 2], "little")
    entry = 4 + 2 * number
    if entry >= size:
        return 0
    offset = int.from_bytes(data[vtable + entry : vtable + entry + 2], "little")
    return table + offset if offset else 0


def _target(data: bytes, reference: int) -> int:
    return reference + int.from_bytes(data[reference : reference + 4], "little")


def _vector(data: bytes, reference: int) -> bytes:
    """The content of a vector of structs of sixteen bytes."""
    if not reference:
        return b""
    start = _target(data, reference)
    n_items = int.from_bytes(data[start : start + 4], "little")
    return data[start + 4 : start + 4 + 16 * n_items]


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little", signed=True)


# --- Writing

# Two tables at fixed places, each behind its list of fields, then an empty one: the compression by its defaults, which
# are LZ4 and one frame per buffer. Numbers of eight bytes and structs begin at multiples of eight.
FIXED = struct.Struct(
    "<I4x"  # 0: where the message's table begins
    "6H4x"  # 8: fields of the message
    "iIqhB5x"  # 24: the message: back to its fields, header, body length, version, header type
    "6H4x"  # 48: fields of the batch
    "iIqII"  # 64: the batch: back to its fields, nodes, rows, buffers, compression
    "2H"  # 88: fields of the compression
    "i"  # 92: the compression
)
MESSAGE, BATCH, EMPTY, END = 24, 64, 92, 96


def _header(batch: _Batch, places: list[Any], body_length: int) -> bytes:
    nodes_at = END + 4
    buffers_at = nodes_at + 4 + len(batch.nodes) + 4
    fixed = FIXED.pack(
        MESSAGE,
        *(12, 24, 16, 18, 4, 8),
        *(MESSAGE - 8, BATCH - (MESSAGE + 4), body_length, VERSION_5, RECORD_BATCH),
        *(12, 24, 8, 4, 16, 20),
        *(BATCH - 48, nodes_at - (BATCH + 4), batch.n_rows),
        *(buffers_at - (BATCH + 16), EMPTY - (BATCH + 20)),
        *(4, 4),
        EMPTY - 88,
    )
    nodes = struct.pack("<4xI", len(batch.nodes) // 16) + batch.nodes
    buffers = struct.pack("<4xI", len(places) // 2) + struct.pack(f"<{len(places)}q", *places)
    return fixed + nodes + buffers
