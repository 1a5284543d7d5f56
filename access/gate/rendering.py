"""A gate result as rows of text: CSV and JSON, written while it streams.

Both stop with the same refusal as the result itself, and neither writes its closing part before the last row, so a
cut stream never reads as a whole one.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from access.gate.results import Result

# A spreadsheet takes a cell that begins so for a formula. Source: OWASP, CSV Injection.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_stream(result: Result, *, for_spreadsheets: bool = False) -> Iterator[bytes]:
    """UTF-8 CSV with a header line, one chunk per batch; NULL is an empty field.

    `for_spreadsheets` puts an apostrophe before a text that a spreadsheet would run as a formula.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow([name for name, _ in result.columns])
    for rows in result.pages():
        writer.writerows([_cells(row, for_spreadsheets) for row in rows])
        yield _drained(sink)
    yield _drained(sink)


def json_stream(result: Result) -> Iterator[bytes]:
    """One JSON object: `columns` (name and type), `rows` (arrays), then `truncated`, `rows_total` and `valid_until`.

    Decimals are numbers written in full, times are ISO 8601, bytes are base64.
    """
    columns = [{"name": name, "type": kind} for name, kind in result.columns]
    yield b'{"id":' + orjson.dumps(str(result.id)) + b',"columns":' + orjson.dumps(columns)
    yield b',"rows":['
    separator = b""
    for rows in result.pages():
        if rows:
            yield separator + b",".join(orjson.dumps(row, default=_plain) for row in rows)
            separator = b","
    tail = {
        "truncated": result.is_truncated,
        "rows_total": result.rows_delivered,
        "valid_until": result.valid_until,
    }
    yield b"]," + orjson.dumps(tail)[1:]


def _drained(sink: io.StringIO) -> bytes:
    written = sink.getvalue().encode()
    sink.seek(0)
    sink.truncate()
    return written


def _cells(row: tuple[Any, ...], for_spreadsheets: bool) -> list[Any]:
    return [_cell(value, for_spreadsheets) for value in row]


def _cell(value: Any, for_spreadsheets: bool) -> Any:
    if isinstance(value, str):
        risky = for_spreadsheets and value.startswith(FORMULA_STARTS)
        return "'" + value if risky else value
    if value is None or isinstance(value, int | float | Decimal):
        return value
    return _text(value)


def _text(value: Any) -> str:
    """A value that is neither text nor number, as its JSON says it."""
    written = orjson.dumps(value, default=_plain).decode()
    return written.strip('"') if written.startswith('"') else written


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f").encode()) if value.is_finite() else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
