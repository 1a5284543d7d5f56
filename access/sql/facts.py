"""How facts about operands become the fact about the whole."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from access.sql import kinds
from access.sql.sources import NOTHING, Fact


def combined(facts: Iterable[Fact], kind: str = kinds.OTHER, fallible: bool = False) -> Fact:
    """One fact for a node over its operands'."""
    reach, held = NOTHING, False
    for fact in facts:
        if fact.reach:
            reach = reach | fact.reach if reach else fact.reach
        fallible = fallible or fact.fallible
        held = held or fact.held
    return Fact(reach, fallible, kind, held)


def is_true_false(fact: Fact) -> bool:
    return fact.kind in (kinds.BOOL, kinds.NULL)


def children(node: exp.Expr) -> list[exp.Expr]:
    return [
        child
        for child in node.iter_expressions()
        if not isinstance(child, (exp.Identifier, exp.Var))
    ]
