"""SQL read by sqlglot in bounded time.

sqlglot tries one reading of a word after the other, and some of its trials contain each other: a chain of joins without
ON is read twice as often with every join, so that eighteen of them take ten seconds. What a parser goes back over is
counted here, and a text that makes it go back too often is given up.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError
from sqlglot.parser import Parser

# Tokens gone back over, for each token of the text. What people, dbt and the TPC write takes less than two.
MOST_AGAIN_PER_TOKEN = 10
MOST_AGAIN_IN_SHORT_TEXT = 1_000


class TooIntricate(SqlglotError):
    """A parser went back over a text more often than any sensible text needs. No `ParseError`, which a trial may catch."""


class Bounded(Parser):
    """Mixed into a dialect's parser: raises `TooIntricate` instead of reading on and on."""

    _read_again = 0

    def _retreat(self, index: int) -> None:
        self._read_again += abs(int(self._index) - int(index))
        if self._read_again > MOST_AGAIN_IN_SHORT_TEXT + MOST_AGAIN_PER_TOKEN * len(self._tokens):
            raise TooIntricate("The text can be read in too many ways.")
        super()._retreat(index)


@cache
def _bounded(kind: type[Parser]) -> Any:
    return type(f"Bounded{kind.__name__}", (Bounded, kind), {})


def parse(sql: str, dialect: str) -> exp.Expr:
    """The first statement of a text in an engine's own dialect. Errors: `SqlglotError`, `RecursionError`."""
    grammar = Dialect.get_or_raise(dialect)
    parser = _bounded(grammar.parser_class)(dialect=grammar)
    statements: list[exp.Expr | None] = parser.parse(grammar.tokenize(sql), sql)
    found = next((each for each in statements if each is not None), None)
    if found is None:
        raise SqlglotError("There is no statement.")
    return found
