"""Where the standard OpenLineage clients post their events."""

import zlib
from typing import Any

import orjson
from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from access.clock import database_now
from access.errors import Invalid
from access.people.permissions import Permission, require
from access.policies import upkeep
from catalog.importers import import_openlineage
from portal.api.callers import caller

router = Router(tags=["lineage"])

LARGEST = 20_000_000


@router.post(
    "/lineage",
    response={201: dict[str, Any]},
    summary="Post an OpenLineage event",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
def post(request: HttpRequest) -> Any:
    """One RunEvent, JobEvent or DatasetEvent, or a list of them; gzip is fine, posting twice changes nothing."""
    principal = caller(request, "lineage")
    require(principal, Permission.REPORT_LINEAGE)
    events, now = _events(request), database_now()
    report, _ = upkeep.taken_over(lambda: import_openlineage(events, now=now), now=now)
    return Status(
        201,
        {
            "added": report.added,
            "changed": report.changed,
            "unchanged": report.unchanged,
        },
    )


def _events(request: HttpRequest) -> list[Any]:
    try:
        body = _unpacked(request)
        read = orjson.loads(body)
    except (orjson.JSONDecodeError, OSError, EOFError, zlib.error) as error:
        raise Invalid("The body is not a JSON event.", field="body") from error
    return read if isinstance(read, list) else [read]


def _unpacked(request: HttpRequest) -> bytes:
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return request.body
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    plain = stream.decompress(request.body, LARGEST)
    if stream.unconsumed_tail:
        raise Invalid(f"An event may have {LARGEST:,} bytes at most.", field="body")
    return plain
