"""Opening a campaign: its scope, the frozen set of grants, their evidence, and a word to everybody who reviews."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access.audit.events import Kind, record
from access.campaigns import notifying
from access.campaigns.facts import advice_on
from access.campaigns.standing import OPEN
from access.errors import Conflict, Invalid, NotAllowed
from access.models import Campaign, CampaignItem, DecisionKind, Grant, Principal, Team
from access.people.permissions import Permission, domains_of, over
from catalog.models import Dataset, Domain

LONGEST = timedelta(days=92)
STALE = timedelta(hours=20)
AT_ONCE = 1_000
EVIDENCE = ("priority", "recommended", "because", "findings", "unused", "last_used_at")


@transaction.atomic
def open_campaign(
    name: str, scope: str, *, actor: Principal | None, due_at: datetime, now: datetime
) -> Campaign:
    """Ask for a word on every grant that is open in `scope` now. Without an actor it is the operator's doing.

    `scope` is `dataset:NAME`, `domain:NAME` or `team:NAME`.
    Errors: `Invalid` with the field; `NotAllowed` unless the actor decides about the dataset or domain, and for a team
    unless they administer; `Conflict` while a review of the same scope is open.
    """
    said = " ".join(name.split())
    _check(said, due_at, now)
    grants = _in_scope(scope, actor).exclude(decision__kind=DecisionKind.BREAK_GLASS)
    keys = list(
        grants.filter(ended_at=None, expires_at__gt=now).order_by("pk").values_list("pk", flat=True)
    )
    if not keys:
        raise Invalid("Nobody holds access there, so there is nothing to review.", "scope")
    try:
        with transaction.atomic():
            made = Campaign.objects.create(
                name=said,
                scope=scope,
                opener=actor,
                n_items=len(keys),
                opens_at=now,
                due_at=due_at,
                evidence_at=now,
            )
    except IntegrityError:
        raise Conflict("A review of this is open already. Finish that one first.") from None
    items = [CampaignItem(campaign=made, grant_id=key) for key in keys]
    _inform(items, now)
    CampaignItem.objects.bulk_create(items, batch_size=AT_ONCE)
    record(
        Kind.CAMPAIGN_OPENED,
        actor=actor,
        subject=f"campaign:{made.pk}",
        data={"name": said, "scope": scope, "n_items": len(keys), "due_at": due_at},
        now=now,
    )
    notifying.tell_opened(made, now=now)
    return made


def scopes_for(actor: Principal) -> list[tuple[str, str]]:
    """What somebody may open a review of, each with its words: domains, teams (administrators), datasets."""
    is_admin = actor.is_administrator
    domains = Domain.objects.all() if is_admin else domains_of(actor)
    found = [(f"domain:{each.name}", f"Domain {each}") for each in domains.order_by("name")]
    if is_admin:
        teams = Team.objects.order_by("name").values_list("name", flat=True)
        found += [(f"team:{name}", f"Team {name}") for name in teams]
    datasets = Dataset.objects.all() if is_admin else over(actor, Permission.DECIDE)
    held = Grant.objects.filter(ended_at=None).order_by().values("dataset")
    names = datasets.filter(pk__in=held).order_by("name").values_list("name", flat=True)
    return found + [(f"dataset:{name}", name) for name in names]


def refresh(now: datetime) -> int:
    """Put the evidence of undecided grants together anew where it is most of a day old; how many campaigns."""
    stale = Campaign.objects.filter(closed_at=None, evidence_at__lte=now - STALE)
    return sum(_refresh(campaign, now) for campaign in stale)


@transaction.atomic
def _refresh(campaign: Campaign, now: datetime) -> bool:
    claimed = Campaign.objects.filter(pk=campaign.pk, evidence_at=campaign.evidence_at)
    if not claimed.filter(closed_at=None).update(evidence_at=now):
        return False
    undecided = CampaignItem.objects.select_for_update(skip_locked=True).filter(OPEN)
    items = list(undecided.filter(campaign=campaign).order_by("pk"))
    _inform(items, now)
    CampaignItem.objects.bulk_update(items, EVIDENCE, batch_size=AT_ONCE)
    return True


def _inform(items: Iterable[CampaignItem], now: datetime) -> None:
    found = advice_on([item.grant_id for item in items], now)
    for item in items:
        facts, advice = found[item.grant_id]
        item.priority = advice.priority
        item.recommended = advice.recommended
        item.because = advice.because
        item.findings = [each.value for each in advice.findings]
        item.unused = list(facts.unused)
        item.last_used_at = facts.last_used_at


def _check(name: str, due_at: datetime, now: datetime) -> None:
    if not name:
        raise Invalid("Give the review a name; its reviewers read it.", "name")
    if len(name) > 120:
        raise Invalid("Keep the name below 120 characters.", "name")
    if not now < due_at <= now + LONGEST:
        raise Invalid(f"A review is due within {LONGEST.days} days from now.", "due_at")


def _in_scope(scope: str, actor: Principal | None) -> QuerySet[Grant]:
    kind, _, name = scope.partition(":")
    if kind == "dataset":
        return _of_dataset(name, actor)
    if kind == "domain":
        return _of_domain(name, actor)
    if kind == "team":
        return _of_team(name, actor)
    raise Invalid("Name a scope as dataset:NAME, domain:NAME or team:NAME.", "scope")


def _of_dataset(name: str, actor: Principal | None) -> QuerySet[Grant]:
    found = Dataset.objects.filter(name=name)
    if actor is not None and not actor.is_administrator:
        found = found.filter(pk__in=over(actor, Permission.DECIDE).values("pk"))
    dataset = found.first()
    if dataset is None:
        raise _unknown(name, actor)
    return Grant.objects.filter(dataset=dataset)


def _of_domain(name: str, actor: Principal | None) -> QuerySet[Grant]:
    free = actor is None or actor.is_administrator
    found = Domain.objects.all() if free or actor is None else domains_of(actor)
    domain = found.filter(name=name).first()
    if domain is None:
        raise _unknown(name, actor)
    return Grant.objects.filter(dataset__domain=domain)


def _of_team(name: str, actor: Principal | None) -> QuerySet[Grant]:
    if actor is not None and not actor.is_administrator:
        raise NotAllowed(
            "What a team holds lies across the data of many, so an administrator opens its review."
        )
    team = Team.objects.filter(name=name).first()
    if team is None:
        raise _unknown(name, actor)
    members = Principal.objects.filter(groups=team)
    return Grant.objects.filter(team=team) | Grant.objects.filter(principal__in=members)


def _unknown(name: str, actor: Principal | None) -> Exception:
    """Hidden and absent sound alike to whoever does not decide there."""
    if actor is None or actor.is_administrator:
        return Invalid(f"There is no {name}.", "scope")
    return NotAllowed("You open reviews of the data and the domains that you decide about.")
