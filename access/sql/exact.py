"""Arithmetic on exact numbers that cannot raise in PostgreSQL.

Its `numeric` overflows only beyond 131,072 digits, so with declared precisions at the leaves it is enough to count how
many digits a result can have at most. Whole numbers of four or eight bytes do overflow and are not covered, nor is
division by anything that might be zero.
"""

from __future__ import annotations

from sqlglot import exp

from access.sql import kinds
from access.sql.facts import combined
from access.sql.sources import Fact

EXACT = frozenset({kinds.INT, kinds.DECIMAL, kinds.NUMERIC})
WIDE = frozenset({kinds.DECIMAL, kinds.NUMERIC})
# Far below what `numeric` holds, and below what a double holds, with which a result may be compared.
_MOST_DIGITS = 300
# A sum over fewer rows than ten to this power.
_ROWS = 20


def arithmetic(node: exp.Expr, left: Fact, right: Fact) -> Fact | None:
    """The fact of `left` and `right` joined by +, -, *, / or %; None where that may raise or is not known."""
    if not _counts(left) or not _counts(right) or not {left.kind, right.kind} & WIDE:
        return None
    if isinstance(node, (exp.Add, exp.Sub)):
        return _number((left, right), max(left.digits, right.digits) + 1)
    if isinstance(node, exp.Mul):
        return _number((left, right), left.digits + right.digits)
    if isinstance(node, (exp.Div, exp.Mod)) and _is_a_number(node.expression):
        return _number((left, right), left.digits + right.digits)
    return None


def negation(fact: Fact) -> Fact | None:
    """The fact of a number with its sign changed."""
    return fact if fact.kind in WIDE and _counts(fact) else None


def aggregate(name: str, facts: list[Fact]) -> Fact | None:
    """What is known of a column of sums, means, smallest or largest values; None for anything else.

    A sum of whole numbers is a whole number or not, depending on their width, so nothing is said of its digits.
    """
    if len(facts) != 1 or not _counts(facts[0]):
        return None
    kind, digits = facts[0].kind, facts[0].digits
    if name in ("min", "max"):
        return Fact(kind=kind, held=True, digits=digits)
    if name == "avg":
        return Fact(kind=kinds.NUMERIC, held=True, digits=digits)
    if name == "sum" and kind in WIDE:
        return Fact(kind=kinds.NUMERIC, held=True, digits=digits + _ROWS)
    return Fact(kind=kinds.INT, held=True) if name == "sum" else None


def widest(facts: list[Fact]) -> int:
    """The most digits any of these branches can have; zero where one does not say."""
    found = [fact.digits for fact in facts if fact.kind != kinds.NULL]
    return max(found) if found and all(found) else 0


def _counts(fact: Fact) -> bool:
    return fact.kind in EXACT and 0 < fact.digits <= _MOST_DIGITS


def _is_a_number(node: exp.Expr) -> bool:
    """Whether it is written out and not zero."""
    return isinstance(node, exp.Literal) and not node.is_string and bool(node.name.strip("0._"))


def _number(facts: tuple[Fact, ...], digits: int) -> Fact | None:
    if digits > _MOST_DIGITS:
        return None
    return combined(facts, kinds.NUMERIC)._replace(digits=digits)
