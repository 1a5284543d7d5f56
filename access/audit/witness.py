"""Compares the audit with what somebody kept of it: an export, or the heads alone. This is how a cut tail is found."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from access.audit.digests import GENESIS, event_digest, parse_event, seal_head
from access.models import AuditCheckpoint, AuditEvent, AuditSeal


def compare(lines: Iterable[str]) -> str:
    """The first thing in a kept file that the database no longer has as it was; empty when all of it is there.

    Events that a checkpoint vouches for may be gone. Cost: two queries a line. Errors: `ValueError` naming the line
    that is not an export's.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            problem = _compare_line(number, line)
            if problem:
                return problem
    return ""


def _compare_line(number: int, line: str) -> str:
    kind, kept = _read(number, line)
    if kind == "checkpoint":
        same = AuditCheckpoint.objects.filter(last_id=kept["last_id"], head=kept["head"])
        return (
            ""
            if same.exists()
            else f"the checkpoint up to event {kept['last_id']} (line {number}) is gone"
        )
    if kind == "event" and AuditCheckpoint.objects.filter(last_id__gte=kept["id"]).exists():
        return ""
    if kind == "seal":
        there = AuditSeal.objects.filter(last_id=kept["last_id"]).values_list("head", flat=True)
        if kept["head"] not in list(there):
            return f"the seal up to event {kept['last_id']} (line {number}) is gone or was replaced"
        return ""
    digest = AuditEvent.objects.filter(pk=kept["id"]).values_list("digest", flat=True).first()
    if digest is None:
        return f"event {kept['id']} (line {number}) is gone"
    if digest != kept["digest"]:
        return f"event {kept['id']} (line {number}) is not the one that was kept"
    return ""


def check_export(lines: Iterable[str]) -> str:
    """Whether an export holds together by itself, without any database; the first problem, or nothing."""
    previous, digests = GENESIS, list[str]()
    for number, line in enumerate(lines, start=1):
        kind, kept = _read(number, line)
        if kind == "checkpoint":
            if number != 1:
                return f"a checkpoint (line {number}) stands where an event should"
            previous = kept["head"]
            continue
        if kind == "event":
            if not _is_whole(kept):
                return f"event {kept['id']} (line {number}) was altered"
            digests.append(kept["digest"])
            continue
        head = seal_head(previous, kept["first_id"], kept["last_id"], digests)
        if (kept["previous_head"], kept["head"], kept["n_events"]) != (
            previous,
            head,
            len(digests),
        ):
            return f"the seal up to event {kept['last_id']} (line {number}) does not fit what precedes it"
        previous, digests = head, []
    return ""


def _is_whole(kept: Mapping[str, Any]) -> bool:
    """Whether an event has the digest it says; one with a broken or missing value has not."""
    try:
        return bool(event_digest(parse_event(kept)) == kept["digest"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return False


def _read(number: int, line: str) -> tuple[str, Mapping[str, Any]]:
    try:
        ((kind, kept),) = json.loads(line, parse_float=Decimal).items()
    except (ValueError, AttributeError) as error:
        raise ValueError(f"line {number} is not a line of an audit export") from error
    if kind not in ("event", "seal", "checkpoint"):
        raise ValueError(f"line {number} is not a line of an audit export")
    return kind, kept
