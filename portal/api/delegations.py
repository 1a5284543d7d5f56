"""Deciding in somebody's place: naming a delegate, and ending it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status

from access.clock import database_now
from access.deciding import delegation
from access.errors import Invalid, NotFound
from access.models import Delegation, Principal
from access.people.principals import parse_holder
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.shapes import moment

router = Router(tags=["access"])


class Naming(Schema):
    """Who decides in the caller's place, from when (now, if left out) until when."""

    delegate: str
    starts_at: datetime | None = None
    ends_at: datetime
    note: str = ""


@router.get("/delegations", summary="Delegations")
def listing(request: HttpRequest, cursor: str | None = None) -> dict[str, Any]:
    """Those the caller made and those that name them; administrators see all."""
    actor = caller(request, "decide")
    return page(delegation.visible_to(actor), cursor, lambda found: map(_shape, found))


@router.post("/delegations", response={201: dict[str, Any]}, summary="Name a delegate")
def name_delegate(request: HttpRequest, body: Naming) -> Any:
    """Let somebody decide in the caller's place for a while."""
    actor = caller(request, "decide")
    made = delegation.name_delegate(
        _person(body.delegate),
        actor=actor,
        starts_at=_aware(body.starts_at, "starts_at"),
        ends_at=_aware(body.ends_at, "ends_at") or body.ends_at,
        note=body.note,
        now=database_now(),
    )
    return Status(201, _shape(made))


@router.delete("/delegations/{int:id}", summary="End a delegation")
def end(request: HttpRequest, id: int) -> dict[str, Any]:
    """End it before its time."""
    actor = caller(request, "decide")
    found = delegation.visible_to(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("There is no such delegation that you may know of.")
    return _shape(delegation.end(found, actor=actor, now=database_now()))


def _person(label: str) -> Principal:
    found = parse_holder(label if ":" in label else f"user:{label}")
    if not isinstance(found, Principal):
        raise Invalid("A delegate is a person, as user:dana.", "delegate")
    return found


def _aware(moment: datetime | None, field: str) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Invalid("Say the time with its zone, as 2027-01-31T18:00:00Z.", field)
    return moment


def _shape(made: Delegation) -> dict[str, Any]:
    return {
        "id": made.pk,
        "delegator": made.delegator.label,
        "delegate": made.delegate.label,
        "starts_at": moment(made.starts_at),
        "ends_at": moment(made.ends_at),
        "ended_at": moment(made.ended_at),
        "note": made.note,
    }
