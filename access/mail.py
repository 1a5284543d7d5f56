"""Mails what waits in somebody's mailbox, all of it in one mail, where a mail server is configured.

The mailbox page is the truth; a mail is a copy. A mail may be sent twice when the process dies between sending and
committing: its Message-ID is made from the notices' keys, so that a receiver can tell.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from access.models import Notice, Principal
from access.words import counted

# Nobody wants last month's notices because a mail server was configured today.
STALE = timedelta(days=3)
SILENT_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def is_configured() -> bool:
    """Whether mail leaves this portal at all."""
    return bool(settings.EMAIL_BACKEND != SILENT_BACKEND)


def send_waiting(payload: Mapping[str, Any], now: datetime) -> None:
    """Consumer of the outbox: mail to `payload["recipient"]` every notice not mailed yet, and mark them.

    Errors: those of the mail backend, which make the outbox try again.
    """
    if not is_configured():
        return
    recipient = Principal.objects.filter(pk=payload["recipient"], is_active=True).first()
    if recipient is None or not recipient.email:
        return
    waiting = Notice.objects.select_for_update(skip_locked=True).filter(
        recipient=recipient, mailed_at=None, created_at__gt=now - STALE
    )
    notices = list(waiting.order_by("created_at", "pk"))
    if notices:
        _message(recipient, notices).send()
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)


def _message(recipient: Principal, notices: Sequence[Notice]) -> EmailMessage:
    subject = (
        notices[0].subject
        if len(notices) == 1
        else f"{counted(len(notices), 'message')} about data"
    )
    body = render_to_string(
        "access/mail/notices.txt",
        {"recipient": recipient, "notices": notices, "portal": settings.PORTAL_URL},
    )
    key = hashlib.sha256("\n".join(notice.dedupe_key for notice in notices).encode()).hexdigest()
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=[recipient.email],
        headers={"Message-ID": f"<{key[:40]}@gatehouse>", "Auto-Submitted": "auto-generated"},
    )
