"""Posts what waits to webhooks: several endpoints at a time, one message at a time to each, so that a slow or dead one
holds up nobody else.

Only the call itself runs in threads; every row is read and written here. A message has the same id at every attempt:
a worker killed between the answer and the note of it posts once more, and a receiver that looks at the id takes it once.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from access.clock import database_now
from access.delivering import backoff, calling, claims, concealing, endpoints, shapes, signing
from access.delivering.subjects import datasets_of
from access.models import Endpoint, Post
from catalog.engines.base import EngineError

log = structlog.get_logger(__name__)

THREADS = 8
SECONDS = 10.0
HEADERS = {"Content-Type": "application/json", "User-Agent": "Gatehouse", "Accept": "*/*"}

Call = Callable[..., calling.Answer]


@dataclass(frozen=True)
class Outgoing:
    """One call to make: everything it needs, so that a thread needs no database."""

    endpoint: Endpoint
    post: Post
    body: bytes
    rules: calling.Rules
    at: datetime


def send(now: datetime, seconds: float = SECONDS, call: Call = calling.post) -> dict[str, int]:
    """Post what is due, for some seconds at most and then no new ones; counts by outcome.

    Cost: a handful of queries a message.
    """
    counts = {"sent": 0, "failed": 0}
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = iter(list(_ready(now)))
        running: dict[Future[calling.Answer], Outgoing] = {}
        _start(waiting, running, pool, call, now)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                outgoing = running.pop(future)
                is_taken = _note(outgoing, future.result(), _moment(now))
                counts["sent" if is_taken else "failed"] += 1
                following = _next(outgoing.endpoint, now) if is_taken else None
                if following is not None and time.monotonic() < until:
                    running[pool.submit(_call, following, call)] = following
            if time.monotonic() < until:
                _start(waiting, running, pool, call, now)
    return counts


def _moment(now: datetime) -> datetime:
    """The database's clock, or the moment of a test that lies ahead of it."""
    return max(now, database_now())


def _start(
    waiting: Iterator[Endpoint],
    running: dict[Future[calling.Answer], Outgoing],
    pool: ThreadPoolExecutor,
    call: Call,
    now: datetime,
) -> None:
    """Fill the free threads with the first message of endpoints that have none under way."""
    while len(running) < THREADS:
        endpoint = next(waiting, None)
        if endpoint is None:
            return
        outgoing = _next(endpoint, now)
        if outgoing is not None:
            running[pool.submit(_call, outgoing, call)] = outgoing


def _ready(now: datetime) -> Iterator[Endpoint]:
    """Endpoints that are on, not resting, and have something due; whoever was tried longest ago first."""
    due = claims.waiting(Post.objects.filter(endpoint=OuterRef("pk")), now)
    return (
        Endpoint.objects.filter(Exists(due), disabled_at=None)
        .filter(Q(resting_until=None) | Q(resting_until__lte=now))
        .filter(Q(owner=None) | Q(owner__is_active=True))
        .select_related("owner")
        .order_by(F("resting_until").asc(nulls_first=True), "id")
        .iterator()
    )


def _next(endpoint: Endpoint, now: datetime) -> Outgoing | None:
    """The oldest message for an endpoint, claimed; None when nothing is due or another worker has it."""
    rows = Post.objects.filter(endpoint=endpoint)
    due = claims.waiting(rows, now).select_related("notice").order_by("due_at", "id")
    for post in due[:5]:
        if claims.claim(post, rows, now):
            body = shapes.body_of(endpoint.kind, _event(post))
            return Outgoing(endpoint, post, body, endpoints.rules(), _moment(now))
    return None


def _event(post: Post) -> shapes.Event:
    notice = post.notice
    dataset = datasets_of([notice]).get(notice.pk)
    return shapes.Event(
        id=post.key.hex,
        kind=notice.kind,
        at=notice.created_at,
        subject=notice.subject,
        body=notice.body,
        link=f"{settings.PORTAL_URL}{notice.link}" if notice.link else "",
        dataset=dataset.name if dataset else "",
        audience=tuple(post.audience),
    )


def _call(outgoing: Outgoing, call: Call) -> calling.Answer:
    """Resolve the secrets and make the call; in a thread, so without the database."""
    at = outgoing.at
    try:
        address = endpoints.address_of(outgoing.endpoint)
        secrets = endpoints.secrets_of(outgoing.endpoint, at)
        signed = signing.headers(outgoing.post.key, outgoing.body, secrets, at) if secrets else {}
        return call(address, outgoing.body, HEADERS | signed, rules=outgoing.rules, now=at)
    except (concealing.Unreadable, signing.WrongSecret, EngineError):
        return calling.Answer(error="no_secret")
    except Exception as error:  # a fault of ours must not leave the message claimed and unseen
        log.error("webhook call broke", post=outgoing.post.pk, error=type(error).__name__)
        return calling.Answer(error="broken_call")


def _note(outgoing: Outgoing, answer: calling.Answer, now: datetime) -> bool:
    """Write down what came of it; whether the endpoint has the message."""
    post, endpoint = outgoing.post, outgoing.endpoint
    rows, them = Post.objects.all(), Endpoint.objects.filter(pk=endpoint.pk)
    if answer.is_taken:
        claims.arrived(post, rows, now)
        them.update(
            failing_since=None, resting_until=None, n_failures=0, last_sent_at=now, last_error=""
        )
        return True
    claims.failed(post, rows, answer.words, now, answer.retry_after)
    failures = endpoint.n_failures + 1
    them.update(
        failing_since=Coalesce("failing_since", now),
        resting_until=now + backoff.rest(failures, answer.retry_after),
        n_failures=F("n_failures") + 1,
        last_error=answer.words[:100],
    )
    log.warning("webhook failed", endpoint=endpoint.pk, post=post.pk, error=answer.words)
    if answer.is_gone:
        endpoints.disable(endpoint, reason=endpoints.GONE, now=now)
    elif endpoint.failing_since and endpoint.failing_since + backoff.GIVEN_UP <= now:
        endpoints.disable(endpoint, reason=endpoints.FAILING, now=now)
    return False
