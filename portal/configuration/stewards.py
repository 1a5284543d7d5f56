"""Brings the stewards and the viewers of a dataset or a domain to exactly those that the files name."""

from collections.abc import Iterable
from typing import Any

from access.models import Principal, Team
from access.people import stewardship
from access.people.permissions import Permission
from catalog.models import Dataset, Domain
from portal.configuration.work import Entry, Work

STEWARD = (Permission.DECIDE, Permission.DESCRIBE, Permission.SEE_METADATA)
VIEWER = (Permission.SEE_METADATA,)


def bring_stewards(
    work: Work, entry: Entry[Any], *, dataset: Dataset | None = None, domain: Domain | None = None
) -> None:
    """Appoint and dismiss until the stewards are those of the entry."""
    holders = _holders(work, entry, "stewards")
    if holders is not None:
        present = stewardship.appointed(
            dataset=dataset, domain=domain, permission=Permission.DECIDE
        )
        _settle(work, entry, "stewards", present, holders, STEWARD, dataset, domain)


def bring_viewers(work: Work, entry: Entry[Any], *, dataset: Dataset) -> None:
    """Let exactly the named people and teams know of a hidden dataset, besides its stewards."""
    holders = _holders(work, entry, "viewers")
    if holders is not None:
        stewards = stewardship.appointed(dataset=dataset, permission=Permission.DECIDE)
        seeing = stewardship.appointed(dataset=dataset, permission=Permission.SEE_METADATA)
        present = [holder for holder in seeing if holder not in stewards]
        wanted = [holder for holder in holders if holder not in stewards]
        _settle(work, entry, "viewers", present, wanted, VIEWER, dataset, None)


def _holders(work: Work, entry: Entry[Any], field: str) -> list[Principal | Team] | None:
    """Who the field names; None when it is left out or names somebody unknown."""
    names = getattr(entry.value, field)
    if names is None:
        return None
    found = [work.holder(entry, name, field, index) for index, name in enumerate(names)]
    return None if None in found else [holder for holder in found if holder is not None]


def _settle(
    work: Work,
    entry: Entry[Any],
    field: str,
    present: Iterable[Principal | Team],
    wanted: Iterable[Principal | Team],
    permissions: tuple[Permission, ...],
    dataset: Dataset | None,
    domain: Domain | None,
) -> None:
    before, after = list(present), list(wanted)
    for holder in after:
        if holder not in before:
            stewardship.appoint(
                holder,
                dataset=dataset,
                domain=domain,
                permissions=permissions,
                actor=None,
                now=work.now,
            )
    for holder in before:
        if holder not in after:
            stewardship.dismiss(
                holder,
                dataset=dataset,
                domain=domain,
                permissions=permissions,
                actor=None,
                now=work.now,
            )
    old, new = sorted(h.label for h in before), sorted(h.label for h in after)
    if old != new:
        kind = "dataset" if dataset else "domain"
        work.changed(kind, entry.value.name, "update", **{field: (old, new)})
