"""What the gate's grammars share: nodes of its own, and calls printed exactly as they were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import TokenType, exp
from sqlglot.parser import Parser

GRAMMAR_CALLS = frozenset(
    {"CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "OVERLAY"}
)
TAKES_LAMBDA = frozenset(
    [
        "apply",
        "array_apply",
        "array_filter",
        "array_reduce",
        "array_transform",
        "columns",
        "filter",
        "list_apply",
        "list_filter",
        "list_reduce",
        "list_transform",
        "reduce",
    ]
)
NO_ARROWS: dict[TokenType, Callable[[Any, Any], Any]] = {
    token: build for token, build in Parser.LAMBDAS.items() if token is not TokenType.ARROW
}


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


class Unpacked(exp.Expression, exp.Condition):
    """DuckDB's `*COLUMNS(...)`: the columns as so many arguments of one call."""

    arg_types = {"this": True}


class Raised(exp.Expression, exp.Binary):
    """DuckDB's `^`, which binds otherwise than its `**`."""

    arg_types = {"this": True, "expression": True}


def shielded(parser: Any, this: exp.Expr | None) -> exp.Expr | None:
    """A call in front of [...] in parentheses: `list(x)[1]` is else read as the constructor LIST[1], losing the call."""
    if isinstance(this, exp.Anonymous) and parser._curr.token_type == TokenType.L_BRACKET:
        return exp.Paren(this=this)
    return this


def arrow(kind: type[Any]) -> Callable[[Any, exp.Expr, exp.Expr], exp.Expr]:
    def build(self: Any, this: exp.Expr, path: exp.Expr) -> exp.Expr:
        made: exp.Expr = kind(this=this, expression=path)
        return made

    return build


def calls(parsers: dict[str, Any]) -> dict[str, Any]:
    return {name: parser for name, parser in parsers.items() if name in GRAMMAR_CALLS}


def infix(operator: str) -> Callable[[Any, Any], str]:
    return lambda self, node: self.binary(node, operator)


def _prefix(operator: str) -> Callable[[Any, Any], str]:
    """A prefix operator, apart from an operand that begins with another: `- ~ x` is not `-~ x`."""

    def text(self: Any, node: exp.Expr) -> str:
        operand: str = self.sql(node, "this")
        return f"{operator}{'' if operand[:1].isalnum() or operand[:1] in '(' else ' '}{operand}"

    return text


def _ignore_nulls(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} IGNORE NULLS"


def _respect_nulls(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} RESPECT NULLS"


def _within_group(self: Any, node: exp.Expr) -> str:
    return f"{self.sql(node, 'this')} WITHIN GROUP ({self.sql(node, 'expression').strip()})"


def _anonymous(self: Any, node: exp.Expr) -> str:
    arguments = self.format_args(*node.expressions) if node.expressions else ""
    return f"{node.name}({arguments})"


TRANSFORMS: dict[type[exp.Expr], Callable[..., str]] = {
    Verbatim: lambda self, node: node.args["this"],
    Raised: infix("^"),
    exp.Neg: _prefix("-"),
    exp.BitwiseNot: _prefix("~"),
    Unpacked: lambda self, node: f"*{self.sql(node, 'this')}",
    **{kind: infix(kind.spelling) for kind in ARROWS},
    exp.IgnoreNulls: _ignore_nulls,
    exp.RespectNulls: _respect_nulls,
    exp.Anonymous: _anonymous,
    exp.WithinGroup: _within_group,
}
