"""Brings warehouses to what the files say, and describes one as soon as a dataset of it is named and not yet known."""

from typing import Any

from access.audit.events import Kind
from access.policies import upkeep
from catalog.engines import EngineError, kind_of
from catalog.errors import CatalogError
from catalog.importers import import_warehouse
from catalog.models import Dataset, Warehouse
from portal.configuration.schema import DatasetEntry, GrantEntry, WarehouseEntry
from portal.configuration.work import Entry, Work


def bring_warehouses(work: Work) -> None:
    """Create warehouses and settle their URLs."""
    for entry in work.entries("warehouses"):
        said: WarehouseEntry = entry.value
        if not work.name(entry, "warehouse", said.name):
            continue
        try:
            kind = kind_of(said.url)
        except (CatalogError, EngineError) as error:
            work.wrong(entry, error, "url")
            continue
        warehouse, created = Warehouse.objects.get_or_create(
            name=said.name, defaults={"url": said.url, "manage": said.manage, "engine": kind}
        )
        if created:
            work.changed("warehouse", said.name, "create", engine=(None, kind))
            work.note(Kind.WAREHOUSE_CREATED, f"warehouse:{said.name}", engine=kind)
        elif (warehouse.url, warehouse.manage) != (said.url, said.manage):
            Warehouse.objects.filter(pk=warehouse.pk).update(
                url=said.url, manage=said.manage, engine=kind
            )
            which = "url" if warehouse.url != said.url else "manage"
            work.changed(
                "warehouse", said.name, "update", **{which: ("(as before)", "(as in the file)")}
            )
            work.note(Kind.WAREHOUSE_CHANGED, f"warehouse:{said.name}", engine=kind)


def describe_unknown(work: Work) -> None:
    """Import the description of every warehouse of which the files name a table that the catalog does not know."""
    wanted: dict[str, Entry[DatasetEntry | GrantEntry]] = {}
    known = set(Dataset.objects.values_list("name", flat=True))
    for entry in [*work.entries("datasets"), *work.entries("grants")]:
        name = entry.value.name if isinstance(entry.value, DatasetEntry) else entry.value.dataset
        if name not in known:
            wanted.setdefault(name.split(".")[0], entry)
    for name, entry in wanted.items():
        warehouse = Warehouse.objects.filter(name=name).first()
        if warehouse is None:
            continue
        try:
            report = import_warehouse(warehouse, now=work.now)
            upkeep.recheck(warehouse, now=work.now)
        except (CatalogError, EngineError) as error:
            work.wrong(entry, error)
            continue
        if report.added:
            work.changed("warehouse", name, "update", tables=(None, f"{report.added} things found"))
            work.note(Kind.METADATA_IMPORTED, f"warehouse:{name}", added=report.added)


def dataset_named(work: Work, entry: Entry[Any], name: str, *steps: str) -> Dataset | None:
    """The dataset of that name; None, with a mistake noted, when the catalog has none."""
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        prefix = name.split(".")[0]
        expected = f"the warehouse {prefix} has no table {name}"
        if not Warehouse.objects.filter(name=prefix).exists():
            expected = f"there is no warehouse called {prefix}"
        work.mistakes.append(entry.mistake(expected, *steps))
    return dataset
