"""Identifiers as each engine folds them, and the names the gate keeps for itself."""

from __future__ import annotations

import string
import unicodedata

DUCKDB = "duckdb"
POSTGRES = "postgres"
SPARK = "spark"
TRINO = "trino"
DISTRIBUTED = frozenset({SPARK, TRINO})

RESERVED = "__gh"
"""Prefix of every name the gate makes. A person's text that uses it is refused, so the two can never collide."""

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_POSTGRES_NAME_BYTES = 63
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def lower(name: str) -> str:
    """ASCII lower case, which is all either engine folds."""
    return name.translate(_LOWER)


def fold(name: str, quoted: bool, dialect: str) -> str:
    """The name the engine will bind: PostgreSQL lowers what is not quoted, the others compare without case."""
    if dialect == "postgres":
        return name if quoted else lower(name)
    return lower(name)


def problem(name: str, quoted: bool, dialect: str) -> str | None:
    """Why an identifier is not accepted, or None. Invisible and over-long names differ between parsers."""
    if lower(name).startswith(RESERVED):
        return "uses a name that is reserved for the gate"
    if name.isascii():
        return _ascii_problem(name, dialect)
    if len(name.encode("utf-8", "surrogatepass")) > _POSTGRES_NAME_BYTES and dialect == "postgres":
        return "uses a name longer than PostgreSQL keeps"
    categories = {unicodedata.category(character) for character in name}
    if categories & _INVISIBLE or (not quoted and "Zs" in categories):
        return "uses a name with invisible characters"
    return None


def _ascii_problem(name: str, dialect: str) -> str | None:
    if not name or not name.isprintable():
        return "uses an empty name or one with control characters"
    if len(name) > _POSTGRES_NAME_BYTES and dialect == "postgres":
        return "uses a name longer than PostgreSQL keeps"
    return None


def quote(name: str, dialect: str = DUCKDB) -> str:
    """The name in the quotes of the engine: backticks for Spark, double quotes for all others."""
    mark = "`" if dialect == SPARK else '"'
    return mark + name.replace(mark, mark * 2) + mark


def literal(text: str, dialect: str = DUCKDB) -> str:
    """Text in single quotes: Spark escapes by backslashes, the others by doubling quotes.

    Safe in PostgreSQL while standard_conforming_strings is on, as it is by default, and in Spark while
    `spark.sql.parser.escapedStringLiterals` is off, which the engine sees to.
    """
    if "\0" in text:
        raise ValueError("A value holds a NUL character, which no engine stores in text.")
    if dialect == SPARK:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "''") + "'"
