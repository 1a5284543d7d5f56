"""Brings datasets to what the files say: their words, their stewards, their policy, their checks."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from access.asking import terms
from access.audit.events import Kind, record
from access.errors import AccessError
from access.policies import rules
from catalog import provenance, search
from catalog.errors import CatalogError
from catalog.models import Check, Column, Dataset, Domain, FieldValue, Source
from catalog.provenance import Saying
from portal.configuration.approval import differing, said_in
from portal.configuration.schema import AccessRules, CheckEntry, DatasetEntry
from portal.configuration.stewards import bring_stewards, bring_viewers
from portal.configuration.warehouses import dataset_named
from portal.configuration.work import Entry, Work

WORDS = ("title", "description", "domain", "sensitivity", "visibility", "tags")


def bring_datasets(work: Work) -> None:
    """Settle every dataset the files name."""
    for entry in work.entries("datasets"):
        said: DatasetEntry = entry.value
        dataset = dataset_named(work, entry, said.name, "name")
        if dataset is None or not work.name(entry, "dataset", said.name):
            continue
        try:
            _bring_dataset(work, entry, dataset)
        except (AccessError, CatalogError) as error:
            work.wrong(entry, error, *_where(entry, error))


def _where(entry: Entry[DatasetEntry], error: Exception) -> tuple[str | int, ...]:
    """The field an error points at (`masks.email` stands at `columns[i].mask`)."""
    field = str(getattr(error, "field", "") or "")
    first, _, rest = field.partition(".")
    if first == "masks":
        for index, column in enumerate(entry.value.columns):
            if column.name == rest:
                return ("columns", index, "mask")
    if first in (
        "approvals",
        "stages",
        "longest",
        "unused_after",
        "auto_approve",
        "responders",
        "terms",
    ):
        return ("access", first)
    return (first,) if first else ()


def _bring_dataset(work: Work, entry: Entry[DatasetEntry], dataset: Dataset) -> None:
    said = entry.value
    if said.domain and not Domain.objects.filter(name=said.domain).exists():
        work.mistakes.append(entry.mistake(f"there is no domain called {said.domain}", "domain"))
        return
    columns = _columns(work, entry, dataset)
    _say_words(work, entry, dataset, columns)
    bring_stewards(work, entry, dataset=dataset)
    bring_viewers(work, entry, dataset=dataset)
    _bring_policy(work, entry, dataset)
    _bring_checks(work, entry, dataset)


def _columns(work: Work, entry: Entry[DatasetEntry], dataset: Dataset) -> dict[str, Column]:
    """The columns the entry names, by the name it uses; unknown ones are mistakes."""
    known = {column.name: column for column in dataset.columns.filter(removed_at=None)}
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("columns", index, "name"), column.name)
        for index, column in enumerate(entry.value.columns)
    ]
    if entry.value.freshness:
        named.append((("freshness", "column"), entry.value.freshness.column))
    for trail, name in named:
        if name not in known:
            work.mistakes.append(entry.mistake(f"{dataset.name} has no column {name}", *trail))
    return known


def _say_words(
    work: Work, entry: Entry[DatasetEntry], dataset: Dataset, columns: dict[str, Column]
) -> None:
    """The configuration says exactly what the entry says: words that left the file are withdrawn."""
    before = {
        (value.dataset_id, value.column_id, value.field): value.value
        for value in FieldValue.objects.filter(dataset=dataset, source=Source.CONFIGURATION)
    }
    sayings = [
        Saying(dataset, field, value, column)
        for field, value, column in _sayings(entry, columns, _since(before, dataset, work))
    ]
    changed = provenance.say_all(
        sayings, source=Source.CONFIGURATION, now=work.now, all_about=[dataset]
    )
    if not changed:
        return
    after = {saying.key: saying.value for saying in sayings}
    names = {column.pk: column.name for column in columns.values()}
    fields = {
        f"{names.get(key[1] or 0, '')}.{key[2]}".removeprefix("."): (
            before.get(key),
            after.get(key),
        )
        for key in sorted(changed, key=str)
    }
    work.changed("dataset", dataset.name, "update", **fields)
    record(
        Kind.DATASET_DESCRIBED,
        actor=None,
        subject=f"dataset:{dataset.pk}",
        dataset=dataset,
        data={name: {"old": old, "new": new} for name, (old, new) in fields.items()},
        now=work.now,
    )
    search.refresh([dataset.pk])


def _since(before: Mapping[provenance.Key, Any], dataset: Dataset, work: Work) -> str:
    """Since when the configuration calls it deprecated: the day it first did, else now."""
    known = before.get((dataset.pk, None, "deprecated"))
    return str(known["at"]) if known else work.now.isoformat()


def _sayings(
    entry: Entry[DatasetEntry], columns: dict[str, Column], deprecated_since: str
) -> Iterator[tuple[str, Any, Column | None]]:
    said = entry.value
    for field in WORDS:
        value = getattr(said, field)
        if value is not None:
            yield field, list(value) if isinstance(value, tuple) else value, None
    if said.freshness:
        within = int(said.freshness.within.total_seconds())
        yield "freshness", {"column": said.freshness.column, "within": within}, None
    if said.deprecated:
        yield "deprecated", {"at": deprecated_since, "note": said.deprecated.note}, None
        if said.deprecated.successor:
            yield "successor", said.deprecated.successor, None
    for column in said.columns:
        for field in ("description", "tags"):
            value = getattr(column, field)
            if value is not None and column.name in columns:
                plain = list(value) if isinstance(value, tuple) else value
                yield field, plain, columns[column.name]


def _bring_policy(work: Work, entry: Entry[DatasetEntry], dataset: Dataset) -> None:
    """The policy is exactly what the entry says: a mask or filter that left the file is lifted."""
    said = entry.value
    before = rules.rules_of(dataset)
    access = said.access or AccessRules()
    deciding = said_in(work, entry, access)
    if deciding is None:
        return
    changed = rules.set_policy(
        dataset,
        actor=None,
        now=work.now,
        rows=said.rows or "",
        masks={column.name: column.mask for column in said.columns if column.mask},
        unused_after=access.unused_after,
        stages=deciding.stages,
        longest=deciding.longest,
        auto_approve=deciding.auto_approve,
        responders=deciding.responders,
    )
    if changed:
        after = rules.rules_of(dataset)
        fields = {
            name: (getattr(before, name), getattr(after, name))
            for name in ("rows", "masks", "unused_after")
            if getattr(before, name) != getattr(after, name)
        }
        work.changed(
            "dataset", dataset.name, "update", **fields, **differing(before.said, after.said)
        )
    if access.terms is not None and terms.set_terms(
        dataset, access.terms, actor=None, now=work.now
    ):
        work.changed("dataset", dataset.name, "update", terms=("", access.terms))


def _bring_checks(work: Work, entry: Entry[DatasetEntry], dataset: Dataset) -> None:
    if entry.value.checks is None:
        return
    wanted = {check_key(each): each for each in entry.value.checks}
    present = {
        check.key: check
        for check in Check.objects.filter(dataset=dataset, source=Source.CONFIGURATION)
    }
    for key, each in wanted.items():
        if key not in present:
            kind, column, definition = described_check(each)
            Check.objects.create(
                dataset=dataset,
                source=Source.CONFIGURATION,
                key=key,
                name=each.name or f"{kind} {column}".strip(),
                column_name=column,
                definition=definition,
            )
            work.changed("check", f"{dataset.name} {each.name or kind} {column}".strip(), "create")
    for key in present.keys() - wanted.keys():
        present[key].delete()
        work.changed("check", f"{dataset.name} {present[key].name}", "remove")


def described_check(entry: CheckEntry) -> tuple[str, str, dict[str, Any]]:
    """A check as `(kind, column, definition)`."""
    if entry.sql:
        return "sql", "", {"kind": "sql", "sql": entry.sql}
    if entry.accepted_values:
        values = list(entry.accepted_values.values)
        column = entry.accepted_values.column
        return "accepted_values", column, {"kind": "accepted_values", "values": values}
    kind = "unique" if entry.unique else "not_null"
    return kind, entry.unique or entry.not_null or "", {"kind": kind}


def check_key(entry: CheckEntry) -> str:
    """What makes two check entries the same check."""
    kind, column, definition = described_check(entry)
    text = json.dumps([kind, column, definition, entry.name], sort_keys=True)
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
