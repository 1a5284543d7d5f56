"""Which grants stand: the one place that says what live means, and who holds what."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.clock import furthest_now
from access.deciding.separation import is_member
from access.models import Exclusion, Grant, Principal
from access.people.permissions import Permission, over
from catalog.models import Dataset


def is_live(at: datetime | None = None) -> Q:
    """The condition over Grant that it gives access at `at`; without `at`, by PostgreSQL's own clock as it reads.

    Started, not past its end, not suspended, not ended. The clock never counts backwards here (`access.clock`).
    """
    moment = at or furthest_now()
    return Q(
        ended_at__isnull=True,
        suspended_at__isnull=True,
        starts_at__lte=moment,
        expires_at__gt=moment,
    )


def live(at: datetime | None = None) -> QuerySet[Grant]:
    """The grants that give access at `at`, or now by the database's clock."""
    return Grant.objects.filter(is_live(at))


def held_by(principal: Principal) -> QuerySet[Grant]:
    """Every grant, past ones too, that is somebody's: their own, their present teams', their service accounts'."""
    owned = Principal.objects.filter(owner=principal).values("pk")
    return Grant.objects.filter(_holds(principal) | Q(principal__in=owned))


def on_data_of(steward: Principal) -> QuerySet[Grant]:
    """Every grant, past ones too, on the datasets that somebody answers for."""
    return Grant.objects.filter(dataset__in=over(steward, Permission.DECIDE).values("pk"))


def readable_by(principal: Principal) -> QuerySet[Dataset]:
    """The datasets of which somebody may read something at this moment; usable as a subquery.

    Their own grants and their teams' are two looks into two indexes. Asked with one OR, PostgreSQL reads every live
    grant there is: at a million of them that took a hundred times as long.
    """
    return Dataset.objects.filter(pk__in=datasets_held(principal))


def datasets_held(principal: Principal) -> QuerySet[Grant, Any]:
    """The keys of the datasets that `principal` reads now, each once."""
    active = Principal.objects.filter(pk=principal.pk, is_active=True)
    standing = live().filter(Exists(active)).order_by()
    own = standing.filter(principal=principal).values("dataset")
    teams = principal.groups.order_by().values("pk")
    through = standing.filter(~_is_left_out(principal), team__in=teams)
    return own.union(through.values("dataset"))


def live_of(principal: Principal) -> QuerySet[Grant]:
    """The live grants through which `principal` itself reads: its own and those of the teams it belongs to now."""
    active = Principal.objects.filter(pk=principal.pk, is_active=True)
    return live().filter(_holds(principal), ~_is_left_out(principal), Exists(active))


def is_holder(grant: Grant, actor: Principal) -> bool:
    """Whether the grant is the actor's own, or that of a service account it owns; a team's is nobody's own.

    Nothing is anybody's who has left.
    """
    if grant.principal is None or not actor.is_active:
        return False
    return actor.pk in (grant.principal_id, grant.principal.owner_id)


def stands_for(grant: Grant, actor: Principal) -> bool:
    """Whether the actor may ask in the holder's name: the holder itself, a member of the team, the owner."""
    if grant.team is not None:
        return actor.is_active and is_member(actor, grant.team)
    return is_holder(grant, actor)


def _is_left_out(principal: Principal) -> Exists:
    """Whether a team's grant is not read by this member, who did not use it (`access.grants.waking`)."""
    spells = Exclusion.objects.filter(member=principal, lifted_at=None, excluded_at__isnull=False)
    return Exists(spells.filter(grant=OuterRef("pk")))


def _holds(principal: Principal) -> Q:
    return Q(principal=principal) | Q(team__in=principal.groups.values("pk"))
