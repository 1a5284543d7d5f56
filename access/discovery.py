"""What a principal may know to exist. This is the one place that decides it.

Search, facets, suggestions, corrections, lineage, feeds, exports and every page take the queryset of this module and
filter it, so that whatever is hidden is absent from all of them alike. Knowing of a dataset is no right to its data.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from access.errors import NotFound
from access.grants.standing import live
from access.models import Principal, Stewardship
from access.people.permissions import STEWARDSHIP
from catalog.models import Dataset, Visibility


def discoverable_by(principal: Principal) -> QuerySet[Dataset]:
    """The datasets a principal may know of, usable as a subquery.

    Listed datasets are known to every active principal. Hidden ones are known to whoever has a charge of them or of
    their domain, to holders of a grant that is live now, alone or through a team, and to administrators, who see
    metadata and no data. An inactive principal knows of nothing.

    Cost: no query of its own; the looks at stewardship and grants run for hidden datasets only.
    """
    if not principal.is_active:
        return Dataset.objects.none()
    if principal.is_administrator:
        return Dataset.objects.all()
    return Dataset.objects.filter(
        Q(visibility=Visibility.LISTED) | _in_charge(principal) | _holds(principal)
    )


def _in_charge(principal: Principal) -> Q:
    charges = get_objects_for_user(
        principal,
        sorted(f"access.{permission.value}" for permission in STEWARDSHIP),
        klass=Stewardship,
        any_perm=True,
        with_superuser=False,
        accept_global_perms=False,
    )
    return Q(pk__in=charges.filter(dataset__isnull=False).values("dataset")) | Q(
        domain__in=charges.filter(domain__isnull=False).values("domain")
    )


def _holds(principal: Principal) -> Q:
    # Two looks instead of one with OR, so that each is answered by its own index of open grants.
    of_this = live().filter(dataset=OuterRef("pk"))
    teams = principal.groups.order_by().values("pk")
    return Q(Exists(of_this.filter(principal=principal))) | Q(
        Exists(of_this.filter(team__in=teams))
    )


def dataset_for(principal: Principal, name: str) -> Dataset:
    """The dataset of that name, as `warehouse.schema.table`.

    Errors: `NotFound`, in the same words and after the same query whether it is hidden from the principal or absent.
    """
    found = discoverable_by(principal).select_related("domain", "warehouse", "successor")
    dataset = found.defer("search_document", "search_names").filter(name=name).first()
    if dataset is None:
        raise NotFound("There is no dataset by that name, or it is not listed for you.")
    return dataset
