"""What a reviewer goes through: what waits for their word, the most urgent first, piece by piece, and what it adds up to."""

from django.db.models import Count, Q, QuerySet

from access.campaigns.standing import OPEN, UNDECIDED, certifiable_by, items_of
from access.models import Campaign, CampaignItem, Certification, Principal


def waiting_for(actor: Principal, campaign: Campaign) -> QuerySet[CampaignItem]:
    """The undecided grants of a campaign that `actor` may decide, the most urgent first."""
    rows = CampaignItem.objects.filter(UNDECIDED, certifiable_by(actor), campaign=campaign)
    return rows.select_related(
        "campaign", "grant__dataset", "grant__principal", "grant__team"
    ).defer("grant__dataset__search_document", "grant__dataset__search_names")


def settled_for(actor: Principal, campaign: Campaign) -> QuerySet[CampaignItem]:
    """What somebody may see of a campaign and has nothing to say about any more."""
    rows = items_of(campaign, actor).exclude(OPEN)
    return rows.exclude(UNDECIDED & certifiable_by(actor))


def following(rows: QuerySet[CampaignItem], after: int) -> QuerySet[CampaignItem]:
    """What comes after an item, wherever that one stands now; everything where there is no such item."""
    found = CampaignItem.objects.filter(pk=after).values_list("priority", "campaign").first()
    if found is None:
        return rows
    priority, campaign = found
    behind = Q(priority__lt=priority) | Q(priority=priority, pk__gt=after)
    return rows.filter(behind, campaign=campaign)


def suggested(rows: QuerySet[CampaignItem]) -> dict[str, int]:
    """How many of these the evidence would keep, narrow and revoke, and how many it leaves to look at, under `look`."""
    found = rows.order_by().values("recommended").annotate(n=Count("pk"))
    counts = {each["recommended"]: each["n"] for each in found}
    named = {verdict.value: counts.get(verdict.value, 0) for verdict in Certification}
    return {**named, "look": counts.get("", 0), "total": sum(counts.values())}
