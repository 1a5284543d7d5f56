"""The rule that sorts a review and recommends: one row for each thing it knows, and one more at the edge of each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from access import grants
from access.campaigns.evidence import (
    FRESH,
    LEAST_PEERS,
    SOON,
    WEIGHTS,
    WORDS,
    Advice,
    CertificationFacts,
    Finding,
    advise,
)
from access.campaigns.facts import advice_on
from access.clock import database_now
from access.models import Dormancy, Grant, GrantUse, Principal
from catalog.models import Dataset
from tests.access.lifecycle import DAY, stewarded, use
from tests.people import make_grant, make_person, make_team

NOW = datetime(2027, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
USED = CertificationFacts(
    sensitivity="confidential",
    starts_at=NOW - 100 * DAY,
    expires_at=NOW + 100 * DAY,
    last_used_at=NOW - 10 * DAY,
    window=60 * DAY,
    n_columns=3,
)
NEVER = replace(USED, last_used_at=None, window=30 * DAY)
IDLE = replace(USED, last_used_at=NOW - 60 * DAY)
EXEMPT = "Exempt until 1 May 2027: Ana answers for it, year-end."
SEASON = "It was used at this time last year."
ASLEEP = "Its owner left."

# What is known, what it is called, what is recommended, and the words of the reason.
RULES = {
    "used": (USED, {Finding.IN_USE}, "keep", "Used 10 days ago."),
    "used yesterday": (
        replace(USED, last_used_at=NOW - DAY),
        {Finding.FRESH},
        "keep",
        "Used yesterday.",
    ),
    "used as long ago as is still fresh": (
        replace(USED, last_used_at=NOW - FRESH),
        {Finding.FRESH},
        "keep",
        "Used 2 days ago.",
    ),
    "no longer fresh": (
        replace(USED, last_used_at=NOW - FRESH - SECOND),
        {Finding.IN_USE},
        "keep",
        "2 days",
    ),
    "idle to the day": (IDLE, {Finding.IDLE}, "revoke", "Not used for 60 days."),
    "rarely used, within its holder's rhythm": (
        replace(IDLE, window=90 * DAY),
        {Finding.IN_USE},
        "keep",
        "Used 60 days ago.",
    ),
    "not idle yet": (
        replace(IDLE, last_used_at=NOW - 60 * DAY + SECOND),
        {Finding.IN_USE},
        "keep",
        "60 days ago",
    ),
    "idle, of public data": (replace(IDLE, window=None), {Finding.IN_USE}, "keep", "60 days ago"),
    "never used": (
        NEVER,
        {Finding.NEVER_USED},
        "revoke",
        "Never used in the 100 days since it was given.",
    ),
    "never used, but new": (
        replace(NEVER, starts_at=NOW - 30 * DAY + SECOND),
        {Finding.NEW},
        "keep",
        "Not used yet",
    ),
    "idle, exempt": (replace(IDLE, exempt=EXEMPT), {Finding.EXEMPT}, "", EXEMPT),
    "never used, exempt": (replace(NEVER, exempt=EXEMPT), {Finding.EXEMPT}, "", EXEMPT),
    "in use, exempt": (replace(USED, exempt=EXEMPT), {Finding.IN_USE}, "keep", "Used"),
    "idle, in season": (replace(IDLE, season=SEASON), {Finding.SEASONAL}, "", SEASON),
    "in use, in season": (replace(USED, season=SEASON), {Finding.IN_USE}, "keep", "Used"),
    "exempt before in season": (
        replace(IDLE, season=SEASON, exempt=EXEMPT),
        {Finding.EXEMPT},
        "",
        EXEMPT,
    ),
    "suspended": (replace(USED, asleep=ASLEEP), {Finding.ASLEEP}, "", ASLEEP),
    "suspended and idle": (replace(IDLE, asleep=ASLEEP), {Finding.ASLEEP}, "", ASLEEP),
    "over-granted": (
        replace(USED, unused=("email", "phone")),
        {Finding.IN_USE, Finding.UNUSED_COLUMNS},
        "narrow",
        "Nobody needed email and phone.",
    ),
    "over-granted and idle": (
        replace(IDLE, unused=("email",)),
        {Finding.IDLE, Finding.UNUSED_COLUMNS},
        "revoke",
        "Not used",
    ),
    "left": (replace(USED, is_held=False), {Finding.LEFT, Finding.IN_USE}, "revoke", "has left"),
    "left, ends soon": (
        replace(USED, is_held=False, expires_at=NOW + DAY),
        {Finding.LEFT, Finding.IN_USE, Finding.EXPIRING},
        "revoke",
        "has left",
    ),
    "outlier": (
        replace(USED, n_peers=LEAST_PEERS),
        {Finding.IN_USE, Finding.OUTLIER},
        "",
        "None of 3 team mates has it.",
    ),
    "outlier among many": (
        replace(USED, n_peers=11, n_alike=1),
        {Finding.IN_USE, Finding.OUTLIER},
        "",
        "Only 1 of 11 team mates",
    ),
    "one in ten has it": (replace(USED, n_peers=10, n_alike=1), {Finding.IN_USE}, "keep", "Used"),
    "too few peers": (replace(USED, n_peers=LEAST_PEERS - 1), {Finding.IN_USE}, "keep", "Used"),
    "outlier and over-granted": (
        replace(USED, n_peers=LEAST_PEERS, unused=("email",)),
        {Finding.IN_USE, Finding.OUTLIER, Finding.UNUSED_COLUMNS},
        "",
        "team mates",
    ),
    "sensitive, in the clear": (
        replace(USED, n_clear=2),
        {Finding.IN_USE, Finding.SENSITIVE},
        "",
        "Sees 2 masked columns of confidential data in the clear.",
    ),
    "harmless, in the clear": (
        replace(USED, n_clear=2, sensitivity="internal"),
        {Finding.IN_USE},
        "keep",
        "Used",
    ),
    "ends soon": (
        replace(IDLE, expires_at=NOW + SOON),
        {Finding.IDLE, Finding.EXPIRING},
        "keep",
        "It ends by itself on 17 March 2027.",
    ),
    "does not end soon": (
        replace(IDLE, expires_at=NOW + SOON + SECOND),
        {Finding.IDLE},
        "revoke",
        "Not used",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_evidence(name: str) -> None:
    facts, findings, recommended, words = RULES[name]
    advice = advise(facts, NOW)
    assert set(advice.findings) == findings
    assert advice.recommended == recommended
    assert words in advice.because


def test_every_finding_has_a_row_and_a_word() -> None:
    assert set().union(*(findings for _, findings, _, _ in RULES.values())) == set(Finding)
    assert set(WORDS) == set(Finding)


# --- The order


URGENT_FIRST = [
    "left",
    "over-granted and idle",
    "never used",
    "idle to the day",
    "outlier",
    "sensitive, in the clear",
    "over-granted",
    "idle, in season",
    "idle, exempt",
    "used",
]


def test_the_most_urgent_comes_first() -> None:
    def urgency(name: str) -> int:
        return advise(RULES[name][0], NOW).priority

    assert sorted(URGENT_FIRST, key=urgency, reverse=True) == URGENT_FIRST
    assert len({urgency(name) for name in URGENT_FIRST}) == len(URGENT_FIRST)


def test_the_more_sensitive_the_data_the_earlier_and_what_is_in_use_comes_last() -> None:
    levels = ("restricted", "confidential", "internal", "public")
    urgency = [advise(replace(IDLE, sensitivity=level), NOW).priority for level in levels]
    assert urgency == sorted(set(urgency), reverse=True)
    assert {advise(replace(USED, sensitivity=level), NOW).priority for level in levels} == {0}


def test_no_urgency_is_beyond_what_is_stored() -> None:
    assert sum(WEIGHTS.values()) < 32_767 - 9


# --- The facts behind it, as PostgreSQL has them


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """Confidential, of three columns."""
    return stewarded(steward)


def held(dataset: Dataset, name: str, *, age: int = 100, used: int | None = None) -> Grant:
    """A grant of so many days ago, last used so many days ago."""
    now = database_now()
    grant = make_grant(make_person(name), dataset, now=now - age * DAY, lasts=(age + 60) * DAY)
    if used is not None:
        use(grant, now - used * DAY)
    return grant


def advice(grant: Grant) -> Advice:
    return advice_on([grant.pk], database_now())[grant.pk][1]


@pytest.mark.django_db
def test_use_idleness_and_new_grants_are_told_apart(dataset: Dataset) -> None:
    assert set(advice(held(dataset, "a")).findings) == {Finding.NEVER_USED}
    assert set(advice(held(dataset, "b", used=70)).findings) == {Finding.IDLE}
    assert set(advice(held(dataset, "c", used=5)).findings) == {Finding.IN_USE}
    assert set(advice(held(dataset, "d", age=3)).findings) == {Finding.NEW}


@pytest.mark.django_db
def test_an_exemption_a_season_and_a_suspension_are_seen(
    dataset: Dataset, steward: Principal
) -> None:
    now = database_now()
    exempt, season, asleep = (held(dataset, name, age=110, used=70) for name in "abc")
    grants.exempt(exempt, actor=steward, reason="Year-end", ends_at=now + 30 * DAY, now=now)
    use(season, now - 365 * DAY)
    Grant.objects.filter(pk=asleep.pk).update(suspended_at=now, suspend_reason="Asleep")
    Dormancy.objects.create(
        grant=asleep, since=now, reason="x", sensitivity="confidential", policy_version=0
    )

    assert "Olga Owner answers for it, Year-end" in advice(exempt).because
    assert "last year" in advice(season).because
    assert advice(asleep).because == "Gives nothing now. Asleep"
    later = advice_on([exempt.pk], now + 31 * DAY)[exempt.pk][1]
    assert Finding.IDLE in later.findings


@pytest.mark.django_db
def test_unused_columns_outliers_and_clear_columns_are_seen(dataset: Dataset) -> None:
    now = database_now()
    grant = grants.grant_directly(
        make_person("a"),
        dataset,
        actor=None,
        unmasked=["email"],
        expires_at=now + 60 * DAY,
        reason="Churn",
        now=now - 100 * DAY,
    )
    use(grant, now - 5 * DAY)
    mates = [make_person(f"mate{number}") for number in range(3)]
    assert grant.principal is not None
    make_team("sales", grant.principal, *mates)
    use_of_column(grant, "country", now - 5 * DAY)

    facts, found = advice_on([grant.pk], now)[grant.pk]

    assert facts.unused == ("customer_id", "email")
    assert (facts.n_peers, facts.n_alike, facts.n_clear, facts.n_columns) == (3, 0, 1, 3)
    assert {Finding.UNUSED_COLUMNS, Finding.OUTLIER, Finding.SENSITIVE} <= set(found.findings)
    make_grant(mates[0], dataset, now=now)
    assert Finding.OUTLIER not in advice(grant).findings


def use_of_column(grant: Grant, name: str, at: datetime) -> None:
    GrantUse.objects.create(
        grant=grant,
        principal=grant.principal,
        day=at.date(),
        column_name=name,
        n_queries=1,
        last_used_at=at,
    )


@pytest.mark.django_db
def test_whoever_left_is_seen_even_before_their_access_ends(dataset: Dataset) -> None:
    grant = held(dataset, "a", used=5)
    Principal.objects.filter(pk=grant.principal_id).update(is_active=False)
    assert advice(grant).because == "Its holder has left."
