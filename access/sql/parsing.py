"""From text to one read-only statement, in bounded time and depth.

Text is judged by its tokens before any recursive parser sees it, because a parser that recurses on attacker's text
is a parser the attacker can exhaust.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from access.errors import Refusal
from access.sql import dialects, nodes
from access.sql.nodes import TOO_DEEP, Inventory
from catalog.parsing import TooIntricate

LONGEST_TEXT = 100_000
MOST_TOKENS = 40_000
DEEPEST_NESTING = 41
# What NATURAL and USING compare grows with the square of it.
MOST_TABLES = 300

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
_PREFIXES = {
    TokenType.NOT,
    TokenType.DASH,
    TokenType.PLUS,
    TokenType.TILDE,
    TokenType.PARAMETER,
    TokenType.LT,
}
_HANGING = {TokenType.DOT, TokenType.DCOLON, TokenType.L_BRACKET, TokenType.ARROW, TokenType.DARROW}
_OPERANDS = {
    *_OPENING,
    *_CLOSING,
    TokenType.VAR,
    TokenType.IDENTIFIER,
    TokenType.STRING,
    TokenType.NUMBER,
}
_OPERANDS |= {TokenType.INT, TokenType.TEXT, TokenType.DATE, TokenType.TIMESTAMP, TokenType.BIGINT}
_LONGEST_RUN = 20
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values, exp.Pivot)
_STARTS = ("select", "with", "from", "values", "table", "pivot", "unpivot", "(", "/*", "--", ";")
_CATALOG_WORDS = {"SHOW", "DESCRIBE", "DESC", "SUMMARIZE", "EXPLAIN", "ANALYZE", "PRAGMA"}

NOT_ONE = "Send exactly one statement: a SELECT."
NOT_A_QUERY = "Only queries that read can run here. Start with SELECT, WITH, FROM or VALUES."
CATALOG = "The engine's catalog is not readable here. Open the dataset's page, or write SELECT * FROM it LIMIT 10."
UNREADABLE = "The query could not be read as {engine} SQL, near line {line}, column {column}. Check its spelling."
TOO_INTRICATE = (
    "The query can be read in too many ways. Give every JOIN its ON, or split it into WITH parts."
)
TOO_MANY_TABLES = "The query names more than 300 tables. Split it, or name a table once in WITH."
TOO_LONG = (
    "The query is longer than 100,000 characters. Shorten it, or join a table instead of a list."
)

_ENGINES = {
    dialects.DUCKDB: "DuckDB",
    dialects.POSTGRES: "PostgreSQL",
    dialects.SPARK: "Spark",
    dialects.TRINO: "Trino",
}


class Parsed(NamedTuple):
    """A statement's tree, and what it holds."""

    root: exp.Expr
    inventory: Inventory


def query(sql: str, dialect: str) -> Parsed:
    """The one statement of the text, checked node by node against the allow-list.

    Errors: Refusal too_large, not_one_statement, not_a_query or unsupported.
    """
    statements = [node for node in _parse(sql, dialect) if not _is_empty(node)]
    if not statements:
        raise Refusal(NOT_ONE, code="not_one_statement")
    if len(statements) > 1:
        raise Refusal(NOT_ONE, code="not_one_statement")
    root = statements[0]
    if not isinstance(root, _QUERIES):
        raise Refusal(_why_not(sql), code="not_a_query")
    inventory = nodes.check(root, dialect)
    if len(inventory.tables) > MOST_TABLES:
        raise Refusal(TOO_MANY_TABLES, code="too_large")
    return Parsed(root, inventory)


def expression(sql: str, dialect: str) -> exp.Expr:
    """The one scalar expression of an owner's text; syntax only, the caller checks its nodes."""
    tokens = _tokens(sql, dialect)
    try:
        parsed = dialects.grammar(dialect).parser().parse_into(exp.Condition, tokens, sql)
    except TooIntricate:
        raise Refusal(TOO_INTRICATE, code="unsupported") from None
    except SqlglotError as error:
        _unreadable(error, dialect)
    except RecursionError:
        raise Refusal(TOO_DEEP, code="unsupported") from None
    found = [node for node in parsed if node is not None]
    if len(found) != 1:
        raise Refusal("Write exactly one expression.", code="not_one_statement")
    return found[0]


def _parse(sql: str, dialect: str) -> list[exp.Expr | None]:
    tokens = _tokens(sql, dialect)
    try:
        return dialects.grammar(dialect).parser().parse(tokens, sql)
    except TooIntricate:
        raise Refusal(TOO_INTRICATE, code="unsupported") from None
    except SqlglotError as error:
        if not sql.lstrip().lower().startswith(_STARTS):
            raise Refusal(_why_not(sql), code="not_a_query") from None
        _unreadable(error, dialect)
    except RecursionError:
        raise Refusal(TOO_DEEP, code="unsupported") from None


def _tokens(sql: str, dialect: str) -> list[Token]:
    if len(sql) > LONGEST_TEXT:
        raise Refusal(TOO_LONG, code="too_large")
    if "\0" in sql:
        raise Refusal("The query holds a NUL character. Remove it.", code="unsupported")
    try:
        tokens = dialects.grammar(dialect).tokenize(sql)
    except SqlglotError as error:
        _unreadable(error, dialect)
    if len(tokens) > MOST_TOKENS:
        raise Refusal(TOO_LONG, code="too_large")
    _bound_nesting(tokens)
    return tokens


def _bound_nesting(tokens: list[Token]) -> None:
    """Refuses runs that nest: brackets, prefixes (`NOT NOT`), and what hangs on one operand (`x.a::b[1]`)."""
    chains = [0]
    run, before = 0, None
    for token in tokens:
        kind = token.token_type
        run = run + 1 if kind in _PREFIXES else 0
        if kind in _HANGING:
            chains[-1] += 1
        elif kind not in _OPERANDS and before != TokenType.DOT:
            chains[-1] = 0
        if kind in _OPENING:
            chains.append(0)
        elif kind in _CLOSING and len(chains) > 1:
            chains.pop()
        if len(chains) > DEEPEST_NESTING or max(run, chains[-1]) > _LONGEST_RUN:
            raise Refusal(TOO_DEEP, code="unsupported")
        before = kind


def _is_empty(node: exp.Expr | None) -> bool:
    return node is None or isinstance(node, exp.Semicolon)


def _why_not(sql: str) -> str:
    words = sql.split(None, 1)
    return CATALOG if words and words[0].upper() in _CATALOG_WORDS else NOT_A_QUERY


def _unreadable(error: SqlglotError, dialect: str) -> NoReturn:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line") or 1, details[0].get("col") or 1
    message = UNREADABLE.format(engine=_ENGINES[dialect], line=line, column=column)
    raise Refusal(message, code="unsupported") from None
