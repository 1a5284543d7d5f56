"""Calls: functions, aggregates and windows, judged by the function list and settled where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import columns, constants, exact, kinds, named, names
from access.sql.dialects import DUCKDB, POSTGRES, SPARK
from access.sql.facts import children, combined
from access.sql.functions import Function, Place, allowed
from access.sql.sources import NOTHING, Fact, Scope

if TYPE_CHECKING:
    from access.sql.scopes import Walk

_CUTTING = frozenset({"left", "right", "substring", "substr"})
_BIG = frozenset({"repeat", "lpad", "rpad"})
_LONGEST_REPEAT = 100_000
_RANDOM = frozenset({"rand", "random", "uuid"})
_LONGEST_PLACE = 9


def text_call(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """TRIM and SUBSTRING in their keyword forms, which cannot raise on text (PostgreSQL's negative length aside)."""
    facts = [walk.examine(child, scope) for child in children(node)]
    families = {fact.kind for fact in facts}
    positive = all(not isinstance(child, exp.Neg) for child in children(node))
    constant = all(isinstance(child, exp.Literal) for child in children(node)[1:])
    safe = families <= {kinds.TEXT, kinds.LITERAL, kinds.INT} and constant and positive
    if isinstance(node, exp.Substring):
        safe = safe and all(_is_short(child) for child in children(node)[1:])
    return combined(facts, kinds.TEXT, not safe)


def function_value(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    own = frozenset(names.fold(part.name, True, walk.dialect) for part in node.expressions)
    inner = Scope(outer=scope, locals=own, top=False)
    return combined((walk.examine(node.this, inner),), kinds.OTHER, True)


def comprehension(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    variables = [node.expression, node.args.get("position")]
    own = frozenset(
        names.fold(part.name, True, walk.dialect) for part in variables if part is not None
    )
    inner = Scope(outer=scope, locals=own, top=False)
    facts = [walk.examine(node.args["iterator"], scope), walk.examine(node.this, inner)]
    if node.args.get("condition") is not None:
        facts.append(walk.examine(node.args["condition"], inner))
    return combined(facts, kinds.OTHER, True)


def named_argument(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    return walk.examine(node.expression, scope)


def dot(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """A field of a value, a call written after its first argument, or a schema in front of a call."""
    owner, member = node.this, node.expression
    if isinstance(member, exp.Anonymous):
        return _method(node, owner, member, scope, walk)
    row = owner.this if isinstance(owner, exp.Paren) else None
    if isinstance(row, exp.Column) and isinstance(member, exp.Identifier) and not row.table:
        field = exp.Column(this=member.copy(), table=row.this.copy())
        if any(
            names.fold(row.name, True, walk.dialect) == source.alias for source in scope.visible()
        ):
            return columns.resolve(field, scope, walk.findings, walk.dialect).fact
    return combined((walk.examine(owner, scope),), kinds.OTHER, True)


def _method(
    node: exp.Expr, owner: exp.Expr, member: exp.Anonymous, scope: Scope, walk: Walk
) -> Fact:
    if walk.dialect != DUCKDB or (
        isinstance(owner, exp.Identifier) and owner.name.lower() in ("main", "system")
    ):
        if not isinstance(owner, exp.Identifier) or owner.name not in (
            "pg_catalog",
            "main",
            "system",
        ):
            raise Refusal(
                "Functions of a schema cannot be called here. Use a built-in one.",
                code="function_not_allowed",
            )
        arguments = list(member.expressions)
    else:
        first = _as_column(owner)
        arguments = [first, *member.expressions]
    plain = exp.Anonymous(this=member.this, expressions=arguments)
    node.replace(plain)
    return call(plain, scope, walk)


def _as_column(owner: exp.Expr) -> exp.Expr:
    """`a.b` in front of a call, which the parser leaves as dots, as the column it is."""
    parts: list[exp.Expr] = []
    current = owner
    while isinstance(current, exp.Dot) and isinstance(current.expression, exp.Identifier):
        parts.append(current.expression)
        current = current.this
    if not isinstance(current, exp.Identifier) or len(parts) > 3:
        return owner
    keys = ("this", "table", "db", "catalog")
    return exp.Column(**dict(zip(keys, [*parts, current], strict=False)))


def call(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    assert isinstance(node, exp.Anonymous)
    function = allowed(node.name, walk.dialect)
    node.set("this", function.name)
    if function.name == "columns":
        return _columns(node, scope, walk)
    if function.places == {Place.TABLE}:
        raise Refusal(f"{function.name}() stands in FROM, not here.", code="function_not_allowed")
    _bound_size(node, function)
    _refuse_seed(node, function, walk.dialect)
    named.check(node, walk.dialect)
    facts = [
        walk.examine(argument, scope)
        for argument in node.expressions
        if not _is_count_star(argument)
    ]
    if Place.AGGREGATE in function.places or Place.WINDOW in function.places:
        return _aggregate(function, facts, scope, walk)
    known = constants.certain(node)
    if known is not None:
        return combined(facts, known)
    safe = _is_leakproof(function, facts)
    if function.name in _CUTTING:
        # DuckDB raises on a place or length beyond four bytes, and on text that is no number.
        safe = safe and all(_is_short(argument) for argument in node.expressions[1:])
    return combined(facts, _result(function, facts), not safe)


def _is_short(node: exp.Expr) -> bool:
    """Whether it is a whole number, written out, that every engine takes as a place in a text."""
    number = node.this if isinstance(node, exp.Neg) else node
    return (
        isinstance(number, exp.Literal)
        and not number.is_string
        and number.name.isdigit()
        and len(number.name) <= _LONGEST_PLACE
    )


def _columns(node: exp.Anonymous, scope: Scope, walk: Walk) -> Fact:
    """COLUMNS(...): any column may be meant, and what stands inside is examined like anything else."""
    facts = [walk.examine(argument, scope) for argument in node.expressions]
    return combined([walk.every_column(scope, node).fact, *facts], fallible=False)


def _is_count_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star)


def _bound_size(node: exp.Anonymous, function: Function) -> None:
    """Refuses text blown up beyond reason: one such call can outlast every time limit inside the engine."""
    if function.name not in _BIG or len(node.expressions) < 2:
        return
    size = node.expressions[1]
    number = isinstance(size, exp.Literal) and not size.is_string and size.name.isdigit()
    if not number or int(size.name) > _LONGEST_REPEAT:
        raise Refusal(
            f"{function.name}() needs a plain number up to {_LONGEST_REPEAT:,} as its second argument here.",
            code="function_not_allowed",
        )


def _refuse_seed(node: exp.Anonymous, function: Function, dialect: str) -> None:
    """Refuses a seeded random in Spark: it counts the rows before it, by files that also hold what is hidden."""
    if dialect == SPARK and function.name in _RANDOM and node.expressions:
        raise Refusal(
            f"{function.name}() is taken without a seed here. Leave the brackets empty.",
            code="function_not_allowed",
        )


def _aggregate(function: Function, facts: list[Fact], scope: Scope, walk: Walk) -> Fact:
    """Arguments are settled at once: above the aggregate nothing of them can be told row by row."""
    safe = _is_leakproof(function, facts)
    whole = combined(facts, fallible=not safe)
    walk.findings.settle(whole, scope.is_last)
    known = exact.aggregate(function.name, facts) if walk.dialect == POSTGRES else None
    if known is not None:
        return known
    return Fact(NOTHING, False, _result(function, facts), True)


def _is_leakproof(function: Function, facts: list[Fact]) -> bool:
    if not function.leakproof:
        return function.result != kinds.OTHER and not facts
    if "*" in function.leakproof:
        return True
    families = {fact.kind for fact in facts}
    if (
        function.result is None
        and kinds.widest([fact.kind for fact in facts]) == kinds.OTHER
        and len(facts) > 1
    ):
        return False
    return families <= (
        function.leakproof | {kinds.NULL, kinds.LITERAL}
        if function.result is None
        else function.leakproof
    )


def _result(function: Function, facts: list[Fact]) -> str:
    if function.result is None:
        return kinds.widest([fact.kind for fact in facts]) if facts else kinds.OTHER
    return function.result


def window(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    inner = node.this
    fact = walk.examine(inner, scope) if not isinstance(inner, exp.Identifier) else Fact()
    over = list(node.args.get("partition_by") or [])
    if node.args.get("order") is not None:
        over += node.args["order"].expressions
    for part in over:
        walk.root(part, scope)
    spec = node.args.get("spec")
    for bound in children(spec) if spec is not None else ():
        walk.root(bound, scope)
    return Fact(NOTHING, False, fact.kind, True)


def ordered_aggregate(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """FILTER and WITHIN GROUP around an aggregate."""
    fact = walk.examine(node.this, scope)
    condition = node.expression
    if isinstance(condition, exp.Where):
        walk.predicate(condition.this, scope)
    elif condition is not None:
        for part in condition.expressions:
            walk.root(part, scope)
    return Fact(NOTHING, False, fact.kind, True)


def argument_order(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    """`x ORDER BY y` inside an aggregate's parentheses."""
    for part in node.expressions:
        walk.root(part, scope)
    return walk.examine(node.this, scope) if node.this is not None else Fact()


def distinct(node: exp.Expr, scope: Scope, walk: Walk) -> Fact:
    facts = [walk.examine(part, scope) for part in node.expressions]
    return facts[0] if len(facts) == 1 else combined(facts)
