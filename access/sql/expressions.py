"""What an expression reads and whether it might raise, from its leaves up.

An operation is taken as safe only when it is named here together with the families of operands for which neither
engine can raise; everything else counts as fallible. Being wrong towards "fallible" costs speed, the other way a
leak.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from access.sql import calls, columns, constants, kinds, operators
from access.sql.facts import children, combined
from access.sql.sources import Fact, Scope

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def examine(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """The facts of one expression; subqueries inside it are walked and rewritten too."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(node, scope, walk)
    if isinstance(node, exp.Query):
        return operators.scalar_query(node, scope, walk)
    if isinstance(node, exp.Binary):
        return operators.chain(node, scope, walk)
    return _anything(node, scope, walk)


def _anything(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """A node without a rule of its own: its operands' columns, and able to raise."""
    facts = [walk.examine(child, scope) for child in children(node)]
    known = constants.certain(node)
    return combined(facts, known or kinds.OTHER, fallible=known is None)


def _literal(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    if node.is_string:
        return Fact(kind=kinds.LITERAL)
    kind = kinds.of_number(node.name)
    return Fact(kind=kind, digits=kinds.most_digits(kind, node.name))


def _text_literal(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """E'' and $$ $$ strings become ordinary ones: one spelling is one less way to be read differently."""
    node.replace(exp.Literal.string(node.name))
    return Fact(kind=kinds.LITERAL)


def _null(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return Fact(kind=kinds.NULL)


def _boolean(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return Fact(kind=kinds.BOOL)


def _inner(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return walk.examine(node.this, scope)


def _column(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    assert isinstance(node, exp.Column)
    if isinstance(node.this, exp.Star):
        return walk.every_column(scope, node).fact
    return columns.resolve(node, scope, walk.findings, walk.dialect).fact


def _star(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    replaced = [walk.examine(part, scope) for part in node.args.get("replace") or ()]
    return combined([walk.every_column(scope, node).fact, *replaced])


def _positional(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return walk.every_column(scope, node).fact


def _identifier(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return Fact()


Handler = Callable[[exp.Expr, Scope, "Walk"], Fact]
_HANDLERS: dict[type, Handler] = {
    exp.Literal: _literal,
    exp.RawString: _text_literal,
    exp.ByteString: _text_literal,
    exp.BitString: _identifier,
    exp.HexString: _identifier,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.Paren: _inner,
    exp.Alias: _inner,
    exp.PivotAlias: _inner,
    exp.Ordered: _inner,
    exp.IgnoreNulls: _inner,
    exp.RespectNulls: _inner,
    exp.Column: _column,
    exp.Star: _star,
    exp.PositionalColumn: _positional,
    exp.Identifier: _identifier,
    exp.Var: _identifier,
    exp.Not: operators.negation,
    exp.Neg: operators.minus,
    exp.Is: operators.identity,
    exp.Between: operators.between,
    exp.In: operators.membership,
    exp.Exists: operators.existence,
    exp.Case: operators.case,
    exp.If: operators.choice,
    exp.Cast: operators.cast,
    exp.TryCast: operators.cast,
    exp.Extract: operators.extract,
    exp.Substring: calls.text_call,
    exp.Trim: calls.text_call,
    exp.CurrentDate: operators.clock,
    exp.CurrentTimestamp: operators.clock,
    exp.Lambda: calls.function_value,
    exp.Comprehension: calls.comprehension,
    exp.Kwarg: calls.named_argument,
    exp.PropertyEQ: calls.named_argument,
    exp.Dot: calls.dot,
    exp.Anonymous: calls.call,
    exp.Window: calls.window,
    exp.Filter: calls.ordered_aggregate,
    exp.WithinGroup: calls.ordered_aggregate,
    exp.Order: calls.argument_order,
    exp.Distinct: calls.distinct,
}
