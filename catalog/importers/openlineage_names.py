"""Which datasets the names in OpenLineage events mean, and the columns those datasets have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from catalog.identity import fold, quarantine, resolve_openlineage
from catalog.importers.openlineage_events import Event, Name
from catalog.importers.register import Register
from catalog.models import Column, Dataset, Warehouse


@dataclass
class Known:
    """The datasets some events are about, by OpenLineage name, and a register of them per warehouse."""

    datasets: dict[Name, Dataset] = field(default_factory=dict)
    registers: dict[int, Register] = field(default_factory=dict)
    unknown: Counter[Name] = field(default_factory=Counter)

    def register(self, dataset: Dataset) -> Register:
        """The register that holds a dataset."""
        return self.registers[dataset.warehouse_id]

    def column(self, name: Name, column: str) -> Column | None:
        """A column of a named dataset, if both are known."""
        dataset = self.datasets.get(name)
        if dataset is None:
            return None
        register = self.register(dataset)
        return register.columns().get(dataset.pk, {}).get(fold(register.engine, column))

    def forget_columns(self) -> None:
        """Reads the columns again when next asked."""
        for register in self.registers.values():
            register.forget_columns()


def known_names(events: Sequence[Event]) -> Known:
    """The datasets the events name; what leads nowhere is counted as unknown.

    Cost: up to four queries per name that was never seen before, one per name that was; two per warehouse.
    """
    known = Known()
    resolved: dict[Name, Dataset | None] = {}
    for name in _names(events):
        if name not in resolved:
            resolved[name] = resolve_openlineage(*name)
        if resolved[name] is None:
            known.unknown[name] += 1
    found = {name: dataset for name, dataset in resolved.items() if dataset}
    for warehouse in {dataset.warehouse for dataset in found.values()}:
        known.registers[warehouse.pk] = _register(warehouse, found.values())
    for name, dataset in found.items():
        known.datasets[name] = known.register(dataset).datasets[dataset.identity]
    return known


def _names(events: Sequence[Event]) -> Iterable[Name]:
    for event in events:
        told = {dataset.name for dataset in event.datasets}
        told |= {
            one.name
            for dataset in event.outputs
            for inputs in dataset.column_lineage.values()
            for one in inputs
        }
        yield from sorted(told)


def _register(warehouse: Warehouse, datasets: Iterable[Dataset]) -> Register:
    return Register(
        warehouse, only={one.pk for one in datasets if one.warehouse_id == warehouse.pk}
    )


def keep_waiting(known: Known, *, now: datetime) -> None:
    """Puts the unknown names in quarantine, counting in how many events each was seen."""
    for (namespace, name), times in sorted(known.unknown.items()):
        quarantine(namespace, name, now=now, times=times)
