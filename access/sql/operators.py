"""Operators, choices, casts and subqueries as values: what they read, and for which operands they cannot raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.sql import constants, exact, kinds
from access.sql.dialects import POSTGRES
from access.sql.facts import children, combined, is_true_false
from access.sql.sources import Fact, Scope

if TYPE_CHECKING:
    from access.sql.scopes import Walk

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_OWN_RULES = (exp.Is, exp.Dot, exp.Kwarg, exp.PropertyEQ)


def chain(node: exp.Binary, scope: Scope, walk: Walk) -> Fact:
    """A left-leaning run of binary operators, walked without recursion."""
    spine: list[exp.Binary] = []
    current: exp.Expr = node
    while isinstance(current, exp.Binary) and not isinstance(current, _OWN_RULES):
        spine.append(current)
        current = current.this
    fact = walk.examine(current, scope)
    for operator in reversed(spine):
        right = walk.examine(operator.expression, scope)
        fact = _operation(operator, fact, right, walk.dialect)
    return fact


def _operation(node: exp.Binary, left: Fact, right: Fact, dialect: str) -> Fact:
    if isinstance(node, (exp.And, exp.Or)):
        return combined(
            (left, right), kinds.BOOL, not (is_true_false(left) and is_true_false(right))
        )
    if isinstance(node, _COMPARISONS):
        return combined(
            (left, right), kinds.BOOL, not _agree(node.this, left, node.expression, right, dialect)
        )
    if isinstance(node, (exp.Like, exp.ILike)):
        return combined((left, right), kinds.BOOL, not _plain_pattern(node, left))
    if isinstance(node, exp.DPipe):
        text = {kinds.TEXT, kinds.LITERAL, kinds.NULL}
        return combined((left, right), kinds.TEXT, not {left.kind, right.kind} <= text)
    known = constants.certain(node)
    sure = exact.arithmetic(node, left, right) if dialect == POSTGRES else None
    if sure is not None:
        return sure
    return combined((left, right), known or _arithmetic_kind(left, right), fallible=known is None)


def _arithmetic_kind(left: Fact, right: Fact) -> str:
    return (
        kinds.widest([left.kind, right.kind])
        if {left.kind, right.kind} <= kinds.NUMBERS
        else kinds.OTHER
    )


def _agree(
    left_node: exp.Expr, left: Fact, right_node: exp.Expr, right: Fact, dialect: str
) -> bool:
    """Whether comparing the two sides converts nothing that could fail."""
    if isinstance(left_node, exp.Tuple) or isinstance(right_node, exp.Tuple):
        return False
    for one, other, node in ((left, right, left_node), (right, left, right_node)):
        if one.kind == kinds.LITERAL:
            return kinds.fits(other.kind, node.name)
        if one.kind == kinds.TIMESTAMP and other.kind == kinds.DATE and constants.certain(node):
            # DuckDB converts a constant rather than the column.
            return True
    return kinds.comparable(left.kind, right.kind, dialect)


def _all_agree(operands: list[tuple[exp.Expr, Fact]], dialect: str) -> bool:
    """Whether an engine that finds one type for all of them converts nothing that could fail."""
    if any(isinstance(node, exp.Tuple) for node, _ in operands):
        return False
    constant = [node.name for node, fact in operands if fact.kind == kinds.LITERAL]
    families = {fact.kind for _, fact in operands if fact.kind != kinds.LITERAL}
    if not all(kinds.fits(family, text) for family in families for text in constant):
        return False
    return all(kinds.comparable(one, other, dialect) for one in families for other in families)


def _plain_pattern(node: exp.Binary, left: Fact) -> bool:
    pattern = node.expression
    constant = pattern.is_string and "\\" not in pattern.name
    return constant and left.kind in (kinds.TEXT, kinds.NULL)


def negation(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    fact = walk.examine(node.this, scope)
    return combined((fact,), kinds.BOOL, not is_true_false(fact))


def minus(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    fact = walk.examine(node.this, scope)
    sure = exact.negation(fact) if walk.dialect == POSTGRES else None
    return sure or combined((fact,), fact.kind, not isinstance(node.this, exp.Literal))


def identity(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    fact = walk.examine(node.this, scope)
    unknown = not isinstance(node.expression, exp.Null) and not is_true_false(fact)
    return combined((fact,), kinds.BOOL, unknown)


def between(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    this = walk.examine(node.this, scope)
    ends = [(end, walk.examine(end, scope)) for end in (node.args["low"], node.args["high"])]
    agreed = all(_agree(node.this, this, end, fact, walk.dialect) for end, fact in ends)
    agreed = agreed and (
        this.kind != kinds.LITERAL or _all_agree([(node.this, this), *ends], walk.dialect)
    )
    return combined((this, *(fact for _, fact in ends)), kinds.BOOL, not agreed)


def membership(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    this = walk.examine(node.this, scope)
    query = node.args.get("query")
    if query is not None:
        relation = walk.subquery(query, scope)
        first = relation.outputs[0].fact if len(relation.outputs) == 1 else Fact()
        agreed = kinds.comparable(this.kind, first.kind, walk.dialect) and not relation.fallible
        return combined((this, first), kinds.BOOL, not agreed)
    others = [child for child in children(node) if child is not node.this]
    facts = [(other, walk.examine(other, scope)) for other in others]
    listed = bool(node.expressions)
    agreed = listed and _all_agree([(node.this, this), *facts], walk.dialect)
    return combined((this, *(fact for _, fact in facts)), kinds.BOOL, not agreed)


def existence(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    relation = walk.subquery(node.this, scope)
    return Fact(relation.all().fact.reach, relation.fallible, kinds.BOOL)


def scalar_query(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """A subquery as a value: it raises on a second row unless it can only have one."""
    relation = walk.subquery(node, scope)
    first = relation.outputs[0].fact if len(relation.outputs) == 1 else relation.all().fact
    return combined((first,), first.kind, relation.fallible or not relation.single)


def case(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    subject = node.this
    facts = [walk.examine(subject, scope)] if subject is not None else []
    safe, branches = subject is None, []
    for branch in node.args["ifs"]:
        condition = walk.examine(branch.this, scope)
        value = walk.examine(branch.args["true"], scope)
        safe = safe and is_true_false(condition)
        facts += [condition, value]
        branches.append(value)
    if node.args.get("default") is not None:
        branches.append(walk.examine(node.args["default"], scope))
        facts.append(branches[-1])
    kind = kinds.widest([branch.kind for branch in branches])
    made = combined(facts, kind, not safe or kind == kinds.OTHER)
    return made._replace(digits=exact.widest(branches))


def choice(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    condition = walk.examine(node.this, scope)
    values = [
        walk.examine(node.args[key], scope)
        for key in ("true", "false")
        if node.args.get(key) is not None
    ]
    kind = kinds.widest([value.kind for value in values])
    return combined([condition, *values], kind, not is_true_false(condition) or kind == kinds.OTHER)


def cast(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    assert isinstance(node, exp.Cast)
    fact = walk.examine(node.this, scope)
    kind = kinds.of_type(node.to.sql(walk.dialect))
    safe = isinstance(node, exp.TryCast) or constants.certain(node) is not None
    if kind == kinds.TEXT and fact.kind in (
        kinds.INT,
        kinds.BOOL,
        kinds.DATE,
        kinds.UUID,
        kinds.TEXT,
    ):
        safe = safe or not node.to.expressions
    if kind == fact.kind and kind in (kinds.DATE, kinds.BOOL, kinds.UUID):
        safe = True
    return combined((fact,), kind, not safe)


def extract(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    fact = walk.examine(node.expression, scope)
    part = node.this.name.lower() if isinstance(node.this, (exp.Var, exp.Literal)) else ""
    safe = fact.kind in (kinds.DATE, kinds.TIMESTAMP) and part in (
        "year",
        "month",
        "day",
        "quarter",
        "dow",
    )
    kind = kinds.DECIMAL if walk.dialect == POSTGRES else kinds.INT
    return combined((fact,), kind if safe else kinds.OTHER, not safe)


def clock(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return Fact(kind=constants.certain(node) or kinds.OTHER)
