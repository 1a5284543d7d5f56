"""Who may say something about a grant under review, and who may know of a campaign.

Whoever decides about the data certifies who holds it, never what they would gain by: not their own, not their team's,
not that of a service account they answer for. Where nobody is left, it falls to the administrators, as a request does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from access.deciding.delegation import delegators_of
from access.deciding.separation import stands_to_gain
from access.errors import NotFound
from access.models import Campaign, CampaignItem, Grant, Principal, PrincipalKind
from access.people.permissions import Permission, administrators, deciders, over

UNDECIDED = Q(verdict="", moot_at=None)
OPEN = UNDECIDED & Q(suspended_at=None)
"""What the deadline suspends; what it has suspended can still be decided."""


@dataclass(frozen=True)
class Progress:
    """How a campaign stands, in counts of its grants."""

    total: int = 0
    kept: int = 0
    narrowed: int = 0
    revoked: int = 0
    suspended: int = 0
    moot: int = 0

    @property
    def settled(self) -> int:
        """How many need no word any more, for whichever reason."""
        return self.kept + self.narrowed + self.revoked + self.suspended + self.moot

    @property
    def open(self) -> int:
        """How many wait for a word."""
        return self.total - self.settled

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100; 100 means all."""
        return self.settled * 100 // self.total if self.total else 100


def certifiable_by(actor: Principal, at: datetime | None = None) -> Q:
    """The condition over CampaignItem that `actor` may decide it, themself or in somebody's place."""
    if not actor.is_active or actor.kind != PrincipalKind.PERSON:
        return Q(pk__in=())
    mandates = _charge(actor)
    for delegator in delegators_of(actor, at):
        mandates |= _charge(delegator) & ~Q(grant__in=_gained(delegator))
    return mandates & ~Q(grant__in=_gained(actor))


def mandate_of(actor: Principal, item: CampaignItem, at: datetime) -> Principal | None:
    """In whose name `actor` may decide this item: their own, else whose delegate they are; None when they may not."""
    if not actor.is_active or actor.kind != PrincipalKind.PERSON:
        return None
    this = CampaignItem.objects.filter(pk=item.pk)
    holder = item.grant.holder
    if stands_to_gain(actor, holder):
        return None
    for person in (actor, *delegators_of(actor, at)):
        if not stands_to_gain(person, holder) and this.filter(_charge(person)).exists():
            return person
    return None


def visible_to(actor: Principal) -> QuerySet[Campaign]:
    """The campaigns somebody may know of: those they opened, or have a say in; administrators all."""
    if not actor.is_active:
        return Campaign.objects.none()
    rows = Campaign.objects.select_related("opener")
    if actor.is_administrator:
        return rows
    theirs = CampaignItem.objects.filter(certifiable_by(actor) | Q(decided_by=actor))
    return rows.filter(Q(opener=actor) | Q(pk__in=theirs.values("campaign")))


def campaign_for(actor: Principal, pk: int) -> Campaign:
    """Errors: `NotFound`, whether there is none or it is not theirs to know of."""
    found = visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such review that you may know of.")
    return found


def oversees(actor: Principal, campaign: Campaign) -> bool:
    """Whether somebody sees all of a campaign: who opened it, and administrators."""
    return actor.is_administrator or campaign.opener_id == actor.pk


def items_of(campaign: Campaign, actor: Principal) -> QuerySet[CampaignItem]:
    """The grants of a campaign that somebody may see: all for whoever oversees it, else those they have a say in."""
    rows = CampaignItem.objects.filter(campaign=campaign).select_related(
        "grant__principal", "grant__team", "grant__dataset", "decided_by", "campaign"
    )
    rows = rows.defer("grant__dataset__search_document", "grant__dataset__search_names")
    if oversees(actor, campaign):
        return rows
    return rows.filter(certifiable_by(actor) | Q(decided_by=actor))


def n_waiting_for(actor: Principal) -> int:
    """How many grants of open campaigns wait for somebody's word. Cost: two queries, two more for administrators."""
    waiting = CampaignItem.objects.filter(OPEN, campaign__closed_at=None)
    return waiting.filter(certifiable_by(actor)).count()


def progress_of(rows: QuerySet[CampaignItem]) -> Progress:
    """How these items stand. Cost: one query."""
    return progress_by_campaign(rows, "")[0]


def progress_by_campaign(
    rows: QuerySet[CampaignItem, Any], by: str = "campaign"
) -> dict[int, Progress]:
    """How these items stand, by the key of their campaign (or as one, under 0). Cost: one query."""
    counts = {
        "total": Count("pk"),
        "kept": Count("pk", filter=Q(verdict="keep")),
        "narrowed": Count("pk", filter=Q(verdict="narrow")),
        "revoked": Count("pk", filter=Q(verdict="revoke")),
        "suspended": Count("pk", filter=Q(verdict="", suspended_at__isnull=False)),
        "moot": Count("pk", filter=Q(moot_at__isnull=False, suspended_at=None)),
    }
    if not by:
        return {0: Progress(**rows.order_by().aggregate(**counts))}
    found = rows.order_by().values(by).annotate(**counts)
    return {each.pop(by): Progress(**each) for each in found}


def reviewers_of(campaign: Campaign) -> list[tuple[Principal, int, int]]:
    """Who has a say in a campaign: how many grants wait for them, and how many they have decided, by name.

    Cost: two queries, one for each dataset, and one for each reviewer.
    """
    rows = CampaignItem.objects.filter(campaign=campaign)
    decided = dict(
        rows.exclude(verdict="")
        .order_by()
        .values_list("decided_by")
        .annotate(n=Count("pk"))
        .values_list("decided_by", "n")
    )
    found = []
    for person in _candidates(rows, decided):
        waiting = rows.filter(UNDECIDED).filter(certifiable_by(person)).count()
        if waiting or person.pk in decided:
            found.append((person, waiting, decided.get(person.pk, 0)))
    return found


def _candidates(rows: QuerySet[CampaignItem], decided: Mapping[int, int]) -> QuerySet[Principal]:
    charges = set(rows.order_by().values_list("grant__dataset", "grant__dataset__domain"))
    keys = set(administrators().values_list("pk", flat=True)) | set(decided)
    for dataset, domain in charges:
        keys |= set(deciders(dataset, domain).values_list("pk", flat=True))
    return Principal.objects.filter(pk__in=keys).order_by("username")


def _charge(actor: Principal) -> Q:
    theirs = Q(grant__dataset__in=over(actor, Permission.DECIDE).values("pk"))
    return theirs | _without_impartial_steward() if actor.is_administrator else theirs


def _gained(actor: Principal) -> QuerySet[Grant, Any]:
    """The open grants by which somebody gains."""
    reached = Principal.groups.through.objects.filter(
        Q(principal=actor) | Q(principal__owner=actor)
    )
    gains = (
        Q(principal=actor)
        | Q(principal__owner=actor)
        | Q(team__in=reached.order_by().values("group"))
    )
    return Grant.objects.filter(gains, ended_at=None).order_by().values("pk")


def _without_impartial_steward() -> Q:
    """A condition over CampaignItem: nobody who decides about the data stands apart from the holder."""
    dataset = OuterRef(OuterRef("grant__dataset"))
    people = deciders(dataset, OuterRef(OuterRef("grant__dataset__domain")))
    member = Principal.groups.through.objects.filter(
        Q(principal=OuterRef("pk")) | Q(principal__owner=OuterRef("pk")),
        group=OuterRef(OuterRef("grant__team")),
    )
    owned = Principal.objects.filter(
        pk=OuterRef(OuterRef("grant__principal")), owner=OuterRef("pk")
    )
    free = people.exclude(pk=Coalesce(OuterRef("grant__principal"), 0))
    return Q(~Exists(free.filter(~Exists(member), ~Exists(owned))))
