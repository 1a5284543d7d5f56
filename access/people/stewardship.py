"""Who answers for a dataset or a domain. django-guardian keeps it, on the `Stewardship` rows of this room.

A charge never gives a right to data. Every appointment and dismissal is an event of the audit.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from guardian.shortcuts import assign_perm, remove_perm

from access.audit.events import Kind, record
from access.errors import Conflict, Invalid, NotAllowed
from access.models import (
    Principal,
    PrincipalKind,
    Stewardship,
    StewardshipTeamPermission,
    StewardshipUserPermission,
    Team,
)
from access.people.permissions import (
    STEWARDSHIP,
    Permission,
    administrators,
    deciders,
    domains_of,
    over,
    require,
)
from catalog.models import Dataset, Domain

EVERY_CHARGE = (Permission.DECIDE, Permission.DESCRIBE, Permission.SEE_METADATA)


@transaction.atomic
def appoint(
    holder: Principal | Team,
    *,
    actor: Principal | None,
    now: datetime,
    dataset: Dataset | None = None,
    domain: Domain | None = None,
    permissions: Iterable[Permission] = EVERY_CHARGE,
) -> bool:
    """Give a person or a team a charge; False when they had it already. Without an actor it is the operator's doing.

    Errors: `NotAllowed` unless the actor is an administrator; `Invalid` for a permission that is no stewardship.
    """
    _require(actor)
    charge = _charge(dataset, domain)
    new = [each for each in permissions if not _has(holder, charge, _checked(each))]
    for permission in new:
        assign_perm(f"access.{permission.value}", holder, charge)
    if new:
        _note(Kind.STEWARD_APPOINTED, holder, charge, new, actor, now)
    return bool(new)


@transaction.atomic
def dismiss(
    holder: Principal | Team,
    *,
    actor: Principal | None,
    now: datetime,
    dataset: Dataset | None = None,
    domain: Domain | None = None,
    permissions: Iterable[Permission] = EVERY_CHARGE,
) -> bool:
    """Take a charge away; False when they did not have it. Errors: `NotAllowed` unless an administrator acts."""
    _require(actor)
    charge = _charge(dataset, domain)
    lost = [each for each in permissions if _has(holder, charge, _checked(each))]
    for permission in lost:
        remove_perm(f"access.{permission.value}", holder, charge)
    if lost:
        _note(Kind.STEWARD_DISMISSED, holder, charge, lost, actor, now)
    return bool(lost)


@transaction.atomic
def take(dataset: Dataset, *, actor: Principal, now: datetime) -> None:
    """Become the steward of a dataset that has none of its own.

    Errors: `NotAllowed` unless a steward of its domain or an administrator acts; `Conflict` when somebody has it.
    """
    if not unowned(actor).filter(pk=dataset.pk).exists():
        if not (actor.is_administrator or dataset.domain in domains_of(actor)):
            raise NotAllowed("Only a steward of its domain or an administrator can take this on.")
        raise Conflict(f"{dataset.label} has a steward already.")
    # Two who take it at once: the second waits here, and then finds it taken.
    charge = _charge(dataset, None)
    if deciders(dataset.pk, None).exists():
        raise Conflict(f"{dataset.label} has a steward already.")
    for permission in EVERY_CHARGE:
        assign_perm(f"access.{permission.value}", actor, charge)
    _note(Kind.STEWARD_APPOINTED, actor, charge, list(EVERY_CHARGE), actor, now)


def unowned(actor: Principal) -> QuerySet[Dataset]:
    """The datasets that no active person answers for by name, as far as `actor` could take them on.

    Meanwhile their domain's stewards decide about them (`falls_to_domain`), or the administrators where it has none:
    those come first.
    """
    if not actor.is_active or actor.kind != PrincipalKind.PERSON:
        return Dataset.objects.none()
    rows = (
        Dataset.objects.filter(~Exists(deciders(OuterRef(OuterRef("pk")), None)), missing_at=None)
        .annotate(falls_to_domain=Exists(deciders(None, OuterRef(OuterRef("domain")))))
        .order_by("falls_to_domain", "name")
    )
    return (
        rows if actor.is_administrator else rows.filter(domain__in=domains_of(actor).values("pk"))
    )


def stewards_of(dataset: Dataset) -> tuple[Principal, ...]:
    """The people who decide about a dataset: its own stewards, else its domain's, else the administrators."""
    for people in (deciders(dataset.pk, None), deciders(None, dataset.domain_id)):
        found = tuple(people.order_by("username"))
        if found:
            return found
    return tuple(administrators().order_by("username"))


def stewarded_by(
    principal: Principal, permission: Permission = Permission.DECIDE
) -> QuerySet[Dataset]:
    """The datasets somebody answers for, usable as a subquery; for administrators also those nobody answers for."""
    return over(principal, permission)


def appointed(
    *,
    permission: Permission = Permission.DECIDE,
    dataset: Dataset | None = None,
    domain: Domain | None = None,
) -> list[Principal | Team]:
    """Who holds this charge itself, people by name and then teams; nobody is reached through a team or a domain."""
    named = {
        "permission__codename": _checked(permission).value,
        "content_object__dataset": dataset,
        "content_object__domain": domain,
    }
    people = StewardshipUserPermission.objects.filter(**named).values("user")
    teams = StewardshipTeamPermission.objects.filter(**named).values("group")
    return [
        *Principal.objects.filter(pk__in=people).order_by("username"),
        *Team.objects.filter(pk__in=teams).order_by("name"),
    ]


def _require(actor: Principal | None) -> None:
    if actor is not None:
        require(actor, Permission.ADMINISTER)


def _checked(permission: Permission) -> Permission:
    if permission not in STEWARDSHIP:
        raise Invalid(f"{permission.value} is not a charge over a dataset.", "permissions")
    return permission


def _charge(dataset: Dataset | None, domain: Domain | None) -> Stewardship:
    """The charge, held: what one gives another does not take at the same moment, and each change is told once."""
    charge, _ = Stewardship.objects.get_or_create(dataset=dataset, domain=domain)
    return Stewardship.objects.select_for_update(no_key=True).get(pk=charge.pk)


def _has(holder: Principal | Team, charge: Stewardship, permission: Permission) -> bool:
    named = {"content_object": charge, "permission__codename": permission.value}
    if isinstance(holder, Team):
        return StewardshipTeamPermission.objects.filter(group=holder, **named).exists()
    return StewardshipUserPermission.objects.filter(user=holder, **named).exists()


def _note(
    kind: Kind,
    holder: Principal | Team,
    charge: Stewardship,
    permissions: list[Permission],
    actor: Principal | None,
    now: datetime,
) -> None:
    record(
        kind,
        actor=actor,
        subject=holder.label,
        dataset=charge.dataset,
        data={
            "holder": holder.label,
            "domain": charge.domain.name if charge.domain else None,
            "permissions": [each.value for each in permissions],
        },
        now=now,
    )
