"""Switching native access on, changing how it works, and off. Who may: those who answer for all data of the warehouse."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from access.audit.events import Kind, record
from access.errors import Conflict, Invalid, NotAllowed
from access.models import NativeAccess, NativeLogin, Principal
from access.people.permissions import Permission, may, over
from catalog.models import Dataset, EngineKind, Warehouse

SWITCHED_OFF = "Native access was switched off."
LARGEST_PORT = 65_535


def native_of(warehouse: Warehouse) -> NativeAccess | None:
    """How native access to a warehouse stands; None where it never was on."""
    return NativeAccess.objects.filter(warehouse=warehouse).first()


def may_switch(actor: Principal, warehouse: Warehouse) -> bool:
    """Whether somebody may: an administrator, or who decides about every dataset of the warehouse."""
    if may(actor, Permission.ADMINISTER):
        return True
    datasets = Dataset.objects.filter(warehouse=warehouse, missing_at=None)
    if not may(actor, Permission.DECIDE) or not datasets.exists():
        return False
    return not datasets.exclude(pk__in=over(actor, Permission.DECIDE).values("pk")).exists()


def switchable_by(actor: Principal) -> list[Warehouse]:
    """The PostgreSQL warehouses for which somebody may switch native access, by name.

    Cost: one query, and up to three for each that there is.
    """
    found = Warehouse.objects.filter(engine=EngineKind.POSTGRESQL).order_by("name")
    return [warehouse for warehouse in found if may_switch(actor, warehouse)]


@transaction.atomic
def switch_on(
    warehouse: Warehouse, *, actor: Principal | None, now: datetime, **how: object
) -> NativeAccess:
    """Let people with grants use their own tools on a warehouse; what is on already is only changed (see `change`).

    Errors: `NotAllowed`; `Invalid` for a warehouse that is not a PostgreSQL with an administrator's URL (`manage`).
    """
    _require(actor, warehouse)
    if warehouse.engine != EngineKind.POSTGRESQL or not warehouse.manage:
        raise Invalid(
            "Native access needs a PostgreSQL warehouse with an administrator’s URL: `manage` in its configuration.",
            "native",
        )
    made = NativeAccess(
        warehouse=warehouse,
        mark=secrets.token_hex(16),
        owner_role=f"gatehouse_views_{secrets.token_hex(8)}",
        switched_at=now,
        is_on=False,
        cleared_at=now,
    )
    NativeAccess.objects.bulk_create([made], ignore_conflicts=True)
    off = NativeAccess.objects.filter(warehouse=warehouse, is_on=False)
    if off.update(is_on=True, cleared_at=None, switched_at=now, compared_at=None, failure=""):
        _note(Kind.NATIVE_SWITCHED_ON, warehouse, actor, now)
    return change(NativeAccess.objects.get(warehouse=warehouse), actor=actor, now=now, **how)


@transaction.atomic
def change(
    access: NativeAccess, *, actor: Principal | None, now: datetime, **how: object
) -> NativeAccess:
    """Change `takes_back`, `host` or `port`, and nothing else. The same again changes and records nothing.

    Errors: `NotAllowed`; `Invalid` for a port that cannot be.
    """
    _require(actor, access.warehouse)
    for field in how.keys() - {"takes_back", "host", "port"}:
        raise Invalid(f"{field} cannot be changed.", field)
    port = how.get("port")
    if port is not None and not (isinstance(port, int) and 0 < port <= LARGEST_PORT):
        raise Invalid(f"A port is a number from 1 to {LARGEST_PORT}.", "port")
    old = {field: getattr(access, field) for field in how}
    if old == how:
        return access
    NativeAccess.objects.filter(pk=access.pk).update(**how)
    access.refresh_from_db()
    _note(Kind.NATIVE_CHANGED, access.warehouse, actor, now, old=old, new=how)
    return access


@transaction.atomic
def switch_off(access: NativeAccess, *, actor: Principal | None, now: datetime) -> bool:
    """End every login; False when it was off already. What was made in the warehouse is taken out within moments.

    Errors: `NotAllowed`.
    """
    _require(actor, access.warehouse)
    on = NativeAccess.objects.filter(pk=access.pk, is_on=True)
    if not on.update(is_on=False, switched_at=now, cleared_at=None):
        return False
    access.refresh_from_db()
    _note(Kind.NATIVE_SWITCHED_OFF, access.warehouse, actor, now)
    for login in NativeLogin.objects.filter(native=access, ended_at=None):
        end_login(login, SWITCHED_OFF, actor=actor, now=now)
    return True


def end_login(login: NativeLogin, reason: str, *, actor: Principal | None, now: datetime) -> bool:
    """Note that a login is over; False when it was. Whoever settles the warehouse next takes it out there.

    The caller has asked whether it may.
    """
    standing = NativeLogin.objects.filter(pk=login.pk, ended_at=None)
    if not standing.update(ended_at=now, end_reason=reason):
        return False
    record(
        Kind.LOGIN_ENDED,
        actor=actor,
        subject=f"login:{login.role}",
        reason=reason,
        data={"holder": login.principal.label, "warehouse": login.native.warehouse.name},
        now=now,
    )
    return True


def require_on(access: NativeAccess | None) -> NativeAccess:
    """Errors: `Conflict` unless native access is on."""
    if access is None or not access.is_on:
        raise Conflict("This warehouse is read through the portal only.")
    return access


def _require(actor: Principal | None, warehouse: Warehouse) -> None:
    if actor is not None and not may_switch(actor, warehouse):
        raise NotAllowed(
            "Only an administrator, or who answers for every dataset of a warehouse, switches this."
        )


def _note(
    kind: Kind, warehouse: Warehouse, actor: Principal | None, now: datetime, **data: object
) -> None:
    record(kind, actor=actor, subject=f"warehouse:{warehouse.name}", data=data, now=now)
