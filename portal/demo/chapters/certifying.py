"""Two reviews of access: one that ended weeks ago, and one that stewards are in the middle of."""

from datetime import datetime, timedelta

from access import campaigns
from access.models import CampaignItem, Certification
from portal.demo.timeline import Timeline

RETURNS = "Returns, before the auditors come"
COMMERCE = "Who reads what of Commerce"
TEN_DAYS = timedelta(days=10)


def _returns(told: Timeline) -> None:
    """It found one access that nobody needed; the steward's own got no word in time and slept for a night."""
    told.ask(
        told.day(55, "13:10"),
        "sizes",
        "yusuf",
        "operations.returns",
        "Do returns follow the size chart?",
        days=90,
    )
    told.approve(told.day(54, "09:10"), "sizes", "tomas")
    _open(told, told.day(45, "09:00"), RETURNS, "dataset:tarnfell.operations.returns", "tomas", 14)
    morning = told.day(43, "09:30")
    _say(told, morning, RETURNS, "tomas", "team:logistics")
    _say(told, morning, RETURNS, "tomas", "team:finance")
    _say(told, morning, RETURNS, "tomas", "service:quality")
    why = "Never used, and the dashboard answers the question by now."
    _say(told, morning, RETURNS, "tomas", "user:yusuf", Certification.REVOKE, why)
    _go_on(told, told.day(43, "10:00"))
    _go_on(told, told.day(34, "09:05"))
    _go_on(told, told.day(31, "18:00"))
    _say(told, told.day(30, "07:20"), RETURNS, "marit", "user:tomas")
    _go_on(told, told.day(30, "07:40"))


def _commerce(told: Timeline) -> None:
    """Begun four days ago, a third of it decided, ten days to go."""
    due = told.now + TEN_DAYS
    days = (due - told.day(4, "10:15")) / timedelta(days=1)
    _open(told, told.day(4, "10:15"), COMMERCE, "domain:commerce", "ines", days)
    for moment, holder in (
        (told.day(3, "08:50"), "team:sales-dach"),
        (told.day(3, "08:51"), "team:sales-france"),
        (told.day(2, "16:20"), "team:data-science"),
        (told.day(2, "16:22"), "service:quality"),
    ):
        _say(told, moment, COMMERCE, "ines", holder)
    _go_on(told, told.day(3, "09:20"))
    _go_on(told, told.day(1, "09:20"))


def _open(told: Timeline, moment: datetime, name: str, scope: str, who: str, days: float) -> None:
    told.note(
        moment,
        lambda now: campaigns.open_campaign(
            name, scope, actor=told.person(who), due_at=now + timedelta(days=days), now=now
        ),
    )


def _say(
    told: Timeline,
    moment: datetime,
    name: str,
    who: str,
    holder: str,
    verdict: Certification = Certification.KEEP,
    reason: str = "",
) -> None:
    """One verdict on everything a holder has in a review."""

    def act(now: datetime) -> None:
        items = CampaignItem.objects.filter(campaign__name=name, verdict="", moot_at=None)
        for item in items.select_related(
            "campaign", "grant__dataset", "grant__principal", "grant__team"
        ):
            if item.grant.holder.label == holder:
                campaigns.certify(
                    item, actor=told.person(who), verdict=verdict, reason=reason, now=now
                )

    told.note(moment, act)


def _go_on(told: Timeline, moment: datetime) -> None:
    """What time does to reviews by then: what was said is carried out, what nobody said anything about sleeps."""
    told.note(moment, campaigns.run)


STORIES = (_returns, _commerce)
