"""Short ways through a review of access for its tests."""

from datetime import timedelta

from access import campaigns
from access.clock import database_now
from access.models import Campaign, CampaignItem, Certification, Grant, GrantState, Principal
from catalog.models import Dataset
from tests.access.lifecycle import DAY

KEEP, NARROW, REVOKE = Certification.KEEP, Certification.NARROW, Certification.REVOKE
LATER = campaigns.SECOND_THOUGHTS + timedelta(seconds=1)


def opened(dataset: Dataset, actor: Principal | None, *, days: float = 14) -> Campaign:
    """A review of a dataset, due in so many days."""
    now = database_now()
    return campaigns.open_campaign(
        "Autumn", f"dataset:{dataset.name}", actor=actor, due_at=now + days * DAY, now=now
    )


def item_of(grant: Grant) -> CampaignItem:
    """What the latest review asks about a grant."""
    return CampaignItem.objects.get(grant=grant)


def state(grant: Grant) -> GrantState:
    """How a grant stands, asked an hour ahead so that what was just said counts."""
    grant.refresh_from_db()
    return grant.state_at(database_now() + timedelta(hours=1))


def say(grant: Grant, actor: Principal, verdict: Certification, **fields: object) -> CampaignItem:
    """A word on a grant, with a reason unless another is given."""
    fields = {"reason": "Project over", "now": database_now(), **fields}
    return campaigns.certify(item_of(grant), actor=actor, verdict=verdict, **fields)  # type: ignore[arg-type]
