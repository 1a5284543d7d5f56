"""The review of access over the API: what tonight does, waking and coming back, exemptions, who could read what."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.responses import Status

from access import grants, sweep
from access.audit import readers
from access.clock import database_now
from access.discovery import dataset_for
from access.models import Principal
from access.people.permissions import Permission, require
from access.people.principals import parse_holder
from access.sweep import Verdict
from portal.api.callers import caller
from portal.api.grants import known, shown
from portal.api.paging import cut
from portal.api.requests import span
from portal.api.shapes import moment

router = Router(tags=["access"])


class Columns(Schema):
    """Which columns to keep; without any, all that are on their way out."""

    columns: list[str] | None = None


class Member(Schema):
    """Who comes back; a member themself names nobody."""

    member: str = ""


class Exempting(Schema):
    """How long a grant may go unused, why, and who answers for it: the caller where nobody is named."""

    duration: str
    reason: str
    owner: str = ""


class Asked(Schema):
    """The day in UTC, today where none is named, and the column."""

    on: date | None = None
    column: str = ""
    cursor: str | None = None


class Place(Schema):
    """Where to go on."""

    cursor: str | None = None


@router.get("/access-review/tonight", summary="What the next review does")
def tonight(request: HttpRequest, place: Query[Place]) -> dict[str, Any]:
    """What the next review does to the caller's grants and to those on datasets it stewards, row for row."""
    planned = sweep.tonight(caller(request, "grants"))
    answer = cut(planned.rows, place.cursor, _verdicts)
    return {**answer, "as_of": moment(planned.as_of), "held_back": planned.stopped or None}


@router.post("/grants/{int:id}/waking", summary="Wake a sleeping grant")
def wake(request: HttpRequest, id: int) -> dict[str, Any]:
    """Let seasonal access that was put to sleep work again, until its old end and under unchanged rules."""
    actor = caller(request, "request")
    now = database_now()
    return shown(grants.wake(known(id, actor), actor=actor, now=now).pk, now)


@router.post("/grants/{int:id}/readmission", summary="Come back to a team's grant")
def readmit(request: HttpRequest, id: int, body: Member | None = None) -> dict[str, Any]:
    """Let a member who was left out for lack of use read through their team's grant again."""
    actor = caller(request, "request")
    now = database_now()
    grants.readmit(
        known(id, actor), actor=actor, member=_person(body.member) if body else None, now=now
    )
    return shown(id, now)


@router.post("/grants/{int:id}/kept-columns", summary="Keep columns that would go")
def keep_columns(request: HttpRequest, id: int, body: Columns | None = None) -> dict[str, Any]:
    """Keep columns of a grant that are masked, or will be, because nobody read them."""
    actor = caller(request, "request")
    wanted = body.columns if body else None
    kept = grants.keep_columns(known(id, actor), actor=actor, columns=wanted, now=database_now())
    return {"kept": list(kept)}


@router.post("/grants/{int:id}/exemption", response={201: dict[str, Any]}, summary="Exempt a grant")
def exempt(request: HttpRequest, id: int, body: Exempting) -> Any:
    """Leave a grant alone although nobody uses it, for 180 days at most; somebody answers for it."""
    actor = caller(request, "grants")
    now = database_now()
    made = grants.exempt(
        known(id, actor),
        actor=actor,
        owner=_person(body.owner),
        reason=body.reason,
        ends_at=now + span(body.duration, "duration"),
        now=now,
    )
    said = {"owner": made.owner.label, "reason": made.reason, "ends_at": moment(made.ends_at)}
    return Status(201, {"grant": id, **said})


@router.delete("/grants/{int:id}/exemption", summary="Withdraw an exemption")
def withdraw(request: HttpRequest, id: int) -> dict[str, Any]:
    """End an exemption early."""
    actor = caller(request, "grants")
    ended = grants.withdraw(known(id, actor), actor=actor, now=database_now())
    return {"grant": id, "withdrawn": ended}


@router.get("/datasets/{name}/readers", summary="Who could read it on a day, and who did")
def could_read(request: HttpRequest, name: str, asked: Query[Asked]) -> dict[str, Any]:
    """Who could read a dataset, or one column, at some moment of a day, who did, who approved it and why."""
    viewer = caller(request, "audit")
    dataset = dataset_for(viewer, name)
    require(viewer, Permission.READ_AUDIT, dataset)
    day = asked.on or database_now().date()
    found = readers.readers(dataset, viewer=viewer, on=day, column=asked.column)
    return {
        **cut(found.readers, asked.cursor, _readers),
        "dataset": found.dataset,
        "column": found.column or None,
        "on": found.on.isoformat(),
        "n_could": found.n_could,
        "n_did": found.n_did,
        "closed": found.closed or None,
    }


def _person(label: str) -> Principal | None:
    found = parse_holder(label) if label else None
    return found if isinstance(found, Principal) else None


def _verdicts(rows: Sequence[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "grant": row.grant,
            "dataset": row.dataset,
            "principal": row.holder,
            "action": row.action.value,
            "reason": row.reason,
            "columns": list(row.columns) or None,
            "due_at": moment(row.due_at),
        }
        for row in rows
    ]


def _readers(rows: Sequence[readers.Reader]) -> list[dict[str, Any]]:
    return [
        {
            "principal": each.principal,
            "through": each.through or None,
            "grant": each.grant,
            "times": [{"from": moment(part.start), "to": moment(part.end)} for part in each.spans],
            "sight": each.sight or None,
            "columns": None if each.columns is None else list(each.columns),
            "rows": each.rows or None,
            "n_reads": each.n_reads,
            "last_read_at": moment(each.last_read_at),
            "approved_by": list(each.approval.by),
            "approved_as": each.approval.kind,
            "approved_at": moment(each.approval.at),
            "reason": each.approval.reason or each.approval.purpose,
            "purpose": each.approval.purpose or None,
            "request": each.approval.request,
        }
        for each in rows
    ]
