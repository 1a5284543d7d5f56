"""Teams: what a team holds, its members hold for as long as they belong to it, and not a moment longer.

Membership is read when somebody reads data, so leaving needs no clean-up to take effect.
"""

from datetime import datetime

from django.db import transaction

from access import grants
from access.audit.events import Kind, record
from access.clock import noted_at
from access.deciding.separation import stands_to_gain
from access.errors import Invalid, NotAllowed
from access.models import AccessRequest, Grant, Principal, Team
from access.people.permissions import Permission, require


@transaction.atomic
def create_team(name: str, *, actor: Principal | None, now: datetime) -> Team:
    """A new, empty team. Errors: `NotAllowed` unless an administrator acts; `Invalid` for a name taken or empty."""
    _require(actor)
    name = name.strip()
    if not name or len(name) > 150:
        raise Invalid("A team has a name of at most 150 characters.", "name")
    team, is_new = Team.objects.get_or_create(name=name)
    if not is_new:
        raise Invalid(f"There already is a team called {name}.", "name")
    record(Kind.TEAM_CREATED, actor=actor, subject=team.label, now=now)
    return team


@transaction.atomic
def add_member(team: Team, member: Principal, *, actor: Principal | None, now: datetime) -> bool:
    """Let somebody into a team; False when they belong to it already. They read what it holds from now on.

    Errors: `NotAllowed` unless an administrator acts, and never for their own good; `Invalid` for whoever has left.
    """
    _require(actor)
    if actor is not None and stands_to_gain(actor, member):
        raise NotAllowed("You would read what the team holds, so somebody else has to let you in.")
    if not _locked(member).is_active:
        raise Invalid(f"{member} is not active.", "members")
    if member.groups.filter(pk=team.pk).exists():
        return False
    with noted_at(now):
        member.groups.add(team)
    record(
        Kind.MEMBER_ADDED, actor=actor, subject=team.label, data={"member": member.label}, now=now
    )
    return True


@transaction.atomic
def remove_member(team: Team, member: Principal, *, actor: Principal | None, now: datetime) -> bool:
    """Take somebody out of a team, who reads nothing through it from this moment; False when they were not in it."""
    if actor != member:
        _require(actor)
    _locked(member)
    if not member.groups.filter(pk=team.pk).exists():
        return False
    with noted_at(now):
        member.groups.remove(team)
    record(
        Kind.MEMBER_REMOVED, actor=actor, subject=team.label, data={"member": member.label}, now=now
    )
    return True


@transaction.atomic
def delete_team(team: Team, *, actor: Principal | None, now: datetime) -> bool:
    """Empty a team, end what it holds, and remove it; False when it stays, empty, because records point at it."""
    _require(actor)
    for member in Principal.objects.filter(groups=team):
        remove_member(team, member, actor=actor, now=now)
    grants.end_all_of(team, actor=actor, now=now)
    record(Kind.TEAM_DELETED, actor=actor, subject=team.label, now=now)
    if Grant.objects.filter(team=team).exists() or AccessRequest.objects.filter(team=team).exists():
        return False
    team.delete()
    return True


def _locked(member: Principal) -> Principal:
    """Their row, so that two who change one membership do so one after the other, and it is told once."""
    return Principal.objects.select_for_update(no_key=True).get(pk=member.pk)


def _require(actor: Principal | None) -> None:
    if actor is not None:
        require(actor, Permission.ADMINISTER)
