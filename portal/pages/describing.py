"""What the editor of one field shows: what it says now, what other sources say, and who may let go of it."""

from dataclasses import dataclass
from typing import Any

from access.errors import NotFound
from catalog import provenance
from catalog.models import Column, Dataset, Source

FIELDS = ("title", "description", "tags")
COLUMN_FIELDS = ("description", "tags")


@dataclass(frozen=True)
class Editor:
    """One field in its editor; `others` are what sources other than people say, `is_ours` whether a person's word stands."""

    field: str
    column: str
    text: str
    others: tuple[tuple[str, str], ...]
    is_ours: bool


def editor_of(dataset: Dataset, field: str, column: str) -> Editor:
    """The editor of a field. Errors: `NotFound` for a field or column there is not. Cost: three queries."""
    if field not in (COLUMN_FIELDS if column else FIELDS):
        raise NotFound("There is nothing to describe by that name.")
    story = next(
        (
            each
            for each in provenance.sayings(dataset)
            if each.field == field and (each.column or "") == column
        ),
        None,
    )
    values = story.values if story else ()
    others = tuple(
        (Source(said.source).label, as_text(said.value))
        for said in values
        if said.source != Source.PERSON
    )
    is_ours = any(said.source == Source.PERSON for said in values)
    return Editor(field, column, as_text(_shown(dataset, field, column)), others, is_ours)


def _shown(dataset: Dataset, field: str, column: str) -> Any:
    if not column:
        return getattr(dataset, field)
    found = Column.objects.filter(dataset=dataset, name=column, removed_at=None).first()
    if found is None:
        raise NotFound(f"{dataset.label} has no column of that name.")
    return getattr(found, field)


def as_text(value: Any) -> str:
    """A field's value as an editor shows it."""
    return ", ".join(value) if isinstance(value, list) else str(value or "")
