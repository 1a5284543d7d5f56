"""Trino's values, which arrive as JSON, as Arrow columns.

Booleans, numbers, dates and timestamps without zone are themselves; timestamps with a zone are instants in UTC; texts
are strings; everything else travels as the text Python has for it. What does not fit fails the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import nanoarrow as na

from catalog.engines.base import EngineError
from catalog.engines.postgresql_arrow import ColumnCodec, codec_for, encode_batch

# The codecs are PostgreSQL's, which count days and microseconds from here.
FIRST_DAY = date(2000, 1, 1)
FIRST_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - as PostgreSQL counts moments without a zone
TEXT = 25
DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class Column:
    """One column of a result: its name, Trino's type, and how its values become Arrow."""

    name: str
    type: str
    codec: ColumnCodec
    plain: Callable[[Any], Any]


def column(name: str, type_text: str) -> Column:
    """The column for a type such as `varchar(20)` or `timestamp(3) with time zone`."""
    found = DECIMAL.fullmatch(type_text)
    if found is not None:
        precision, scale = int(found[1]), int(found[2])
        return Column(name, type_text, _decimal(precision, scale), _unscaled(scale))
    head, _, rest = type_text.partition("(")
    base = head + rest.partition(")")[2]
    oid, plain = KINDS.get(base, (TEXT, _as_text))
    return Column(name, type_text, _codec(oid), plain)


def schema_of(columns: Sequence[Column]) -> Any:
    """The Arrow schema of a result."""
    fields = [na.Schema(one.codec.schema, name=one.name) for one in columns]
    return na.c_schema(na.struct(fields, nullable=False))


def encoded(columns: Sequence[Column], schema: Any, rows: Sequence[Sequence[Any]]) -> Any:
    """A struct array of these rows. Errors: `EngineError` for a value that Arrow cannot hold."""
    try:
        values = [
            [None if value is None else one.plain(value) for value in found]
            for one, found in zip(columns, zip(*rows, strict=True), strict=True)
        ]
    except (ValueError, TypeError, ArithmeticError) as error:
        raise EngineError("conversion") from error
    return encode_batch([one.codec for one in columns], schema, values)


def _codec(oid: int) -> ColumnCodec:
    found = codec_for(oid, -1)
    assert found is not None
    return found


def _decimal(precision: int, scale: int) -> ColumnCodec:
    """Decimals from whole numbers of their last digit."""
    schema = na.decimal128(precision, scale)

    def encode(values: Sequence[Any]) -> Any:
        known = "".join("1" if value is not None else "0" for value in reversed(values))
        bits = int(known or "0", 2).to_bytes((len(values) + 7) // 8, "little")
        packed = b"".join((value or 0).to_bytes(16, "little", signed=True) for value in values)
        n_nulls = values.count(None)
        validity = bits if n_nulls else None
        return na.c_array_from_buffers(schema, len(values), [validity, packed], null_count=n_nulls)

    return ColumnCodec("decimal", schema, encode)


def _unscaled(scale: int) -> Callable[[Any], int]:
    context = Context(prec=38)
    return lambda value: int(Decimal(value).scaleb(scale, context))


def _same(value: Any) -> Any:
    return value


def _as_text(value: Any) -> bytes:
    return str(value).encode()


def _as_days(value: Any) -> int:
    return int((value - FIRST_DAY).days)


def _as_moment(value: Any) -> int:
    return int((value - FIRST_MOMENT) // timedelta(microseconds=1))


def _as_instant(value: Any) -> int:
    return _as_moment(value.astimezone(UTC).replace(tzinfo=None))


KINDS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "boolean": (16, _same),
    "tinyint": (21, _same),
    "smallint": (21, _same),
    "integer": (23, _same),
    "bigint": (20, _same),
    "real": (700, _same),
    "double": (701, _same),
    "date": (1082, _as_days),
    "timestamp": (1114, _as_moment),
    "timestamp with time zone": (1184, _as_instant),
    "varbinary": (17, bytes),
}
