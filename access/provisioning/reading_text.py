"""What a statement of somebody's own tools reads: which of their views, and which columns in which clause.

Told from its words alone, because any text may come, in any form that a tool sends: a query, a cursor, a COPY, a loop.
A column counts for every view in the text that has one of that name, so that in doubt more counts as used than was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import Token, TokenType
from sqlglot.errors import SqlglotError

from access.sql.dialects import POSTGRES, grammar
from access.sql.names import lower

LONGEST = 100_000

STARRED, SELECTED, FILTERED, JOINED, GROUPED, ORDERED = (
    "starred", "selected", "filtered", "joined", "grouped", "ordered",
)  # fmt: skip
_CLAUSES = {
    TokenType.SELECT: SELECTED,
    TokenType.WHERE: FILTERED,
    TokenType.HAVING: FILTERED,
    TokenType.ON: JOINED,
    TokenType.USING: JOINED,
    TokenType.GROUP_BY: GROUPED,
    TokenType.ORDER_BY: ORDERED,
}
_BEFORE_A_STAR = frozenset({TokenType.SELECT, TokenType.COMMA, TokenType.DOT, TokenType.DISTINCT})

_ONLY_PLANNED = re.compile(r"\s*explain\b(?!.*\banaly[sz]e\b)", re.IGNORECASE | re.DOTALL)
_DOLLARS = re.compile(r"\$\w*\$")

Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ReadOf:
    """What is read of one view: columns with the clauses they stand in. None named means that only rows were counted."""

    columns: Mapping[str, frozenset[str]]


def reads(text: str, views: Columns) -> dict[str, ReadOf]:
    """What a statement reads of these views, each given with its columns. Pure; an unreadable text reads nothing."""
    found: dict[str, dict[str, set[str]]] = {}
    named: dict[str, set[str]] = {}
    is_starred = False
    clause, before = SELECTED, None
    for token in _tokens(text):
        clause = _CLAUSES.get(token.token_type, clause)
        if token.token_type == TokenType.STAR and before in _BEFORE_A_STAR and clause == SELECTED:
            is_starred = True
        word = _identifier(token.token_type, token.text)
        if word in views:
            found[word] = {}
        elif word:
            named.setdefault(word, set()).add(clause)
        before = token.token_type
    for view, columns in found.items():
        for column in views[view]:
            clauses = named.get(column, set())
            if clauses or is_starred:
                columns[column] = clauses or {STARRED}
    return {
        view: ReadOf({name: frozenset(clauses) for name, clauses in columns.items()})
        for view, columns in found.items()
    }


def _tokens(text: str) -> list[Token]:
    """The words of a statement; of one that wraps a query (DECLARE, PREPARE, DO and their like), those of the query."""
    if len(text) > LONGEST:
        return []
    try:
        tokens = grammar(POSTGRES).tokenize(text)
        if len(tokens) == 2 and tokens[0].token_type == TokenType.COMMAND:
            if _ONLY_PLANNED.match(text):
                return []
            tokens = grammar(POSTGRES).tokenize(_DOLLARS.sub(" ", tokens[1].text))
    except SqlglotError:
        return []
    return tokens


def _identifier(kind: TokenType, text: str) -> str:
    """A name as PostgreSQL folds it; empty for constants and signs. A keyword may be a column's name, too."""
    if kind == TokenType.IDENTIFIER:
        return text
    if kind in (TokenType.STRING, TokenType.NUMBER) or (not text[:1].isalpha() and text[:1] != "_"):
        return ""
    return lower(text)
