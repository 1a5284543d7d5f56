"""What is told after a commit: never before it, never lost, once per key, and set aside when it cannot be."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from access import notices, outbox
from access.clock import database_now
from access.delivering import backoff, running
from access.mail import SILENT_BACKEND
from access.models import Letter, Notice, OutboxMessage, Principal

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_server(settings: Any) -> None:
    """A mail server that keeps what it gets in `mail.outbox`."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def _tell(person: Principal, key: str = "k", subject: str = "Something ends") -> None:
    notices.tell(
        person,
        "test",
        subject,
        f"Body of {key}.",
        link="/access/",
        dedupe_key=key,
        now=database_now(),
    )


def test_a_message_of_a_rolled_back_transaction_never_existed(analyst: Principal) -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        _tell(analyst)
        raise RuntimeError

    assert not OutboxMessage.objects.exists()
    assert not Notice.objects.exists()


def test_the_same_key_is_put_and_delivered_once(analyst: Principal, mail_server: None) -> None:
    _tell(analyst)
    _tell(analyst)

    counts = [outbox.deliver(database_now()) for _ in range(2)]
    sent = [running.deliver(database_now())["mail_sent"] for _ in range(2)]

    assert [each["delivered"] for each in counts] == [1, 0]
    assert sent == [1, 0]
    (message,) = mail.outbox
    assert message.to == [analyst.email]
    assert "Body of k." in message.body
    assert "/access/" in message.body


def test_what_waits_goes_out_in_one_mail(analyst: Principal, mail_server: None) -> None:
    for key in ("a", "b", "c"):
        _tell(analyst, key)

    running.deliver(database_now())

    (sent,) = mail.outbox
    assert all(f"Body of {key}." in sent.body for key in "abc")


def test_without_a_mail_server_the_notices_page_is_all_there_is(
    analyst: Principal, settings: Any
) -> None:
    settings.EMAIL_BACKEND = SILENT_BACKEND
    _tell(analyst)

    outbox.deliver(database_now())
    running.deliver(database_now())

    assert Notice.objects.get().mailed_at is None
    assert OutboxMessage.objects.get().delivered_at is not None
    assert not Letter.objects.exists()


def test_a_subject_cannot_smuggle_a_header(analyst: Principal, mail_server: None) -> None:
    _tell(analyst, subject="Access\nBcc: eve@example.com")

    running.deliver(database_now())

    assert mail.outbox[0].subject == "Access Bcc: eve@example.com"


def test_a_message_that_fails_is_tried_again_and_then_set_aside(
    analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("cannot log in with password hunter2")

    monkeypatch.setattr(outbox, "CONSUMERS", {"mail": fail, "other": lambda *_: None})
    now = database_now()
    for kind in ("mail", "other"):
        outbox.put(kind, {}, dedupe_key=kind, now=now)

    first = outbox.deliver(now)
    assert first == {"delivered": 1, "failed": 1}  # the other one went out all the same
    assert outbox.deliver(now)["failed"] == 0  # not before its time
    for _ in range(2):
        now += timedelta(days=1)
        outbox.deliver(now)

    message = OutboxMessage.objects.get(delivered_at=None)
    assert (message.attempts, message.quarantined_at, message.last_error) == (3, now, "OSError")


def test_a_mail_server_that_is_down_is_tried_for_two_days(
    analyst: Principal, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.access.test_outbox.Broken"
    _tell(analyst)
    now = database_now()

    failed = [
        running.deliver(now + timedelta(days=day))["mail_failed"]
        for day in range(backoff.ATTEMPTS + 2)
    ]

    assert failed == [1] * backoff.ATTEMPTS + [0, 0]
    letter = Letter.objects.get()
    assert (letter.quarantined_at is None, letter.last_error) == (False, "OSError")
    assert Notice.objects.get().mailed_at is None


class Broken:
    """A mail server that is down, and whose error names a password."""

    def __init__(self, **_: Any) -> None: ...

    def send_messages(self, messages: Any) -> int:
        raise OSError("cannot log in with password hunter2")
