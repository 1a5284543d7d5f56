"""Turns words into PostgreSQL text queries, and compares documents with them.

A query is written as a `tsquery` literal: every lexeme is letters and digits, so that nothing a person types can be
read as an operator.
"""

from collections.abc import Sequence

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, F, Func, Value
from django.db.models.functions import Cast

from catalog.search.words import Word, stem


class Matches(Func):
    """Whether a document answers a text query; the one operator a GIN index serves."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, query: str) -> None:
        super().__init__(F("search_document"), literal(query))


def literal(query: str) -> Cast:
    """A text query as an expression."""
    return Cast(Value(query), output_field=SearchQueryField())


def term_query(term: Word, *, is_open: bool = False) -> str:
    """One word as a text query: as written in one, or as all its parts. An open word may go on."""
    whole = _lexeme(stem(term.whole))
    if is_open:
        whole = f"({whole} | {_lexeme(term.whole)}:*)"
    if len(term.parts) < 2:
        return whole
    *first, last = term.parts
    parts = [_lexeme(stem(part)) for part in first]
    parts.append(f"{_lexeme(last)}:*" if is_open else _lexeme(stem(last)))
    return f"({whole} | ({' & '.join(parts)}))"


def every(terms: Sequence[Word], *, is_open: bool) -> str:
    """A text query for all the words; the last may go on when the person is perhaps still typing it."""
    last = len(terms) - 1
    return " & ".join(
        term_query(term, is_open=is_open and place == last) for place, term in enumerate(terms)
    )


def some(terms: Sequence[Word]) -> str:
    """A text query for any of the words."""
    return " | ".join(term_query(term) for term in terms)


def all_but_one(terms: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """The words with one left out, once for each: one of them may be the wrong one."""
    if len(terms) < 3:
        return ()
    return tuple((*terms[:place], *terms[place + 1 :]) for place in range(len(terms)))


def _lexeme(word: str) -> str:
    return f"'{word}'"
