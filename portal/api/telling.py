"""What the caller was told, how they want to be told, and webhooks of their own."""

from datetime import time
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status

from access import notices
from access.clock import database_now
from access.delivering import endpoints, preferences
from access.delivering.preferences import Choice
from access.errors import Invalid, NotAllowed, NotFound
from access.models import Endpoint, How, Notice, Principal
from portal.api.callers import caller
from portal.api.paging import page
from portal.api.shapes import moment

router = Router(tags=["telling"])


class Quiet(Schema):
    """Quiet hours, as 22:00 until 07:00."""

    start: str
    end: str


class TopicChoice(Schema):
    """How one topic is told."""

    mail: str
    webhooks: bool = True


class Chosen(Schema):
    """What to change; what is left out stays. `quiet` null ends the quiet hours."""

    zone: str | None = None
    digest_hour: int | None = None
    quiet: Quiet | None = None
    topics: dict[str, TopicChoice] = {}


class Webhook(Schema):
    """A webhook of one's own; `kind` is generic, slack or teams."""

    name: str
    kind: str = "generic"
    url: str


class Read(Schema):
    """Which notices were read; all when it names none."""

    ids: list[int] = []


@router.get("/notices", summary="Notices")
def listing(
    request: HttpRequest, unread: bool = False, cursor: str | None = None
) -> dict[str, Any]:
    """What the caller was told, newest first; only what is new with `unread=true`."""
    rows = notices.shown_to(caller(request, "notices"))
    return page(
        rows.filter(read_at=None) if unread else rows, cursor, lambda found: map(_notice, found)
    )


@router.post("/notices/read", summary="Mark notices read")
def read(request: HttpRequest, body: Read) -> dict[str, Any]:
    """Mark the caller's own notices read; how many were new."""
    actor = caller(request, "notices")
    return {"read": notices.mark_read(actor, body.ids or None, now=database_now())}


@router.get("/preferences", summary="Preferences")
def read_preferences(request: HttpRequest) -> dict[str, Any]:
    """How the caller is told."""
    return preferences.as_words(preferences.preferences_for(caller(request, "notices")))


@router.patch("/preferences", summary="Change preferences")
def change_preferences(request: HttpRequest, body: Chosen) -> dict[str, Any]:
    """Change how the caller is told."""
    actor = caller(request, "notices")
    if actor.kind != "person":
        raise NotAllowed(
            "Only people are told things. Notices about a service account go to its owner."
        )
    before = preferences.preferences_for(actor).hours
    quiet = None
    if before.quiet_from is not None and before.quiet_until is not None:
        quiet = (before.quiet_from, before.quiet_until)
    if "quiet" in body.model_fields_set:
        quiet = _quiet(body.quiet)
    hour = before.digest_hour if body.digest_hour is None else body.digest_hour
    after = preferences.choose(
        actor,
        hours=preferences.hours_from(body.zone or before.zone.key, hour, quiet),
        choices={name: _choice(name, said) for name, said in body.topics.items()},
        now=database_now(),
    )
    return preferences.as_words(after)


@router.get("/webhooks", summary="Webhooks")
def webhooks(request: HttpRequest, cursor: str | None = None) -> dict[str, Any]:
    """The caller's own; for administrators the portal's too, and people's that fail."""
    rows = endpoints.visible_to(caller(request, "notices")).select_related("owner")
    return page(rows, cursor, lambda found: map(_endpoint, found))


@router.post("/webhooks", response={201: dict[str, Any]}, summary="Add a webhook")
def add(request: HttpRequest, body: Webhook) -> Any:
    """Add one of the caller's own; `secret` is in this answer and nowhere else."""
    actor = caller(request, "notices")
    made = endpoints.create(
        actor=actor, name=body.name, kind=body.kind, url=body.url, now=database_now()
    )
    return Status(201, _endpoint(made.endpoint) | {"secret": made.secret or None})


@router.post("/webhooks/{int:id}/rotation", summary="Rotate a secret")
def rotate(request: HttpRequest, id: int) -> dict[str, Any]:
    """A new signing secret; the one before signs along for a day."""
    actor = caller(request, "notices")
    made = endpoints.rotate(_found(actor, id), actor=actor, now=database_now())
    return _endpoint(made.endpoint) | {"secret": made.secret}


@router.post("/webhooks/{int:id}/enabling", summary="Switch a webhook on")
def enable(request: HttpRequest, id: int) -> dict[str, Any]:
    """Switch it on again; what waited goes out."""
    actor = caller(request, "notices")
    found = _found(actor, id)
    endpoints.enable(found, actor=actor, now=database_now())
    return _endpoint(found)


@router.delete("/webhooks/{int:id}", response={204: None}, summary="Remove a webhook")
def remove(request: HttpRequest, id: int) -> Any:
    """Remove one of the caller's own, with what waits for it."""
    actor = caller(request, "notices")
    endpoints.remove(_found(actor, id), actor=actor, now=database_now())
    return Status(204, None)


def _found(actor: Principal, id: int) -> Endpoint:
    found = endpoints.visible_to(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("There is no such webhook that you may know of.")
    return found


def _quiet(said: Quiet | None) -> tuple[time, time] | None:
    if said is None:
        return None
    try:
        return time.fromisoformat(said.start), time.fromisoformat(said.end)
    except ValueError:
        raise Invalid("Write times as 22:00.", "quiet") from None


def _choice(name: str, said: TopicChoice) -> Choice:
    if said.mail not in How.values:
        raise Invalid(f"Choose one of {', '.join(How.values)}.", f"topics.{name}.mail")
    return Choice(How(said.mail), said.webhooks)


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "subject": notice.subject,
        "body": notice.body,
        "link": notice.link,
        "created_at": moment(notice.created_at),
        "read_at": moment(notice.read_at),
        "mailed_at": moment(notice.mailed_at),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """A webhook without its address or secret."""
    return {
        "id": endpoint.pk,
        "name": endpoint.name,
        "kind": endpoint.kind,
        "owner": endpoint.owner.label if endpoint.owner is not None else None,
        "host": endpoint.host,
        "kinds": endpoint.kinds,
        "domains": endpoint.domains,
        "created_at": moment(endpoint.created_at),
        "last_sent_at": moment(endpoint.last_sent_at),
        "failing_since": moment(endpoint.failing_since),
        "last_error": endpoint.last_error,
        "disabled_at": moment(endpoint.disabled_at),
        "disabled_reason": endpoint.disabled_reason,
    }
