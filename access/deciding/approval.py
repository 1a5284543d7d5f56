"""How requests for a dataset are decided: in which stages, at once by which rule, how long at most, and who may break glass.

A dataset says it, or its domain, or its sensitivity; of each member the most specific word wins. What was said is read
when a request is placed and kept with it, so that a later change moves no request that waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from access.audit.events import Kind, record
from access.deciding.separation import gains_through
from access.errors import Invalid, NotAllowed, NotFound
from access.models import STEWARDS, ApprovalRule, Principal, Team
from access.people.permissions import Permission, administrators, deciders, domains_of, may, require
from access.spans import parse_span, write_span
from catalog.models import Dataset, Domain, Sensitivity

DOMAIN, ADMINISTRATORS = "domain", "administrators"
ROLES = (STEWARDS, DOMAIN, ADMINISTRATORS)
MOST_STAGES, MOST_APPROVALS = 5, 10

# The longest access where nobody says anything, by how much harm a leak would do.
LONGEST = {
    Sensitivity.RESTRICTED: timedelta(days=90),
    Sensitivity.CONFIDENTIAL: timedelta(days=180),
    Sensitivity.INTERNAL: timedelta(days=365),
    Sensitivity.PUBLIC: timedelta(days=365),
}


@dataclass(frozen=True)
class Stage:
    """One step of deciding: `approvals` of those named in `by`, who are roles (`stewards`, `domain`, `administrators`) or labels."""

    by: tuple[str, ...] = (STEWARDS,)
    approvals: int = 1

    def as_json(self) -> dict[str, Any]:
        """As requests and rules keep it."""
        return {"by": list(self.by), "approvals": self.approvals}


@dataclass(frozen=True)
class AutoRule:
    """What members of a team get without waiting; `columns` None means all but those tagged with one of `except_tags`."""

    team: str
    columns: tuple[str, ...] | None = None
    unmasked: tuple[str, ...] = ()
    longest: timedelta | None = None
    except_tags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As rules keep it."""
        return {
            "team": self.team,
            "columns": None if self.columns is None else list(self.columns),
            "unmasked": list(self.unmasked),
            "longest": write_span(self.longest) if self.longest else None,
            "except_tags": list(self.except_tags),
        }


@dataclass(frozen=True)
class Said:
    """What one place says about deciding; a member that is None says nothing."""

    stages: tuple[Stage, ...] | None = None
    longest: timedelta | None = None
    auto_approve: tuple[AutoRule, ...] | None = None
    responders: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """To compare and to record."""
        stages, rules = self.stages, self.auto_approve
        return {
            "stages": None if stages is None else [stage.as_json() for stage in stages],
            "longest": write_span(self.longest) if self.longest else None,
            "auto_approve": None if rules is None else [rule.as_json() for rule in rules],
            "responders": None if self.responders is None else list(self.responders),
        }


NOTHING = Said()
MEMBERS = ("stages", "longest", "auto_approve", "responders")


@dataclass(frozen=True)
class Approval:
    """What holds for a dataset; `sources` says of each member which place said it: dataset, domain, sensitivity, or empty."""

    stages: tuple[Stage, ...] = (Stage(),)
    longest: timedelta = LONGEST[Sensitivity.INTERNAL]
    auto_approve: tuple[AutoRule, ...] = ()
    responders: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def resolve(places: Sequence[tuple[str, Said]], longest: timedelta) -> Approval:
    """Of each member the first word; `places` go from the most specific on. Pure."""
    found: dict[str, Any] = {"longest": longest}
    sources = {}
    for member in MEMBERS:
        for place, said in places:
            value = getattr(said, member)
            if value is not None:
                found[member], sources[member] = value, place
                break
    return Approval(**found, sources=sources)


def approval_of(dataset: Dataset) -> Approval:
    """What holds for a dataset now. Cost: one query."""
    said = ApprovalRule.objects.filter(
        Q(dataset=dataset.pk)
        | Q(domain__isnull=False, domain=dataset.domain_id)
        | Q(sensitivity=dataset.sensitivity)
    )
    by_place = {_place(rule): _said(rule) for rule in said}
    places = [(place, by_place[place]) for place in PLACES if place in by_place]
    return resolve(places, LONGEST[Sensitivity(dataset.sensitivity)])


PLACES = ("dataset", "domain", "sensitivity")


def said_by(about: Dataset | Domain | Sensitivity) -> Said:
    """What one place says itself."""
    rule = ApprovalRule.objects.filter(**_key(about)).first()
    return _said(rule) if rule else NOTHING


@transaction.atomic
def say(
    about: Dataset | Domain | Sensitivity, said: Said, *, actor: Principal | None, now: datetime
) -> bool:
    """Make this what a dataset, a domain or a sensitivity says about deciding; False when it said so already.

    Errors: `NotAllowed` unless the operator acts, or whoever answers for it; for a sensitivity an administrator.
    `Invalid` with the field (`stages`, `longest`, `auto_approve`, `responders`).
    """
    require_author(actor, about)
    _check(about, said)
    _refuse_for_oneself(actor, said_by(about), said)
    rule, _ = ApprovalRule.objects.select_for_update().get_or_create(**_key(about))
    before = _said(rule)
    if before.as_json() == said.as_json():
        return False
    new = said.as_json()
    rule.stages, rule.auto_approve, rule.responders = (
        new["stages"],
        new["auto_approve"],
        new["responders"],
    )
    rule.longest = said.longest
    rule.version += 1
    rule.save()
    record(
        Kind.APPROVAL_CHANGED,
        actor=actor,
        subject=_subject(about),
        dataset=about if isinstance(about, Dataset) else None,
        data={"old": before.as_json(), "new": new},
        now=now,
    )
    return True


def require_author(actor: Principal | None, about: Dataset | Domain | Sensitivity) -> None:
    """Errors: `NotAllowed`, naming who can, unless `actor` writes what this place says; nobody named is the operator."""
    if actor is None:
        return
    if isinstance(about, Dataset):
        require(actor, Permission.DECIDE, about)
    elif isinstance(about, Domain):
        if not domains_to_write(actor).filter(pk=about.pk).exists():
            raise NotAllowed(f"Only a steward of the domain {about} can do this.")
    else:
        require(actor, Permission.ADMINISTER)


def domains_to_write(actor: Principal) -> QuerySet[Domain]:
    """The domains whose word `actor` writes: those they decide for, and all of them for an administrator."""
    return Domain.objects.all() if actor.is_administrator else domains_of(actor)


def writes_rules(actor: Principal) -> bool:
    """Whether `actor` writes how requests are decided anywhere: of a dataset, of a domain, or of all data this sensitive."""
    return actor.is_administrator or may(actor, Permission.DECIDE) or domains_of(actor).exists()


def domain_to_write(actor: Principal, name: str) -> Domain:
    """The domain of this name. Errors: `NotAllowed` unless `actor` writes its word, whether there is one or not."""
    found = domains_to_write(actor).filter(name=name).first()
    if found is not None:
        return found
    if actor.is_administrator:
        raise NotFound(f"There is no domain called {name}.")
    raise NotAllowed("Only a steward of the domain, or an administrator, can do this.")


def sensitivity_to_write(actor: Principal, level: str) -> Sensitivity:
    """The sensitivity of this name. Errors: `NotAllowed` unless an administrator acts; `NotFound`."""
    require(actor, Permission.ADMINISTER)
    if level not in Sensitivity.values:
        raise NotFound(f"There is no sensitivity called {level}.")
    return Sensitivity(level)


def said_by_places() -> dict[Domain | Sensitivity, Said]:
    """What every domain and every sensitivity says that says anything. Cost: one query."""
    rules = ApprovalRule.objects.filter(dataset=None).select_related("domain")
    return {rule.domain or Sensitivity(str(rule.sensitivity)): _said(rule) for rule in rules}


def authors(dataset: Dataset, place: str) -> QuerySet[Principal]:
    """Who may write what `place` says for a dataset: nobody among them profits by it without somebody else's decision."""
    stewards = deciders(dataset.pk, dataset.domain_id)
    if place == "dataset" and stewards.exists():
        return stewards
    return stewards | administrators()


def people_of(labels: Sequence[str]) -> QuerySet[Principal]:
    """The active people behind labels such as `user:rita` and `team:on-call`."""
    names = [label.removeprefix("user:") for label in labels if label.startswith("user:")]
    teams = [label.removeprefix("team:") for label in labels if label.startswith("team:")]
    members = Principal.groups.through.objects.filter(group__name__in=teams).values("principal")
    return Principal.objects.filter(
        Q(username__in=names) | Q(pk__in=members), is_active=True, kind="person"
    )


def labels_of(person: Principal) -> list[str]:
    """The labels that mean this person: their own and those of their teams. Cost: one query."""
    return [
        person.label,
        *(f"team:{name}" for name in person.groups.values_list("name", flat=True)),
    ]


def rule_from_json(said: Mapping[str, Any]) -> AutoRule:
    """A rule as it was kept, or as configuration wrote it. Errors: KeyError, ValueError."""
    columns, longest = said.get("columns"), said.get("longest")
    return AutoRule(
        team=str(said["team"]),
        columns=None if columns is None else tuple(columns),
        unmasked=tuple(said.get("unmasked") or ()),
        longest=parse_span(longest) if isinstance(longest, str) else longest,
        except_tags=tuple(said.get("except_tags") or ()),
    )


def _said(rule: ApprovalRule) -> Said:
    stages, rules, responders = rule.stages, rule.auto_approve, rule.responders
    return Said(
        stages=None
        if stages is None
        else tuple(Stage(tuple(each["by"]), each["approvals"]) for each in stages),
        longest=rule.longest,
        auto_approve=None if rules is None else tuple(map(rule_from_json, rules)),
        responders=None if responders is None else tuple(responders),
    )


def _place(rule: ApprovalRule) -> str:
    if rule.dataset_id is not None:
        return "dataset"
    return "domain" if rule.domain_id is not None else "sensitivity"


def _key(about: Dataset | Domain | Sensitivity) -> dict[str, Any]:
    if isinstance(about, Dataset):
        return {"dataset": about}
    return {"domain": about} if isinstance(about, Domain) else {"sensitivity": about.value}


def _subject(about: Dataset | Domain | Sensitivity) -> str:
    if isinstance(about, Dataset):
        return f"dataset:{about.pk}"
    if isinstance(about, Domain):
        return f"domain:{about.name}"
    return f"sensitivity:{about.value}"


def _check(about: Dataset | Domain | Sensitivity, said: Said) -> None:
    if said.longest is not None and said.longest <= timedelta(0):
        raise Invalid("Say a span longer than nothing.", "longest")
    for stage in _checked_length(said.stages):
        _check_stage(stage)
    for rule in said.auto_approve or ():
        _check_rule(about, rule)
    for label in said.responders or ():
        _check_label(label, "responders")


def _checked_length(stages: tuple[Stage, ...] | None) -> tuple[Stage, ...]:
    if stages is not None and not 0 < len(stages) <= MOST_STAGES:
        raise Invalid(f"Say one to {MOST_STAGES} stages.", "stages")
    return stages or ()


def _check_stage(stage: Stage) -> None:
    if not 1 <= stage.approvals <= MOST_APPROVALS:
        raise Invalid(
            "At least one approval is needed in every stage, and at most ten.",
            "stages" if stage.by != (STEWARDS,) else "approvals",
        )
    if not stage.by:
        raise Invalid("Say who decides in every stage.", "stages")
    for name in stage.by:
        if name not in ROLES:
            _check_label(name, "stages")


def _check_label(label: str, field_name: str) -> None:
    kind, _, name = label.partition(":")
    known = (kind == "team" and Team.objects.filter(name=name).exists()) or (
        kind == "user" and Principal.objects.filter(username=name, kind="person").exists()
    )
    if not known:
        raise Invalid(f"There is no person or team called {name or label}.", field_name)


def _check_rule(about: Dataset | Domain | Sensitivity, rule: AutoRule) -> None:
    if not Team.objects.filter(name=rule.team).exists():
        raise Invalid(f"There is no team called {rule.team}.", "auto_approve")
    if rule.longest is not None and rule.longest <= timedelta(0):
        raise Invalid("Say a span longer than nothing.", "auto_approve")
    if not isinstance(about, Dataset):
        return
    known = set(about.columns.filter(removed_at=None).values_list("name", flat=True))
    for name in (*(rule.columns or ()), *rule.unmasked):
        if name not in known:
            raise Invalid(f"{about.name} has no column {name}.", "auto_approve")


def _refuse_for_oneself(actor: Principal | None, before: Said, said: Said) -> None:
    """Nobody puts themself on the list of those who break glass, nor a team of theirs."""
    for label in set(said.responders or ()) - set(before.responders or ()):
        team = Team.objects.filter(name=label.removeprefix("team:")).first()
        mine = team is not None and label.startswith("team:") and actor is not None
        if actor is not None and (
            label == actor.label or (mine and team and gains_through(actor, team))
        ):
            raise NotAllowed("You cannot list yourself. Somebody else who answers for it can.")
