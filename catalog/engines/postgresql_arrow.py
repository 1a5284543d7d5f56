"""PostgreSQL's binary values as Arrow columns, without numpy or pyarrow.

The mapping, by type: booleans, integers and floats are themselves; text, varchar, char and name are strings; bytea is
binary; date, time, timestamp and timestamptz are date32, time64, timestamp and timestamp in UTC, in microseconds, with
PostgreSQL's infinities kept as the extreme value; numeric(p, s) is decimal128(p, s); numeric without a declared scale
(sums, averages) is decimal128(38, 9), rounded half to even, as other warehouses have it; every other type travels as
the text PostgreSQL prints for it. A numeric that does not fit, NaN included, fails the query rather than lie.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from itertools import accumulate
from typing import Any

import nanoarrow as na
from psycopg.types.numeric import Int4BinaryLoader, Int8BinaryLoader
from psycopg.types.string import ByteaBinaryLoader

from catalog.engines.base import EngineError

# Days and microseconds between PostgreSQL's epoch, 2000-01-01, and Arrow's, 1970-01-01.
EPOCH_DAYS = 10_957
EPOCH_MICROSECONDS = EPOCH_DAYS * 86_400_000_000
LOOSE_PRECISION, LOOSE_SCALE = 38, 9
SMALL_PRECISION = 18
BOUNDS = {"i": (-(2**31), 2**31 - 1), "q": (-(2**63), 2**63 - 1)}

NUMERIC = 1700
# Loaded as the plain integers and bytes they are on the wire: no Python dates, no decoding.
LOADERS: dict[int, Any] = {
    1082: Int4BinaryLoader,
    1083: Int8BinaryLoader,
    1114: Int8BinaryLoader,
    1184: Int8BinaryLoader,
    **dict.fromkeys((19, 25, 1042, 1043), ByteaBinaryLoader),
}


@dataclass(frozen=True)
class ColumnCodec:
    """How one column becomes Arrow: the engine's name of its type, its Arrow schema and its encoder.

    `fetched` is how the column is asked for, with `{}` for its name, where not as it is; `is_wide` that its values are
    bytes of any length.
    """

    type: str
    schema: Any
    encode: Callable[[Sequence[Any]], Any]
    fetched: str = ""
    is_wide: bool = False


def codec_for(oid: int, modifier: int) -> ColumnCodec | None:
    """The codec of a type by its OID and modifier; None when values must be cast to text first."""
    if oid == NUMERIC:
        return _numeric(modifier)
    return SIMPLE.get(oid)


def encode_batch(
    codecs: Sequence[ColumnCodec], schema: Any, columns: Sequence[Sequence[Any]]
) -> Any:
    """A struct array of these columns."""
    children = [codec.encode(values) for codec, values in zip(codecs, columns, strict=True)]
    n_rows = len(columns[0]) if columns else 0
    return na.c_array_from_buffers(schema, n_rows, [None], null_count=0, children=children)


def _bitmap(flags: Iterable[object]) -> bytes:
    """One bit per flag, least significant first."""
    bits = "".join(["1" if flag else "0" for flag in flags])[::-1]
    return int(bits or "0", 2).to_bytes((len(bits) + 7) // 8, "little")


def _validity(values: Sequence[Any]) -> tuple[bytes | None, int]:
    n_nulls = values.count(None)
    return (_bitmap(value is not None for value in values) if n_nulls else None), n_nulls


def _fixed(schema: Any, code: str, offset: int = 0) -> Callable[[Sequence[Any]], Any]:
    low, high = BOUNDS.get(code, (0, 0))

    def encode(values: Sequence[Any]) -> Any:
        validity, n_nulls = _validity(values)
        plain: Iterable[Any] = values
        if n_nulls:
            plain = [0 if value is None else value for value in values]
        if offset:
            plain = _moved(plain, offset, low, high)
        try:
            packed = array(code, plain)
        except OverflowError as error:
            raise EngineError("arithmetic") from error
        return na.c_array_from_buffers(schema, len(values), [validity, packed], null_count=n_nulls)

    return encode


def _moved(values: Iterable[int], offset: int, low: int, high: int) -> list[int]:
    """The values from another epoch; the infinities stay where they are."""
    known = list(values)
    if known and (min(known) == low or max(known) == high):
        return [value if value in (low, high) else value + offset for value in known]
    return [value + offset for value in known]


def _boolean(values: Sequence[Any]) -> Any:
    validity, n_nulls = _validity(values)
    return na.c_array_from_buffers(
        na.bool_(), len(values), [validity, _bitmap(values)], null_count=n_nulls
    )


def _variable(schema: Any) -> Callable[[Sequence[Any]], Any]:
    def encode(values: Sequence[Any]) -> Any:
        validity, n_nulls = _validity(values)
        plain = [value or b"" for value in values] if n_nulls else values
        try:
            offsets = array("i", accumulate(map(len, plain), initial=0))
        except OverflowError as error:
            raise EngineError("memory") from error
        return na.c_array_from_buffers(
            schema, len(values), [validity, offsets, b"".join(plain)], null_count=n_nulls
        )

    return encode


def _numeric(modifier: int) -> ColumnCodec:
    precision, scale = LOOSE_PRECISION, LOOSE_SCALE
    name = "numeric"
    if modifier >= 4:
        declared, fraction = ((modifier - 4) >> 16) & 0xFFFF, (modifier - 4) & 0x7FF
        # PostgreSQL 15 and later let a scale be negative or beyond the precision; those are treated as undeclared.
        if fraction <= declared <= LOOSE_PRECISION:
            precision, scale, name = declared, fraction, f"numeric({declared},{fraction})"
    if precision <= SMALL_PRECISION and name != "numeric":
        return _scaled(name, precision, scale)
    schema = na.decimal128(precision, scale)
    context = Context(prec=precision, rounding=ROUND_HALF_EVEN)
    quantum = Decimal(1).scaleb(-scale)

    def whole(value: Decimal) -> bytes:
        unscaled = int(value.quantize(quantum, context=context).scaleb(scale, context=context))
        return unscaled.to_bytes(16, "little", signed=True)

    def encode(values: Sequence[Any]) -> Any:
        validity, n_nulls = _validity(values)
        zero = bytes(16)
        try:
            packed = b"".join([zero if value is None else whole(value) for value in values])
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise EngineError("arithmetic") from error
        return na.c_array_from_buffers(schema, len(values), [validity, packed], null_count=n_nulls)

    return ColumnCodec(name, schema, encode)


def _scaled(name: str, precision: int, scale: int) -> ColumnCodec:
    """Numbers that fit eight bytes come as whole ones, counted in their last digit: the server is quick at that."""
    schema = na.decimal128(precision, scale)

    def encode(values: Sequence[Any]) -> Any:
        validity, n_nulls = _validity(values)
        low = array("q", [value or 0 for value in values] if n_nulls else values)
        packed = array("q", bytes(16 * len(low)))
        packed[0::2] = low
        if low and min(low) < 0:
            packed[1::2] = array("q", [value >> 63 for value in low])
        return na.c_array_from_buffers(schema, len(low), [validity, packed], null_count=n_nulls)

    return ColumnCodec(name, schema, encode, f"CAST({{}} * {10**scale} AS bigint)")


def _codec(name: str, schema: Any, code: str, offset: int = 0) -> ColumnCodec:
    return ColumnCodec(name, schema, _fixed(schema, code, offset))


def _text(name: str) -> ColumnCodec:
    return ColumnCodec(name, na.string(), _variable(na.string()), is_wide=True)


SIMPLE: dict[int, ColumnCodec] = {
    16: ColumnCodec("boolean", na.bool_(), _boolean),
    17: ColumnCodec("bytea", na.binary(), _variable(na.binary()), is_wide=True),
    19: _text("name"),
    20: _codec("bigint", na.int64(), "q"),
    21: _codec("smallint", na.int16(), "h"),
    23: _codec("integer", na.int32(), "i"),
    25: _text("text"),
    26: _codec("oid", na.uint32(), "I"),
    700: _codec("real", na.float32(), "f"),
    701: _codec("double precision", na.float64(), "d"),
    1042: _text("character"),
    1043: _text("character varying"),
    1082: _codec("date", na.date32(), "i", EPOCH_DAYS),
    1083: _codec("time without time zone", na.time64("us"), "q"),
    1114: _codec("timestamp without time zone", na.timestamp("us"), "q", EPOCH_MICROSECONDS),
    1184: _codec("timestamp with time zone", na.timestamp("us", "UTC"), "q", EPOCH_MICROSECONDS),
}
