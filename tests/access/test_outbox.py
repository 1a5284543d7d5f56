"""What is told after a commit: never before it, never lost, once per key, and set aside when it cannot be."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from access import notices, outbox
from access.clock import database_now
from access.mail import SILENT_BACKEND
from access.models import Notice, OutboxMessage, Principal

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

    assert [each["delivered"] for each in counts] == [1, 0]
    (sent,) = mail.outbox
    assert sent.to == [analyst.email]
    assert "Body of k." in sent.body
    assert "/access/" in sent.body


def test_what_waits_goes_out_in_one_mail(analyst: Principal, mail_server: None) -> None:
    for key in ("a", "b", "c"):
        _tell(analyst, key)

    outbox.deliver(database_now())

    (sent,) = mail.outbox
    assert all(f"Body of {key}." in sent.body for key in "abc")


def test_without_a_mail_server_the_mailbox_is_all_there_is(
    analyst: Principal, settings: Any
) -> None:
    settings.EMAIL_BACKEND = SILENT_BACKEND
    _tell(analyst)

    outbox.deliver(database_now())

    assert Notice.objects.get().mailed_at is None
    assert OutboxMessage.objects.get().delivered_at is not None


def test_a_subject_cannot_smuggle_a_header(analyst: Principal, mail_server: None) -> None:
    _tell(analyst, subject="Access\nBcc: eve@example.com")

    outbox.deliver(database_now())

    assert mail.outbox[0].subject == "Access Bcc: eve@example.com"


def test_a_message_that_fails_is_tried_again_and_then_set_aside(
    analyst: Principal, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.access.test_outbox.Broken"
    _tell(analyst)
    outbox.put("mail", {"recipient": 0}, dedupe_key="other", now=database_now())
    now = database_now()

    first = outbox.deliver(now)
    assert first == {"delivered": 1, "failed": 1}  # the other one went out all the same
    assert outbox.deliver(now)["failed"] == 0  # not before its time
    for _ in range(2):
        now += timedelta(days=1)
        outbox.deliver(now)

    message = OutboxMessage.objects.get(delivered_at=None)
    assert (message.attempts, message.quarantined_at, message.last_error) == (3, now, "OSError")
    assert Notice.objects.get().mailed_at is None


class Broken:
    """A mail server that is down, and whose error names a password."""

    def __init__(self, **_: Any) -> None: ...

    def send_messages(self, messages: Any) -> int:
        raise OSError("cannot log in with password hunter2")
