"""PIVOT and UNPIVOT: allowed when their columns are written out, because otherwise data decides the query's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import names
from access.sql.pivot_values import WRITE_THEM
from access.sql.relations import exposed
from access.sql.sources import Output, Relation, Scope

if TYPE_CHECKING:
    from access.sql.scopes import Walk

_PLAIN = "PIVOT and UNPIVOT take plain columns and aggregates here, without subqueries."


def pivoted(walk: Walk, node: exp.Pivot, scope: Scope) -> Relation:
    """What a pivot offers: only the engine can name it, so every column of its input counts as used and held."""
    _refuse_dynamic(node)
    if any(isinstance(part, (exp.Query, exp.PivotAny)) for part in _clauses(node)):
        raise Refusal(_PLAIN, code="unsupported")
    whole = exposed(scope, walk.dialect).all()
    walk.findings.use(whole)
    walk.findings.settle(whole.fact._replace(fallible=True, held=True), False)
    inner = Scope(outer=scope.outer, sources=scope.sources, locals=_made(walk, node))
    for key in ("expressions", "using", "fields"):
        for part in node.args.get(key) or () if isinstance(node.args.get(key), list) else ():
            walk.root(part, inner)
    group = node.args.get("group")
    for part in group.expressions if group is not None else ():
        walk.root(part, inner)
    fact = whole.fact._replace(fallible=True)
    return Relation([Output("*", fact, whole.uses)], open=True)


def _clauses(node: exp.Pivot) -> list[exp.Expr]:
    return [part for key, child in node.args.items() if key != "this" for part in _within(child)]


def _within(child: object) -> list[exp.Expr]:
    items = child if isinstance(child, list) else [child]
    return [part for item in items if isinstance(item, exp.Expr) for part in item.walk()]


def _refuse_dynamic(node: exp.Pivot) -> None:
    """`PIVOT t ON c` without IN makes DuckDB read the values first, in a statement of its own."""
    if node.args.get("unpivot"):
        return
    for part in node.args.get("fields") or ():
        if not isinstance(part, exp.In) or not part.expressions:
            raise Refusal(WRITE_THEM, code="unsupported")
    if node.args.get("fields"):
        return
    for part in node.expressions:
        if not isinstance(part, exp.In) or not part.expressions:
            raise Refusal(WRITE_THEM, code="unsupported")


def _made(walk: Walk, node: exp.Pivot) -> frozenset[str]:
    """Names that UNPIVOT itself introduces: they are not columns of its input."""
    made = [part.name for part in node.expressions if isinstance(part, exp.Identifier)]
    into = node.args.get("into")
    if into is not None:
        made += [part.name for part in (into.this, *into.expressions)]
    made += [
        part.this.name
        for part in node.args.get("fields") or ()
        if isinstance(part.this, exp.Identifier)
    ]
    return frozenset(names.fold(name, True, walk.dialect) for name in made)
