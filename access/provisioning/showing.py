"""What somebody finds, or would find, with their own tools: warehouse by warehouse, view by view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access.grants.standing import live_of
from access.models import NativeAccess, NativeLogin, Principal
from access.policies.reading import Reading, readings
from access.provisioning.logins import logins_of, offers
from catalog.engines.native import view_name
from catalog.engines.screens import Table
from catalog.models import Dataset


@dataclass(frozen=True)
class Shown:
    """One dataset as own tools show it; `missing` says why it has no view there."""

    dataset: Dataset
    view: str
    n_columns: int
    until: datetime
    missing: str = ""


@dataclass(frozen=True)
class Tools:
    """One warehouse for one holder: their login, where they have one, and what it shows."""

    access: NativeAccess
    holder: Principal
    login: NativeLogin | None
    shown: tuple[Shown, ...]

    @property
    def until(self) -> datetime | None:
        """When the last of it ends, and with it the login."""
        return max((each.until for each in self.shown), default=None)


def tools_of(principal: Principal) -> list[Tools]:
    """For somebody and the service accounts they own: where they may use tools of their own, and where they do.

    Cost: four queries for each holder, two or three more for each warehouse.
    """
    services = Principal.objects.filter(owner=principal, is_active=True).order_by("username")
    logins = {(each.native_id, each.principal_id): each for each in logins_of(principal)}
    found = []
    for holder in (principal, *services):
        held = {access.pk: access for access in offers(holder)}
        held |= {
            login.native_id: login.native
            for (_, owner), login in logins.items()
            if owner == holder.pk
        }
        found += [
            Tools(
                access, holder, login := logins.get((pk, holder.pk)), _shown(access, holder, login)
            )
            for pk, access in sorted(held.items(), key=lambda each: each[1].warehouse.name)
        ]
    return found


def _shown(access: NativeAccess, holder: Principal, login: NativeLogin | None) -> tuple[Shown, ...]:
    held_now = live_of(holder).filter(dataset__warehouse=access.warehouse)
    datasets = {
        dataset.pk: dataset
        for dataset in Dataset.objects.filter(pk__in=held_now.values("dataset")).defer("definition")
    }
    missing = login.missing if login else {}
    held = readings(holder, access.warehouse, [each.identity for each in datasets.values()])
    return tuple(
        Shown(
            datasets[reading.dataset_id],
            view_name(Table(reading.policy.schema, reading.policy.table)),
            len(reading.policy.visible),
            max(reading.expires_at.values()),
            missing.get(f"{reading.policy.schema}.{reading.policy.table}", _closed(reading)),
        )
        for reading in sorted(held.values(), key=lambda each: each.policy.dataset)
        if reading.policy.visible
    )


def _closed(reading: Reading) -> str:
    """Why the gate would not show it either."""
    if reading.is_missing:
        return "the table is gone"
    return "its rules no longer fit the table" if reading.is_broken else ""
