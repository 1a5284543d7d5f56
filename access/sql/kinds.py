"""Families of types, just fine enough to tell which operations can never raise.

Where a family is not known the answer is `OTHER`, and whatever touches it counts as able to raise.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

TEXT = "text"
INT = "int"
DECIMAL = "decimal"
FLOAT = "float"
BOOL = "bool"
DATE = "date"
TIMESTAMP = "timestamp"
TIMESTAMPTZ = "timestamptz"
TIME = "time"
INTERVAL = "interval"
UUID = "uuid"
NULL = "null"
LITERAL = "literal"
"""A quoted constant, which takes the type of what it meets."""
OTHER = "other"

NUMBERS = frozenset({INT, DECIMAL, FLOAT})
MOMENTS = frozenset({DATE, TIMESTAMP, TIMESTAMPTZ})

_NAMES = {
    TEXT: "varchar text char character bpchar string name citext",
    INT: "tinyint smallint integer int bigint int1 int2 int4 int8 utinyint usmallint uinteger short long signed"
    " smallserial serial bigserial",
    FLOAT: "float double real float4 float8",
    BOOL: "boolean bool logical",
    DATE: "date",
    TIMESTAMP: "timestamp datetime timestamp_s timestamp_ms timestamp_us",
    TIMESTAMPTZ: "timestamptz",
    TIME: "time",
    INTERVAL: "interval",
    UUID: "uuid",
}
_FAMILIES = {name: family for family, words in _NAMES.items() for name in words.split()}
_SPELLED = {
    "character varying": TEXT,
    "double precision": FLOAT,
    "timestamp without time zone": TIMESTAMP,
    "timestamp with time zone": TIMESTAMPTZ,
    "time without time zone": TIME,
}
_ARGUMENTS = re.compile(r"\(([^()]*)\)")
_LARGEST_SCALE = 10
_LARGEST_INT = 9_000_000_000_000_000_000
_NUMBER = re.compile(r"[+-]?\d{1,18}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?")


@lru_cache(maxsize=4096)
def of_type(text: str) -> str:
    """The family of an engine's type text, such as "DECIMAL(18,2)" or "character varying(20)"."""
    plain = " ".join(text.lower().split())
    if plain.endswith("]") or plain.startswith(("struct", "map", "union", "enum", "row")):
        return OTHER
    arguments = _ARGUMENTS.search(plain)
    plain = " ".join(_ARGUMENTS.sub(" ", plain).split())
    if plain in {"decimal", "numeric"}:
        return _decimal(arguments.group(1) if arguments else "")
    return _SPELLED.get(plain) or _FAMILIES.get(plain) or OTHER


def _decimal(arguments: str) -> str:
    """Wide scales can overflow when compared with whole numbers, so they count as unknown."""
    scale = arguments.split(",")[1].strip() if "," in arguments else "0"
    return DECIMAL if scale.isdigit() and int(scale) <= _LARGEST_SCALE else OTHER


def comparable(left: str, right: str) -> bool:
    """Whether comparing values of the two families can never raise, whatever the values are."""
    if NULL in (left, right):
        return True
    if left == right:
        return left not in (OTHER,)
    pair = {left, right}
    return pair <= NUMBERS or pair <= MOMENTS


def fits(family: str, text: str) -> bool:
    """Whether a quoted constant certainly reads as a value of the family, so that meeting it cannot raise."""
    if family in (TEXT, LITERAL):
        return True
    if family in (INT, FLOAT, DECIMAL):
        return bool(_NUMBER.fullmatch(text))
    if family in MOMENTS:
        return _is_moment(text)
    if family == BOOL:
        return text.lower() in ("true", "false", "t", "f")
    return False


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        found = (
            datetime.fromisoformat(text)
            if len(text) > len("2000-01-01")
            else date.fromisoformat(text)
        )
    except ValueError:
        return False
    return found.year >= 1


def of_number(text: str) -> str:
    """The family of an unquoted number as written."""
    digits = text.replace("_", "")
    if digits.isdigit():
        return INT if int(digits) < _LARGEST_INT else OTHER
    if "e" in digits.lower():
        return FLOAT
    return DECIMAL if len(digits) <= 18 else OTHER


def widest(families: list[str]) -> str:
    """The one family of several branches, or OTHER where the engine would have to convert."""
    found = {family for family in families if family != NULL}
    if not found:
        return NULL
    if LITERAL in found:
        found.discard(LITERAL)
        found.add(TEXT)
    if len(found) == 1:
        return found.pop()
    if found <= NUMBERS:
        return FLOAT if FLOAT in found else DECIMAL
    return OTHER
