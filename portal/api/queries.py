"""The gate over HTTP: SQL in, rows out, as Arrow, JSON or CSV."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Field, Router, Schema

from access import gate
from access.errors import Invalid
from access.gate.rendering import csv_stream, json_stream
from access.gate.results import Result
from access.gate.whereabouts import warehouse_for
from access.models import Surface
from portal.api.callers import caller

router = Router(tags=["queries"])

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
CSV = "text/csv"
# A comma between two kinds, not one inside quotes.
BETWEEN_KINDS = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
PLAIN_ARROW = f'{ARROW};codecs=""'
WRITERS: dict[str, Callable[[Result], Iterator[bytes]]] = {
    ARROW: Result.arrow,
    PLAIN_ARROW: partial(Result.arrow, is_compressed=False),
    JSON: json_stream,
    CSV: csv_stream,
}
TYPES = {
    ARROW: f"{ARROW}; codecs=lz4",
    PLAIN_ARROW: ARROW,
    JSON: JSON,
    CSV: "text/csv; charset=utf-8; header=present",
}


class QueryBody(Schema):
    """One SELECT. `warehouse` and `schema` say where unqualified names live."""

    sql: str = Field(min_length=1)
    warehouse: str | None = None
    schema_: str | None = Field(None, alias="schema")
    limit: int | None = Field(None, ge=0)
    purpose: str = ""


@router.post(
    "/queries",
    summary="Query through the gate",
    openapi_extra={
        "responses": {
            200: {
                "description": "The rows, in the form that `Accept` asks for.",
                "content": {
                    ARROW: {"schema": {"type": "string", "format": "binary"}},
                    CSV: {"schema": {"type": "string"}},
                    JSON: {"schema": {"type": "object"}},
                },
            }
        }
    },
)
def query(request: HttpRequest, body: QueryBody) -> HttpResponseBase:
    """Run one SELECT as the caller. Access that ends while the rows stream ends the stream with an error."""
    principal = caller(request, "query")
    form = accepted(request.headers.get("Accept", ""))
    result = gate.open(
        principal,
        body.sql,
        warehouse=warehouse_for(body.sql, body.warehouse),
        schema=body.schema_,
        purpose=body.purpose,
        surface=Surface.API,
        limit=body.limit,
        is_compressed=form == ARROW,
    )
    chunks = Begun(result, WRITERS[form](result), BREAKS[form])
    response = StreamingHttpResponse(chunks, content_type=TYPES[form])
    for name, value in facts(result).items():
        response[name] = value
    return response


BREAKS = {
    # The head of a message whose body never comes.
    ARROW: b"\xff\xff\xff\xff\x00\x01\x00\x00",
    # An object that is never closed.
    PLAIN_ARROW: b"\xff\xff\xff\xff\x00\x01\x00\x00",
    JSON: b"",
    # A quoted field that is never closed.
    CSV: b'"The result is not complete: access to the data ended, or the query failed. Ask again.',
}
"""How each form breaks off, so that no reader takes the rows so far for all of them.

granian ends the response of a WSGI iterator that raised as if it had been exhausted, so the connection tells a client
nothing; neither would it behind a proxy that mends what its upstream breaks.
"""

FIRST = 3
"""Chunks read before the answer begins: past the opening of every form, into its first rows."""


class Begun:
    """The chunks of a result, the first of them read already, so that what fails at once is answered as a problem.

    Later failures can only break the stream off, and must: a stream that ended well would look whole. The server closes
    it when the client goes away, also before the first chunk was asked for.
    """

    def __init__(self, result: Result, chunks: Iterator[bytes], broken: bytes) -> None:
        self.close = result.close
        self._broken = broken
        self._chunks = chain(list(islice(chunks, FIRST)), chunks)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Exception:
            yield self._broken
            raise


def facts(result: Result) -> dict[str, str]:
    """What the caller must know of a result, as headers."""
    versions = ",".join(f"{name};v={number}" for name, number in result.dataset_versions.items())
    return {
        "Gatehouse-Query": str(result.id),
        "Gatehouse-Policy": result.policy_fingerprint,
        "Gatehouse-Datasets": versions,
        "Gatehouse-Valid-Until": result.valid_until.isoformat() if result.valid_until else "",
        "Cache-Control": "no-store",
    }


def accepted(header: str) -> str:
    """The first form of ours that `Accept` names; JSON when it names anything or nothing.

    Of the parameters, weights are honoured and, for Arrow, `codecs`: a list without `lz4` asks for plain buffers.
    Source: RFC 9110 section 12.5.1; `codecs` as in Apache Arrow's examples of Arrow over HTTP.
    """
    choices: list[tuple[float, int, str]] = []
    for index, part in enumerate(BETWEEN_KINDS.split(header)):
        kind, *pairs = (each.strip().lower() for each in part.split(";"))
        parameters = dict(pair.partition("=")[::2] for pair in pairs)
        weight = _weight(parameters.get("q", "1"))
        if kind == ARROW and "lz4" not in parameters.get("codecs", "lz4"):
            kind = PLAIN_ARROW
        if weight > 0:
            choices.append((-weight, index, kind))
    for _, _, kind in sorted(choices):
        if kind in WRITERS:
            return kind
        if kind in ("*/*", "application/*", ""):
            return JSON
        if kind == "text/*":
            return CSV
    if header.strip():
        raise Invalid(f"Ask for one of {ARROW}, {JSON}, {CSV} in `Accept`.", field="Accept")
    return JSON


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
