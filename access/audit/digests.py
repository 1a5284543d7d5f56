"""The digest of an audit event and of a seal, worked out here and nowhere near the database that keeps them.

The trigger in PostgreSQL computes the same from its own row; verifying means computing it again by other means. All of
it is pure, so that an export can be checked on a machine that has never seen the portal.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

GENESIS = "0" * 64


def event_digest(event: Mapping[str, Any]) -> str:
    """The SHA-256 of one event, as 64 hexadecimal digits.

    `event` has id, at (aware datetime), kind, actor (its key or None), actor_label, subject, dataset, reason and
    data (the text PostgreSQL shows for a jsonb, see `jsonb_text`).
    """
    actor = event["actor"]
    fields = (
        str(event["id"]),
        event["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        event["kind"],
        None if actor is None else str(actor),
        event["actor_label"],
        event["subject"],
        event["dataset"],
        event["reason"],
        event["data"],
    )
    return hashlib.sha256("".join(map(_field, fields)).encode()).hexdigest()


def _field(value: str | None) -> str:
    """A value with its length in bytes in front; a missing one is a dash."""
    return "-" if value is None else f"{len(value.encode())}:{value}"


def seal_head(previous_head: str, first_id: int, last_id: int, digests: Iterable[str]) -> str:
    """The head of a seal: SHA-256 over the head before it, the range it covers, and the digests in order of id."""
    head = hashlib.sha256(f"{previous_head}:{first_id}:{last_id}".encode())
    for digest in digests:
        head.update(b":" + digest.encode())
    return head.hexdigest()


def jsonb_text(value: Any) -> str:
    """A JSON value as PostgreSQL writes a jsonb: keys by length and then by bytes, a space after colon and comma."""
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{_text(key)}: {jsonb_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(jsonb_text(each) for each in value) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def parse_event(line: Mapping[str, Any]) -> dict[str, Any]:
    """An exported line as `event_digest` takes it. The line was read with `parse_float=Decimal`."""
    at = datetime.fromisoformat(line["at"])
    return {**line, "at": at, "data": jsonb_text(line["data"])}
