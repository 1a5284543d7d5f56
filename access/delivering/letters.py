"""Mail: puts what waits into letters and sends them. What is in a letter is settled before it is first sent.

A notice is in one letter. A person gets one digest a day, which the database insists on; what waits for it goes into
it, all of it.
"""

import time
from collections.abc import Iterable
from datetime import date, datetime
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access import mail
from access.delivering import claims, links
from access.delivering.preferences import preferences_of
from access.models import ByMail, Letter, Notice, Principal

log = structlog.get_logger(__name__)

BATCH = 500
SECONDS = 10.0


def write(now: datetime) -> int:
    """Put what is due into letters, one person after the other; how many letters."""
    n_written = sum(_write_at_once(person, now) for person in _people(ByMail.AT_ONCE, now))
    people = _people(ByMail.DIGEST, now)
    preferences = preferences_of(people)
    last = _last_digests(people)
    for person in people:
        hours = preferences[person].hours
        day = hours.digest_due(now, last.get(person))
        if day is None:
            _waiting(person).update(mail_due_at=hours.next_look(now))
        else:
            n_written += _write_digest(person, day, now)
    return n_written


def _people(how: ByMail, now: datetime) -> list[int]:
    due = Notice.objects.filter(letter=None, by_mail=how, mail_due_at__lte=now)
    return list(due.order_by().values_list("recipient", flat=True).distinct()[:BATCH])


def _waiting(person: int) -> QuerySet[Notice]:
    """What waits for somebody's digest."""
    return Notice.objects.filter(recipient=person, letter=None, by_mail=ByMail.DIGEST)


def _last_digests(people: Iterable[int]) -> dict[int, tuple[date, datetime]]:
    letters = Letter.objects.filter(recipient__in=people).exclude(digest_day=None)
    latest = letters.order_by("recipient", "-digest_day").distinct("recipient")
    return {
        person: (day, at)
        for person, day, at in latest.values_list("recipient", "digest_day", "created_at")
        if day is not None
    }


@transaction.atomic
def _write_at_once(person: int, now: datetime) -> int:
    rows = Notice.objects.filter(
        recipient=person, letter=None, by_mail=ByMail.AT_ONCE, mail_due_at__lte=now
    )
    return _put(rows.select_for_update(skip_locked=True), person, now, None)


def _write_digest(person: int, day: date, now: datetime) -> int:
    """The digest of a day with everything that waits for it; of two workers one writes it, the other none."""
    try:
        with transaction.atomic():
            return _put(_waiting(person).select_for_update(), person, now, day)
    except IntegrityError:
        return 0


def _put(rows: QuerySet[Notice], person: int, now: datetime, day: date | None) -> int:
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        return 0
    letter = Letter.objects.create(recipient_id=person, digest_day=day, created_at=now, due_at=now)
    Notice.objects.filter(pk__in=keys).update(letter=letter)
    links.prepare(Notice.objects.filter(letter=letter), now=now)
    return 1


def send(now: datetime, seconds: float = SECONDS) -> dict[str, int]:
    """Send the letters that are due, oldest first, for some seconds at most; counts by outcome."""
    counts = {"sent": 0, "failed": 0}
    until = time.monotonic() + seconds
    rows = Letter.objects.all()
    due = claims.waiting(rows, now).select_related("recipient").order_by("due_at", "id")
    for letter in list(due[:BATCH]):
        if time.monotonic() > until:
            break
        if not claims.claim(letter, rows, now):
            continue
        if not _is_read(letter.recipient):
            claims.arrived(letter, rows, now)
            continue
        error = _send_one(letter)
        if error is None:
            _note_sent(letter, now)
            counts["sent"] += 1
            continue
        claims.failed(letter, rows, type(error).__name__, now)
        # The kind of error only: its text may hold an address or a password.
        log.warning("mail failed", letter=letter.pk, error=type(error).__name__)
        counts["failed"] += 1
        if not isinstance(error, SMTPRecipientsRefused):
            break  # The server is not well; the others keep their attempts for when it is.
    return counts


@transaction.atomic
def _note_sent(letter: Letter, now: datetime) -> None:
    if claims.arrived(letter, Letter.objects.all(), now):
        Notice.objects.filter(letter=letter, mailed_at=None).update(mailed_at=now)


def _is_read(person: Principal) -> bool:
    """Whether mail reaches this person still; what waited for somebody who left is dropped."""
    return bool(person.is_active and person.email) and mail.is_configured()


def _send_one(letter: Letter) -> Exception | None:
    """Send it; what went wrong, None when nothing did."""
    notices = list(Notice.objects.filter(letter=letter).order_by("created_at", "pk"))
    try:
        mail.message(letter, notices, links.paths_of(notices)).send()
    except (OSError, SMTPException, ValueError) as error:
        return error
    return None
