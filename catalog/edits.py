"""What changed in the words about a dataset, who said it and when; nothing that its reader may not know of is among it."""

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.db.models import QuerySet

from catalog.lineage.mentions import readable_sql
from catalog.models import Dataset, FieldChange


@dataclass(frozen=True)
class Stretch:
    """A stretch of text that stayed, came or went: `change` is same, added or removed."""

    text: str
    change: str


@dataclass(frozen=True)
class Edit:
    """One change to what one source says about one field; `column` empty means the dataset itself.

    `stretches` spell out the difference when both sides are text; `old` and `new` are as `catalog.fields` keeps them.
    `is_withheld` says that a side is left out because it names what the reader may not know of.
    """

    id: int
    field: str
    column: str
    source: str
    source_label: str
    said_by: str
    at: datetime
    old: Any
    new: Any
    stretches: tuple[Stretch, ...]
    is_withheld: bool = False


def history(
    dataset: Dataset, *, visible: QuerySet[Dataset] | None = None, limit: int = 50
) -> tuple[Edit, ...]:
    """What changed in the description of a dataset and its columns, newest first.

    With `visible`, the name of a successor outside it is left out, and so is SQL that names anything outside it.
    Cost: one query, one more where a successor was named, and one for each SQL that was told.
    """
    changes = FieldChange.objects.filter(dataset=dataset).select_related("column")[:limit]
    hidden = set() if visible is None else _hidden_values(changes, visible)
    return tuple(_edit(change, hidden) for change in changes)


def _hidden_values(changes: QuerySet[FieldChange], visible: QuerySet[Dataset]) -> set[str]:
    """The successors and the SQL among the changes that would tell of a dataset outside `visible`."""
    told = {
        value
        for change in changes
        if change.field == "definition"
        for value in (change.old, change.new)
        if isinstance(value, str) and value
    }
    unreadable = {sql for sql in told if not readable_sql(sql, visible=visible)}
    return unreadable | _hidden_successors(changes, visible)


def _hidden_successors(changes: QuerySet[FieldChange], visible: QuerySet[Dataset]) -> set[str]:
    named = {
        value
        for change in changes
        if change.field == "successor"
        for value in (change.old, change.new)
        if isinstance(value, str) and value
    }
    if not named:
        return set()
    return named - set(visible.filter(name__in=named).values_list("name", flat=True))


def _edit(change: FieldChange, hidden: set[str]) -> Edit:
    is_guarded = change.field in ("successor", "definition")
    old, new = (
        "" if is_guarded and isinstance(value, str) and value in hidden else value
        for value in (change.old, change.new)
    )
    return Edit(
        id=change.pk,
        field=change.field,
        column=change.column.name if change.column else "",
        source=change.source,
        source_label=change.get_source_display(),
        said_by=change.said_by,
        at=change.changed_at,
        old=old,
        new=new,
        stretches=_stretches(old, new),
        is_withheld=(old, new) != (change.old, change.new),
    )


def _stretches(old: Any, new: Any) -> tuple[Stretch, ...]:
    if not isinstance(old or "", str) or not isinstance(new or "", str):
        return ()
    return difference(old or "", new or "")


def difference(old: str, new: str) -> tuple[Stretch, ...]:
    """How one text became another, word by word."""
    before, after = _split(old), _split(new)
    stretches: list[Stretch] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            stretches.append(Stretch("".join(before[a:b]), "same"))
            continue
        stretches += [Stretch("".join(before[a:b]), "removed")] if b > a else []
        stretches += [Stretch("".join(after[c:d]), "added")] if d > c else []
    return tuple(stretches)


def _split(text: str) -> list[str]:
    """Words with the spaces after them; a very long text by lines, since comparing words would take its square."""
    if len(text) > 20_000:
        return text.splitlines(keepends=True)
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        words += [f"{word} " for word in line.rstrip("\n").split(" ")]
        words[-1] = words[-1][:-1] + ("\n" if line.endswith("\n") else "")
    return words
