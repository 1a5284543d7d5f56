"""Rights to an act in the portal: deciding, describing, knowing of a dataset, administering, reading the audit.

They come from stewardship, which django-guardian keeps, and from being an administrator. None of them is a right to
data: that is a Grant, and nothing here is asked by the gate. Administrators get no stewardship by being superusers, so
every look into guardian is made without superusers and without permissions that would hold for every object.
"""

from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from access.errors import NotAllowed
from access.models import (
    Principal,
    PrincipalKind,
    Stewardship,
    StewardshipUserPermission,
)
from catalog.models import Dataset, Domain


class Permission(StrEnum):
    """An act that somebody may be allowed; the first three are held over a dataset or a domain."""

    DECIDE = "decide"
    DESCRIBE = "describe"
    SEE_METADATA = "see_metadata"
    ADMINISTER = "administer"
    READ_AUDIT = "read_audit"
    REPORT_LINEAGE = "report_lineage"


STEWARDSHIP = frozenset({Permission.DECIDE, Permission.DESCRIBE, Permission.SEE_METADATA})

WAYS_TO_ASK = {
    Permission.DECIDE: "Only a steward of {dataset} can do this.",
    Permission.DESCRIBE: "Only a steward of {dataset} can describe it. Its dataset page names them.",
    Permission.SEE_METADATA: "Ask an administrator to let you see {dataset}.",
    Permission.ADMINISTER: "Only an administrator of this portal can do this.",
    Permission.REPORT_LINEAGE: "Lineage is reported by service accounts, stewards and administrators.",
    Permission.READ_AUDIT: "The audit is open to administrators, and to stewards for their own datasets.",
}


def may(actor: Principal | None, permission: Permission, dataset: Dataset | None = None) -> bool:
    """Whether `actor` may do this, to this dataset where one is named. Cost: up to three queries.

    Without a dataset, a stewardship permission asks whether the actor holds it over anything at all.
    """
    if actor is None or not actor.is_active:
        return False
    if permission is Permission.ADMINISTER:
        return actor.is_administrator
    if permission is Permission.READ_AUDIT:
        return actor.is_administrator or may(actor, Permission.DECIDE, dataset)
    if permission is Permission.REPORT_LINEAGE:
        return actor.kind == PrincipalKind.SERVICE or may(actor, Permission.READ_AUDIT)
    if permission is Permission.DECIDE:
        return actor.kind == PrincipalKind.PERSON and over(actor, permission, dataset).exists()
    return actor.is_administrator or over(actor, permission, dataset).exists()


def require(
    actor: Principal | None, permission: Permission, dataset: Dataset | None = None
) -> None:
    """Errors: `NotAllowed`, naming who can do it, unless `actor` may."""
    if not may(actor, permission, dataset):
        name = dataset.label if dataset else "a dataset"
        raise NotAllowed(WAYS_TO_ASK[permission].format(dataset=name))


def over(
    actor: Principal, permission: Permission, dataset: Dataset | None = None
) -> QuerySet[Dataset]:
    """The datasets over which `actor` holds a stewardship permission, of their own or through a team.

    A charge of a domain covers its datasets. A dataset that nobody can decide about falls to the administrators.
    """
    if not actor.is_active:
        return Dataset.objects.none()
    charges = get_objects_for_user(
        actor,
        f"access.{permission.value}",
        klass=Stewardship,
        with_superuser=False,
        accept_global_perms=False,
    )
    held = Q(pk__in=charges.filter(dataset__isnull=False).values("dataset"))
    held |= Q(domain__in=charges.filter(domain__isnull=False).values("domain"))
    if actor.is_administrator:
        held |= Q(~Exists(deciders(OuterRef(OuterRef("pk")), OuterRef(OuterRef("domain")))))
    datasets = Dataset.objects.filter(held)
    return datasets.filter(pk=dataset.pk) if dataset else datasets


def domains_of(actor: Principal) -> QuerySet[Domain]:
    """The domains that `actor` decides for, of their own or through a team."""
    charges = get_objects_for_user(
        actor,
        f"access.{Permission.DECIDE.value}",
        klass=Stewardship,
        with_superuser=False,
        accept_global_perms=False,
    )
    held = charges.filter(domain__isnull=False).values("domain")
    found = Domain.objects.filter(pk__in=held)
    return found if actor.is_active else found.none()


def deciders(dataset: object, domain: object) -> QuerySet[Principal]:
    """Active people who may decide, by the key of a dataset and that of its domain (or two references into a query)."""
    alone = StewardshipUserPermission.objects.filter(_charge("", dataset, domain)).values("user")
    through = "group__stewardshipteampermission__"
    teams = Principal.groups.through.objects.filter(_charge(through, dataset, domain))
    return Principal.objects.filter(
        Q(pk__in=alone) | Q(pk__in=teams.values("principal")),
        is_active=True,
        kind=PrincipalKind.PERSON,
    )


def _charge(path: str, dataset: object, domain: object) -> Q:
    """Charges of this dataset or of this domain; a key that is None stands for no charge, never for all of them."""
    charge = Q(pk__in=())
    for name, key in (("dataset", dataset), ("domain", domain)):
        if key is not None:
            charge |= Q((f"{path}content_object__{name}", key))
    return charge & Q((f"{path}permission__codename", Permission.DECIDE.value))


def administrators() -> QuerySet[Principal]:
    """Active administrators, by name."""
    return Principal.objects.filter(is_active=True, is_superuser=True, kind=PrincipalKind.PERSON)
