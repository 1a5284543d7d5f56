"""Mail: everything once, a digest a day at most, and nothing lost to quiet hours, choices, kills or two beats at once."""

import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction

from access.clock import database_now
from access.delivering import claims, letters, preferences, routing, running
from access.delivering.hours import Hours
from access.delivering.preferences import Choice
from access.delivering.topics import TOPICS, topic_of
from access.errors import Invalid
from access.models import AuditEvent, ByMail, How, Letter, Notice, Principal, TellingChoice
from tests.access.delivering.conftest import tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_server")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _next(hour: int, minute: int = 0) -> datetime:
    """The next moment of that time of day, in UTC: what is told now is fresh by then."""
    now = database_now()
    moment = datetime.combine(now.date(), time(hour, minute), UTC)
    return moment if moment > now else moment + DAY


def test_what_waits_for_the_digest_is_all_in_it_and_told_once(analyst: Principal) -> None:
    preferences.choose(analyst, choices={"holding": Choice(How.DIGEST)}, now=database_now())
    for n in range(30):
        tell(analyst, f"k{n}", "grant.given")
    tell(analyst, "soon", "grant.expiring")
    running.deliver(_next(8) - HOUR)
    assert mail.outbox == []

    for minutes in (0, 1, 60, 600):
        running.deliver(_next(8) + timedelta(minutes=minutes))

    (digest,) = mail.outbox
    assert "digest" in digest.body
    assert digest.subject == "Your day in data: 31 messages"
    assert all(f"Body of k{n}." in digest.body for n in range(30))
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_sixteen_days_of_notices_make_at_most_a_digest_a_day_and_lose_none(
    analyst: Principal,
) -> None:
    hours = Hours(ZoneInfo("Europe/Berlin"), 2, time(1), time(3))
    preferences.choose(analyst, hours=hours, now=database_now())
    start = datetime(2027, 3, 20, tzinfo=UTC)
    for step in range(16 * 4):
        now = start + timedelta(hours=6 * step)
        tell(analyst, f"k{step}", "grant.expiring", now=now)
        routing.route_all(now)
        letters.write(now)
        letters.write(now)
        letters.send(now)
    running.deliver(start + 18 * DAY + 6 * HOUR)

    days = list(Letter.objects.values_list("digest_day", flat=True))
    assert len(days) == len(set(days)) == len(mail.outbox)
    assert None not in days
    told = "\n".join(str(each.body) for each in mail.outbox)
    assert [told.count(f"Body of k{step}.") for step in range(64)] == [1] * 64


def test_quiet_hours_put_off_what_can_wait_and_let_emergencies_through(
    analyst: Principal,
) -> None:
    hours = Hours(quiet_from=time(22), quiet_until=time(7))
    preferences.choose(analyst, hours=hours, now=database_now())
    night = _next(23)
    tell(analyst, "calm", "request.denied", now=night)
    tell(analyst, "fire", "glass.broken", now=night)
    running.deliver(night)
    assert [each.subject for each in mail.outbox] == ["Subject of fire"]

    running.deliver(night + 7 * HOUR)
    assert len(mail.outbox) == 1
    running.deliver(night + 8 * HOUR)

    assert [each.subject for each in mail.outbox] == ["Subject of fire", "Subject of calm"]


@pytest.mark.parametrize(
    ("how", "n_mails", "is_muted"),
    [(How.AT_ONCE, 1, False), (How.DIGEST, 0, False), (How.IN_APP, 0, False), (How.NEVER, 0, True)],
)
def test_each_choice_is_kept(analyst: Principal, how: How, n_mails: int, is_muted: bool) -> None:
    preferences.choose(analyst, choices={"asking": Choice(how)}, now=database_now())
    tell(analyst, "k", "request.denied")
    running.deliver(_next(8) - timedelta(minutes=1))

    assert len(mail.outbox) == n_mails
    assert Notice.objects.get().is_muted is is_muted


def test_emergencies_cannot_be_turned_off_by_anybody(analyst: Principal) -> None:
    for how in (How.DIGEST, How.IN_APP, How.NEVER):
        with pytest.raises(Invalid, match="always told at once"):
            preferences.choose(analyst, choices={"emergencies": Choice(how)}, now=database_now())
        with pytest.raises(IntegrityError), transaction.atomic():
            TellingChoice.objects.create(
                person=analyst, topic="emergencies", mail=how, to_webhooks=False
            )


def test_choosing_is_recorded_once_with_old_and_new(analyst: Principal) -> None:
    for _ in range(2):
        preferences.choose(analyst, choices={"asking": Choice(How.DIGEST)}, now=database_now())

    event = AuditEvent.objects.get(kind="preferences.changed")
    assert event.data["old"]["topics"]["asking"]["mail"] == "at_once"
    assert event.data["new"]["topics"]["asking"]["mail"] == "digest"


def test_every_kind_there_is_has_a_topic_of_its_own() -> None:
    kinds = {
        "request.submitted": "deciding",
        "request.approved": "asking",
        "grant.expiring": "ending",
        "grant.given": "holding",
        "member.warned": "ending",
        "member.excluded": "holding",
        "columns.proposed": "ending",
        "glass.broken": "emergencies",
        "policy.closed": "stewarding",
        "sweep.held_back": "running",
        "tick.failed": "running",
        "delegation.made": "delegation",
        "campaign.opened": "reviews",
        "nobody.knows": "other",
    }
    assert {kind: topic_of(kind).name for kind in kinds} == kinds
    assert all(topic.words for topic in TOPICS.values())


def test_a_mail_that_fails_keeps_its_id_and_its_words_while_more_is_told(
    analyst: Principal, settings: Any
) -> None:
    tell(analyst, "first")
    settings.EMAIL_BACKEND = "tests.access.test_outbox.Broken"
    now = database_now()
    running.deliver(now)
    tell(analyst, "second")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    running.deliver(now + HOUR)

    assert sorted(each.subject for each in mail.outbox) == ["Subject of first", "Subject of second"]
    ids = {each.extra_headers["Message-ID"] for each in mail.outbox}
    assert len(ids) == 2


def test_a_worker_that_died_after_sending_sends_the_same_mail_again(
    analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    tell(analyst, "first")
    now = database_now()
    with monkeypatch.context() as broken:
        broken.setattr(letters, "_note_sent", die)
        with pytest.raises(SystemExit):
            running.deliver(now)
    tell(analyst, "second")
    running.deliver(now + claims.LEASE)

    bodies = [(each.extra_headers["Message-ID"], "first" in each.body) for each in mail.outbox]
    assert len(bodies) == 3
    assert len({key for key, is_first in bodies if is_first}) == 1


def test_a_refused_address_does_not_hold_up_the_others(
    analyst: Principal, steward: Principal, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.access.delivering.test_letters.Choosy"
    for person in (analyst, steward):
        tell(person, "k")
    counts = running.deliver(database_now())

    assert (counts["mail_sent"], counts["mail_failed"]) == (1, 1)


class Choosy:
    """A mail server that knows everybody but one."""

    def __init__(self, **_: Any) -> None: ...

    def send_messages(self, messages: Any) -> int:
        from smtplib import SMTPRecipientsRefused

        if messages[0].to == ["alice@example.com"]:
            raise SMTPRecipientsRefused({"alice@example.com": (550, b"unknown")})
        return 1


def test_nobody_who_left_is_written_to(analyst: Principal) -> None:
    tell(analyst, "k")
    routing.route_all(database_now())
    letters.write(database_now())
    Principal.objects.filter(pk=analyst.pk).update(is_active=False)
    running.deliver(database_now())

    assert mail.outbox == []
    assert Notice.objects.get().mailed_at is None
    assert Letter.objects.get().sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_write_and_send_one_digest(analyst: Principal) -> None:
    preferences.choose(analyst, choices={"other": Choice(How.DIGEST)}, now=database_now())
    for n in range(20):
        tell(analyst, f"k{n}")
    routing.route_all(database_now())
    assert set(Notice.objects.values_list("by_mail", flat=True)) == {ByMail.DIGEST}
    moment, start = _next(8), threading.Barrier(4)

    def beat() -> None:
        start.wait()
        try:
            running.deliver(moment)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=beat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (digest,) = mail.outbox
    assert digest.subject == "Your day in data: 20 messages"
    assert Letter.objects.count() == 1
