"""Masks as typed values: what each shows instead of a value, which parameters it takes, and which type comes out.

A mask is chosen by an owner and kept as JSON, so everything about it is checked here when it is read: a mask that this
version does not understand is an error, never a column in the clear. How a mask is written for an engine is for
`access.sql.masks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

SQL: Final = "sql"
Option = str | int | float | tuple[int | float, ...]
Options = tuple[tuple[str, Option], ...]

MASKS: Mapping[str, str] = {
    "redact": "Text becomes the word REDACTED; anything else becomes NULL. The type stays.",
    "null_value": "Every value becomes NULL. The type stays.",
    "hash": "A keyed SHA-256 of the value, as 64 hexadecimal characters of text: equal values stay equal.",
    "partial": "Text keeps its last four characters when longer than eight, else becomes ****; other types NULL. "
    "`{partial: {first: 2, last: 3}}` keeps others, of texts more than twice as long as what is kept.",
    "email": "Text keeps its first character and what follows the @ sign; other types become NULL.",
    "year": "Dates and timestamps move back to 1 January of their year; other types become NULL.",
    "quarter": "Dates and timestamps move back to the first day of their quarter; other types become NULL.",
    "month": "Dates and timestamps move back to the first of their month; other types become NULL.",
    "week": "Dates and timestamps move back to the Monday of their week; other types become NULL.",
    "day": "Timestamps move back to the start of their day, dates stay; other types become NULL.",
    "hour": "Timestamps move back to the start of their hour, dates stay; other types become NULL.",
    "round": "Numbers are cut to whole hundreds, towards zero; other types become NULL.",
    "bucket": "`{bucket: 10}`: numbers become the lower end of their range of ten; the type stays. "
    "`{bucket: [18, 65]}`: numbers become text, `under 18`, `18 to 65` (without 65) or `65 and over`. "
    "Other types become NULL.",
    "generalise": "`{generalise: {table: geo.cities, from: city, to: country}}`: the value is looked up in a table of "
    "the same warehouse. What is not found there becomes NULL. The type is that of the column it is looked up in.",
}
MOMENTS: Final = ("year", "quarter", "month", "week", "day", "hour")
WITH_OPTIONS: Final = frozenset({"bucket", "generalise"})

_LONGEST_KEPT = 20
_MOST_EDGES = 50
_LARGEST = 10**15
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class WrongMask(ValueError):
    """A mask that cannot be; `field` is the parameter at fault, empty for the mask as a whole."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Mask:
    """How a value is shown instead of itself: one of `MASKS` with its parameters, or "sql" with the owner's expression.

    `type` is what the engine said comes out where only the engine can say; it is told to readers and never relied on.
    Errors: `WrongMask`, a ValueError, whatever is wrong with it.
    """

    kind: str
    sql: str | None = None
    options: Options = ()
    type: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if (self.kind == SQL) != (self.sql is not None) or (
            self.kind != SQL and self.kind not in MASKS
        ):
            raise WrongMask(f"Unknown mask {self.kind!r}: use one of {', '.join(MASKS)} or sql.")
        checked = _CHECKS.get(self.kind, _no_options)(dict(self.options))
        object.__setattr__(self, "options", tuple(sorted(checked.items())))

    def option(self, name: str) -> Any:
        """One parameter; None where it was not given."""
        return dict(self.options).get(name)

    @property
    def looks_up(self) -> bool:
        """Whether other tables may decide what it shows."""
        return self.kind in (SQL, "generalise")

    @property
    def words(self) -> str:
        """What it leaves of a value, in a few words for pages."""
        special = _SPECIAL_WORDS.get(self.kind)
        return special(self) if special else _WORDS[self.kind]

    def as_json(self) -> dict[str, Any]:
        """The mask as it is compared and recorded; where it is kept, `type` stands beside it."""
        kept: dict[str, Any] = {"kind": self.kind, "sql": self.sql or ""}
        if self.options:
            kept["options"] = {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.options
            }
        return kept


def from_json(kept: Mapping[str, Any]) -> Mask:
    """The mask that `as_json` gave, with its `type` where that was kept too. Errors: `WrongMask`."""
    options = kept.get("options") or {}
    if not isinstance(options, Mapping):
        raise WrongMask("The parameters of a mask are a mapping.")
    kind, sql = str(kept.get("kind", "")), kept.get("sql") or None
    return mask_of(kind, sql, options, str(kept.get("type") or ""))


def mask_of(kind: str, sql: str | None, options: Mapping[str, Any], type: str = "") -> Mask:
    """A mask of loose parameters. Errors: `WrongMask`."""
    frozen = tuple(
        (str(name), tuple(value) if isinstance(value, list) else value)
        for name, value in options.items()
    )
    return Mask(kind, sql, frozen, type)


def from_words(said: Any) -> Mask:
    """A mask as a configuration file says it: a name, or a mapping of one name to its parameters.

    Errors: `WrongMask` whose `field` is where in the mapping it went wrong.
    """
    if isinstance(said, str):
        if said in WITH_OPTIONS:
            raise WrongMask(f"{said} needs to be told how: {_EXAMPLES[said]}")
        return _named(said)
    if not isinstance(said, Mapping) or len(said) != 1:
        raise WrongMask(f"expected {_EXPECTED}")
    ((kind, value),) = said.items()
    if kind == SQL:
        if not isinstance(value, str) or not value.strip():
            raise WrongMask("expected the owner's expression as text", SQL)
        return Mask(SQL, value)
    if kind == "truncate":
        if value not in MOMENTS:
            raise WrongMask(f"expected one of {', '.join(MOMENTS)}", "truncate")
        return Mask(value)
    if kind not in _SAID:
        raise WrongMask(f"expected {_EXPECTED}", str(kind) if kind in MASKS else "")
    try:
        return mask_of(kind, None, _SAID[kind](value))
    except WrongMask as wrong:
        # A bucket is said without the name of its parameter, so there is no deeper place to point at.
        within = (kind,) if kind == "bucket" else (kind, wrong.field)
        raise WrongMask(str(wrong), ".".join(part for part in within if part)) from None


def _named(kind: str) -> Mask:
    if kind not in MASKS:
        raise WrongMask(f"expected {_EXPECTED}")
    return Mask(kind)


def _said_bucket(value: Any) -> dict[str, Any]:
    return {"edges": value} if isinstance(value, list) else {"width": value}


def _said_mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise WrongMask("expected a mapping of its parameters")
    return dict(value)


# --- Parameters, each checked the same whoever says them


def _no_options(said: dict[str, Any]) -> dict[str, Option]:
    if said:
        raise WrongMask(f"this mask has no parameter {min(said)}", min(said))
    return {}


def _only(said: dict[str, Any], *known: str) -> None:
    for name in said:
        if name not in known:
            raise WrongMask(f"there is no such key here; expected {', '.join(known)}", name)


def _partial(said: dict[str, Any]) -> dict[str, Option]:
    _only(said, "first", "last")
    for name, value in said.items():
        if not _is_whole(value) or not 0 <= value <= _LONGEST_KEPT:
            raise WrongMask(f"expected a whole number from 0 to {_LONGEST_KEPT}", name)
    if said and not any(said.values()):
        raise WrongMask("keeping no character at all is the mask redact")
    return said


def _bucket(said: dict[str, Any]) -> dict[str, Option]:
    _only(said, "width", "edges")
    if set(said) == {"width"}:
        if not _is_number(said["width"]) or not 0 < said["width"] <= _LARGEST:
            raise WrongMask("expected the width of a range: a number above 0", "width")
        return said
    edges = said.get("edges")
    if set(said) != {"edges"} or not isinstance(edges, tuple) or not edges:
        raise WrongMask(f"expected a width or a list of ends: {_EXAMPLES['bucket']}")
    if len(edges) > _MOST_EDGES or not all(_is_number(edge) for edge in edges):
        raise WrongMask(f"expected a list of at most {_MOST_EDGES} numbers", "edges")
    if any(after <= before for before, after in pairwise(edges)):
        raise WrongMask("expected numbers that go up", "edges")
    return said


def _generalise(said: dict[str, Any]) -> dict[str, Option]:
    _only(said, "table", "from", "to")
    for name in ("table", "from", "to"):
        value = said.get(name)
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            what = (
                "table"
                if name == "table"
                else f"column to look {'the value ' if name == 'from' else ''}up in"
            )
            raise WrongMask(f"expected the name of the {what}", name)
    parts = str(said["table"]).split(".")
    if len(parts) > 3 or not all(parts):
        raise WrongMask("expected table, schema.table or warehouse.schema.table", "table")
    return said


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= _LARGEST  # also false for what is not a number at all
    )


_CHECKS: Mapping[str, Callable[[dict[str, Any]], dict[str, Option]]] = {
    "partial": _partial,
    "bucket": _bucket,
    "generalise": _generalise,
}
_SAID: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "partial": _said_mapping,
    "bucket": _said_bucket,
    "generalise": _said_mapping,
}
_EXAMPLES = {
    "bucket": "{bucket: 10} or {bucket: [18, 30, 65]}",
    "generalise": "{generalise: {table: geo.cities, from: city, to: country}}",
}
_EXPECTED = (
    f"one of {', '.join(name for name in MASKS if name not in WITH_OPTIONS)}, {{sql: EXPRESSION}}, "
    "{partial: {first: 1, last: 4}}, {truncate: month}, "
    "{bucket: 10}, {bucket: [18, 30, 65]} or {generalise: {table: geo.cities, from: city, to: country}}"
)

# --- Words


def _partial_words(mask: Mask) -> str:
    first, last = kept(mask)
    parts = [f"the {side} {n}" for side, n in (("first", first), ("last", last)) if n]
    noun = "character" if first + last == 1 else "characters"
    return f"{' and '.join(parts)} {noun}"


def _bucket_words(mask: Mask) -> str:
    width = mask.option("width")
    if width is not None:
        return f"ranges of {width:g}"
    return f"ranges with ends at {', '.join(f'{edge:g}' for edge in mask.option('edges'))}"


def kept(mask: Mask) -> tuple[int, int]:
    """How many characters `partial` keeps at the start and at the end."""
    if not mask.options:
        return 0, 4
    return mask.option("first") or 0, mask.option("last") or 0


_WORDS: Mapping[str, str] = {
    "redact": "blanked out",
    "null_value": "left empty",
    "hash": "a stable code",
    "email": "first letter and domain",
    "year": "the year only",
    "quarter": "the quarter only",
    "month": "the month only",
    "week": "the week only",
    "day": "the day only",
    "hour": "the hour only",
    "round": "whole hundreds",
    "sql": "the owner’s own rule",
}
_SPECIAL_WORDS: Mapping[str, Callable[[Mask], str]] = {
    "partial": _partial_words,
    "bucket": _bucket_words,
    "generalise": lambda mask: f"its {mask.option('to')}",
}
