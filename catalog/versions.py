"""Which columns a dataset had from when on, and what changed, in words.

The warehouse knows best what a table looks like: what a weaker source reports about columns only counts for tables no
stronger source has described. Columns that go away keep their words and come back with them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.identity import fold
from catalog.models import Column, Dataset, SchemaVersion, Source
from catalog.reconciliation import save

# Who may describe columns over whom, strongest first.
SCHEMA_STRENGTH: tuple[Source, ...] = (
    Source.WAREHOUSE,
    Source.DBT,
    Source.OPENLINEAGE,
    Source.CONTRACT,
    Source.CONFIGURATION,
    Source.PERSON,
)

Shape = list[dict[str, Any]]
Diff = list[dict[str, Any]]


@dataclass(frozen=True)
class ObservedColumn:
    """A column as a source reports it. `is_nullable` None: the source does not say."""

    name: str
    type: str = ""
    is_nullable: bool | None = None


@dataclass
class Observed:
    """What a source saw of one dataset, and its columns as they are kept."""

    dataset: Dataset
    columns: Sequence[ObservedColumn]
    kept: list[Column]
    last: SchemaVersion | None


def observe_columns(
    dataset: Dataset, columns: Sequence[ObservedColumn], *, source: Source, now: datetime
) -> SchemaVersion | None:
    """Takes over the columns a source reports, in order; the new schema version, or None where nothing changed."""
    return observe_all({dataset: columns}, source=source, now=now).get(dataset.pk)


@transaction.atomic
def observe_all(
    reports: Mapping[Dataset, Sequence[ObservedColumn]], *, source: Source, now: datetime
) -> dict[int, SchemaVersion]:
    """Takes over the columns of many datasets; the new schema versions by key of the dataset.

    The given dataset objects show their new version number afterwards.
    Cost: about six queries, whatever the number of datasets.
    """
    seen = [one for one in _observed(reports) if _may_describe(source, one)]
    _confirm(seen, source)
    versions = [version for one in seen if (version := _next_version(one, source, now))]
    changed = {version.dataset_id for version in versions}
    _store_columns([one for one in seen if one.dataset.pk in changed], now=now)
    SchemaVersion.objects.bulk_create(versions, batch_size=500)
    datasets = [one.dataset for one in seen if one.dataset.pk in changed]
    for dataset in datasets:
        dataset.schema_version += 1
        dataset.updated_at = now
    save(datasets, ["schema_version", "updated_at"])
    return {version.dataset_id: version for version in versions}


def _observed(reports: Mapping[Dataset, Sequence[ObservedColumn]]) -> Iterable[Observed]:
    datasets = list(reports)
    kept: dict[int, list[Column]] = {dataset.pk: [] for dataset in datasets}
    for column in Column.objects.filter(dataset__in=datasets):
        kept[column.dataset_id].append(column)
    last = {
        version.dataset_id: version
        for version in SchemaVersion.objects.filter(dataset__in=datasets)
        .order_by("dataset_id", "-number")
        .distinct("dataset_id")
    }
    for dataset, columns in reports.items():
        unique = _unique(dataset.warehouse.engine, columns)
        yield Observed(dataset, unique, kept[dataset.pk], last.get(dataset.pk))


def _unique(engine: str, columns: Sequence[ObservedColumn]) -> tuple[ObservedColumn, ...]:
    """The columns without repetitions; a report that names one twice means the first."""
    first: dict[str, ObservedColumn] = {}
    for column in columns:
        first.setdefault(fold(engine, column.name), column)
    return tuple(first.values())


def _may_describe(source: Source, one: Observed) -> bool:
    if one.last is None or one.last.source not in SCHEMA_STRENGTH:
        return bool(one.columns)
    known = SCHEMA_STRENGTH.index(Source(one.last.source))
    return bool(one.columns) and SCHEMA_STRENGTH.index(source) <= known


def _next_version(one: Observed, source: Source, now: datetime) -> SchemaVersion | None:
    new = _shape(one)
    if one.last and one.last.columns == new:
        return None
    return SchemaVersion(
        dataset=one.dataset,
        number=(one.last.number if one.last else 0) + 1,
        columns=new,
        diff=diff(one.last.columns, new) if one.last else [],
        source=source,
        seen_at=now,
    )


def _confirm(seen: Iterable[Observed], source: Source) -> None:
    """Where a source that knows better saw the same columns: worth no version, but from now on it is the authority."""
    confirmed = [
        one.last.pk
        for one in seen
        if one.last and one.last.source != source and one.last.columns == _shape(one)
    ]
    SchemaVersion.objects.filter(pk__in=confirmed).update(source=source)


def _shape(one: Observed) -> Shape:
    known = {column["name"]: column for column in (one.last.columns if one.last else [])}
    return [
        {
            "name": column.name,
            "type": column.type or known.get(column.name, {}).get("type", ""),
            "nullable": known.get(column.name, {}).get("nullable", True)
            if column.is_nullable is None
            else column.is_nullable,
        }
        for column in one.columns
    ]


def diff(old: Shape, new: Shape) -> Diff:
    """What changed between two shapes.

    Shape: one entry `{change: added|removed|retyped|nullability|moved, column, old, new}` per difference: removed
    columns first, then in the new order. A column counts as moved only against the columns that stayed.
    """
    before = {column["name"]: column for column in old}
    after = {column["name"]: column for column in new}
    entries = [
        _entry("removed", name, column["type"], None)
        for name, column in before.items()
        if name not in after
    ]
    moved = _moved(
        [name for name in before if name in after], [name for name in after if name in before]
    )
    for position, (name, column) in enumerate(after.items(), start=1):
        if name not in before:
            entries.append(_entry("added", name, None, column["type"]))
            continue
        for change, key in (("retyped", "type"), ("nullability", "nullable")):
            if before[name][key] != column[key]:
                entries.append(_entry(change, name, before[name][key], column[key]))
        if name in moved:
            entries.append(_entry("moved", name, list(before).index(name) + 1, position))
    return entries


def _entry(change: str, column: str, old: Any, new: Any) -> dict[str, Any]:
    return {"change": change, "column": column, "old": old, "new": new}


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The fewest names whose move explains the new order: those outside a longest run that kept its order."""
    place = {name: position for position, name in enumerate(old)}
    # Patience sorting: tails[n] ends the run of length n + 1 that ends earliest.
    tails: list[int] = []
    last_of: list[str] = []
    before: dict[str, str | None] = {}
    for name in new:
        length = bisect_left(tails, place[name])
        tails[length : length + 1] = [place[name]]
        last_of[length : length + 1] = [name]
        before[name] = last_of[length - 1] if length else None
    stayed: set[str] = set()
    name_or_none = last_of[-1] if last_of else None
    while name_or_none is not None:
        stayed.add(name_or_none)
        name_or_none = before[name_or_none]
    return set(new) - stayed


def readable(difference: Diff) -> list[str]:
    """A diff as sentences, one per entry."""
    return [_sentence(entry) for entry in difference]


def _sentence(entry: dict[str, Any]) -> str:
    name, old, new = entry["column"], entry["old"], entry["new"]
    match entry["change"]:
        case "added":
            return f"{name} was added ({new})." if new else f"{name} was added."
        case "removed":
            return f"{name} was removed."
        case "retyped":
            return f"{name} changed from {old or 'an unknown type'} to {new or 'an unknown type'}."
        case "nullability":
            return f"{name} may now be empty." if new else f"{name} may no longer be empty."
        case _:
            return f"{name} moved from place {old} to place {new}."


def _store_columns(seen: Sequence[Observed], *, now: datetime) -> None:
    added: list[Column] = []
    edited: list[Column] = []
    for one in seen:
        engine = one.dataset.warehouse.engine
        kept = {fold(engine, column.name): column for column in one.kept}
        nullable = {column["name"]: column["nullable"] for column in _shape(one)}
        for position, seen_column in enumerate(one.columns, start=1):
            column = kept.pop(fold(engine, seen_column.name), None)
            if column is None:
                column = Column(dataset=one.dataset)
                added.append(column)
            else:
                edited.append(column)
            column.name, column.position, column.removed_at = seen_column.name, position, None
            column.type = (seen_column.type or column.type)[:255]
            column.is_nullable = nullable[seen_column.name]
        edited += _removed(kept.values(), now)
    Column.objects.bulk_create(added, batch_size=1000)
    fields = ["name", "position", "type", "is_nullable", "removed_at"]
    save(edited, fields)


def _removed(columns: Iterable[Column], now: datetime) -> list[Column]:
    gone = [column for column in columns if column.removed_at is None]
    for column in gone:
        column.removed_at = now
    return gone
