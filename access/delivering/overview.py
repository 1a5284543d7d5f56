"""How telling goes, for administrators: what waits, what was given up on, how each webhook fares. Names no words told."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from access.audit.events import Kind, record
from access.delivering import claims
from access.delivering.endpoints import visible_to
from access.models import Endpoint, Letter, OutboxMessage, Post, Principal
from access.people.permissions import Permission, require

SHOWN = 50


@dataclass(frozen=True)
class Fare:
    """One webhook: how many posts wait for it and how many were set aside."""

    endpoint: Endpoint
    n_waiting: int
    n_aside: int


@dataclass(frozen=True)
class Overview:
    """What an administrator looks at; the lists are cut at fifty, the newest first."""

    webhooks: tuple[Fare, ...]
    posts: tuple[Post, ...]
    letters: tuple[Letter, ...]
    n_messages: int
    n_letters_waiting: int

    @property
    def n_aside(self) -> int:
        """How many lines there are to try again."""
        return len(self.posts) + len(self.letters) + self.n_messages


def overview(viewer: Principal) -> Overview:
    """What became of everything told. Errors: `NotAllowed` for anybody but an administrator. Cost: five queries."""
    require(viewer, Permission.ADMINISTER)
    unsent = Q(posts__sent_at__isnull=True)
    endpoints = (
        visible_to(viewer)
        .select_related("owner")
        .annotate(
            n_waiting=Count("posts", filter=unsent & Q(posts__quarantined_at__isnull=True)),
            n_aside=Count("posts", filter=unsent & Q(posts__quarantined_at__isnull=False)),
        )
    )
    posts = Post.objects.exclude(quarantined_at=None).select_related("endpoint", "notice")
    letters = Letter.objects.exclude(quarantined_at=None).select_related("recipient")
    messages = OutboxMessage.objects.filter(delivered_at=None).exclude(quarantined_at=None)
    return Overview(
        webhooks=tuple(Fare(each, each.n_waiting, each.n_aside) for each in endpoints),
        posts=tuple(posts.order_by("-quarantined_at")[:SHOWN]),
        letters=tuple(letters.order_by("-quarantined_at")[:SHOWN]),
        n_messages=messages.count(),
        n_letters_waiting=Letter.objects.filter(sent_at=None, quarantined_at=None).count(),
    )


@transaction.atomic
def try_again(*, actor: Principal, now: datetime) -> int:
    """Try all that was set aside once more; how many. Errors: `NotAllowed` for anybody but an administrator."""
    require(actor, Permission.ADMINISTER)
    n_again = claims.again(Letter.objects.all(), now) + claims.again(Post.objects.all(), now)
    n_again += (
        OutboxMessage.objects.filter(delivered_at=None)
        .exclude(quarantined_at=None)
        .update(quarantined_at=None, attempts=0, due_at=now)
    )
    if n_again:
        record(Kind.DELIVERIES_RETRIED, actor=actor, data={"n": n_again}, now=now)
    return n_again
