"""People's words about a dataset: titles, documentation, deprecation. A person's word wins over every machine's.

Each verb checks who may, says it as that person, leaves one event of the audit and renews what search knows, in one
transaction. An edit made on an older text is refused and brings the newer one back, so that no words are lost.
"""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from access.audit.events import Kind, record
from access.discovery import discoverable_by
from access.errors import Conflict, Invalid
from access.models import Principal
from access.people.permissions import Permission, may, require
from catalog import provenance, search
from catalog.errors import CatalogError
from catalog.models import Column, Dataset, Source
from catalog.provenance import Saying

WORDS: Final = frozenset({"title", "description", "tags", "freshness"})
COLUMN_WORDS: Final = frozenset({"description", "tags"})
# These move who may know of a dataset, who decides about it and how long access lasts: not words, but charge.
CHARGE: Final = frozenset({"domain", "sensitivity", "visibility"})


class _Unasked:
    """Says that the caller does not compare with what it showed."""


UNASKED: Final = _Unasked()


class EditedMeanwhile(Conflict):
    """Somebody changed the field after the editor was opened; `current` is what it says now, `yours` what was sent."""

    code = "edited_meanwhile"

    def __init__(self, current: Any, yours: Any) -> None:
        super().__init__(
            "Somebody changed this while you were writing, so yours is not saved yet. "
            "Look at both, take over what you want to keep, and save again."
        )
        self.current = current
        self.yours = yours


@transaction.atomic
def describe(
    dataset: Dataset,
    *,
    actor: Principal,
    field: str,
    value: Any,
    now: datetime,
    column: str | None = None,
    expected: Any = UNASKED,
) -> bool:
    """Say something about a dataset, or about one of its columns; False when it already said so.

    `expected` is what the editor showed when the person began to write. Domain, sensitivity and visibility need the
    right to decide, since they move who may know and who may allow.

    Errors: `NotAllowed`; `Invalid` for a field nobody may describe or a value it cannot take; `EditedMeanwhile`.
    """
    _require(actor, dataset, field, column)
    target = _locked(dataset, column)
    value, old = _with_unix_lines(value), _shown(target, field)
    if not isinstance(expected, _Unasked) and _with_unix_lines(expected) != old and value != old:
        raise EditedMeanwhile(old, value)
    said = [Saying(dataset, field, value, target if isinstance(target, Column) else None)]
    if not _say(said, actor=actor, now=now):
        return False
    data = {"field": field, "column": column, "old": old, "new": value}
    _note(Kind.DATASET_DESCRIBED, dataset, actor=actor, data=data, now=now)
    return True


@transaction.atomic
def release(
    dataset: Dataset, *, actor: Principal, field: str, now: datetime, column: str | None = None
) -> bool:
    """Let go of what people said about a field, so that the next source shows; False when nobody had said anything.

    Errors: `NotAllowed`; `Invalid` for a field nobody may describe.
    """
    _require(actor, dataset, field, column)
    target = _locked(dataset, column)
    old = _shown(target, field)
    said = [Saying(dataset, field, None, target if isinstance(target, Column) else None)]
    if not _say(said, actor=actor, now=now):
        return False
    target.refresh_from_db()
    data = {"field": field, "column": column, "old": old, "new": _shown(target, field)}
    _note(Kind.DATASET_RELEASED, dataset, actor=actor, data=data, now=now)
    return True


@transaction.atomic
def deprecate(
    dataset: Dataset, *, actor: Principal, note: str, now: datetime, successor: str = ""
) -> bool:
    """Warn people off a dataset and name what to use instead; False when it already said exactly that.

    Access to it stays as it is. Errors: `NotAllowed`; `Invalid` without a note, or for a successor that the actor
    knows nothing of.
    """
    require(actor, Permission.DESCRIBE, dataset)
    fresh = _locked(dataset, None)
    if not note.strip():
        raise Invalid(
            "Say why, and what people should do: everybody who opens it will read this.", "note"
        )
    if (
        successor
        and not discoverable_by(actor).filter(name=successor).exclude(pk=dataset.pk).exists()
    ):
        raise Invalid(f"There is no other dataset {successor!r} to use instead.", "successor")
    assert isinstance(fresh, Dataset)
    at = fresh.deprecated_at or now
    said = [
        Saying(dataset, "deprecated", {"at": at.isoformat(), "note": _with_unix_lines(note)}),
        Saying(dataset, "successor", successor),
    ]
    if not _say(said, actor=actor, now=now):
        return False
    data = {"note": note.strip(), "successor": successor}
    _note(Kind.DATASET_DEPRECATED, dataset, actor=actor, data=data, now=now)
    return True


@transaction.atomic
def undeprecate(dataset: Dataset, *, actor: Principal, now: datetime) -> bool:
    """Take the warning back, whoever gave it; False when there was none. Errors: `NotAllowed`."""
    require(actor, Permission.DESCRIBE, dataset)
    fresh = _locked(dataset, None)
    assert isinstance(fresh, Dataset)
    if fresh.deprecated_at is None:
        return False
    data = {"note": fresh.deprecation_note, "deprecated_at": fresh.deprecated_at}
    _say(
        [Saying(dataset, "deprecated", False), Saying(dataset, "successor", "")],
        actor=actor,
        now=now,
    )
    _note(Kind.DATASET_UNDEPRECATED, dataset, actor=actor, data=data, now=now)
    return True


def _require(actor: Principal, dataset: Dataset, field: str, column: str | None) -> None:
    if field in CHARGE and column is None:
        if not may(actor, Permission.ADMINISTER):
            require(actor, Permission.DECIDE, dataset)
        return
    require(actor, Permission.DESCRIBE, dataset)
    allowed = WORDS if column is None else COLUMN_WORDS
    if field not in allowed:
        listed = ", ".join(sorted(allowed | CHARGE if column is None else allowed))
        raise Invalid(f"{field!r} is nothing a person describes; these are: {listed}.", "field")


def _locked(dataset: Dataset, column: str | None) -> Dataset | Column:
    """What is described, as it is now, held until the transaction ends."""
    fresh = (
        Dataset.objects.select_for_update(of=("self",)).select_related("domain").get(pk=dataset.pk)
    )
    if column is None:
        return fresh
    found = fresh.columns.filter(name=column, removed_at=None).first()
    if found is None:
        raise Invalid(f"{dataset.label} has no column {column!r}.", "column")
    return found


def _shown(target: Dataset | Column, field: str) -> Any:
    """What a field says now, as `catalog.fields` keeps it."""
    if isinstance(target, Dataset) and field == "domain":
        return target.domain.name if target.domain else ""
    if isinstance(target, Dataset) and field == "freshness":
        within = target.freshness_within
        if within is None:
            return False
        return {"column": target.freshness_column, "within": int(within.total_seconds())}
    return getattr(target, field)


def _with_unix_lines(value: Any) -> Any:
    """The value as it is kept: browsers send two characters for the end of a line."""
    if not isinstance(value, str):
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _say(said: list[Saying], *, actor: Principal, now: datetime) -> bool:
    try:
        changed = provenance.say_all(said, source=Source.PERSON, now=now, said_by=str(actor))
    except CatalogError as error:
        raise Invalid(error.message, getattr(error, "field", said[0].field)) from error
    if changed:
        search.refresh([said[0].dataset.pk])
    return bool(changed)


def _note(
    kind: Kind, dataset: Dataset, *, actor: Principal, data: dict[str, Any], now: datetime
) -> None:
    record(kind, actor=actor, subject=f"dataset:{dataset.pk}", dataset=dataset, data=data, now=now)
