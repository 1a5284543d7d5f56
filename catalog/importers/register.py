"""The datasets of one warehouse while an import runs: found or made by table, in bulk, each exactly once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection

from catalog.identity import dataset_name, fold, identity_of, respell
from catalog.importers.column_lineage import Tables
from catalog.models import Column, Dataset, DatasetKind, EngineKind, Source, Warehouse
from catalog.reconciliation import Tally, save

DEFAULT_SCHEMAS = {kind: kind.default_schema for kind in EngineKind}


@dataclass(frozen=True)
class Table:
    """A table as a source spells it."""

    schema: str
    name: str
    kind: str = DatasetKind.TABLE


def one_import_at_a_time() -> None:
    """Waits for other imports to finish; held until the transaction ends.

    Imports compare what is stored with what a source says. Two at once would both find a row missing.
    """
    key = int.from_bytes(sha256(b"catalog.importers").digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


class Register:
    """The datasets of a warehouse by identity, and their columns by folded name; all, or `only` those of some keys.

    Cost: one query for the datasets, one for their columns when first asked.
    """

    def __init__(self, warehouse: Warehouse, only: Collection[int] | None = None) -> None:
        self.warehouse = warehouse
        self.engine = warehouse.engine
        self.datasets: dict[str, Dataset] = {}
        known = Dataset.objects.filter(warehouse=warehouse).defer("search_document")
        for dataset in known if only is None else known.filter(pk__in=only):
            dataset.warehouse = warehouse
            self.datasets[dataset.identity] = dataset
        self._columns: dict[int, dict[str, Column]] | None = None

    def identity(self, table: Table) -> str:
        """What identifies a table here."""
        return identity_of(self.engine, table.schema, table.name)

    def folded(self, name: str) -> str:
        """A stored name as the engine compares it."""
        return fold(self.engine, name)

    def find(self, schema: str, name: str) -> Dataset | None:
        """The dataset of a table, if it is known."""
        return self.datasets.get(identity_of(self.engine, schema, name))

    def ensure(
        self, tables: Iterable[Table], *, source: Source, now: datetime
    ) -> tuple[dict[str, Dataset], Tally, set[int]]:
        """The datasets of these tables by identity, made where missing; a tally; the keys that were added or changed.

        Cost: one statement to add, one to change.
        """
        wanted = {self.identity(table): table for table in tables}
        new = [
            self._made(table, identity)
            for identity, table in wanted.items()
            if identity not in self.datasets
        ]
        Dataset.objects.bulk_create(new, batch_size=500)
        edited = [
            dataset
            for identity, table in wanted.items()
            if source == Source.WAREHOUSE
            and (dataset := self.datasets.get(identity)) is not None
            and self._returned(dataset, table)
        ]
        self._save(edited, now)
        self.datasets.update({dataset.identity: dataset for dataset in new})
        tally = Tally(len(new), len(edited), 0, len(wanted) - len(new) - len(edited))
        touched = {dataset.pk for dataset in (*new, *edited)}
        return {identity: self.datasets[identity] for identity in wanted}, tally, touched

    def _made(self, table: Table, identity: str) -> Dataset:
        return Dataset(
            warehouse=self.warehouse,
            identity=identity,
            schema_name=table.schema,
            table_name=table.name,
            name=dataset_name(self.warehouse, table.schema, table.name),
            kind=table.kind,
        )

    def _returned(self, dataset: Dataset, table: Table) -> bool:
        """Takes over the warehouse's spelling, and that the table is there; True where that was news."""
        was_missing, dataset.missing_at = dataset.missing_at is not None, None
        return respell(dataset, table.schema, table.name, dataset.kind) or was_missing

    def _save(self, edited: list[Dataset], now: datetime) -> None:
        for dataset in edited:
            dataset.updated_at = now
        fields = ["schema_name", "table_name", "name", "kind", "missing_at", "updated_at"]
        save(edited, fields)

    def columns(self) -> dict[int, dict[str, Column]]:
        """The columns there are now, by dataset and folded name."""
        if self._columns is None:
            self._columns = {dataset.pk: {} for dataset in self.datasets.values()}
            by_key = {dataset.pk: dataset for dataset in self.datasets.values()}
            for column in Column.objects.filter(dataset__in=list(by_key), removed_at=None):
                column.dataset = by_key[column.dataset_id]
                self._columns[column.dataset_id][fold(self.engine, column.name)] = column
        return self._columns

    def forget_columns(self) -> None:
        """Reads the columns again when next asked; for after they changed."""
        self._columns = None

    def tables(self) -> Tables:
        """What lineage needs to know to follow a query of this warehouse."""
        columns = self.columns()
        known: dict[str, dict[str, list[str]]] = {}
        for dataset in self.datasets.values():
            schema = known.setdefault(fold(self.engine, dataset.schema_name), {})
            schema[fold(self.engine, dataset.table_name)] = list(columns.get(dataset.pk, ()))
        return Tables(self.engine, known, DEFAULT_SCHEMAS[EngineKind(self.engine)])


def forward(times: Mapping[int, datetime], register: Register, now: datetime) -> set[int]:
    """Moves `data_updated_at` of datasets (by key) forward where a later time is known; the keys that changed."""
    moved = []
    for dataset in register.datasets.values():
        told = times.get(dataset.pk)
        if told and (dataset.data_updated_at is None or dataset.data_updated_at < told):
            dataset.data_updated_at = told
            dataset.updated_at = now
            moved.append(dataset)
    save(moved, ["data_updated_at", "updated_at"])
    return {dataset.pk for dataset in moved}
