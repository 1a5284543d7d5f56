"""What time does to a campaign: moot grants, a reminder, the deadline. Silence suspends; it never keeps and never ends.

Every step is claimed by a conditional update and commits by itself: two beats at once, or a worker killed half-way,
leave each grant suspended once and each person told once.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from access.audit.events import Kind, record
from access.campaigns import notifying
from access.campaigns.deciding import carry_out, hold, silence
from access.campaigns.opening import refresh
from access.campaigns.standing import OPEN, UNDECIDED, progress_of
from access.models import Campaign, CampaignItem, Grant

REMIND = timedelta(days=3)
BATCH = 50


def run(now: datetime) -> dict[str, int]:
    """Everything that is due in campaigns; how many of each."""
    return {
        "carried_out": carry_out(now),
        "moot": note_moot(now),
        "refreshed": refresh(now),
        "reminded": remind(now),
        "suspended": suspend_silent(now),
        "closed": close_due(now),
    }


def note_moot(now: datetime) -> int:
    """Close what is over before anybody decided: returned, ended, run out. How many."""
    over = Grant.objects.filter(
        Q(ended_at__isnull=False) | Q(expires_at__lte=now), pk=OuterRef("grant")
    )
    return CampaignItem.objects.filter(UNDECIDED).filter(Exists(over)).update(moot_at=now)


def remind(now: datetime) -> int:
    """Remind reviewers of what is due soon, once; in a short campaign, when a third of the time is left."""
    soon = Campaign.objects.filter(closed_at=None, reminded_at=None, due_at__gt=now)
    due = [
        each for each in soon if each.due_at - now <= min(REMIND, (each.due_at - each.opens_at) / 3)
    ]
    return sum(_remind(campaign, now) for campaign in due)


@transaction.atomic
def _remind(campaign: Campaign, now: datetime) -> bool:
    if not Campaign.objects.filter(pk=campaign.pk, closed_at=None, reminded_at=None).update(
        reminded_at=now
    ):
        return False
    _note(Kind.CAMPAIGN_REMINDED, campaign, now)
    notifying.tell_reminded(campaign, now=now)
    return True


def suspend_silent(now: datetime) -> int:
    """Suspend what nobody has said a word about by its deadline, a few grants to a transaction; how many."""
    n_suspended = 0
    due = CampaignItem.objects.filter(OPEN, campaign__closed_at=None, campaign__due_at__lte=now)
    while keys := list(due.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        n_suspended += _suspend(keys, now)
    return n_suspended


@transaction.atomic
def _suspend(keys: list[int], now: datetime) -> int:
    rows = CampaignItem.objects.select_for_update(of=("self",)).filter(OPEN, pk__in=keys)
    items = list(
        rows.select_related(
            "campaign", "grant__dataset", "grant__principal", "grant__team"
        ).order_by("pk")
    )
    for item in items:
        this = CampaignItem.objects.filter(pk=item.pk)
        if item.grant.ended_at is not None or item.grant.expires_at <= now:
            this.update(moot_at=now)
        else:
            hold(item.grant, silence(item.campaign), actor=None, now=now)
            this.update(suspended_at=now)
    return len(items)


def close_due(now: datetime) -> int:
    """Close the campaigns in which nothing is open any more, and tell whoever opened them how it came out."""
    waiting = CampaignItem.objects.filter(OPEN, campaign=OuterRef("pk"))
    hasty = CampaignItem.objects.filter(campaign=OuterRef("pk"), carried_out_at=None).exclude(
        verdict=""
    )
    done = Campaign.objects.filter(~Exists(waiting), ~Exists(hasty), closed_at=None)
    return sum(_close(campaign, now) for campaign in done)


@transaction.atomic
def _close(campaign: Campaign, now: datetime) -> bool:
    if not Campaign.objects.filter(pk=campaign.pk, closed_at=None).update(closed_at=now):
        return False
    campaign.refresh_from_db()
    progress = progress_of(CampaignItem.objects.filter(campaign=campaign))
    _note(
        Kind.CAMPAIGN_CLOSED,
        campaign,
        now,
        kept=progress.kept,
        narrowed=progress.narrowed,
        revoked=progress.revoked,
        suspended=progress.suspended,
        moot=progress.moot,
    )
    notifying.tell_closed(campaign, progress, now=now)
    return True


def _note(kind: Kind, campaign: Campaign, now: datetime, **data: object) -> None:
    record(
        kind,
        actor=None,
        subject=f"campaign:{campaign.pk}",
        data={"name": campaign.name, "scope": campaign.scope, **data},
        now=now,
    )
