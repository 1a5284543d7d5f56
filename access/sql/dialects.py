"""sqlglot's grammars, with every interpretation of function names switched off.

sqlglot knows hundreds of functions and rewrites between engines. The gate wants the opposite: a call is a name with
arguments, printed exactly as it was written, so that the function allow-list sees the engine's own names and nothing
is translated on the way. Only calls with a grammar of their own (CAST, EXTRACT, TRIM ...) keep their parser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.postgres import PostgresParser

from access.sql.distributed import GateSpark, GateTrino
from access.sql.names import DUCKDB, POSTGRES, SPARK, TRINO
from access.sql.verbatim import (
    ARROWS,
    NO_ARROWS,
    TAKES_LAMBDA,
    TRANSFORMS,
    Arrow,
    ArrowText,
    ArrowValue,
    HasKey,
    PathText,
    PathValue,
    Raised,
    Unpacked,
    Verbatim,
    arrow,
    calls,
    infix,
    shielded,
)
from catalog.parsing import Bounded

__all__ = [
    "ARROWS",
    "DUCKDB",
    "POSTGRES",
    "SPARK",
    "TRINO",
    "Arrow",
    "HasKey",
    "PathText",
    "PathValue",
    "Verbatim",
    "grammar",
    "render",
]


class GateDuckDB(DuckDB):
    """DuckDB's grammar for the gate."""

    class Parser(Bounded, DuckDBParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        # A constant with its type in front, JSON too, is a cast.
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS = calls(DuckDBParser.FUNCTION_PARSERS)
        JSON_OPERATORS = {TokenType.ARROW: arrow(ArrowValue), TokenType.DARROW: arrow(ArrowText)}

        EXPONENT = {**DuckDBParser.EXPONENT, TokenType.CARET: Raised}
        _caller = ""

        _is_method = False

        def _parse_function_call(self, *arguments: Any, **options: Any) -> exp.Expr | None:
            outer = self._caller, self._is_method
            self._caller = self._curr.text.lower()
            self._is_method = self._prev.token_type == TokenType.DOT
            found = super()._parse_function_call(*arguments, **options)
            self._caller, self._is_method = outer
            return found

        def _parse_lambda(self, alias: bool = False) -> exp.Expr | None:
            """`x -> y` is a lambda only where a function takes one; elsewhere it looks into JSON."""
            is_later = self._prev.token_type == TokenType.COMMA or self._is_method
            takes_one = self._caller in TAKES_LAMBDA and (is_later or self._caller == "columns")
            self.__dict__["LAMBDAS"] = DuckDBParser.LAMBDAS if takes_one else NO_ARROWS
            return super()._parse_lambda(alias)

        def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
            return super()._parse_bracket(shielded(self, this))

        def _parse_star_ops(self) -> exp.Expr | None:
            """`*COLUMNS(...)` keeps its star, which sqlglot drops."""
            star = super()._parse_star_ops()
            return Unpacked(this=star) if isinstance(star, exp.Anonymous) else star

        def _parse_in(self, this: exp.Expr | None, alias: bool = False) -> exp.In:
            """`x IN [1, 2]` looks into a list, where NULLs count otherwise than in `x IN (1, 2)`."""
            if self._curr.token_type != TokenType.L_BRACKET:
                return super()._parse_in(this, alias)
            return exp.In(this=this, field=self._parse_type())

        def _parse_simplified_pivot(self, is_unpivot: bool | None = None) -> exp.Pivot:
            """A PIVOT with an ORDER BY, LIMIT or OFFSET behind it, which sqlglot cannot read, as a query around it."""
            pivot = super()._parse_simplified_pivot(is_unpivot)
            tail = {
                "order": self._parse_order(),
                "limit": self._parse_limit(),
                "offset": self._parse_offset(),
            }
            found = {name: part for name, part in tail.items() if part is not None}
            if not found:
                return pivot
            around: Any = exp.Select(
                expressions=[exp.Star()], from_=exp.From(this=exp.Subquery(this=pivot)), **found
            )
            return cast(exp.Pivot, around)

    class Generator(DuckDBGenerator):
        # As written: else the separator of string_agg(DISTINCT x, ',') becomes part of a tuple.
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
            **DuckDBGenerator.TRANSFORMS,
            **TRANSFORMS,
            exp.ArrayOverlaps: infix("&&"),
            exp.StartsWith: infix("^@"),
            exp.Pow: infix("**"),
            # As written: sqlglot takes every table's name off the columns inside, a subquery's too.
            exp.Pivot: lambda self, node: self.pivot_sql(node),
            exp.RegexpLike: infix("~"),
            exp.CurrentDate: lambda *_: "today()",
            exp.CurrentTimestamp: lambda *_: "now()",
            exp.CurrentTime: lambda *_: "get_current_time()",
            exp.Localtime: lambda *_: "current_localtime()",
            exp.Localtimestamp: lambda *_: "current_localtimestamp()",
        }


class GatePostgres(Postgres):
    """PostgreSQL's grammar for the gate."""

    def tokenize(self, sql: str, *arguments: Any, **options: Any) -> list[Token]:
        """The tokens, with `bit varying` as the one word that it is; sqlglot takes it for a `bit` called varying."""
        found: list[Token] = []
        for token in super().tokenize(sql, *arguments, **options):
            if _is_varying(token) and found and found[-1].token_type == TokenType.BIT:
                found[-1] = Token(
                    TokenType.VAR, "varbit", token.line, token.col, token.start, token.end
                )
            else:
                found.append(token)
        return found

    class Parser(Bounded, PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        # A constant with its type in front, JSON too, is a cast.
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS = calls(PostgresParser.FUNCTION_PARSERS)
        LAMBDAS = NO_ARROWS
        JSON_OPERATORS = {
            TokenType.ARROW: arrow(ArrowValue),
            TokenType.DARROW: arrow(ArrowText),
            TokenType.HASH_ARROW: arrow(PathValue),
            TokenType.DHASH_ARROW: arrow(PathText),
            TokenType.PLACEHOLDER: arrow(HasKey),
        }

        UNARY_PARSERS: ClassVar[dict[Any, Any]] = {
            **PostgresParser.UNARY_PARSERS,
            TokenType.PARAMETER: lambda self: self._parse_absolute(),
        }

        def _parse_absolute(self) -> exp.Expr | None:
            """`@ x`; a parameter such as `$1` has the same token."""
            if self._prev.text == "@":
                return exp.Abs(this=self._parse_unary())
            self._retreat(self._index - 1)
            return self._parse_type()

        def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
            return super()._parse_bracket(shielded(self, this))

        def _parse_interval(self, *arguments: Any, **options: Any) -> Any:
            """Refuses `interval(3) '1 day'`, which sqlglot takes for a sum of two intervals."""
            if self._curr.text.upper() == "INTERVAL" and self._next.token_type == TokenType.L_PAREN:
                self.raise_error("An interval with a precision")
            return super()._parse_interval(*arguments, **options)

    class Generator(PostgresGenerator):
        # As written: else the separator of string_agg(DISTINCT x, ',') becomes part of a tuple.
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
            **PostgresGenerator.TRANSFORMS,
            **TRANSFORMS,
            exp.CurrentTime: lambda *_: "CURRENT_TIME",
            # As written: a function in place of an operator would bind its operands otherwise.
            exp.Pow: infix("^"),
            exp.StartsWith: infix("^@"),
            exp.Sqrt: lambda self, node: f"|/ {self.sql(node, 'this')}",
            exp.Cbrt: lambda self, node: f"||/ {self.sql(node, 'this')}",
            exp.Abs: lambda self, node: f"@ {self.sql(node, 'this')}",
        }


def _is_varying(token: Token) -> bool:
    return token.token_type == TokenType.VAR and token.text.lower() == "varying"


_DIALECTS: dict[str, type[Dialect]] = {
    DUCKDB: GateDuckDB,
    POSTGRES: GatePostgres,
    SPARK: GateSpark,
    TRINO: GateTrino,
}


def grammar(dialect: str) -> Dialect:
    """The gate's grammar for an engine's dialect; KeyError for an engine it does not know."""
    return _DIALECTS[dialect]()


def render(node: exp.Expr, dialect: str) -> str:
    """The node as text for the engine, without comments."""
    return grammar(dialect).generate(node, comments=False, normalize_functions=False, copy=False)
