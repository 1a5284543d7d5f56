"""Takes over data contracts (ODCS v3): what they say about tables, columns, owners and quality, as source `contract`.

A contract describes tables; it never makes one. A table it names that is in no warehouse is noted and left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.checks import Claim, keep_checks
from catalog.contacts import Named, keep_contacts, named_in
from catalog.identity import NAMESPACE_SCHEMES, fold, identity_of, parts_of
from catalog.importers.odcs_contract import (
    Contract,
    ContractColumn,
    ContractTable,
    Quality,
    read_contract,
)
from catalog.importers.register import DEFAULT_SCHEMAS, one_import_at_a_time
from catalog.importers.reports import ImportReport
from catalog.models import Alias, AliasKind, Column, Dataset, EngineKind, Source, Warehouse
from catalog.provenance import Saying, say_all
from catalog.reconciliation import Tally, reconcile
from catalog.search import refresh
from catalog.versions import ObservedColumn, observe_all

Found = dict[Dataset, ContractTable]


def import_odcs(path: Path | str, *, now: datetime) -> ImportReport:
    """Brings the catalog to what an ODCS contract says, all or nothing.

    Errors: `BrokenFile` naming the line or the field.
    """
    contract = read_contract(Path(path))
    report = ImportReport()
    with transaction.atomic():
        one_import_at_a_time()
        found = _find(contract, report)
        gone = _keep_aliases(contract, found, report)
        _observe(found, report, now)
        _say(found, gone, report, now)
        _keep_checks(contract, found, gone, report)
        people = list(_people(contract.team))
        contacts = {**dict.fromkeys(found, people), **{dataset: [] for dataset in gone}}
        report.count("contacts", keep_contacts(contacts, source=Source.CONTRACT))
        refresh(report.datasets)
    return report


def _find(contract: Contract, report: ImportReport) -> Found:
    found: Found = {}
    for table in contract.tables:
        candidates = _candidates(contract, table)
        if len(candidates) == 1:
            found[candidates[0]] = table
        else:
            which = "no warehouse has" if not candidates else "several warehouses have"
            report.notes.append(f"{which} a table {table.table}; it was left out.".capitalize())
    report.count("datasets", Tally(unchanged=len(found)))
    return found


def _candidates(contract: Contract, table: ContractTable) -> list[Dataset]:
    learned = Alias.objects.filter(
        kind=AliasKind.CONTRACT, namespace=contract.id, value=table.name
    ).select_related("dataset__warehouse")
    if alias := learned.first():
        return [alias.dataset]
    found: list[Dataset] = []
    for warehouse in Warehouse.objects.all():
        identities = set(_identities(contract, table, warehouse))
        found += Dataset.objects.filter(
            warehouse=warehouse, identity__in=identities
        ).select_related("warehouse")[:1]
    return found


def _identities(contract: Contract, table: ContractTable, warehouse: Warehouse) -> Iterator[str]:
    parts = [part for part, _ in parts_of(table.table)]
    if len(parts) >= 2:
        yield identity_of(warehouse.engine, parts[-2], parts[-1])
        return
    schemas = [
        schema
        for engine, schema in contract.servers
        if schema and NAMESPACE_SCHEMES.get(engine, warehouse.engine) == warehouse.engine
    ]
    for schema in schemas or [DEFAULT_SCHEMAS[EngineKind(warehouse.engine)]]:
        yield identity_of(warehouse.engine, schema, parts[0])


def _keep_aliases(contract: Contract, found: Found, report: ImportReport) -> list[Dataset]:
    """Keeps the contract's names for its tables; returns the datasets it no longer speaks of."""
    known = Alias.objects.filter(kind=AliasKind.CONTRACT, namespace=contract.id)
    before = {alias.dataset_id for alias in known}
    wanted = [
        Alias(kind=AliasKind.CONTRACT, namespace=contract.id, value=table.name, dataset=dataset)
        for dataset, table in found.items()
    ]
    tally, touched = reconcile(known, wanted, key=["value"], fields=["dataset_id"])
    report.count("names", tally, {alias.dataset_id for alias in touched})
    gone = before - {dataset.pk for dataset in found}
    return list(Dataset.objects.filter(pk__in=gone).select_related("warehouse"))


def _observe(found: Found, report: ImportReport, now: datetime) -> None:
    """Columns only for tables nobody has described: a contract is a promise, not an observation."""
    seen = {
        dataset: [ObservedColumn(one.name, one.type) for one in table.columns]
        for dataset, table in found.items()
        if dataset.schema_version == 0
    }
    versions = observe_all(seen, source=Source.CONTRACT, now=now)
    report.count("schemas", Tally(added=len(versions)), versions)
    report.reshaped.update(versions)


def _say(found: Found, gone: list[Dataset], report: ImportReport, now: datetime) -> None:
    sayings: list[Saying] = []
    for dataset, table in found.items():
        fresh = {"column": table.fresh_column, "within": table.fresh_within}
        sayings += [
            Saying(dataset, "title", table.title[:200]),
            Saying(dataset, "description", table.description),
            Saying(dataset, "tags", _tags(table.tags)),
            Saying(dataset, "freshness", fresh if table.fresh_within else None),
            *_about_columns(dataset, table, report),
        ]
    sayings = [saying for saying in sayings if saying.value]
    changed = say_all(sayings, source=Source.CONTRACT, now=now, all_about=[*found, *gone])
    tally = Tally(changed=len(changed), unchanged=max(len(sayings) - len(changed), 0))
    report.count("descriptions", tally, {dataset for dataset, _, _ in changed})


def _about_columns(
    dataset: Dataset, table: ContractTable, report: ImportReport
) -> Iterator[Saying]:
    engine = dataset.warehouse.engine
    columns = {
        fold(engine, column.name): column
        for column in Column.objects.filter(dataset=dataset, removed_at=None)
    }
    for told in table.columns:
        column = columns.get(fold(engine, told.name))
        if column is None:
            report.notes.append(
                f"{dataset.name} has no column {told.name}, which the contract promises."
            )
            continue
        yield Saying(dataset, "description", told.description, column)
        yield Saying(dataset, "tags", _tags(told.tags), column)


def _tags(words: tuple[str, ...]) -> list[str]:
    return sorted({word.strip()[:63] for word in words} - {""})


def _keep_checks(
    contract: Contract, found: Found, gone: list[Dataset], report: ImportReport
) -> None:
    wanted = {dataset: list(_claims(contract, table)) for dataset, table in found.items()}
    wanted |= {dataset: [] for dataset in gone}
    kept = keep_checks(wanted, source=Source.CONTRACT)
    report.count("checks", kept.tally, kept.datasets)


def _claims(contract: Contract, table: ContractTable) -> Iterator[Claim]:
    for quality in table.quality:
        yield _claim(contract, table, "", quality)
    for column in table.columns:
        for kind in _plain(column):
            rule = {"kind": kind, "column": column.name}
            yield _claim(contract, table, column.name, Quality(kind, "", "error", rule))
        for quality in column.quality:
            yield _claim(contract, table, column.name, quality)


def _plain(column: ContractColumn) -> Iterator[str]:
    if column.is_required:
        yield "not_null"
    if column.is_unique:
        yield "unique"


def _claim(contract: Contract, table: ContractTable, column: str, quality: Quality) -> Claim:
    rule: dict[str, Any] = json.loads(json.dumps(dict(quality.rule), default=str))
    definition = {"contract": contract.id, "kind": _kind(rule), **rule}
    if column:
        definition["column"] = column
    words = json.dumps([contract.id, table.name, column, rule], sort_keys=True)
    return Claim(
        key=sha256(words.encode()).hexdigest(),
        name=f"{quality.name} {column}".strip(),
        definition=definition,
        column=column,
        description=quality.description,
        severity=quality.severity.lower(),
    )


def _kind(rule: dict[str, Any]) -> str:
    if "query" in rule:
        return "sql"
    return str(rule.get("metric") or rule.get("rule") or rule.get("type") or "text")


def _people(team: Any) -> Iterator[Named]:
    for member in team if isinstance(team, list) else ():
        if isinstance(member, dict):
            role = str(member.get("role") or "owner")
            told = {
                "name": member.get("name") or member.get("username"),
                "email": member.get("email") or member.get("username"),
            }
            yield from named_in(told, role)
