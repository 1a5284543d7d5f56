"""Every described field keeps one value per source; the strongest source is shown, and a person's word wins.

Sources never overwrite each other: an import that disagrees with a person is kept and shown as a conflict, until the
person lets go. What a source stops saying is withdrawn. Every change is one row of history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.fields import References, field_named
from catalog.models import Column, Dataset, FieldChange, FieldValue, Source
from catalog.reconciliation import save

# Strongest first.
STRENGTH: tuple[Source, ...] = (
    Source.PERSON,
    Source.CONFIGURATION,
    Source.CONTRACT,
    Source.DBT,
    Source.OPENLINEAGE,
    Source.WAREHOUSE,
)
# How a table is stored is the warehouse's to say, whatever a project file calls it.
STRENGTH_OF_KIND: tuple[Source, ...] = (Source.WAREHOUSE, *STRENGTH[:-1])

Key = tuple[int, int | None, str]


@dataclass(frozen=True)
class Saying:
    """What a source says about one field. `value` None withdraws what it said; `column` None means the dataset."""

    dataset: Dataset
    field: str
    value: Any
    column: Column | None = None

    @property
    def key(self) -> Key:
        """What it is about: the keys of the dataset and the column, and the field."""
        return (self.dataset.pk, self.column.pk if self.column else None, self.field)

    @property
    def target(self) -> Dataset | Column:
        """The row whose attributes show the value."""
        return self.column or self.dataset


@dataclass(frozen=True)
class Said:
    """One source's value."""

    source: Source
    value: Any
    said_by: str
    said_at: datetime


@dataclass(frozen=True)
class FieldStory:
    """A field with every value there is for it, strongest first; the first is shown."""

    field: str
    column: str | None
    values: tuple[Said, ...]

    @property
    def effective(self) -> Said:
        """The value that is shown."""
        return self.values[0]

    @property
    def conflicts(self) -> tuple[Said, ...]:
        """The weaker values that say something else."""
        return tuple(said for said in self.values[1:] if said.value != self.effective.value)


@dataclass(frozen=True)
class Change:
    """A saying that differs from what its source said before; `known` is the stored row, if there was one."""

    saying: Saying
    known: FieldValue | None

    @property
    def old(self) -> Any:
        """What the source said before."""
        return self.known.value if self.known else None


def say(
    dataset: Dataset,
    field: str,
    value: Any,
    *,
    source: Source,
    now: datetime,
    column: Column | None = None,
    said_by: str = "",
) -> bool:
    """Sets what `source` says about a field; True if that changed. None withdraws it, an empty value is a value.

    Errors: `InvalidValue` when the field does not exist or cannot take the value, `UnknownName` for a domain or
    successor that does not exist.
    Cost: about six queries.
    """
    saying = Saying(dataset, field, value, column)
    return bool(say_all([saying], source=source, now=now, said_by=said_by))


def release(
    dataset: Dataset, field: str, *, now: datetime, column: Column | None = None, said_by: str = ""
) -> bool:
    """A person lets go of a field: the next source shows again. True if a person had said something."""
    return say(dataset, field, None, source=Source.PERSON, now=now, column=column, said_by=said_by)


@transaction.atomic
def say_all(
    sayings: Iterable[Saying],
    *,
    source: Source,
    now: datetime,
    said_by: str = "",
    all_about: Iterable[Dataset] = (),
) -> frozenset[Key]:
    """Sets what `source` says about many fields; returns the keys (dataset, column, field) that changed.

    For the datasets in `all_about` these sayings are everything: what the source said before and now leaves out is
    withdrawn. The given dataset and column objects show the new effective values afterwards.
    Cost: a handful of queries, whatever the number of sayings; one per domain or successor named.
    """
    wanted = {saying.key: _checked(saying) for saying in sayings}
    whole = {dataset.pk: dataset for dataset in all_about}
    about = {saying.dataset.pk for saying in wanted.values()} | whole.keys()
    known = _known(about, source)
    for key, value in known.items():
        if value.dataset_id in whole and key not in wanted:
            wanted[key] = Saying(whole[value.dataset_id], value.field, None, value.column)
    changes = [
        Change(saying, known.get(key))
        for key, saying in wanted.items()
        if saying.value != (known[key].value if key in known else None)
    ]
    if changes:
        _remember(changes, source=source, now=now, said_by=said_by)
        _store(changes, source=source, now=now, said_by=said_by)
        show([change.saying for change in changes], now=now)
    return frozenset(change.saying.key for change in changes)


def _checked(saying: Saying) -> Saying:
    field = field_named(saying.field, of_column=saying.column is not None)
    return saying if saying.value is None else replace(saying, value=field.checked(saying.value))


def _known(datasets: set[int], source: Source) -> dict[Key, FieldValue]:
    values = FieldValue.objects.filter(dataset__in=datasets, source=source)
    locked = values.select_related("column").select_for_update(of=("self",))
    return {_key_of(value): value for value in locked}


def _key_of(value: FieldValue) -> Key:
    return (value.dataset_id, value.column_id, value.field)


def _remember(changes: Sequence[Change], *, source: Source, now: datetime, said_by: str) -> None:
    history = [
        FieldChange(
            dataset=change.saying.dataset,
            column=change.saying.column,
            field=change.saying.field,
            source=source,
            old=change.old,
            new=change.saying.value,
            said_by=said_by,
            changed_at=now,
        )
        for change in changes
    ]
    FieldChange.objects.bulk_create(history, batch_size=1000)


def _store(changes: Sequence[Change], *, source: Source, now: datetime, said_by: str) -> None:
    added, edited, withdrawn = [], [], []
    for saying, value in ((change.saying, change.known) for change in changes):
        if value is None:
            value = FieldValue(
                dataset=saying.dataset, column=saying.column, field=saying.field, source=source
            )
            added.append(value)
        elif saying.value is None:
            withdrawn.append(value.pk)
            continue
        else:
            edited.append(value)
        value.value, value.said_by, value.said_at = saying.value, said_by, now
    FieldValue.objects.bulk_create(added, batch_size=1000)
    save(edited, ["value", "said_by", "said_at"])
    FieldValue.objects.filter(pk__in=withdrawn).delete()


def show(sayings: Sequence[Saying], *, now: datetime) -> None:
    """Works out the effective values of these fields from everything said, and stores those that differ.

    Compares with freshly locked rows: an object in the caller's hand may be older than the last edit.
    """
    values = _all_said({saying.dataset.pk for saying in sayings})
    stored = _locked(sayings)
    references = References()
    changed: dict[tuple[type, int], set[str]] = defaultdict(set)
    for saying in sayings:
        field = field_named(saying.field, of_column=saying.column is not None)
        said = values.get(saying.key)
        place = (type(saying.target), saying.target.pk)
        for name, value in field.show(said[0].value if said else None, references).items():
            setattr(saying.target, name, value)
            if getattr(stored[place], name) != value:
                setattr(stored[place], name, value)
                changed[place].add(name)
    _save([(stored[place], names) for place, names in changed.items()], now=now)


def _locked(sayings: Sequence[Saying]) -> dict[tuple[type, int], Dataset | Column]:
    rows: dict[tuple[type, int], Dataset | Column] = {}
    for model in (Dataset, Column):
        keys = {saying.target.pk for saying in sayings if isinstance(saying.target, model)}
        # By key, so that two writers of many rows wait for each other instead of deadlocking.
        for row in model.objects.filter(pk__in=keys).order_by("pk").select_for_update():
            rows[model, row.pk] = row
    return rows


def _save(changed: Sequence[tuple[Dataset | Column, set[str]]], *, now: datetime) -> None:
    datasets = [row for row, _ in changed if isinstance(row, Dataset)]
    columns = [row for row, _ in changed if isinstance(row, Column)]
    names = {name for row, names in changed if isinstance(row, Dataset) for name in names}
    for dataset in datasets:
        dataset.updated_at = now
    save(datasets, [*sorted(names), "updated_at"])
    save(columns, ["description", "tags"])


def _all_said(datasets: set[int]) -> dict[Key, list[Said]]:
    """Everything said about these datasets, strongest first."""
    values: dict[Key, list[Said]] = defaultdict(list)
    for value in FieldValue.objects.filter(dataset__in=datasets):
        said = Said(Source(value.source), value.value, value.said_by, value.said_at)
        values[_key_of(value)].append(said)
    for (_, _, field), said_of_one in values.items():
        order = STRENGTH_OF_KIND if field == "kind" else STRENGTH
        said_of_one.sort(key=lambda said: order.index(said.source))
    return values


def sayings(dataset: Dataset) -> tuple[FieldStory, ...]:
    """Every described field of a dataset and its columns, with all values per source.

    Shape: one story per field that any source described; the dataset's own first, then by column position.
    Cost: two queries.
    """
    columns = {column.pk: column for column in dataset.columns.all()}
    stories = [
        (columns[column].position if column else -1, field, column, tuple(said))
        for (_, column, field), said in _all_said({dataset.pk}).items()
        if column is None or column in columns
    ]
    return tuple(
        FieldStory(field, columns[column].name if column else None, said)
        for _, field, column, said in sorted(stories, key=lambda story: story[:2])
    )
