"""What time does to a review: silence suspends, a late word lifts it, what is over needs none."""

from datetime import timedelta

import pytest

from access import campaigns, grants
from access.clock import database_now
from access.errors import Conflict
from access.models import (
    AuditEvent,
    Campaign,
    CampaignItem,
    Certification,
    Dormancy,
    Grant,
    GrantState,
    Notice,
    Principal,
)
from access.people import principals
from catalog.models import Dataset
from tests.access.campaigns.reviewing import KEEP, LATER, REVOKE, opened, say, state
from tests.access.lifecycle import DAY

pytestmark = pytest.mark.django_db


def end(campaign: Campaign) -> dict[str, int]:
    return campaigns.run(campaign.due_at + timedelta(seconds=1))


def test_silence_suspends_and_neither_keeps_nor_ends(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    campaign = opened(dataset, steward)
    assert end(campaign)["suspended"] == 1

    assert state(grant) == GrantState.SUSPENDED
    assert "Nobody certified it" in grant.suspend_reason
    campaign.refresh_from_db()
    assert campaign.closed_at is not None
    assert Notice.objects.filter(recipient=analyst, kind="grant.suspended").count() == 1
    assert "1 suspended" in Notice.objects.get(kind="campaign.closed", recipient=steward).body
    assert end(campaign) == dict.fromkeys(end(campaign), 0)
    assert Notice.objects.filter(kind="campaign.closed").count() == 1


@pytest.mark.parametrize(("verdict", "then"), [(KEEP, GrantState.LIVE), (REVOKE, GrantState.ENDED)])
def test_one_late_click_lifts_the_suspension_or_ends_it(
    grant: Grant, dataset: Dataset, steward: Principal, verdict: Certification, then: GrantState
) -> None:
    end(opened(dataset, steward))
    say(grant, steward, verdict)
    campaigns.carry_out(database_now() + LATER)
    assert state(grant) == then


@pytest.mark.parametrize("verdict", [KEEP, REVOKE])
def test_taking_back_a_late_click_suspends_again(
    grant: Grant, dataset: Dataset, steward: Principal, verdict: Certification
) -> None:
    end(opened(dataset, steward))
    item = say(grant, steward, verdict)
    campaigns.take_back(item, actor=steward, now=database_now())
    assert state(grant) == GrantState.SUSPENDED
    assert "Nobody certified it" in grant.suspend_reason


def test_the_holder_does_not_wake_what_nobody_certified(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    campaign = opened(dataset, steward)
    now = database_now()
    Grant.objects.update(suspended_at=now, suspend_reason="Asleep")
    Dormancy.objects.create(
        grant=grant, since=now, reason="x", sensitivity=dataset.sensitivity, policy_version=0
    )
    end(campaign)
    with pytest.raises(Conflict):
        grants.wake(grant, actor=analyst, now=database_now())
    say(grant, steward, KEEP)
    assert state(grant) == GrantState.LIVE


def test_what_a_steward_suspended_for_another_reason_stays_suspended(
    grant: Grant, dataset: Dataset, steward: Principal
) -> None:
    campaign = opened(dataset, steward)
    grants.suspend(grant, actor=steward, reason="Broken filter", now=database_now())
    end(campaign)
    say(grant, steward, KEEP)
    assert state(grant) == GrantState.SUSPENDED
    assert grant.suspend_reason == "Broken filter"


def test_a_grant_that_is_over_needs_no_word(
    grant: Grant, dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    campaign = opened(dataset, steward)
    principals.deactivate(analyst, actor=None, now=database_now())
    with pytest.raises(Conflict):
        say(grant, steward, KEEP)
    counts = campaigns.run(database_now())
    assert (counts["moot"], counts["suspended"], counts["closed"]) == (1, 0, 1)
    with pytest.raises(Conflict, match="over"):
        say(grant, steward, KEEP)
    assert campaigns.progress_of(CampaignItem.objects.filter(campaign=campaign)).moot == 1


def test_reviewers_with_open_items_are_reminded_once(
    grant: Grant, dataset: Dataset, steward: Principal
) -> None:
    campaign = opened(dataset, steward)
    assert campaigns.run(campaign.due_at - 4 * DAY)["reminded"] == 0
    for hours in (70, 60):
        campaigns.run(campaign.due_at - timedelta(hours=hours))
    assert Notice.objects.filter(kind="campaign.reminded", recipient=steward).count() == 1
    assert AuditEvent.objects.filter(kind="campaign.reminded").count() == 1


def test_a_finished_review_closes_before_its_deadline(
    grant: Grant, dataset: Dataset, steward: Principal
) -> None:
    opened(dataset, steward)
    say(grant, steward, KEEP)
    assert campaigns.run(database_now())["closed"] == 0
    assert campaigns.run(database_now() + LATER)["closed"] == 1
