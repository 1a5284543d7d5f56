"""One mail as a message: its words, its headers, and whether mail leaves this portal at all."""

import uuid
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from access.models import Letter, Notice
from access.words import counted

SILENT_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def is_configured() -> bool:
    """Whether mail leaves this portal at all."""
    return bool(settings.EMAIL_BACKEND != SILENT_BACKEND)


def message(letter: Letter, notices: Sequence[Notice], ways: Mapping[int, str]) -> EmailMessage:
    """The mail of a letter. `ways` are the paths by which the addressee decides about a notice, by its key.

    Its Message-ID is the letter's own at every attempt, so that a receiver knows a repetition.
    """
    words = [{"notice": each, "decide": ways.get(each.pk, "")} for each in notices]
    body = render_to_string(
        "access/mail/notices.txt",
        {
            "recipient": letter.recipient,
            "words": words,
            "is_digest": letter.digest_day is not None,
            "portal": settings.PORTAL_URL,
        },
    )
    return EmailMessage(
        subject=" ".join(_subject(letter, notices).split()),
        body=body,
        to=[letter.recipient.email],
        headers={"Message-ID": message_id(letter.key), "Auto-Submitted": "auto-generated"},
    )


def message_id(key: uuid.UUID) -> str:
    """The Message-ID of a letter."""
    return f"<{key.hex}@gatehouse>"


def _subject(letter: Letter, notices: Sequence[Notice]) -> str:
    if letter.digest_day is not None:
        return f"Your day in data: {counted(len(notices), 'message')}"
    if len(notices) == 1:
        return notices[0].subject
    return f"{counted(len(notices), 'message')} about data"
