"""Takes over what a warehouse says about itself: tables, views, columns, comments, and what its views are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from catalog.engines import Relation, engine_for
from catalog.identity import fold
from catalog.importers.edges import Lineage, derived_columns, keep_lineage
from catalog.importers.following import Following
from catalog.importers.register import Register, Table, one_import_at_a_time
from catalog.importers.reports import ImportReport
from catalog.importers.waiting import welcome
from catalog.models import Dataset, Source, Warehouse
from catalog.provenance import Saying, say_all
from catalog.reconciliation import Tally, save
from catalog.search import refresh
from catalog.versions import ObservedColumn, observe_all

Described = Mapping[Dataset, Relation]
NAME_LENGTH = 255


def import_warehouse(warehouse: Warehouse, *, now: datetime) -> ImportReport:
    """Brings the catalog to what the warehouse has now, all or nothing; tables that vanished are marked, not deleted.

    Errors: `EngineError` when the warehouse cannot be reached.
    """
    relations = engine_for(warehouse.url, warehouse.manage).describe()
    return import_relations(warehouse, relations, now=now)


@transaction.atomic
def import_relations(
    warehouse: Warehouse, relations: Iterable[Relation], *, now: datetime
) -> ImportReport:
    """Brings the catalog to this description of a warehouse: what `import_warehouse` does once the engine answered."""
    one_import_at_a_time()
    report = ImportReport()
    register = Register(warehouse)
    described = _datasets(register, relations, report, now)
    _mark_missing(register, described, report, now)
    _observe(register, described, report, now)
    _say(register, described, report, now)
    _estimate(described, report, now)
    _follow_views(register, described, report, now)
    welcome(report, now=now)
    _remember(warehouse, report, now)
    refresh(report.datasets)
    return report


def _datasets(
    register: Register, relations: Iterable[Relation], report: ImportReport, now: datetime
) -> Described:
    told: dict[str, Relation] = {}
    tables: list[Table] = []
    for relation in relations:
        if max(len(relation.schema), len(relation.name)) > NAME_LENGTH:
            report.notes.append(f"A table whose name is longer than {NAME_LENGTH} was left out.")
            continue
        table = Table(relation.schema, relation.name, relation.kind)
        tables.append(table)
        told[register.identity(table)] = relation
    datasets, tally, touched = register.ensure(tables, source=Source.WAREHOUSE, now=now)
    report.count("datasets", tally, touched)
    return {dataset: told[identity] for identity, dataset in datasets.items()}


def _mark_missing(
    register: Register, described: Described, report: ImportReport, now: datetime
) -> None:
    there = {dataset.pk for dataset in described}
    gone = [
        dataset
        for dataset in register.datasets.values()
        if dataset.pk not in there and dataset.missing_at is None
    ]
    for dataset in gone:
        dataset.missing_at = dataset.updated_at = now
    save(gone, ["missing_at", "updated_at"])
    report.count("datasets", Tally(removed=len(gone)), {dataset.pk for dataset in gone})
    report.notes += [f"{dataset.name} is no longer in the warehouse." for dataset in gone]


def _observe(register: Register, described: Described, report: ImportReport, now: datetime) -> None:
    seen = {
        dataset: [ObservedColumn(one.name, one.type, one.is_nullable) for one in relation.columns]
        for dataset, relation in described.items()
    }
    versions = observe_all(seen, source=Source.WAREHOUSE, now=now)
    register.forget_columns()
    first = sum(version.number == 1 for version in versions.values())
    tally = Tally(first, len(versions) - first, 0, len(seen) - len(versions))
    report.count("schemas", tally, versions)


def _say(register: Register, described: Described, report: ImportReport, now: datetime) -> None:
    sayings: list[Saying] = []
    for dataset, relation in described.items():
        sayings.append(Saying(dataset, "kind", relation.kind))
        sayings.append(Saying(dataset, "description", relation.comment or None))
        sayings.append(Saying(dataset, "definition", relation.definition or None))
        columns = register.columns()[dataset.pk]
        for told in relation.columns:
            column = columns.get(fold(register.engine, told.name))
            sayings.append(Saying(dataset, "description", told.comment or None, column))
    sayings = [saying for saying in sayings if saying.value is not None]
    changed = say_all(sayings, source=Source.WAREHOUSE, now=now, all_about=described)
    tally = Tally(changed=len(changed), unchanged=max(len(sayings) - len(changed), 0))
    report.count("descriptions", tally, {dataset for dataset, _, _ in changed})


def _estimate(described: Described, report: ImportReport, now: datetime) -> None:
    edited = []
    for dataset, relation in described.items():
        if dataset.rows_estimate != relation.rows_estimate:
            dataset.rows_estimate, dataset.updated_at = relation.rows_estimate, now
            edited.append(dataset)
    save(edited, ["rows_estimate", "updated_at"])
    report.count("row counts", Tally(changed=len(edited), unchanged=len(described) - len(edited)))


def _follow_views(
    register: Register, described: Described, report: ImportReport, now: datetime
) -> None:
    lineage = Lineage(about={dataset.pk for dataset in described})
    following = Following(register, Source.WAREHOUSE)
    for dataset, relation in described.items():
        if not relation.definition:
            continue
        followed = following.follow(dataset, relation.definition)
        parents = (register.datasets.get(identity) for identity in followed.reads)
        lineage.edges |= {(parent.pk, dataset.pk): "" for parent in parents if parent}
        if followed.query is None:
            lineage.settled.add(dataset.pk)
        else:
            lineage.columns |= derived_columns(dataset, followed.query.columns, register)
    following.keep(lineage.about, report)
    keep_lineage(lineage, register, report, source=Source.WAREHOUSE, now=now)


def _remember(warehouse: Warehouse, report: ImportReport, now: datetime) -> None:
    """Dates the description by its last news: an import that found nothing new writes nothing at all."""
    if warehouse.described_at is None or not report.total.is_quiet:
        warehouse.described_at = now
        warehouse.save(update_fields=["described_at"])
