"""sqlglot's grammars, with every interpretation of function names switched off.

sqlglot knows hundreds of functions and rewrites between engines. The gate wants the opposite: a call is a name with
arguments, printed exactly as it was written, so that the function allow-list sees the engine's own names and nothing
is translated on the way. Only calls with a grammar of their own (CAST, EXTRACT, TRIM ...) keep their parser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.postgres import PostgresParser

DUCKDB = "duckdb"
POSTGRES = "postgres"

_GRAMMAR_CALLS = frozenset(
    {"CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "OVERLAY"}
)


class Verbatim(exp.Expression, exp.Condition):
    """Text the gate itself wrote, printed as it stands."""

    arg_types = {"this": True}


class Arrow(exp.Expression, exp.Binary):
    """A JSON operator, with its path left as written; one class per spelling, since runs of one class print alike."""

    arg_types = {"this": True, "expression": True}


class ArrowValue(Arrow):
    spelling = "->"


class ArrowText(Arrow):
    spelling = "->>"


class PathValue(Arrow):
    spelling = "#>"


class PathText(Arrow):
    spelling = "#>>"


class HasKey(Arrow):
    spelling = "?"


ARROWS: tuple[type[Any], ...] = (ArrowValue, ArrowText, PathValue, PathText, HasKey)


def _shielded(parser: Any, this: exp.Expr | None) -> exp.Expr | None:
    """A call in front of [...] in parentheses: `list(x)[1]` is else read as the constructor LIST[1], losing the call."""
    if isinstance(this, exp.Anonymous) and parser._curr.token_type == TokenType.L_BRACKET:
        return exp.Paren(this=this)
    return this


def _arrow(kind: type[Any]) -> Callable[[Any, exp.Expr, exp.Expr], exp.Expr]:
    def build(self: Any, this: exp.Expr, path: exp.Expr) -> exp.Expr:
        made: exp.Expr = kind(this=this, expression=path)
        return made

    return build


def _calls(parsers: dict[str, Any]) -> dict[str, Any]:
    return {name: parser for name, parser in parsers.items() if name in _GRAMMAR_CALLS}


def _infix(operator: str) -> Callable[[Any, Any], str]:
    return lambda self, node: self.binary(node, operator)


def _ignore_nulls(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} IGNORE NULLS"


def _respect_nulls(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} RESPECT NULLS"


def _within_group(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} WITHIN GROUP ({self.sql(node, 'expression').strip()})"


def _anonymous(self: Any, node: exp.Expr) -> str:
    arguments = self.format_args(*node.expressions) if node.expressions else ""
    return f"{node.name}({arguments})"


_TRANSFORMS: dict[type[exp.Expr], Callable[..., str]] = {
    Verbatim: lambda self, node: node.args["this"],
    **{kind: _infix(kind.spelling) for kind in ARROWS},
    exp.IgnoreNulls: _ignore_nulls,
    exp.RespectNulls: _respect_nulls,
    exp.Anonymous: _anonymous,
    exp.WithinGroup: _within_group,
}


class GateDuckDB(DuckDB):
    """DuckDB's grammar for the gate."""

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = _calls(DuckDBParser.FUNCTION_PARSERS)
        JSON_OPERATORS = {TokenType.ARROW: _arrow(ArrowValue), TokenType.DARROW: _arrow(ArrowText)}

        def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
            return super()._parse_bracket(_shielded(self, this))

    class Generator(DuckDBGenerator):
        # As written: else the separator of string_agg(DISTINCT x, ',') becomes part of a tuple.
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
            **DuckDBGenerator.TRANSFORMS,
            **_TRANSFORMS,
            exp.ArrayOverlaps: _infix("&&"),
            exp.StartsWith: _infix("^@"),
            exp.RegexpLike: _infix("~"),
            exp.CurrentDate: lambda *_: "today()",
            exp.CurrentTimestamp: lambda *_: "now()",
            exp.CurrentTime: lambda *_: "get_current_time()",
            exp.Localtime: lambda *_: "current_localtime()",
            exp.Localtimestamp: lambda *_: "current_localtimestamp()",
        }


class GatePostgres(Postgres):
    """PostgreSQL's grammar for the gate."""

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = _calls(PostgresParser.FUNCTION_PARSERS)
        JSON_OPERATORS = {
            TokenType.ARROW: _arrow(ArrowValue),
            TokenType.DARROW: _arrow(ArrowText),
            TokenType.HASH_ARROW: _arrow(PathValue),
            TokenType.DHASH_ARROW: _arrow(PathText),
            TokenType.PLACEHOLDER: _arrow(HasKey),
        }

        def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
            return super()._parse_bracket(_shielded(self, this))

    class Generator(PostgresGenerator):
        # As written: else the separator of string_agg(DISTINCT x, ',') becomes part of a tuple.
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
            **PostgresGenerator.TRANSFORMS,
            **_TRANSFORMS,
        }


_DIALECTS: dict[str, type[Dialect]] = {DUCKDB: GateDuckDB, POSTGRES: GatePostgres}


def grammar(dialect: str) -> Dialect:
    """The gate's grammar for an engine's dialect; KeyError for an engine it does not know."""
    return _DIALECTS[dialect]()


def render(node: exp.Expr, dialect: str) -> str:
    """The node as text for the engine, without comments."""
    return grammar(dialect).generate(node, comments=False, normalize_functions=False, copy=False)
