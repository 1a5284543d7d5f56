"""What a client holds after a stream failed in the middle cannot be read as a whole result."""

import csv
import io
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from access.errors import Refusal
from portal.api.queries import ARROW, BREAKS, CSV, JSON, Begun

TABLE = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def _sent(form: str, chunks: list[bytes]) -> bytes:
    """What reaches the client before the stream fails."""

    def failing() -> Iterator[bytes]:
        yield from chunks
        raise Refusal("Your access ended.", code="access_ended")

    result: Any = SimpleNamespace(close=lambda: None)
    sent: list[bytes] = []
    with pytest.raises(Refusal):
        sent.extend(Begun(result, failing(), BREAKS[form]))
    return b"".join(sent)


def test_pyarrow_raises() -> None:
    sink = io.BytesIO()
    writer = pa.ipc.new_stream(sink, TABLE.schema)
    for _ in range(3):
        writer.write_table(TABLE)
    whole_batches = sink.getvalue()
    assert pa.ipc.open_stream(whole_batches).read_all().num_rows == 9

    body = _sent(ARROW, [whole_batches, b"", b""])

    with pytest.raises((pa.ArrowInvalid, OSError)):
        pa.ipc.open_stream(body).read_all()


def test_a_strict_csv_reader_raises() -> None:
    body = _sent(CSV, [b"id,name\r\n", b"1,a\r\n", b"2,b\r\n"])

    with pytest.raises(csv.Error):
        list(csv.reader(io.StringIO(body.decode()), strict=True))


def test_json_is_never_closed() -> None:
    body = _sent(JSON, [b'{"columns":[]', b',"rows":[', b"[1]"])

    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
