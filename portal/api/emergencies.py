"""Breaking glass, and reviewing what was read."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.responses import Status

from access.clock import database_now
from access.deciding import emergencies
from access.discovery import dataset_for
from access.errors import NotFound
from access.models import BreakGlassReview
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.requests import span
from portal.api.shapes import label, moment

router = Router(tags=["access"])


class Breaking(Schema):
    """What is needed at once, and why."""

    dataset: str
    reason: str
    duration: str = "4h"
    columns: list[str] | None = None
    unmasked: list[str] = Field(default_factory=list)


class Finding(Schema):
    """What a reviewer found."""

    justified: bool
    note: str


@router.post("/emergencies", response={201: dict[str, Any]}, summary="Break glass")
def break_glass(request: HttpRequest, body: Breaking) -> Any:
    """Access at once for a listed responder, four hours at most; it is told and reviewed."""
    actor = caller(request, "request")
    dataset = dataset_for(actor, body.dataset)
    grant = emergencies.break_glass(
        dataset,
        actor=actor,
        reason=body.reason,
        duration=span(body.duration, "duration"),
        columns=body.columns,
        unmasked=body.unmasked,
        now=database_now(),
    )
    return Status(201, _shape(emergencies.visible_to(actor).get(grant=grant)))


@router.get("/emergencies", summary="Emergencies")
def listing(request: HttpRequest, cursor: str | None = None) -> dict[str, Any]:
    """The caller's own, and those on datasets it answers for."""
    actor = caller(request, "decide")
    return page(emergencies.visible_to(actor), cursor, lambda found: map(_shape, found))


@router.get("/emergencies/{int:id}", summary="One emergency")
def one(request: HttpRequest, id: int) -> dict[str, Any]:
    """With each statement that was run under it, and each column it read."""
    return _whole(_visible(request, id))


@router.post("/emergencies/{int:id}/review", summary="Review an emergency")
def review(request: HttpRequest, id: int, body: Finding) -> dict[str, Any]:
    """Say what one found; the responder's own review is 403."""
    found = _visible(request, id)
    actor = caller(request, "decide")
    emergencies.review_emergency(
        found, actor=actor, is_justified=body.justified, note=body.note, now=database_now()
    )
    return _whole(found)


def _visible(request: HttpRequest, id: int) -> BreakGlassReview:
    found = emergencies.visible_to(caller(request, "decide")).filter(pk=id).first()
    if found is None:
        raise NotFound("There is no such emergency that you may know of.")
    return found


def _shape(found: BreakGlassReview) -> dict[str, Any]:
    grant = found.grant
    return {
        "id": found.pk,
        "grant": grant.pk,
        "dataset": grant.dataset.name,
        "responder": found.responder.label,
        "reason": grant.decision.reason,
        "starts_at": moment(grant.starts_at),
        "expires_at": moment(grant.expires_at),
        "ended_at": moment(grant.ended_at),
        "review_due_at": moment(found.due_at),
        "reviewed_at": moment(found.reviewed_at),
        "reviewer": label(found.reviewer),
        "justified": found.is_justified,
        "note": found.note or None,
    }


def _whole(found: BreakGlassReview) -> dict[str, Any]:
    statements = [
        {
            "at": moment(each.at),
            "sql": each.sql,
            "columns": list(each.columns),
            "rows": each.rows,
            "surface": each.surface,
            "code": each.code or None,
        }
        for each in emergencies.statements_of(found)
    ]
    return {**_shape(found), "statements": statements}
