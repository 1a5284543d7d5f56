"""Whose turn it is: who may decide a request in the stage it is in, themself or in somebody's place, and who is asked when.

Who is in charge is asked at the moment of deciding. Somebody who would gain is never among them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from access.deciding.approval import ADMINISTRATORS, DOMAIN, Stage, labels_of, people_of
from access.deciding.delegation import delegates_of, delegators_of
from access.deciding.separation import impartial, objection, own, without_impartial_steward
from access.models import STEWARDS, AccessRequest, Escalation, Principal
from access.people.permissions import Permission, administrators, deciders, domains_of, over
from access.people.stewardship import stewards_of
from catalog.models import Dataset


def turn_of(actor: Principal) -> Q:
    """The condition over AccessRequest that its present stage is `actor`'s to decide; their own are not left out here."""
    theirs = Q(
        waits_for__contains=[STEWARDS], dataset__in=over(actor, Permission.DECIDE).values("pk")
    )
    theirs |= Q(
        Q(waits_for__contains=[DOMAIN]) | Q(escalation__gte=Escalation.DOMAIN),
        dataset__domain__in=domains_of(actor).values("pk"),
    )
    theirs |= Q(waits_for__overlap=labels_of(actor))
    if actor.is_administrator:
        theirs |= Q(waits_for__contains=[ADMINISTRATORS])
        theirs |= Q(escalation=Escalation.ADMINISTRATORS)
        theirs |= Q(waits_for=[STEWARDS]) & without_impartial_steward()
    return theirs


def decidable_by(actor: Principal, at: datetime | None = None) -> Q:
    """The condition over AccessRequest that `actor` may decide it, themself or in somebody's place. Cost: two queries and up."""
    mandates = turn_of(actor)
    for delegator in delegators_of(actor, at):
        mandates |= turn_of(delegator) & ~Q(pk__in=_own(delegator))
    return mandates & ~Q(pk__in=_own(actor))


def mandates_of(
    actor: Principal, access_request: AccessRequest, now: datetime | None = None
) -> list[Principal]:
    """In whose name `actor` may decide this request: their own first, then whose delegate they are."""
    if not actor.is_active or actor.kind != "person" or objection(actor, access_request):
        return []
    this = AccessRequest.objects.filter(pk=access_request.pk)
    found = [actor] if this.filter(turn_of(actor)).exists() else []
    for delegator in delegators_of(actor, now):
        if not objection(delegator, access_request) and this.filter(turn_of(delegator)).exists():
            found.append(delegator)
    return found


def approvers(access_request: AccessRequest) -> QuerySet[Principal]:
    """Those whose stage it is, whether they would gain or not; escalation and delegates aside."""
    dataset = access_request.dataset
    labels = access_request.waits_for
    people = people_of(labels)
    if STEWARDS in labels:
        people |= deciders(dataset.pk, dataset.domain_id)
    if DOMAIN in labels:
        people |= deciders(None, dataset.domain_id)
    if ADMINISTRATORS in labels:
        people |= administrators()
    return people


def deciders_of(access_request: AccessRequest) -> tuple[Principal, ...]:
    """Who can decide this request now, by name: those of its stage who stand apart from it, else the administrators.

    Who was asked after a silence comes after them.
    """
    people = list(free(approvers(access_request), access_request).order_by("username"))
    for level in Escalation:
        if level == Escalation.ADMINISTRATORS and not people:
            people += _new(administrators(), access_request, people)
        elif Escalation.NOBODY < level <= access_request.escalation:
            people += _new(asked_at(access_request, level), access_request, people)
    return tuple(people)


def asked_first(access_request: AccessRequest) -> tuple[Principal, ...]:
    """Who is told when a stage opens: the dataset's own stewards before those of its domain, and whoever stands in."""
    dataset = access_request.dataset
    own_stewards = free(deciders(dataset.pk, None), access_request)
    people = (
        list(own_stewards.order_by("username")) if access_request.waits_for == [STEWARDS] else []
    )
    people = people or list(deciders_of(access_request))
    standing_in = delegates_of(Principal.objects.filter(pk__in=[each.pk for each in people]))
    return tuple(people + _new(standing_in, access_request, people))


def asked_at(access_request: AccessRequest, level: Escalation) -> QuerySet[Principal]:
    """Who is asked beside the others at one step of escalation."""
    if level == Escalation.DELEGATES:
        return delegates_of(approvers(access_request))
    if level == Escalation.DOMAIN:
        return deciders(None, access_request.dataset.domain_id)
    return administrators()


def next_level(access_request: AccessRequest) -> Escalation | None:
    """The next step of escalation at which there is somebody to ask; nothing after the administrators."""
    told = {person.pk for person in asked_first(access_request)}
    for level in Escalation:
        if level <= access_request.escalation:
            continue
        people = {each.pk for each in free(asked_at(access_request, level), access_request)}
        is_new = bool(people - told) or (level == Escalation.DELEGATES and bool(people))
        if is_new or level == Escalation.ADMINISTRATORS:
            return level
    return None


def free(people: QuerySet[Principal], access_request: AccessRequest) -> QuerySet[Principal]:
    """Those who would gain nothing and have not given their word yet."""
    voted = access_request.votes.values("voter")
    return impartial(people, access_request).exclude(pk__in=voted)


def waits_for(access_request: AccessRequest, by: Iterable[str]) -> list[str]:
    """Whom a stage is put to: those its rule names, and the administrators where none of those could decide it."""
    names = list(by)
    access_request.waits_for = names
    if names != [STEWARDS] and not free(approvers(access_request), access_request).exists():
        return [*names, *({ADMINISTRATORS} - set(names))]
    return names


def first_deciders(dataset: Dataset, stage: Stage) -> tuple[Principal, ...]:
    """Who would decide a request placed now, as far as can be said before it is placed."""
    if STEWARDS in stage.by:
        return stewards_of(dataset)
    people = people_of(stage.by)
    if DOMAIN in stage.by:
        people |= deciders(None, dataset.domain_id)
    if ADMINISTRATORS in stage.by:
        people |= administrators()
    return tuple(people.order_by("username")) or tuple(administrators().order_by("username"))


ROLE_WORDS = {
    STEWARDS: "a steward",
    DOMAIN: "a steward of the domain",
    ADMINISTRATORS: "an administrator",
}


def stages_of(access_request: AccessRequest) -> list[Stage]:
    """The stages a request was placed with."""
    said = access_request.stages or [access_request.present_stage]
    return [Stage(tuple(each["by"]), each["approvals"]) for each in said]


def in_words(stage: Stage) -> str:
    """A stage as people say it: `a steward of the domain or privacy`, `2 of privacy`."""
    names = [ROLE_WORDS.get(name, name.partition(":")[2]) for name in stage.by]
    words = " or ".join(names)
    return words if stage.approvals == 1 else f"{stage.approvals} of: {words}"


def _new(
    people: QuerySet[Principal], access_request: AccessRequest, known: list[Principal]
) -> list[Principal]:
    others = free(people, access_request).exclude(pk__in=[person.pk for person in known])
    return list(others.order_by("username"))


def _own(actor: Principal) -> QuerySet[AccessRequest, Any]:
    return AccessRequest.objects.filter(own(actor), state="pending").values("pk")
