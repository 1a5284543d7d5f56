"""Reviews of access: opening one, what waits for a word, a verdict on each grant, and the record of it."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status

from access import campaigns
from access.clock import database_now
from access.errors import NotFound
from access.models import Campaign, CampaignItem, Certification, Principal
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.requests import span
from portal.api.shapes import label, moment

router = Router(tags=["access"])


class Opening(Schema):
    """What is reviewed (`domain:`, `dataset:` or `team:` and a name), and for how long reviewers have time."""

    name: str
    scope: str
    due: str = "14d"


class Word(Schema):
    """What becomes of one grant; a narrowing takes out `columns`, or those that the evidence names."""

    verdict: Literal["keep", "narrow", "revoke"]
    reason: str = ""
    columns: list[str] | None = None


@router.get("/reviews", summary="Reviews of access")
def listing(request: HttpRequest, cursor: str | None = None) -> dict[str, Any]:
    """Those the caller opened or has a say in; administrators all."""
    return page(campaigns.visible_to(caller(request, "decide")), cursor, _shapes)


@router.post("/reviews", response={201: dict[str, Any]}, summary="Open a review")
def open_review(request: HttpRequest, body: Opening) -> Any:
    """Ask for a word on every grant that is open in a scope now."""
    now = database_now()
    made = campaigns.open_campaign(
        body.name,
        body.scope,
        actor=caller(request, "decide"),
        due_at=now + span(body.due, "due"),
        now=now,
    )
    return Status(201, _shapes([made])[0])


@router.get("/reviews/{int:id}", summary="One review")
def one(request: HttpRequest, id: int) -> dict[str, Any]:
    """How it stands; for whoever oversees it also by reviewer."""
    actor = caller(request, "decide")
    found = campaigns.campaign_for(actor, id)
    reviewers = campaigns.reviewers_of(found) if campaigns.oversees(actor, found) else []
    shown = [
        {"reviewer": person.label, "waiting": waiting, "decided": decided}
        for person, waiting, decided in reviewers
    ]
    return {**_shapes([found])[0], "reviewers": shown}


@router.get("/reviews/{int:id}/items", summary="The grants of a review")
def items(request: HttpRequest, id: int, cursor: str | None = None) -> dict[str, Any]:
    """Each grant with its evidence, what that recommends, and what was said; sort by `priority` for the urgent first."""
    actor = caller(request, "decide")
    found = campaigns.campaign_for(actor, id)
    return page(campaigns.items_of(found, actor), cursor, lambda rows: map(_item, rows))


@router.post("/reviews/{int:id}/items/{int:item}/verdict", summary="Say what becomes of a grant")
def verdict(request: HttpRequest, id: int, item: int, body: Word) -> dict[str, Any]:
    """Keep, narrow or revoke it. A second verdict is 409 `already_decided`; one's own access is 403."""
    actor = caller(request, "decide")
    found = _visible(request, id, item)
    said = campaigns.certify(
        found,
        actor=actor,
        verdict=Certification(body.verdict),
        reason=body.reason,
        columns=body.columns,
        now=database_now(),
    )
    return _item(said)


@router.delete("/reviews/{int:id}/items/{int:item}/verdict", summary="Take a verdict back")
def take_back(request: HttpRequest, id: int, item: int) -> dict[str, Any]:
    """One's own, within a quarter of an hour."""
    found = _visible(request, id, item)
    return _item(campaigns.take_back(found, actor=caller(request, "decide"), now=database_now()))


@router.get("/reviews/{int:id}/export", summary="The record of a review")
def export(
    request: HttpRequest, id: int, format: Literal["json", "csv"] = "json"
) -> HttpResponse | dict[str, Any]:
    """Everything the caller may see of it in one answer, as JSON or CSV."""
    actor = caller(request, "decide")
    found = campaigns.campaign_for(actor, id)
    if format == "csv":
        rows = campaigns.rows_of(campaigns.items_of(found, actor))
        return HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    return record_of(actor, found)


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    """The record as CSV (RFC 4180): moments in ISO 8601, lists with spaces between. Formulas are disarmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(campaigns.COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in _plain(row).values()])
    return out.getvalue()


def _cell(value: Any) -> Any:
    text = " ".join(value) if isinstance(value, list) else value
    # A spreadsheet would run what begins like this (OWASP, CSV injection).
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t") else text


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: moment(value) if isinstance(value, datetime) else value for key, value in row.items()
    }


def record_of(actor: Principal, found: Campaign) -> dict[str, Any]:
    """A review with each grant, as the export has it."""
    rows = campaigns.rows_of(campaigns.items_of(found, actor))
    return {"review": _shapes([found])[0], "items": [_plain(row) for row in rows]}


def _visible(request: HttpRequest, id: int, item: int) -> CampaignItem:
    actor = caller(request, "decide")
    found = campaigns.campaign_for(actor, id)
    one = campaigns.items_of(found, actor).filter(pk=item).first()
    if one is None:
        raise NotFound("There is no such grant in this review that you may know of.")
    return one


def _shapes(found: Sequence[Campaign]) -> list[dict[str, Any]]:
    rows = CampaignItem.objects.filter(campaign__in=[each.pk for each in found])
    progress = campaigns.progress_by_campaign(rows)
    return [
        {
            "id": each.pk,
            "name": each.name,
            "scope": each.scope,
            "opened_by": label(each.opener),
            "opens_at": moment(each.opens_at),
            "due_at": moment(each.due_at),
            "closed_at": moment(each.closed_at),
            "progress": {
                name: getattr(progress[each.pk], name)
                for name in ("total", "open", "kept", "narrowed", "revoked", "suspended", "moot")
            },
        }
        for each in found
    ]


def _item(item: CampaignItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "grant": item.grant_id,
        "principal": item.grant.holder.label,
        "dataset": item.grant.dataset.name,
        "priority": item.priority,
        "findings": item.findings,
        "recommended": item.recommended or None,
        "because": item.because,
        "unused": item.unused,
        "last_used_at": moment(item.last_used_at),
        "state": item.state,
        "reason": item.reason or None,
        "columns": item.columns,
        "decided_by": label(item.decided_by),
        "decided_at": moment(item.decided_at),
    }
