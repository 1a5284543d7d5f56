"""What a client holds after a stream failed in the middle cannot be read as a whole result."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import duckdb
import nanoarrow as na
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pytest

from access.errors import Refusal
from catalog.engines.arrow import END_OF_STREAM
from catalog.engines.arrow_compression import compressed
from portal.api.queries import ARROW, BREAKS, CSV, JSON, PLAIN_ARROW, TYPES, Begun, accepted

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


def _by_duckdb(reader: Any) -> int:
    with duckdb.connect() as connection:
        return int(connection.sql("SELECT count(*) FROM reader").fetchall()[0][0])


ARROW_CLIENTS: dict[str, Callable[[bytes], int]] = {
    "pyarrow": lambda body: int(pa.ipc.open_stream(body).read_all().num_rows),
    "pyarrow by batch": lambda body: sum(len(batch) for batch in pa.ipc.open_stream(body)),
    "pandas": lambda body: len(pa.ipc.open_stream(body).read_pandas()),
    "polars": lambda body: pl.read_ipc_stream(io.BytesIO(body)).height,
    "duckdb through pyarrow": lambda body: _by_duckdb(pa.ipc.open_stream(body)),
    "duckdb through nanoarrow": lambda body: _by_duckdb(na.ArrayStream.from_readable(body)),
}
TEXT_CLIENTS: dict[str, tuple[str, Callable[[bytes], object]]] = {
    "pandas, CSV": (CSV, lambda body: pd.read_csv(io.BytesIO(body))),
    "polars, CSV": (CSV, lambda body: pl.read_csv(io.BytesIO(body))),
    "pyarrow, CSV": (CSV, lambda body: pa.csv.read_csv(io.BytesIO(body))),
    "pandas, JSON": (JSON, lambda body: pd.read_json(io.BytesIO(body))),
    "polars, JSON": (JSON, lambda body: pl.read_json(io.BytesIO(body))),
}
TEXTS = {
    CSV: [b"id,name\r\n", b"1,a\r\n", b"2,b\r\n"],
    JSON: [b'{"columns":[]', b',"rows":[', b"[1]"],
}


def _messages(pack: Callable[[bytes], bytes]) -> list[bytes]:
    batch = pack(TABLE.to_batches()[0].serialize().to_pybytes())
    return [TABLE.schema.serialize().to_pybytes(), batch, batch]


PACKS = {ARROW: compressed, PLAIN_ARROW: bytes}


@pytest.mark.parametrize("form", PACKS)
@pytest.mark.parametrize("read", ARROW_CLIENTS.values(), ids=ARROW_CLIENTS)
def test_every_arrow_client_reads_a_whole_stream_and_raises_on_a_cut_one(
    read: Callable[[bytes], int], form: str
) -> None:
    messages = _messages(PACKS[form])
    assert read(b"".join([*messages, END_OF_STREAM])) == 6

    with pytest.raises(Exception):  # noqa: B017, PT011 - each client has errors of its own
        read(_sent(form, messages))


@pytest.mark.parametrize(("form", "read"), TEXT_CLIENTS.values(), ids=TEXT_CLIENTS)
def test_other_readers_of_text_raise_too(form: str, read: Callable[[bytes], object]) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - each client has errors of its own
        read(_sent(form, TEXTS[form]))


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/*", CSV),
        (ARROW, ARROW),
        (f"{ARROW}; codecs=lz4", ARROW),
        (f'{ARROW};codecs="zstd, lz4", application/json;q=0.5', ARROW),
        (f'{ARROW}; codecs=""', PLAIN_ARROW),
        (f"{ARROW};codecs=zstd", PLAIN_ARROW),
        (f"application/json;q=0.4, {ARROW};q=0.9", ARROW),
        (f"{ARROW};q=nonsense, text/csv", CSV),
    ],
)
def test_the_caller_chooses_form_and_codec(header: str, form: str) -> None:
    assert accepted(header) == form
    assert form in TYPES
    assert form in BREAKS
