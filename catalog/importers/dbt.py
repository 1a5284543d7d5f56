"""Takes over a dbt project: which relations it builds and reads, what it says about them, and how they are made.

The database part of a relation's name is whatever the project's profile calls it; within the given warehouse a
relation is found by schema and table. Owners named in `meta` become contacts and never stewards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from catalog.identity import dotted, fold_reference, normalised_relation, parts_of
from catalog.importers import dbt_checks, dbt_words
from catalog.importers.column_lineage import Derived
from catalog.importers.dbt_artifacts import DbtNode, DbtProject, read_project
from catalog.importers.edges import Lineage, derived_columns, keep_lineage
from catalog.importers.following import Following
from catalog.importers.register import Register, Table, forward, one_import_at_a_time
from catalog.importers.reports import ImportReport
from catalog.importers.waiting import welcome
from catalog.models import Alias, AliasKind, Dataset, DatasetKind, Source, Warehouse
from catalog.reconciliation import Tally, reconcile
from catalog.search import refresh
from catalog.versions import ObservedColumn, observe_all

# Of several nodes for one table (a seed that is also declared as a source), the one that makes it speaks first.
SPEAKERS = ("model", "snapshot", "seed", "source")
HINTS = {
    "catalog.json": "There is no catalog.json, so column types come from elsewhere; run `dbt docs generate`.",
    "run_results.json": "There is no run_results.json, so no test results were read; run `dbt build`.",
}
# Columns dbt adds to a snapshot by itself; nothing in the project's SQL computes them.
SNAPSHOT_PREFIX = "dbt_"


@dataclass
class Relations:
    """The datasets of a project: by unique id of the node, and the nodes of each dataset, the main one first."""

    by_node: dict[str, Dataset] = field(default_factory=dict)
    nodes: dict[Dataset, list[DbtNode]] = field(default_factory=dict)
    gone: list[Dataset] = field(default_factory=list)

    @property
    def all(self) -> list[Dataset]:
        """The datasets of the project, and those it no longer has."""
        return [*self.nodes, *self.gone]


def import_dbt(directory: Path | str, warehouse: Warehouse, *, now: datetime) -> ImportReport:
    """Brings the catalog to what the dbt artifacts in `directory` say about `warehouse`, all or nothing.

    Errors: `BrokenFile` naming the file, the place and what was expected there.
    Cost: about forty queries plus one per thousand rows that differ; a few milliseconds of SQL parsing per model.
    """
    project = read_project(Path(directory))
    with transaction.atomic():
        one_import_at_a_time()
        return _import(project, warehouse, now)


def _import(project: DbtProject, warehouse: Warehouse, now: datetime) -> ImportReport:
    report = ImportReport(notes=[HINTS[name] for name in project.absent if name in HINTS])
    register = Register(warehouse)
    relations = _relations(project, register, report, now)
    _observe(project, relations, register, report, now)
    dbt_words.say(project, relations.nodes, relations.gone, register, report, now=now)
    _update_times(project, relations, register, report, now)
    keep_lineage(
        _lineage(project, relations, register, report),
        register,
        report,
        source=Source.DBT,
        now=now,
    )
    dbt_checks.keep(project, relations.by_node, warehouse, report)
    dbt_checks.keep_exposures(project, relations.by_node, report)
    welcome(report, now=now)
    refresh(report.datasets)
    return report


def _relations(
    project: DbtProject, register: Register, report: ImportReport, now: datetime
) -> Relations:
    nodes = _nodes_here(project, report)
    tables = {node.unique_id: _table(register.engine, node, project) for node in nodes}
    datasets, tally, touched = register.ensure(tables.values(), source=Source.DBT, now=now)
    report.count("datasets", tally, touched)
    relations = Relations()
    for node in sorted(nodes, key=lambda one: SPEAKERS.index(one.resource_type)):
        dataset = datasets[register.identity(tables[node.unique_id])]
        relations.by_node[node.unique_id] = dataset
        relations.nodes.setdefault(dataset, []).append(node)
    relations.gone = _keep_aliases(project, relations, register, report)
    return relations


def _nodes_here(project: DbtProject, report: ImportReport) -> list[DbtNode]:
    """The relations that live in the warehouse: those of the database most models are built in."""
    nodes = [node for node in project.nodes.values() if node.is_relation]
    built = Counter(node.database for node in nodes if node.resource_type != "source")
    home = (built or Counter(node.database for node in nodes)).most_common(1)
    here = [node for node in nodes if node.database == home[0][0]]
    elsewhere = Counter(node.database for node in nodes if node.database != home[0][0])
    report.notes += [
        f"{count} relations live in the database {database}, not in {home[0][0]}, and were left out."
        for database, count in elsewhere.items()
    ]
    return here


def _table(engine: str, node: DbtNode, project: DbtProject) -> Table:
    parts = parts_of(node.relation_name)
    schema, name = node.schema, node.table
    if len(parts) >= 2:
        schema, name = (
            part if quoted else fold_reference(engine, part, quoted=False)
            for part, quoted in parts[-2:]
        )
    built = project.kinds.get(node.unique_id, "")
    is_view = "view" in (built or node.materialized)
    return Table(schema, name, DatasetKind.VIEW if is_view else DatasetKind.TABLE)


def _keep_aliases(
    project: DbtProject, relations: Relations, register: Register, report: ImportReport
) -> list[Dataset]:
    """Keeps the names the project uses; returns the datasets that lost their last name in it."""
    warehouse = register.warehouse
    packages = {node.package for node in project.nodes.values()} | {project.name}
    known = [
        alias
        for alias in Alias.objects.filter(kind=AliasKind.DBT, namespace=warehouse.name)
        if alias.value.split(".")[1:2] and alias.value.split(".")[1] in packages
    ]
    before = {alias.dataset_id for alias in known}
    tally, touched = reconcile(
        known,
        [
            _alias(AliasKind.DBT, warehouse, dataset, unique_id)
            for unique_id, dataset in relations.by_node.items()
        ],
        key=["kind", "namespace", "value"],
        fields=["dataset_id"],
    )
    report.count("names", tally, {alias.dataset_id for alias in touched})
    names = [
        _alias(AliasKind.RELATION, warehouse, dataset, _relation_name(register.engine, node))
        for dataset, nodes in relations.nodes.items()
        for node in nodes
    ]
    spoken = Alias.objects.filter(kind=AliasKind.RELATION, namespace=warehouse.name)
    tally, touched = reconcile(
        spoken,
        names,
        key=["kind", "namespace", "value"],
        fields=["dataset_id"],
        and_remove=False,
    )
    report.count("names", tally, {alias.dataset_id for alias in touched})
    gone = before - {dataset.pk for dataset in relations.nodes}
    return [dataset for dataset in register.datasets.values() if dataset.pk in gone]


def _alias(kind: AliasKind, warehouse: Warehouse, dataset: Dataset, value: str) -> Alias:
    return Alias(kind=kind, namespace=warehouse.name, value=value, dataset=dataset)


def _relation_name(engine: str, node: DbtNode) -> str:
    if node.relation_name:
        return normalised_relation(engine, node.relation_name)
    return dotted(
        *(
            fold_reference(engine, part, quoted=True)
            for part in (node.database, node.schema, node.table)
        )
    )


def _observe(
    project: DbtProject,
    relations: Relations,
    register: Register,
    report: ImportReport,
    now: datetime,
) -> None:
    seen: dict[Dataset, Sequence[ObservedColumn]] = {}
    for dataset, nodes in relations.nodes.items():
        built = next(
            (project.built[n.unique_id] for n in nodes if n.unique_id in project.built), ()
        )
        if built:
            seen[dataset] = [ObservedColumn(one.name, one.type) for one in built]
        elif dataset.schema_version == 0:
            # Better than nothing: the documented columns, until somebody reports the table as it is.
            seen[dataset] = [ObservedColumn(one.name, one.type) for one in nodes[0].columns]
    versions = observe_all(seen, source=Source.DBT, now=now)
    register.forget_columns()
    first = sum(version.number == 1 for version in versions.values())
    tally = Tally(first, len(versions) - first, 0, len(seen) - len(versions))
    report.count("schemas", tally, versions)


def _update_times(
    project: DbtProject,
    relations: Relations,
    register: Register,
    report: ImportReport,
    now: datetime,
) -> None:
    times: dict[int, datetime] = {}
    for unique_id, dataset in relations.by_node.items():
        result = project.results.get(unique_id)
        built_at = (
            result.run_at
            if result and result.status == "success" and dataset.kind == DatasetKind.TABLE
            else None
        )
        for told in (built_at, project.loaded_at.get(unique_id)):
            if told:
                times[dataset.pk] = max(told, times.get(dataset.pk, told))
    moved = forward(times, register, now)
    report.count("data times", Tally(changed=len(moved), unchanged=len(times) - len(moved)))


def _lineage(
    project: DbtProject, relations: Relations, register: Register, report: ImportReport
) -> Lineage:
    lineage = Lineage(about={dataset.pk for dataset in relations.all})
    following = Following(register, Source.DBT)
    for dataset, nodes in relations.nodes.items():
        parents = {
            relations.by_node[parent].pk
            for node in nodes
            for parent in project.parents_of(node.unique_id)
            if parent in relations.by_node
        }
        lineage.edges |= {(parent, dataset.pk): nodes[0].unique_id for parent in parents}
        made = next((node for node in nodes if node.sql or node.language != "sql"), None)
        if made is not None:
            _follow(made, dataset, following, lineage, report)
    following.keep(lineage.about, report)
    return lineage


def _follow(
    node: DbtNode, dataset: Dataset, following: Following, lineage: Lineage, report: ImportReport
) -> None:
    query = following.follow(dataset, node.sql).query
    if query is None:
        lineage.settled.add(dataset.pk)
        return
    if not query.is_readable:
        report.notes.append(f"The SQL of {node.unique_id} could not be read for lineage.")
    columns = _with_snapshot(node, query.columns, dataset, following.register)
    lineage.columns |= derived_columns(dataset, columns, following.register)


def _with_snapshot(
    node: DbtNode, columns: Mapping[str, Derived], dataset: Dataset, register: Register
) -> dict[str, Derived]:
    if node.resource_type != "snapshot":
        return dict(columns)
    added = [
        name for name in register.columns().get(dataset.pk, ()) if name.startswith(SNAPSHOT_PREFIX)
    ]
    return {**{name: Derived(True, {}, "added by dbt") for name in added}, **columns}
