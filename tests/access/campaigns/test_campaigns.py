"""Certification: a frozen set of grants, a word from somebody who gains nothing, and silence that suspends."""

import pytest
from django.db import IntegrityError, transaction

from access import campaigns
from access.clock import database_now
from access.deciding import delegation
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed, NotFound
from access.models import (
    AuditEvent,
    Campaign,
    CampaignItem,
    Certification,
    Grant,
    GrantState,
    Notice,
    Principal,
    RightSizing,
)
from access.people import principals
from catalog.models import Dataset
from tests.access.campaigns.reviewing import (
    KEEP,
    LATER,
    NARROW,
    REVOKE,
    item_of,
    opened,
    say,
    state,
)
from tests.access.lifecycle import DAY, stewarded
from tests.datasets import make_domain
from tests.people import make_grant, make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


# --- Opening


def test_the_set_is_frozen_when_it_opens_and_its_reviewers_hear_once(
    grant: Grant, dataset: Dataset, steward: Principal, outsider: Principal
) -> None:
    campaign = opened(dataset, steward)
    make_grant(outsider, dataset, now=database_now())

    assert list(CampaignItem.objects.values_list("grant", flat=True)) == [grant.pk]
    notice = Notice.objects.get(kind="campaign.opened")
    assert (notice.recipient, notice.link) == (steward, f"/reviews/{campaign.pk}/")
    assert AuditEvent.objects.filter(kind="campaign.opened", actor=steward).count() == 1
    with pytest.raises(IntegrityError, match="nothing joins"), transaction.atomic():
        CampaignItem.objects.create(
            campaign=campaign, grant=Grant.objects.exclude(pk=grant.pk).get()
        )
    with pytest.raises(Conflict):
        opened(dataset, steward)


def test_a_domain_and_a_team_are_reviewed_as_a_whole(
    steward: Principal, analyst: Principal, scientist: Principal, administrator: Principal
) -> None:
    now = database_now()
    domain = make_domain()
    put_in_charge(steward, domain)
    inside = stewarded(None, "sales.a", domain=domain)
    outside = stewarded(None, "sales.b")
    team = make_team("sales", analyst)
    of_team = make_grant(team, outside, now=now)
    of_member = make_grant(analyst, inside, now=now)
    other = make_grant(scientist, inside, now=now)

    whole = campaigns.open_campaign(
        "D", f"domain:{domain.name}", actor=steward, due_at=now + DAY, now=now
    )
    mine = campaigns.open_campaign(
        "T", "team:sales", actor=administrator, due_at=now + DAY, now=now
    )

    def held(campaign: Campaign) -> set[int]:
        return set(CampaignItem.objects.filter(campaign=campaign).values_list("grant", flat=True))

    assert held(whole) == {of_member.pk, other.pk}
    assert held(mine) == {of_member.pk, of_team.pk}


def test_whoever_does_not_decide_there_opens_nothing(
    grant: Grant, dataset: Dataset, outsider: Principal, steward: Principal
) -> None:
    with pytest.raises(NotAllowed):
        opened(dataset, outsider)
    with pytest.raises(NotAllowed):
        campaigns.open_campaign(
            "T", "team:x", actor=steward, due_at=database_now() + DAY, now=database_now()
        )
    for days in (0, -1, 200):
        with pytest.raises(Invalid):
            opened(dataset, steward, days=days)
    with pytest.raises(Invalid):
        campaigns.open_campaign(
            "T", "column:x", actor=steward, due_at=database_now() + DAY, now=database_now()
        )
    assert not Campaign.objects.exists()


def test_where_nobody_holds_anything_there_is_nothing_to_review(
    dataset: Dataset, steward: Principal
) -> None:
    with pytest.raises(Invalid, match="nothing to review"):
        opened(dataset, steward)


def test_only_those_with_a_say_know_of_it(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal, administrator: Principal
) -> None:
    campaign = opened(dataset, None)
    for person in (steward, administrator):
        assert campaigns.campaign_for(person, campaign.pk) == campaign
    with pytest.raises(NotFound):
        campaigns.campaign_for(analyst, campaign.pk)


# --- Deciding


def test_what_is_kept_stays_and_is_on_record(
    grant: Grant, dataset: Dataset, steward: Principal
) -> None:
    opened(dataset, steward)
    say(grant, steward, KEEP, reason="")
    assert state(grant) == GrantState.LIVE
    event = AuditEvent.objects.get(kind="grant.certified")
    assert (event.actor, event.data["verdict"]) == (steward, "keep")


def test_what_is_revoked_reads_nothing_at_once_and_ends_a_quarter_of_an_hour_later(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    opened(dataset, steward)
    say(grant, steward, REVOKE)
    assert state(grant) == GrantState.SUSPENDED
    assert campaigns.carry_out(database_now()) == 0

    campaigns.carry_out(database_now() + LATER)

    assert state(grant) == GrantState.ENDED
    assert (grant.end_reason, grant.end_note) == ("revoked", "Project over")
    assert Notice.objects.filter(recipient=analyst, kind="grant.revoked").count() == 1
    assert not Notice.objects.filter(recipient=analyst, kind="grant.suspended").exists()
    assert campaigns.carry_out(database_now() + LATER) == 0


def test_a_narrowing_takes_out_what_is_named_and_nothing_more(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    opened(dataset, steward)
    now = database_now()
    RightSizing.objects.create(
        grant=grant, columns=["email"], reason="r", proposed_at=now, mask_due_at=now + DAY
    )
    say(grant, steward, NARROW, columns=["email"])
    campaigns.carry_out(database_now() + LATER)

    grant.refresh_from_db()
    assert grant.columns == ["customer_id", "country"]
    assert RightSizing.objects.get().closed_at is not None
    assert AuditEvent.objects.filter(kind="grant.narrowed").count() == 1
    assert Notice.objects.filter(recipient=analyst, kind="grant.narrowed").count() == 1


@pytest.mark.parametrize("columns", [None, [], ["nothing"], ["customer_id", "email", "country"]])
def test_a_narrowing_that_says_nothing_sensible_is_refused(
    grant: Grant, dataset: Dataset, steward: Principal, columns: list[str] | None
) -> None:
    opened(dataset, steward)
    with pytest.raises(Invalid):
        say(grant, steward, NARROW, columns=columns)


def test_taking_away_says_why(grant: Grant, dataset: Dataset, steward: Principal) -> None:
    opened(dataset, steward)
    with pytest.raises(Invalid):
        say(grant, steward, REVOKE, reason=" ")
    CampaignItem.objects.update(recommended="revoke", because="Never used.")
    assert say(grant, steward, REVOKE, reason="").reason == "Never used."


def test_the_first_verdict_stands(grant: Grant, dataset: Dataset, steward: Principal) -> None:
    second = make_person("second")
    put_in_charge(second, dataset)
    opened(dataset, steward)
    say(grant, steward, KEEP)
    with pytest.raises(AlreadyDecided, match="decided"):
        say(grant, second, REVOKE)
    assert state(grant) == GrantState.LIVE


@pytest.mark.parametrize("verdict", [KEEP, REVOKE])
def test_a_slip_of_a_key_is_taken_back(
    grant: Grant, dataset: Dataset, steward: Principal, outsider: Principal, verdict: Certification
) -> None:
    campaign = opened(dataset, steward)
    say(grant, steward, verdict)
    last = campaigns.last_of(campaign, steward, database_now())
    assert last is not None
    assert campaigns.last_of(campaign, outsider, database_now()) is None

    campaigns.take_back(last, actor=steward, now=database_now())

    assert state(grant) == GrantState.LIVE
    assert item_of(grant).state == "open"
    assert AuditEvent.objects.filter(kind="grant.uncertified").count() == 1
    with pytest.raises(NotAllowed):
        campaigns.take_back(last, actor=steward, now=database_now())


def test_it_is_not_taken_back_by_others_or_too_late(
    grant: Grant, dataset: Dataset, steward: Principal
) -> None:
    second = make_person("second")
    put_in_charge(second, dataset)
    opened(dataset, steward)
    item = say(grant, steward, KEEP)
    with pytest.raises(NotAllowed):
        campaigns.take_back(item, actor=second, now=database_now())
    with pytest.raises(Conflict):
        campaigns.take_back(item, actor=steward, now=database_now() + LATER)


def test_a_delegate_decides_in_somebodys_place_and_both_are_named(
    grant: Grant, dataset: Dataset, steward: Principal, outsider: Principal
) -> None:
    opened(dataset, steward)
    now = database_now()
    delegation.name_delegate(outsider, actor=steward, ends_at=now + DAY, now=now)
    item = say(grant, outsider, KEEP)
    assert (item.decided_by, item.on_behalf_of) == (outsider, steward)


# --- Separation of duties


@pytest.fixture(params=["own", "team", "service", "delegate of the holder"])
def conflicted(
    request: pytest.FixtureRequest, dataset: Dataset, steward: Principal
) -> tuple[Grant, Principal]:
    """A grant by which a steward would gain, and that steward, or who stands in for them."""
    now = database_now()
    if request.param == "team":
        return make_grant(make_team("t", steward), dataset, now=now), steward
    if request.param == "service":
        bot = principals.create_service("bot", actor=None, now=now, owner=steward)
        return make_grant(bot, dataset, now=now), steward
    grant = make_grant(steward, dataset, now=now)
    if request.param == "own":
        return grant, steward
    delegate = make_person("delegate")
    delegation.name_delegate(delegate, actor=steward, ends_at=now + DAY, now=now)
    return grant, delegate


def test_nobody_certifies_what_they_gain_by(conflicted: tuple[Grant, Principal]) -> None:
    grant, person = conflicted
    opened(grant.dataset, None)
    for verdict in Certification:
        with pytest.raises(NotAllowed):
            say(grant, person, verdict)
    assert not CampaignItem.objects.filter(campaigns.certifiable_by(person)).exists()


def test_postgresql_refuses_it_too_whoever_writes(
    conflicted: tuple[Grant, Principal], steward: Principal
) -> None:
    grant, person = conflicted
    opened(grant.dataset, None)
    behalf = None if person == steward else steward
    with pytest.raises(IntegrityError, match="nobody certifies"), transaction.atomic():
        CampaignItem.objects.update(
            verdict="keep", decided_by=person, on_behalf_of=behalf, decided_at=database_now()
        )


def test_what_no_steward_may_decide_falls_to_the_administrators(
    dataset: Dataset, steward: Principal, administrator: Principal, analyst: Principal
) -> None:
    now = database_now()
    own, ordinary = make_grant(steward, dataset, now=now), make_grant(analyst, dataset, now=now)
    campaign = opened(dataset, steward)

    waiting = campaigns.waiting_for(administrator, campaign)

    assert [item.grant for item in waiting] == [own]
    with pytest.raises(NotAllowed):
        say(ordinary, administrator, KEEP)
    assert say(own, administrator, KEEP).decided_by == administrator
    told = {(each, waiting, said) for each, waiting, said in campaigns.reviewers_of(campaign)}
    assert told == {(administrator, 0, 1), (steward, 1, 0)}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "keep", "decided_at": "now"},
        {"verdict": "revoke", "decided_by": "steward", "decided_at": "now"},
        {"verdict": "narrow", "reason": "x", "decided_by": "steward", "decided_at": "now"},
        {"suspended_at": "now"},
        {"moot_at": "now"},
        {"carried_out_at": "now"},
    ],
)
def test_postgresql_keeps_an_item_honest(
    grant: Grant, dataset: Dataset, steward: Principal, change: dict[str, str]
) -> None:
    opened(dataset, steward)
    words = {"now": database_now(), "steward": steward}
    with pytest.raises(IntegrityError), transaction.atomic():
        CampaignItem.objects.update(**{key: words.get(each, each) for key, each in change.items()})


def test_postgresql_keeps_what_was_said(grant: Grant, dataset: Dataset, steward: Principal) -> None:
    campaign = opened(dataset, steward)
    with pytest.raises(IntegrityError, match="neither decided"), transaction.atomic():
        Campaign.objects.update(closed_at=database_now())
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Campaign.objects.update(due_at=database_now() + 30 * DAY)
    say(grant, steward, KEEP)
    with pytest.raises(IntegrityError, match="decided"), transaction.atomic():
        CampaignItem.objects.update(verdict="revoke", reason="Other")
    campaigns.carry_out(database_now() + LATER)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        CampaignItem.objects.update(verdict="", reason="", decided_by=None, decided_at=None)
    for row in (item_of(grant), campaign):
        with pytest.raises(IntegrityError, match="on record"), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")
