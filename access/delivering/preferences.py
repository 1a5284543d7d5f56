"""How people want to be told, as they chose it or by default. What is urgent reaches them whatever they chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from access.audit.events import Kind, record
from access.delivering.hours import Hours
from access.delivering.topics import TOPICS, Topic
from access.errors import Invalid
from access.models import ByMail, How, Notice, Principal, TellingChoice, TellingPreference


@dataclass(frozen=True)
class Choice:
    """How one topic is told: by mail, and whether to a person's own webhooks too."""

    mail: How
    to_webhooks: bool = True


@dataclass(frozen=True)
class Preferences:
    """Everything one person chose; topics that are not among `choices` keep their default."""

    hours: Hours = field(default_factory=Hours)
    choices: Mapping[str, Choice] = field(default_factory=dict)

    def choice(self, topic: Topic) -> Choice:
        """How this topic is told to them."""
        if topic.is_urgent:
            return replace(self.choices.get(topic.name, Choice(How.AT_ONCE)), mail=How.AT_ONCE)
        return self.choices.get(topic.name, Choice(topic.default))

    def told_from(self, topic: Topic, now: datetime) -> datetime:
        """When something told at once goes out: now, or after their quiet hours unless it is urgent."""
        return now if topic.is_urgent else self.hours.told_from(now)


def preferences_of(people: Iterable[int]) -> Mapping[int, Preferences]:
    """Preferences by the key of the person; everybody asked for is there. Cost: two queries."""
    wanted = set(people)
    rows = TellingPreference.objects.filter(person__in=wanted)
    hours = {row.person_id: _hours(row) for row in rows}
    choices: dict[int, dict[str, Choice]] = {}
    for row in TellingChoice.objects.filter(person__in=wanted):
        choices.setdefault(row.person_id, {})[row.topic] = Choice(How(row.mail), row.to_webhooks)
    return {pk: Preferences(hours.get(pk, Hours()), choices.get(pk, {})) for pk in wanted}


def preferences_for(person: Principal) -> Preferences:
    """One person's preferences. Cost: two queries."""
    return preferences_of([person.pk])[person.pk]


def _hours(row: TellingPreference) -> Hours:
    return Hours(ZoneInfo(row.zone), row.digest_hour, row.quiet_from, row.quiet_until)


def known_zones() -> list[str]:
    """Every time zone there is, by name, without the historical spellings at the top level."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def hours_from(zone: str, digest_hour: int, quiet: tuple[time, time] | None) -> Hours:
    """Somebody's hours as they wrote them. Errors: `Invalid` with the field."""
    if zone not in available_timezones():
        raise Invalid("There is no such time zone. Write one as Europe/Berlin.", "zone")
    if not 0 <= digest_hour <= 23:
        raise Invalid("The digest comes at an hour from 0 to 23.", "digest_hour")
    if quiet is None:
        return Hours(ZoneInfo(zone), digest_hour)
    if quiet[0] == quiet[1]:
        raise Invalid("Quiet hours begin at one time and end at another.", "quiet")
    return Hours(ZoneInfo(zone), digest_hour, *quiet)


@transaction.atomic
def choose(
    person: Principal,
    *,
    now: datetime,
    hours: Hours | None = None,
    choices: Mapping[str, Choice] | None = None,
) -> Preferences:
    """Settle what a person chose; hours or topics that are left out stay.

    What waits to be told is told by the new hours from now on. Errors: `Invalid` with the field.
    """
    before = preferences_for(person)
    after = Preferences(hours or before.hours, {**before.choices, **_checked(choices or {})})
    if after != before:
        _keep(person, after)
        _wait_anew(person, after, now)
        record(
            Kind.PREFERENCES_CHANGED,
            actor=person,
            subject=person.label,
            data={"old": as_words(before), "new": as_words(after)},
            now=now,
        )
    return after


def as_words(said: Preferences) -> dict[str, object]:
    """Preferences as plain values, for the API and the audit."""
    hours = said.hours
    quiet = None
    if hours.quiet_from is not None and hours.quiet_until is not None:
        quiet = {"start": f"{hours.quiet_from:%H:%M}", "end": f"{hours.quiet_until:%H:%M}"}
    topics = {}
    for name, topic in TOPICS.items():
        choice = said.choice(topic)
        topics[name] = {"mail": choice.mail.value, "webhooks": choice.to_webhooks}
    return {
        "zone": hours.zone.key,
        "digest_hour": hours.digest_hour,
        "quiet": quiet,
        "topics": topics,
    }


def _checked(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    checked = {}
    for name, choice in choices.items():
        topic = TOPICS.get(name)
        if topic is None:
            raise Invalid(f"There is no topic called {name}.", "topics")
        if topic.is_urgent and choice.mail is not How.AT_ONCE:
            raise Invalid(f"“{topic.title}” is always told at once, by mail too.", f"topics.{name}")
        never = choice.mail is How.NEVER
        checked[name] = replace(choice, to_webhooks=choice.to_webhooks and not never)
    return checked


def _keep(person: Principal, said: Preferences) -> None:
    hours = said.hours
    TellingPreference.objects.update_or_create(
        person=person,
        defaults={
            "zone": hours.zone.key,
            "digest_hour": hours.digest_hour,
            "quiet_from": hours.quiet_from,
            "quiet_until": hours.quiet_until,
        },
    )
    for name, choice in said.choices.items():
        TellingChoice.objects.update_or_create(
            person=person,
            topic=name,
            defaults={"mail": choice.mail, "to_webhooks": choice.to_webhooks},
        )


def _wait_anew(person: Principal, said: Preferences, now: datetime) -> None:
    """What waits for mail waits by the new hours; that a day has one digest holds whatever they are."""
    waiting = Notice.objects.filter(recipient=person, letter=None, mail_due_at__gt=now)
    for how, due in (
        (ByMail.DIGEST, said.hours.next_digest(now)),
        (ByMail.AT_ONCE, said.hours.told_from(now)),
    ):
        waiting.filter(by_mail=how).update(mail_due_at=due)
