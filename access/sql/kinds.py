"""Families of types, just fine enough to tell which operations can never raise.

Where a family is not known the answer is `OTHER`, and whatever touches it counts as able to raise.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from access.sql.names import DUCKDB, POSTGRES

TEXT = "text"
INT = "int"
DECIMAL = "decimal"
NUMERIC = "numeric"
"""A decimal of any size, as PostgreSQL has it: too large for a float at times."""
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
SUM = "sum"
"""A total of whole or decimal numbers, so wide that a narrower number always fits beside it."""
OTHER = "other"

NUMBERS = frozenset({INT, DECIMAL, NUMERIC, FLOAT})
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
# Before the point, so that two decimals always find a common type of 38 digits.
_MOST_WHOLE_DIGITS = 28
_LARGEST_INT = 9_000_000_000_000_000_000
_NUMBER = re.compile(r"[+-]?\d{1,18}")
# What the narrowest whole number holds, signed or not.
_TINY = re.compile(r"\d{1,2}")
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


def digits(text: str) -> tuple[int, int]:
    """How many digits a decimal type keeps, and how many of them behind the point; zeros where it does not say."""
    found = _ARGUMENTS.search(text)
    parts = [part.strip() for part in found.group(1).split(",")] if found else []
    numbers = [int(part) for part in parts if part.isdigit()]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else (0, 0)


def most_digits(family: str, text: str) -> int:
    """How many digits an exact number of this type or spelling can have; zero where that is not limited."""
    if family == INT:
        return len(str(_LARGEST_INT))
    return digits(text)[0] or len(text) if family == DECIMAL else 0


def _decimal(arguments: str) -> str:
    """Wide decimals can overflow when compared with other numbers, so they count as unknown."""
    if not arguments.strip():
        return NUMERIC
    precision, scale = digits(f"({arguments})")
    return DECIMAL if scale <= _LARGEST_SCALE and precision - scale <= _MOST_WHOLE_DIGITS else OTHER


def comparable(left: str, right: str, dialect: str = DUCKDB) -> bool:
    """Whether comparing values of the two families can never raise, whatever the values are.

    PostgreSQL compares dates with timestamps as they are. The others convert the date, and one that is too far away
    for a timestamp raises.
    """
    if NULL in (left, right):
        return True
    if left == right:
        return left not in (OTHER, SUM)
    pair = {left, right}
    if SUM in pair:
        return pair == {SUM, INT} or (pair == {SUM, FLOAT} and dialect == DUCKDB)
    if pair <= MOMENTS:
        return dialect == POSTGRES or DATE not in pair
    return pair <= NUMBERS and pair != {FLOAT, NUMERIC}


def fits(family: str, text: str) -> bool:
    """Whether a quoted constant certainly reads as a value of the family, so that meeting it cannot raise.

    How wide the type is nobody says here, so only what the narrowest of a family holds is certain.
    """
    if family in (TEXT, LITERAL):
        return True
    if family == INT:
        return bool(_TINY.fullmatch(text))
    if family in (DECIMAL, NUMERIC):
        return text == "0"
    if family == FLOAT:
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
    scale = len(digits.partition(".")[2])
    return DECIMAL if len(digits) <= 18 and scale <= _LARGEST_SCALE else OTHER


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
    if found <= NUMBERS and not {FLOAT, NUMERIC} <= found:
        return next(family for family in (FLOAT, NUMERIC, DECIMAL) if family in found)
    return OTHER
