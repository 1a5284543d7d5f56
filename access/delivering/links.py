"""The way from a mail to one decision: signed, for its addressee alone, used once, and not for long.

The link proves nothing by itself. Whoever opens it signs in first, sees the request only if the mail was theirs, and
decides by a form like everywhere else, under every rule there is.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from access.asking import requests
from access.asking.superseding import put_aside_if_overtaken
from access.deciding import decisions
from access.delivering.subjects import REQUEST
from access.errors import Conflict, NotFound
from access.models import AccessRequest, DecisionLink, Notice, Principal

SALT = "gatehouse.decision-link"
LIFE = timedelta(days=7)
KINDS = ("request.submitted", "request.answered")
PATH = "/decide/{}/"

Outcome = TypeVar("Outcome")


class LinkIsSpent(Conflict):
    """The link decided already, or its time is over; the request itself is where it always was."""

    code = "link_spent"


def prepare(notices: QuerySet[Notice], *, now: datetime) -> None:
    """Make the link of each notice that asks somebody to decide; one that is there stays as it is."""
    asking = {
        notice: int(found[1])
        for notice in notices.filter(kind__in=KINDS)
        if (found := REQUEST.search(notice.link))
    }
    known = set(AccessRequest.objects.filter(pk__in=asking.values()).values_list("pk", flat=True))
    DecisionLink.objects.bulk_create(
        [
            DecisionLink(
                notice=notice,
                request_id=request,
                person_id=notice.recipient_id,
                created_at=now,
                expires_at=now + LIFE,
            )
            for notice, request in asking.items()
            if request in known
        ],
        ignore_conflicts=True,
    )


def paths_of(notices: Iterable[Notice]) -> Mapping[int, str]:
    """The path of each notice's link, by the notice's key."""
    rows = DecisionLink.objects.filter(notice__in=[notice.pk for notice in notices])
    return {row.notice_id: PATH.format(token_of(row)) for row in rows}


def token_of(link: DecisionLink) -> str:
    """What stands in the address: the link and its addressee, signed."""
    return signing.dumps([link.pk, link.person_id], salt=SALT)


def opened(token: str, *, actor: Principal) -> DecisionLink:
    """The link behind a token. Opening decides nothing and uses nothing up.

    Errors: `NotFound` for anything but a link of this person's own to a request they may still know of.
    """
    try:
        pk, person = signing.loads(token, salt=SALT, max_age=LIFE * 2)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None
    found = (
        DecisionLink.objects.filter(pk=pk, person=person)
        .select_related("request", "request__dataset", "request__requester")
        .first()
    )
    if found is None or found.person_id != actor.pk:
        raise NotFound
    if not requests.visible_to(actor).filter(pk=found.request_id).exists():
        raise NotFound
    return found


def is_spent(link: DecisionLink, now: datetime) -> bool:
    """Whether it decided already, or came too late."""
    return link.used_at is not None or link.expires_at <= now


def use(
    link: DecisionLink,
    act: Callable[[], Outcome],
    *,
    actor: Principal,
    approves: bool,
    now: datetime,
) -> Outcome:
    """Use the link up and do what it is for, both or neither.

    Errors: `NotFound` for anybody but its addressee; `LinkIsSpent`; and everything `act` raises, after which the link
    is as it was.
    """
    if link.person_id != actor.pk:
        raise NotFound
    if approves and not decisions.reason_not_to(actor, link.request):
        # It stands whatever becomes of the decision, so it is no part of what may be undone below.
        put_aside_if_overtaken(link.request, now=now)
    with transaction.atomic():
        claimed = DecisionLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
        if not claimed.update(used_at=now):
            raise LinkIsSpent(
                "This link was used, or its time is over. What waits for you is in your inbox."
            )
        return act()
