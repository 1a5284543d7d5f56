"""Separation of duties: nobody decides what they, or those they stand for, would gain.

One rule for every door. PostgreSQL holds the same rule in triggers on votes, decisions and grants, so that a door
which forgets to ask here is still refused; this module says it first and in words.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from access.models import AccessRequest, Principal, PrincipalKind, Team
from access.people.permissions import deciders


def objection(actor: Principal, access_request: AccessRequest) -> str:
    """Why `actor` may not decide this request although they are a steward; empty when nothing stands against it."""
    if access_request.requester_id == actor.pk:
        return "You asked for this yourself, so somebody else has to decide it."
    if access_request.principal_id == actor.pk:
        return "This would give access to you, so somebody else has to decide it."
    if access_request.team is not None and gains_through(actor, access_request.team):
        return f"This would give access to {access_request.team.name}, a team of yours, so somebody outside it has to decide."
    for service in (access_request.principal, access_request.requester):
        if service is not None and service.owner_id == actor.pk:
            return f"You answer for the service account {service.username}, so somebody else has to decide it."
    return ""


def is_member(principal: Principal, team: Team) -> bool:
    """Whether `principal` belongs to `team` now."""
    return principal.groups.filter(pk=team.pk).exists()


def gains_through(principal: Principal, team: Team) -> bool:
    """Whether `principal` would read what `team` holds: as a member, or through a service account it answers for."""
    inside = Principal.objects.filter(groups=team)
    return inside.filter(Q(pk=principal.pk) | Q(owner=principal)).exists()


def stands_to_gain(actor: Principal, holder: Principal | Team) -> bool:
    """Whether access of `holder` would be access of `actor`, directly or through a service account it owns."""
    if isinstance(holder, Team):
        return gains_through(actor, holder)
    return actor.pk in (holder.pk, holder.owner_id)


def speaks_for(actor: Principal, holder: Principal | Team) -> bool:
    """Whether `actor` may ask in the name of `holder`: itself, a team it belongs to, a service account it owns."""
    if isinstance(holder, Team):
        return is_member(actor, holder)
    return actor.pk in (holder.pk, holder.owner_id)


def own(actor: Principal) -> Q:
    """The requests that `actor` may not decide, as a condition over AccessRequest."""
    reached = Principal.groups.through.objects.filter(
        Q(principal=actor) | Q(principal__owner=actor)
    )
    return (
        Q(requester=actor)
        | Q(principal=actor)
        | Q(team__in=reached.values("group"))
        | Q(principal__owner=actor)
        | Q(requester__owner=actor)
    )


def impartial(people: QuerySet[Principal], access_request: AccessRequest) -> QuerySet[Principal]:
    """Those of `people` against whom nothing stands."""
    asking = [access_request.requester_id, access_request.principal_id]
    owners = Principal.objects.filter(pk__in=[pk for pk in asking if pk]).values("owner")
    people = people.exclude(pk__in=[pk for pk in asking if pk])
    people = people.exclude(pk__in=owners.filter(owner__isnull=False))
    if access_request.team_id is not None:
        members = Principal.objects.filter(groups=access_request.team_id)
        people = people.exclude(pk__in=members.values("pk"))
        people = people.exclude(pk__in=members.filter(owner__isnull=False).values("owner"))
    return people


def without_impartial_steward() -> Q:
    """A condition over AccessRequest: no steward of its dataset or domain could decide it."""
    people = deciders(OuterRef(OuterRef("dataset")), OuterRef(OuterRef("dataset__domain")))
    member = Principal.groups.through.objects.filter(
        Q(principal=OuterRef("pk")) | Q(principal__owner=OuterRef("pk")),
        group=OuterRef(OuterRef("team")),
    )
    owned = Principal.objects.filter(
        Q(pk=OuterRef(OuterRef("principal"))) | Q(pk=OuterRef(OuterRef("requester"))),
        owner=OuterRef("pk"),
        kind=PrincipalKind.SERVICE,
    )
    free = people.exclude(pk=OuterRef("requester")).exclude(pk=Coalesce(OuterRef("principal"), 0))
    return Q(~Exists(free.filter(~Exists(member), ~Exists(owned))))
