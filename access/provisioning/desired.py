"""What a warehouse should hold for each login: worked out from grants and policies as the gate would read them now."""

from __future__ import annotations

from collections.abc import Iterable

from access.errors import Refusal
from access.gate.judging import mask_key
from access.grants.standing import live_of
from access.models import Grant, NativeAccess, NativeLogin
from access.people.principals import teams_of
from access.policies.reading import Reading, readings
from access.sql.native import native_view
from catalog.engines import native
from catalog.engines.native import NativeState, NativeView, Right


def state(access: NativeAccess) -> NativeState:
    """Everything that should be in one warehouse. Cost: four queries for each login."""
    logins = open_logins(access)
    return NativeState(tuple(login_of(each) for each in logins), mask_key())


def open_logins(access: NativeAccess) -> list[NativeLogin]:
    """The logins of a warehouse that have not ended, by role."""
    found = NativeLogin.objects.filter(native=access, ended_at=None)
    return list(found.select_related("principal", "native__warehouse").order_by("role"))


def login_of(login: NativeLogin) -> native.NativeLogin:
    """One login as it should be at this moment. Cost: four queries."""
    principal, warehouse = login.principal, login.native.warehouse
    views, grants = [], set()
    for reading in readings_of(login):
        view = view_of(reading, warehouse.name)
        if view is not None:
            views.append(view)
            grants |= {rule.grant_id for rule in reading.policy.grants}
    return native.NativeLogin(
        role=login.role,
        principal=principal.username,
        teams=tuple(teams_of(principal).order_by("name").values_list("name", flat=True)),
        rights=_rights(grants),
        views=tuple(sorted(views, key=lambda view: view.name)),
    )


def readings_of(login: NativeLogin) -> list[Reading]:
    """What a login's holder may read of its warehouse at this moment, table by table. Cost: two queries or three."""
    principal, warehouse = login.principal, login.native.warehouse
    held = live_of(principal).filter(dataset__warehouse=warehouse)
    identities = held.values_list("dataset__identity", flat=True)
    return list(readings(principal, warehouse, identities).values())


def view_of(reading: Reading, warehouse: str) -> NativeView | None:
    """What its reader sees of one table; None where the gate, too, would refuse to show it."""
    if reading.is_broken or reading.is_missing or not reading.policy.grants:
        return None
    if not reading.policy.visible:
        return None
    try:
        return native_view(reading.policy, warehouse)
    except Refusal:
        return None


def _rights(grants: Iterable[int]) -> tuple[Right, ...]:
    rows = Grant.objects.filter(pk__in=grants).values_list("pk", "starts_at", "expires_at")
    return tuple(Right(*row) for row in rows.order_by("pk"))
