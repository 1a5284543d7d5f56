"""The dataset page: may I use it, how fresh is it, who owns it; then what every column means and how I would see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from access.deciding import emergencies
from access.discovery import discoverable_by
from access.gate.explaining import is_tellable
from access.grants import AccessSummary, summary
from access.models import Principal
from access.people import stewardship
from access.people.permissions import Permission, may
from access.policies.masks import Mask
from access.policies.policy import VisibleColumn
from access.policies.reading import Reading, reading_of
from access.policies.sight import seen_in, type_behind
from catalog import documentation, edits, lineage, versions
from catalog.edits import Edit
from catalog.freshness import freshness
from catalog.models import Check, Column, Contact, Dataset, SchemaVersion
from portal.pages.calls import Snippet, calls_of
from portal.pages.lineage import Picture, around
from portal.pages.standing import Standing, standing_of
from portal.pages.trust import Trust, trust_of

_VERSIONS = 8
_NEIGHBOURS = 14
_LONGEST_PURPOSE = 240


@dataclass(frozen=True)
class ColumnRow:
    """A column with its meaning and how this person sees it: clear, masked, conditional, hidden, or on request.

    `type_seen` is the type of what they get where a mask makes it another, else empty.
    """

    column: Column
    how: str
    mask: str
    type_seen: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Version:
    """A schema version with what changed, in sentences."""

    version: SchemaVersion
    changes: tuple[str, ...]


@dataclass(frozen=True)
class DatasetPage:
    """What the dataset page shows; `successor` is None where there is none that this person may know of."""

    dataset: Dataset
    purpose: str
    documentation: str
    access: AccessSummary
    standing: Standing
    trust: tuple[Trust, ...]
    stewards: tuple[Principal, ...]
    contacts: tuple[Contact, ...]
    columns: tuple[ColumnRow, ...]
    rows: str
    checks: tuple[Check, ...]
    versions: tuple[Version, ...]
    picture: Picture
    snippets: tuple[Snippet, ...]
    definition: str
    is_withheld: bool
    successor: Dataset | None
    may_describe: bool
    may_decide: bool
    may_break_glass: bool
    edits: tuple[Edit, ...] = field(default=())


def page_of(person: Principal, dataset: Dataset, *, now: datetime, address: str) -> DatasetPage:
    """Everything on the dataset page; `address` is the portal's own, for the calls to copy. Cost: about thirty queries."""
    visible = discoverable_by(person)
    access = summary(person, dataset, now)
    stewards = stewardship.stewards_of(dataset)
    names = [str(steward) for steward in stewards]
    others = [str(steward) for steward in stewards if steward.pk != person.pk]
    checks = tuple(dataset.checks.order_by("column_name", "name"))
    fresh = freshness(dataset, now)
    reading = reading_of(person, dataset.warehouse, dataset.schema_name, dataset.table_name)
    columns = _columns(dataset, reading, checks)
    readable = lineage.readable_sql(dataset.definition, visible=visible)
    purpose, rest = _split(dataset.description)
    return DatasetPage(
        dataset=dataset,
        purpose=purpose,
        documentation=rest,
        access=access,
        standing=standing_of(dataset, access, deciders=others, now=now),
        trust=trust_of(dataset, fresh, checks, names),
        stewards=stewards,
        contacts=tuple(dataset.contacts.all()),
        columns=columns,
        rows=_row_words(person, dataset, reading),
        checks=checks,
        versions=versions_of(dataset),
        picture=around(person, dataset, depth=1, limit=_NEIGHBOURS, now=now),
        snippets=calls_of(
            dataset, [row.column.name for row in columns if row.how != "hidden"][:4], address
        ),
        definition=readable,
        is_withheld=bool(dataset.definition) and not readable,
        successor=_successor(dataset, visible),
        may_describe=may(person, Permission.DESCRIBE, dataset),
        may_decide=may(person, Permission.DECIDE, dataset),
        may_break_glass=emergencies.may_break_glass(person, dataset),
        edits=edits.history(dataset, visible=visible, limit=3),
    )


def _split(description: str) -> tuple[str, str]:
    """The first paragraph as one plain line, and the rest as Markdown; a long one gives its first sentence only."""
    first, _, rest = description.strip().partition("\n\n")
    if first.startswith(("#", "- ", "* ", "|", "```", ">", "1. ")):
        return "", description
    purpose = documentation.plain(first)
    if len(purpose) <= _LONGEST_PURPOSE:
        return purpose, rest.strip()
    sentence, stop, _ = purpose.partition(". ")
    return sentence + stop.strip(), description


def _columns(
    dataset: Dataset, reading: Reading | None, checks: Iterable[Check]
) -> tuple[ColumnRow, ...]:
    policy = reading.policy if reading else None
    engine = dataset.warehouse.engine
    seen = {each.name: each for each in seen_in(policy, engine)} if policy else {}
    masks: Mapping[str, Mask] = policy.masks if policy else {}
    holds = bool(policy and policy.grants)
    by_column: dict[str, list[Check]] = {}
    for check in checks:
        by_column.setdefault(check.column_name, []).append(check)
    rows = []
    for column in dataset.columns.filter(removed_at=None):
        view, mask = seen.get(column.name), masks.get(column.name)
        how = view.how if view else "hidden" if holds else "offered"
        words, type_seen = _masked(column, view, mask, engine)
        here = tuple(by_column.get(column.name, ()))
        rows.append(ColumnRow(column, how, words, type_seen, here))
    return tuple(rows)


def _masked(
    column: Column, view: VisibleColumn | None, mask: Mask | None, engine: str
) -> tuple[str, str]:
    """What is left of a column's values in words, and the type that comes out where it is not the column's own."""
    if view:
        words, kind = view.words, view.type
    elif mask:
        words, kind = mask.words, type_behind(mask, column.name, column.type, engine)
    else:
        return "", ""
    return words, kind if kind != column.type else ""


def _row_words(person: Principal, dataset: Dataset, reading: Reading | None) -> str:
    """Which rows this person sees, where it is not all of them; a filter that names what they may not know stays unsaid."""
    if reading is None or not reading.policy.grants:
        return ""
    own = {grant.rows or "" for grant in reading.policy.grants}
    words = [
        f"You see the rows where {rows}."
        if is_tellable(person, dataset, rows)
        else "Your grant opens some of the rows."
        for rows in own
        if rows and len(own) == 1
    ]
    if len(own) > 1 and "" not in own:
        words.append("Each of your grants opens some of the rows.")
    if reading.policy.rows:
        words.append("The owner’s filter leaves some rows out for everybody.")
    return " ".join(words)


def versions_of(dataset: Dataset, *, limit: int = _VERSIONS) -> tuple[Version, ...]:
    """The latest schema versions, newest first, with what each changed. Cost: one query."""
    stored = SchemaVersion.objects.filter(dataset=dataset).order_by("-number")[:limit]
    return tuple(
        Version(version, tuple(versions.readable(version.diff)) or ("First seen.",))
        for version in stored
    )


def _successor(dataset: Dataset, visible: QuerySet[Dataset]) -> Dataset | None:
    if dataset.successor_id is None:
        return None
    found: Dataset | None = visible.filter(pk=dataset.successor_id).first()
    return found
