"""The caller's grants, and those on the datasets it stewards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from access import grants
from access.clock import database_now
from access.errors import NotFound
from access.evidence import last_used
from access.models import Grant, Principal
from access.people.permissions import Permission, may
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.requests import span
from portal.api.shapes import grant_shape, request_shape

router = Router(tags=["access"])

# Revoking must not wait for words: a call without any still ends the grant.
NO_REASON = "No reason was given."
RELATIONS = ("dataset", "principal", "team", "decision", "decision__decider")


class Renewal(Schema):
    """How much longer, counted from the decision."""

    duration: str
    purpose: str = ""


class Ending(Schema):
    """Why a grant ends; its holder reads it."""

    reason: str = ""


class View(Schema):
    """Whose grants to list."""

    model_config = {"populate_by_name": True}

    role: Literal["holder", "steward"] = Field("holder", alias="as")
    cursor: str | None = None


@router.get("/grants", summary="Grants")
def listing(request: HttpRequest, view: Query[View]) -> dict[str, Any]:
    """The caller's grants, its teams' included; with `as=steward` those on datasets it stewards."""
    actor = caller(request, "grants")
    held = grants.on_data_of(actor) if view.role == "steward" else grants.held_by(actor)
    now = database_now()
    return page(held.select_related(*RELATIONS), view.cursor, lambda rows: _shapes(rows, now))


@router.delete("/grants/{int:id}", summary="Return or revoke a grant")
def end(
    request: HttpRequest, id: int, reason: str = "", body: Ending | None = None
) -> dict[str, Any]:
    """End a grant: its holder returns it; a steward of the dataset or an administrator revokes it, at best with a reason."""
    actor = caller(request, "grants")
    now = database_now()
    grant = known(id, actor)
    if grants.is_holder(grant, actor):
        ended = grants.give_back(grant, actor=actor, now=now)
    else:
        said = reason.strip() or (body.reason.strip() if body else "") or NO_REASON
        ended = grants.revoke(grant, actor=actor, reason=said, now=now)
    return shown(ended.pk, now)


@router.post("/grants/{int:id}/renewal", response={201: dict[str, Any]}, summary="Ask for longer")
def renew(request: HttpRequest, id: int, body: Renewal) -> Any:
    """Ask for a later end of the same grant; the old end stands until somebody decides."""
    actor = caller(request, "request")
    made = grants.request_renewal(
        known(id, actor),
        actor=actor,
        duration=span(body.duration, "duration"),
        purpose=body.purpose,
        now=database_now(),
    )
    return Status(201, request_shape(made))


@router.post("/grants/{int:id}/restoration", response={201: dict[str, Any]}, summary="Restore")
def restore(request: HttpRequest, id: int) -> Any:
    """Bring back a grant that ended for lack of use, within its restore window and its original end."""
    actor = caller(request, "request")
    now = database_now()
    restored = grants.restore(known(id, actor), actor=actor, now=now)
    return Status(201, shown(restored.pk, now))


def known(id: int, actor: Principal) -> Grant:
    """A grant this caller may know of. Errors: `NotFound`."""
    rows = Grant.objects.filter(
        Q(pk__in=grants.held_by(actor).values("pk"))
        | Q(pk__in=grants.on_data_of(actor).values("pk"))
    )
    if may(actor, Permission.ADMINISTER):
        rows = Grant.objects.all()
    found = rows.select_related(*RELATIONS).filter(pk=id).first()
    if found is None:
        raise NotFound("There is no such grant that you may know of.")
    return found


def shown(pk: int, now: datetime) -> dict[str, Any]:
    """One grant as the API shows it."""
    return _shapes([Grant.objects.select_related(*RELATIONS).get(pk=pk)], now)[0]


def _shapes(rows: Sequence[Grant], now: datetime) -> list[dict[str, Any]]:
    used = last_used([grant.pk for grant in rows])
    return [grant_shape(grant, now, used.get(grant.pk)) for grant in rows]
