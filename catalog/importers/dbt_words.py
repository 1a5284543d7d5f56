"""What a dbt project says about its relations and columns: words, tags, promises, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from catalog.contacts import keep_contacts, named_in
from catalog.identity import fold
from catalog.importers.dbt_artifacts import DbtNode, DbtProject
from catalog.importers.register import Register
from catalog.importers.reports import ImportReport
from catalog.models import Dataset, DatasetKind, Source
from catalog.provenance import Saying, say_all
from catalog.reconciliation import Tally

Value = TypeVar("Value")
TAG_LENGTH = 63


def say(
    project: DbtProject,
    nodes: Mapping[Dataset, Sequence[DbtNode]],
    gone: Sequence[Dataset],
    register: Register,
    report: ImportReport,
    *,
    now: datetime,
) -> None:
    """Keeps everything dbt says about these datasets, withdrawing what it no longer says; `gone` lose all of it."""
    sayings = [
        saying
        for dataset, speakers in nodes.items()
        for saying in (
            *_about_dataset(project, dataset, speakers),
            *_about_columns(project, dataset, speakers, register, report),
        )
        if saying.value
    ]
    changed = say_all(sayings, source=Source.DBT, now=now, all_about=[*nodes, *gone])
    tally = Tally(changed=len(changed), unchanged=max(len(sayings) - len(changed), 0))
    report.count("descriptions", tally, {dataset for dataset, _, _ in changed})
    contacts = {dataset: list(_owners(project, speakers)) for dataset, speakers in nodes.items()}
    contacts |= {dataset: [] for dataset in gone}
    report.count("contacts", keep_contacts(contacts, source=Source.DBT))


def _about_dataset(
    project: DbtProject, dataset: Dataset, nodes: Sequence[DbtNode]
) -> Iterator[Saying]:
    values: dict[str, Any] = {
        "title": _first(nodes, lambda node: node.title)[:200],
        "description": _first(nodes, lambda node: node.description),
        "tags": _tags(tag for node in nodes for tag in node.tags),
        "definition": _first(nodes, lambda node: node.sql),
        "materialization": nodes[0].materialized,
        "kind": _kind(project, nodes),
        "deprecated": _deprecated(nodes),
        "freshness": _freshness(nodes),
    }
    for name, value in values.items():
        yield Saying(dataset, name, value)


def _first(nodes: Iterable[DbtNode], ask: Callable[[DbtNode], str]) -> str:
    return next((words for node in nodes if (words := ask(node).strip())), "")


def _tags(words: Iterable[str]) -> list[str]:
    return sorted({word.strip()[:TAG_LENGTH] for word in words} - {""})


def _kind(project: DbtProject, nodes: Sequence[DbtNode]) -> str:
    told = [project.kinds[node.unique_id] for node in nodes if node.unique_id in project.kinds]
    is_view = "view" in (told[0] if told else nodes[0].materialized)
    return DatasetKind.VIEW if is_view else DatasetKind.TABLE


def _deprecated(nodes: Sequence[DbtNode]) -> dict[str, str] | None:
    at = next((node.deprecated_at for node in nodes if node.deprecated_at), None)
    return {"at": at.isoformat(), "note": ""} if at else None


def _freshness(nodes: Sequence[DbtNode]) -> dict[str, Any] | None:
    promised = next((node for node in nodes if node.fresh_within), None)
    if promised is None:
        return None
    # A loaded_at_field may be an expression; only a plain name is a column.
    column = promised.fresh_column if promised.fresh_column.isidentifier() else ""
    return {"column": column, "within": promised.fresh_within}


def _about_columns(
    project: DbtProject,
    dataset: Dataset,
    nodes: Sequence[DbtNode],
    register: Register,
    report: ImportReport,
) -> Iterator[Saying]:
    columns = register.columns().get(dataset.pk, {})
    descriptions: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    for node in nodes:
        for told in node.columns:
            name = fold(register.engine, told.name)
            if name not in columns:
                report.notes.append(
                    f"{node.unique_id} documents the column {told.name}, which {dataset.name} does not have."
                )
                continue
            descriptions[name] = descriptions.get(name) or told.description
            tags.setdefault(name, []).extend(told.tags)
        for built in project.built.get(node.unique_id, ()):
            name = fold(register.engine, built.name)
            descriptions[name] = descriptions.get(name) or built.comment
    for name, column in columns.items():
        yield Saying(dataset, "description", descriptions.get(name, ""), column)
        yield Saying(dataset, "tags", _tags(tags.get(name, ())), column)


def _owners(project: DbtProject, nodes: Sequence[DbtNode]) -> Iterator[Any]:
    for node in nodes:
        yield from named_in(node.owner)
        yield from named_in(project.owners.get(node.group))
