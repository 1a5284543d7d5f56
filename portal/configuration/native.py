"""Native access as the files say it: on or off for a warehouse, and how it works."""

from typing import Any

from access import provisioning
from access.errors import AccessError
from access.models import NativeAccess
from catalog.models import Warehouse
from portal.configuration.schema import NativeEntry, WarehouseEntry
from portal.configuration.work import Entry, Work


def bring_native(work: Work) -> None:
    """Switch native access as the files say; a warehouse of which they say nothing about it stays as it is."""
    for entry in work.entries("warehouses"):
        said: WarehouseEntry = entry.value
        warehouse = Warehouse.objects.filter(name=said.name).first()
        if warehouse is None:
            continue
        access = provisioning.native_of(warehouse)
        is_on = access is not None and access.is_on
        if said.native is None:
            if is_on and not said.manage:
                expected = (
                    "native access is on and needs `manage`; say `native: false` with it first"
                )
                work.mistakes.append(entry.mistake(expected, "manage"))
            continue
        try:
            _bring(work, entry, warehouse, access)
        except AccessError as error:
            work.wrong(entry, error, "native")


def _bring(
    work: Work, entry: Entry[Any], warehouse: Warehouse, access: NativeAccess | None
) -> None:
    said: bool | NativeEntry = entry.value.native
    is_on = access is not None and access.is_on
    if said is False:
        if access is not None and provisioning.switch_off(access, actor=None, now=work.now):
            work.changed("warehouse", warehouse.name, "update", native=("on", "off"))
        return
    how = said.how() if isinstance(said, NativeEntry) else {}
    old = {name: getattr(access, name) for name in how} if access is not None else {}
    provisioning.switch_on(warehouse, actor=None, now=work.now, **how)
    if not is_on:
        work.changed("warehouse", warehouse.name, "update", native=("off", "on"))
    elif old != how:
        changed = {name: (old[name], how[name]) for name in how if old[name] != how[name]}
        work.changed("warehouse", warehouse.name, "update", **changed)
