"""Webhooks that are dead, slow, flapping, full or gone: every message arrives once for whoever looks at its id."""

import json
import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from access.clock import database_now
from access.delivering import backoff, calling, claims, endpoints, posts, routing, running
from access.models import AuditEvent, Endpoint, Notice, Post, Principal
from catalog.models import Visibility
from tests.access.delivering.conftest import OLD_SECRET, SECRET, tell
from tests.access.delivering.receivers import (
    drip,
    hang_up,
    huge,
    is_genuine,
    receiving,
    status,
)
from tests.datasets import make_dataset, make_domain

pytestmark = pytest.mark.django_db
Making = Callable[..., Endpoint]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _until_quiet(step: timedelta = HOUR, most: int = 120) -> int:
    """Rounds of telling over a moved clock, until nothing waits; how many."""
    now = database_now()
    for n in range(most):
        running.deliver(now)
        if not Post.objects.filter(sent_at=None, quarantined_at=None).exists():
            return n
        now += step
    return most


def test_an_event_is_posted_once_signed_and_says_whom_it_was_told(
    steward: Principal, analyst: Principal, endpoint: Making
) -> None:
    now = database_now()
    with receiving() as receiver:
        endpoint(receiver, secrets=["${HOOK_SECRET}", "${OLD_HOOK_SECRET}"])
        for person in (steward, analyst):
            tell(person, "k", "request.submitted", now=now)
        counts = [running.deliver(database_now()) for _ in range(3)]

    (message,) = receiver.messages
    assert [each["webhooks_sent"] for each in counts] == [1, 0, 0]
    assert is_genuine(message, SECRET)
    assert is_genuine(message, OLD_SECRET)
    said = json.loads(message.body)
    assert said["type"] == "request.submitted"
    assert said["data"]["audience"] == ["user:olga", "user:alice"]
    assert said["data"]["link"] == "https://data.example/access/"
    assert abs(int(message.headers["webhook-timestamp"]) - time.time()) < 60


@pytest.mark.parametrize(
    "trouble",
    [
        [status(500)] * 3,
        [hang_up] * 3,
        [status(503), hang_up, status(500), status(404)],
        [status(302)],
    ],
    ids=["500", "dead", "flapping", "redirect"],
)
def test_what_did_not_arrive_is_sent_again_with_the_same_id(
    analyst: Principal, endpoint: Making, trouble: list[Any]
) -> None:
    with receiving(*trouble) as receiver:
        endpoint(receiver)
        for key in ("a", "b", "c"):
            tell(analyst, key)
        _until_quiet()

    taken = {each.headers["webhook-id"]: json.loads(each.body) for each in receiver.messages}
    assert sorted(each["data"]["subject"] for each in taken.values()) == [
        "Subject of a",
        "Subject of b",
        "Subject of c",
    ]
    assert len(receiver.messages) == 3 + len(trouble)
    assert Post.objects.exclude(sent_at=None).count() == 3


def test_an_endpoint_that_takes_a_message_and_says_it_did_not_gets_it_twice_by_one_id(
    analyst: Principal, endpoint: Making
) -> None:
    with receiving(hang_up, hang_up, hang_up) as receiver:
        endpoint(receiver)
        tell(analyst, "a")
        _until_quiet()

    assert (len(receiver.ids), len(set(receiver.ids))) == (4, 1)


def test_attempts_end_and_then_people_see_it_and_try_again(
    analyst: Principal, administrator: Principal, endpoint: Making
) -> None:
    with receiving(usual=status(500)) as receiver:
        made = endpoint(receiver)
        tell(analyst, "a")
        _until_quiet(step=2 * HOUR)
        post = Post.objects.get()
        assert len(receiver.messages) == backoff.ATTEMPTS == post.attempts
        assert (post.quarantined_at is None, post.last_error) == (False, "status 500")

        receiver.usual = status(200)
        endpoints.enable(made, actor=administrator, now=database_now())
        running.deliver(database_now())

    assert Post.objects.get().sent_at is not None
    assert len(set(receiver.ids)) == 1


def test_an_endpoint_is_left_alone_as_long_as_it_asks(analyst: Principal, endpoint: Making) -> None:
    with receiving(status(429, Retry_After="3600")) as receiver:
        endpoint(receiver)
        for key in ("a", "b"):
            tell(analyst, key)
        now = database_now()
        running.deliver(now)
        for minutes in (1, 30, 59):
            running.deliver(now + timedelta(minutes=minutes))
        assert len(receiver.messages) == 1
        running.deliver(now + timedelta(minutes=61))

    assert len(receiver.messages) == 3
    assert not Post.objects.filter(sent_at=None).exists()


def test_410_switches_an_endpoint_off_keeps_what_waits_and_tells_who_runs_it(
    analyst: Principal, administrator: Principal, endpoint: Making
) -> None:
    with receiving(status(410)) as receiver:
        made = endpoint(receiver)
        for key in ("a", "b"):
            tell(analyst, key)
        now = database_now()
        running.deliver(now)
        running.deliver(now + DAY)
        assert len(receiver.messages) == 1
        made.refresh_from_db()
        assert made.disabled_at is not None
        assert AuditEvent.objects.get(kind="endpoint.disabled").data["reason"] == endpoints.GONE
        told = Notice.objects.get(kind="endpoint.disabled")
        assert told.recipient == administrator

        endpoints.enable(made, actor=administrator, now=database_now())
        running.deliver(now + DAY)

    waited = {json.loads(each.body)["data"]["subject"] for each in receiver.messages}
    assert waited == {"Subject of a", "Subject of b"}


def test_an_endpoint_that_fails_for_days_is_switched_off(
    analyst: Principal, administrator: Principal, endpoint: Making
) -> None:
    with receiving(usual=hang_up) as receiver:
        made = endpoint(receiver)
        for n in range(12):
            tell(analyst, f"k{n}")
        now = database_now()
        for hours in range(0, 24 * 6, 12):
            running.deliver(now + timedelta(hours=hours))

    made.refresh_from_db()
    assert made.disabled_reason == endpoints.FAILING
    assert Notice.objects.filter(kind="endpoint.disabled").count() == 1


def test_a_slow_endpoint_holds_up_nobody_else(
    analyst: Principal, endpoint: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        endpoints,
        "rules",
        lambda: calling.Rules(frozenset({"127.0.0.1"}), http=True, seconds=4.0),
    )
    with receiving(usual=drip) as slow, receiving(huge) as quick:
        endpoint(slow, "slow")
        endpoint(quick, "quick")
        for n in range(5):
            tell(analyst, f"k{n}")
        running.deliver(database_now())

    (message,) = slow.messages
    assert len(set(quick.ids)) == 5
    assert max(each.at for each in quick.messages) < message.at + 4


def test_a_worker_that_died_between_sending_and_noting_it_sends_the_same_id_again(
    analyst: Principal, endpoint: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    with receiving() as receiver:
        endpoint(receiver)
        tell(analyst, "a")
        now = database_now()
        with monkeypatch.context() as broken:
            broken.setattr(posts, "_note", die)
            with pytest.raises(SystemExit):
                running.deliver(now)
        running.deliver(now + timedelta(seconds=1))
        assert len(receiver.messages) == 1  # its claim has not run out
        running.deliver(now + claims.LEASE)

    assert (len(receiver.ids), len(set(receiver.ids))) == (2, 1)


def test_a_shared_endpoint_hears_its_kinds_and_domains_and_of_nothing_hidden(
    analyst: Principal, endpoint: Making
) -> None:
    sales, people = make_domain("sales"), make_domain("people")
    here = make_dataset("wh.s.here", domain=sales)
    there = make_dataset("wh.s.there", domain=people)
    secret = make_dataset("wh.s.secret", domain=sales)
    type(secret).objects.filter(pk=secret.pk).update(visibility=Visibility.HIDDEN)
    with receiving() as receiver:
        endpoint(receiver, "sales", domains=["sales"], kinds=["policy.*"])
        endpoint(receiver, "all")
        endpoint(receiver, "vault", includes_hidden=True, kinds=["policy.closed"])
        for dataset in (here, there, secret):
            tell(analyst, dataset.name, "policy.closed", f"/datasets/{dataset.name}/")
        tell(analyst, "other", "grant.given", "/access/")
        routing.route_all(database_now())

    heard: dict[str, set[str]] = {}
    for post in Post.objects.select_related("endpoint", "notice"):
        heard.setdefault(post.endpoint.name, set()).add(post.notice.subject.split()[-1])
    assert heard == {
        "sales": {"wh.s.here"},
        "all": {"wh.s.here", "wh.s.there", "other"},
        "vault": {"wh.s.here", "wh.s.there", "wh.s.secret"},
    }


def test_no_secret_or_address_stands_in_a_log_an_event_or_an_error(
    analyst: Principal,
    administrator: Principal,
    endpoint: Making,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving(status(500), status(410)) as receiver:
        made = endpoint(receiver)
        tell(analyst, "a")
        _until_quiet(most=3)
        monkeypatch.setenv("HOOK_SECRET", "whsec_hunter2")
        endpoints.enable(made, actor=administrator, now=database_now())
        running.deliver(database_now())

    made.refresh_from_db()
    assert made.last_error == "no_secret"
    written = caplog.text + "".join(capsys.readouterr())
    written += str(list(AuditEvent.objects.values())) + str(list(Notice.objects.values()))
    written += str(list(Post.objects.values())) + made.last_error + made.disabled_reason
    assert "hunter2" not in written
    assert SECRET not in written


@pytest.mark.django_db(transaction=True)
def test_workers_that_send_at_once_send_each_message_once(
    analyst: Principal, endpoint: Making
) -> None:
    with receiving() as receiver:
        for name in ("one", "two"):
            endpoint(receiver, name)
        for n in range(15):
            tell(analyst, f"k{n}")
        start = threading.Barrier(4)

        def work() -> None:
            start.wait()
            try:
                for _ in range(3):
                    running.deliver(database_now())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert connection.is_usable()

    assert len(receiver.ids) == len(set(receiver.ids)) == 30
    assert set(Post.objects.values_list("attempts", flat=True)) == {1}
