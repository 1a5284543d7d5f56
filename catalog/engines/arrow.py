"""Arrow IPC messages from engine batches, and rows back from them, with nanoarrow alone.

A result travels as one schema message and one message per record batch. They are written apart, so that a server can
stop between two batches without ever writing the end marker.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import nanoarrow as na
from nanoarrow.ipc import StreamWriter
from nanoarrow.iterator import PyIterator

# An Arrow stream ends with a continuation marker and a zero length; without it pyarrow takes a stream cut between
# two batches for a whole one, so it is sent only after the last batch.
END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def schema_message(schema: Any) -> bytes:
    """The encapsulated IPC message of a struct schema."""
    return bytes(na.Schema(schema).serialize() or b"")


class BatchWriter:
    """Turns arrays of one schema into encapsulated IPC messages, one each."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._writer = StreamWriter.from_writable(self._sink)

    def message(self, array: Any) -> bytes:
        """The IPC message of one struct array."""
        return b"".join(self.parts(array))

    def parts(self, array: Any) -> tuple[bytes, memoryview]:
        """The same in two parts: its header, and its body where the writer keeps it until the next array."""
        self._sink.parts.clear()
        self._writer.write_array(array, write_schema=False)
        header, *body = self._sink.parts
        return bytes(header), body[0] if body else memoryview(b"")


class _Sink:
    """What nanoarrow writes to: it remembers where the parts lie and copies nothing."""

    closed = False

    def __init__(self) -> None:
        self.parts: list[memoryview] = []

    def write(self, part: Any) -> int:
        """Takes a part. The header's buffer is used again for the body, so that one is kept as it is now."""
        view = memoryview(part)
        self.parts.append(view if self.parts else memoryview(bytes(view)))
        return len(view)


def head(array: Any, n_rows: int) -> Any:
    """The first rows of a struct array.

    nanoarrow's own slice keeps the children's length and count of nulls, which readers reject.
    """
    children = [_first(array.child(position), n_rows) for position in range(array.n_children)]
    return na.c_array_from_buffers(array.schema, n_rows, [None], null_count=0, children=children)


def _first(child: Any, n_rows: int) -> Any:
    view = child.view()
    return na.c_array_from_buffers(
        child.schema,
        n_rows,
        [view.buffer(position) for position in range(view.n_buffers)],
        null_count=-1,
        children=[child.child(position) for position in range(child.n_children)],
    )


def rows_of(schema_ipc: bytes, batch_ipc: bytes) -> Iterator[tuple[Any, ...]]:
    """The rows of one batch as Python values: for pages of a table, never for bulk.

    Moments that Python has no date for are text: an infinity, or the year written out.
    """
    stream = na.ArrayStream.from_readable(schema_ipc + batch_ipc + END_OF_STREAM)
    with stream:
        yield from _Rows.get_iterator(stream)


class _Values(PyIterator):  # type: ignore[misc]
    """nanoarrow's values, with three of its iterators replaced.

    It reads a negative decimal as a huge positive one, and raises on moments beyond Python's years.
    """

    def _decimal_iter(self, offset: int, length: int) -> Iterator[Decimal | None]:
        view = self._schema_view
        context = Context(prec=view.decimal_precision)
        for item in self._primitive_iter(offset, length):
            yield (
                None
                if item is None
                else Decimal(int.from_bytes(item, sys.byteorder, signed=True)).scaleb(
                    -view.decimal_scale, context
                )
            )

    def _date_iter(self, offset: int, length: int) -> Iterator[date | str | None]:
        for days in self._primitive_iter(offset, length):
            moment = None if days is None else _moment(days * DAY, days in DATE_EXTREMES)
            yield moment.date() if isinstance(moment, datetime) else _date_of(moment)

    def _timestamp_iter(self, offset: int, length: int) -> Iterator[datetime | str | None]:
        unit = MICROSECONDS[self._schema_view.time_unit]
        zone = UTC if self._schema_view.timezone else None
        for item in self._primitive_iter(offset, length):
            moment = None if item is None else _moment(item * unit, item in MOMENT_EXTREMES)
            yield moment.replace(tzinfo=zone) if isinstance(moment, datetime) else moment


class _Rows(_Values):
    """Each element of a struct array as a tuple."""

    def _make_child(self, schema: Any, array_view: Any) -> _Values:
        return _Values(schema, array_view=array_view)

    def _iter_chunk(self, offset: int, length: int) -> Iterator[tuple[Any, ...]]:
        rows: Iterator[tuple[Any, ...]] = self._struct_tuple_iter(offset, length)
        return rows


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is added when the column has one
DAY = 86_400_000_000
# The Gregorian calendar repeats after this many days, which are 400 years.
CYCLE = 146_097 * DAY
MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": Fraction(1, 1_000)}
# Both engines keep their infinities as the extremes of the integer, DuckDB its negative one away from NULL's.
DATE_EXTREMES = frozenset({2**31 - 1, -(2**31), -(2**31) + 1})
MOMENT_EXTREMES = frozenset({2**63 - 1, -(2**63), -(2**63) + 1})


def _moment(microseconds: int | Fraction, is_extreme: bool) -> datetime | str:
    whole = int(microseconds // 1)
    if is_extreme:
        return "infinity" if whole > 0 else "-infinity"
    try:
        return EPOCH + timedelta(microseconds=whole)
    except OverflowError:
        cycles, rest = divmod(whole, CYCLE)
        inside = EPOCH + timedelta(microseconds=rest)
        return f"{inside.year + 400 * cycles}{inside.isoformat()[4:]}"


def _date_of(moment: str | None) -> str | None:
    return moment.partition("T")[0] if moment else None
