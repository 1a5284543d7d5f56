"""The fields a source may describe: what each can hold as JSON, and which attributes of the row show it.

`deprecated` is `{"at": ISO time, "note": text}` or False; `freshness` is `{"column": name, "within": seconds}` or
False; `successor` and `domain` are names. False says "no" where None would say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from catalog.errors import InvalidValue, UnknownName
from catalog.models import Dataset, DatasetKind, Domain, Sensitivity, Visibility

Attributes = dict[str, Any]


@dataclass
class References:
    """Looks up the rows that values name, once each."""

    domains: dict[str, int | None] = field(default_factory=dict)
    datasets: dict[str, int | None] = field(default_factory=dict)

    def domain(self, name: str) -> int | None:
        """The key of a domain, None where there is none of that name."""
        if name not in self.domains:
            self.domains[name] = (
                Domain.objects.filter(name=name).values_list("pk", flat=True).first()
            )
        return self.domains[name]

    def dataset(self, name: str) -> int | None:
        """The key of a dataset, None where there is none of that name."""
        if name not in self.datasets:
            self.datasets[name] = (
                Dataset.objects.filter(name=name).values_list("pk", flat=True).first()
            )
        return self.datasets[name]


@dataclass(frozen=True)
class Field:
    """One describable field: `check` returns the value as it is kept, `show` the attributes that display it."""

    name: str
    check: Callable[[str, Any], Any]
    show: Callable[[Any, References], Attributes]

    def checked(self, value: Any) -> Any:
        """The value as it is kept. Errors: `InvalidValue`, `UnknownName`."""
        return self.check(self.name, value)


def field_named(name: str, *, of_column: bool) -> Field:
    """The field of that name. Errors: `InvalidValue` listing the names there are."""
    fields = COLUMN_FIELDS if of_column else DATASET_FIELDS
    if name not in fields:
        what = "column" if of_column else "dataset"
        raise InvalidValue(name, f"A {what} has no field {name!r}; it has {', '.join(fields)}.")
    return fields[name]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue(name, f"{name} must be text.")
    # PostgreSQL cannot keep a NUL in text, and metadata files do contain them.
    return value.replace("\x00", "").strip()


def _line(name: str, value: Any) -> str:
    line = " ".join(_text(name, value).split())
    if len(line) > 200:
        raise InvalidValue(name, f"{name} must be at most 200 characters.")
    return line


def _tags(name: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InvalidValue(name, f"{name} must be a list of words.")
    tags = {_text(name, tag) for tag in value} - {""}
    if too_long := [tag for tag in tags if len(tag) > 63]:
        raise InvalidValue(
            name, f"A tag has at most 63 characters; this one is longer: {too_long[0]}."
        )
    return sorted(tags)


def _one_of(choices: list[str]) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if value not in choices:
            raise InvalidValue(name, f"{name} must be one of {', '.join(choices)}.")
        return str(value)

    return check


def _deprecated(name: str, value: Any) -> Any:
    if value is False:
        return False
    if not isinstance(value, Mapping) or not set(value) <= {"at", "note"}:
        raise InvalidValue(name, "deprecated must be a time `at` with a `note`, or false.")
    try:
        at = datetime.fromisoformat(str(value.get("at")))
    except ValueError as error:
        raise InvalidValue(name, "deprecated.at must be an ISO time.") from error
    if at.tzinfo is None:
        raise InvalidValue(name, "deprecated.at must name its time zone.")
    return {"at": at.isoformat(), "note": _text(name, value.get("note") or "")}


def _freshness(name: str, value: Any) -> Any:
    if value is False:
        return False
    if not isinstance(value, Mapping) or not set(value) <= {"column", "within"}:
        raise InvalidValue(name, "freshness must be a `column` and a span `within`, or false.")
    within = value.get("within")
    if isinstance(within, timedelta):
        within = int(within.total_seconds())
    if not isinstance(within, int) or isinstance(within, bool) or within <= 0:
        raise InvalidValue(name, "freshness.within must be a span longer than nothing.")
    return {"column": _text(name, value.get("column") or ""), "within": within}


def _domain(name: str, value: Any) -> str:
    named = _text(name, value)
    if named and not Domain.objects.filter(name=named).exists():
        raise UnknownName(f"There is no domain {named!r}; create it first.")
    return named


def _successor(name: str, value: Any) -> str:
    named = _text(name, value)
    if named and not Dataset.objects.filter(name=named).exists():
        raise UnknownName(f"There is no dataset {named!r} to succeed this one.")
    return named


def _plain(attribute: str, default: Any = "") -> Callable[[Any, References], Attributes]:
    return lambda value, _: {attribute: default if value is None else value}


def _show_tags(value: Any, _: References) -> Attributes:
    return {"tags": list(value or ())}


def _show_deprecated(value: Any, _: References) -> Attributes:
    if not value:
        return {"deprecated_at": None, "deprecation_note": ""}
    return {
        "deprecated_at": datetime.fromisoformat(value["at"]),
        "deprecation_note": value["note"],
    }


def _show_freshness(value: Any, _: References) -> Attributes:
    if not value:
        return {"freshness_column": "", "freshness_within": None}
    return {
        "freshness_column": value["column"],
        "freshness_within": timedelta(seconds=value["within"]),
    }


def _show_domain(value: Any, references: References) -> Attributes:
    return {"domain_id": references.domain(value) if value else None}


def _show_successor(value: Any, references: References) -> Attributes:
    return {"successor_id": references.dataset(value) if value else None}


DATASET_FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("title", _line, _plain("title")),
        Field("description", _text, _plain("description")),
        Field("domain", _domain, _show_domain),
        Field("sensitivity", _one_of(Sensitivity.values), _plain("sensitivity", "internal")),
        Field("visibility", _one_of(Visibility.values), _plain("visibility", "listed")),
        Field("tags", _tags, _show_tags),
        Field("deprecated", _deprecated, _show_deprecated),
        Field("successor", _successor, _show_successor),
        Field("freshness", _freshness, _show_freshness),
        Field("kind", _one_of(DatasetKind.values), _plain("kind", "table")),
        Field("definition", _text, _plain("definition")),
        # Only remembered: dbt's word for how it builds the table has no attribute of its own.
        Field("materialization", _line, lambda value, _: {}),
    )
}
COLUMN_FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("description", _text, _plain("description")),
        Field("tags", _tags, _show_tags),
    )
}
