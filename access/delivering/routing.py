"""Works out where each notice goes: which mail it waits for, and which webhooks hear of it.

A notice is routed once: its row is locked, its posts are written and it is marked, in one transaction. Two workers
never take the same notice, and a killed one leaves it unrouted.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from access import mail
from access.delivering.preferences import Preferences, preferences_of
from access.delivering.subjects import datasets_of
from access.delivering.topics import is_wanted, topic_of
from access.models import ByMail, Endpoint, How, Notice, Post, Principal
from catalog.models import Dataset, Visibility

BATCH = 1_000
# Nobody wants last month's notices because a mail server was configured today.
STALE = timedelta(days=3)


@dataclass(frozen=True)
class Way:
    """Where one notice goes by mail; `is_muted` keeps it out of the portal's list too."""

    by_mail: str = ""
    due_at: datetime | None = None
    is_muted: bool = False


def route_recipient(payload: Mapping[str, Any], now: datetime) -> None:
    """Consumer of the outbox: route what `payload["recipient"]` has been told and was not routed yet."""
    route(now, recipient=payload["recipient"])


def route_all(now: datetime, batches: int = 20) -> int:
    """Route what waits, oldest first, a batch in a transaction of its own; how many notices."""
    total = 0
    for _ in range(batches):
        n_routed = route(now)
        total += n_routed
        if n_routed < BATCH:
            break
    return total


@transaction.atomic
def route(now: datetime, recipient: int | None = None) -> int:
    """Route a batch of notices; how many. Cost: about ten queries a batch."""
    waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        routed_at=None
    )
    if recipient is not None:
        waiting = waiting.filter(recipient=recipient)
    notices = list(waiting.select_related("recipient").order_by("id")[:BATCH])
    if not notices:
        return 0
    preferences = preferences_of(notice.recipient_id for notice in notices)
    fresh = [each for each in notices if each.created_at > now - STALE and each.mailed_at is None]
    _write_posts(fresh, preferences, now)
    known = {notice.pk for notice in fresh}
    ways: dict[Way, list[int]] = defaultdict(list)
    for notice in notices:
        said = preferences[notice.recipient_id]
        ways[_way(notice, said, now, is_fresh=notice.pk in known)].append(notice.pk)
    for way, keys in ways.items():
        Notice.objects.filter(pk__in=keys).update(
            routed_at=now, by_mail=way.by_mail, mail_due_at=way.due_at, is_muted=way.is_muted
        )
    return len(notices)


def _way(notice: Notice, said: Preferences, now: datetime, *, is_fresh: bool) -> Way:
    topic = topic_of(notice.kind)
    choice = said.choice(topic)
    is_muted = choice.mail is How.NEVER
    if not is_fresh or not _has_mail(notice.recipient):
        return Way(is_muted=is_muted)
    if choice.mail is How.AT_ONCE:
        return Way(ByMail.AT_ONCE, said.told_from(topic, now))
    if choice.mail is How.DIGEST:
        return Way(ByMail.DIGEST, said.hours.next_digest(now))
    return Way(is_muted=is_muted)


def _has_mail(person: Principal) -> bool:
    return bool(person.is_active and person.email) and mail.is_configured()


# --- Webhooks


def event_of(notice: Notice) -> str:
    """What is the same for everybody who is told of one event, and for nothing else: its words, its place, its moment."""
    parts = (notice.kind, notice.subject, notice.body, notice.link, notice.created_at.isoformat())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _write_posts(
    notices: Sequence[Notice], preferences: Mapping[int, Preferences], now: datetime
) -> None:
    endpoints = list(
        Endpoint.objects.filter(disabled_at=None).filter(
            Q(owner=None) | Q(owner__in={notice.recipient_id for notice in notices})
        )
    )
    if not endpoints or not notices:
        return
    datasets = datasets_of(notices) if any(each.owner_id is None for each in endpoints) else {}
    posts: dict[tuple[int, str], Post] = {}
    for notice in notices:
        event = event_of(notice)
        said = preferences[notice.recipient_id]
        for endpoint in _wanting(endpoints, notice, said, datasets.get(notice.pk)):
            place = (endpoint.pk, event)
            if place not in posts:
                due = now
                if endpoint.owner_id is not None:
                    due = said.told_from(topic_of(notice.kind), now)
                posts[place] = Post(
                    endpoint=endpoint, event=event, notice=notice, created_at=now, due_at=due
                )
            posts[place].audience.append(notice.recipient.label)
    # The same event again, in a later batch: the endpoint has it already, or will.
    Post.objects.bulk_create(posts.values(), ignore_conflicts=True)


def _wanting(
    endpoints: Iterable[Endpoint], notice: Notice, said: Preferences, dataset: Dataset | None
) -> Iterable[Endpoint]:
    for endpoint in endpoints:
        if not is_wanted(notice.kind, endpoint.kinds):
            continue
        if endpoint.owner_id is None:
            if _may_hear(endpoint, dataset):
                yield endpoint
            continue
        is_own = endpoint.owner_id == notice.recipient_id
        if is_own and said.choice(topic_of(notice.kind)).to_webhooks:
            yield endpoint


def _may_hear(endpoint: Endpoint, dataset: Dataset | None) -> bool:
    """Whether a shared endpoint may hear of the dataset; a hidden one is named where an administrator said so."""
    if dataset is None:
        return not endpoint.domains
    if dataset.visibility == Visibility.HIDDEN and not endpoint.includes_hidden:
        return False
    if not endpoint.domains:
        return True
    return dataset.domain is not None and dataset.domain.name in endpoint.domains
