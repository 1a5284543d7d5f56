"""Relations that are not tables: VALUES, functions in FROM, and what aliases make of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import kinds, names
from access.sql.dialects import DUCKDB
from access.sql.functions import Place, allowed
from access.sql.naming import output_name
from access.sql.sources import Fact, Output, Relation, Scope, Source

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def named(projection: exp.Expr, dialect: str) -> str:
    """The name a projection has, or will be given, in the result."""
    return (
        projection.alias if isinstance(projection, exp.Alias) else output_name(projection, dialect)
    )


def renamed(relation: Relation, alias: exp.Expr) -> Relation:
    """The relation under `AS alias(a, b)`: the first columns take the listed names."""
    listed = [column.name for column in alias.args.get("columns") or ()]
    if not listed:
        return relation
    outputs = list(relation.outputs)
    for position, name in enumerate(listed):
        if position < len(outputs):
            outputs[position] = outputs[position]._replace(name=name)
        elif relation.open:
            whole = relation.all(name)
            outputs.append(whole._replace(name=name))
    return Relation(outputs, relation.open, relation.single, relation.fallible)


def exposed(scope: Scope) -> Relation:
    """What joined FROM items offer together."""
    sources = scope.visible()
    outputs = [output for source in sources for output in source.relation.outputs]
    return Relation(outputs, any(source.relation.open for source in sources))


def even(node: exp.Expr) -> None:
    """Makes a sample draw row by row: drawing by storage block would show where hidden rows lie."""
    sample = node.args.get("sample")
    if sample is None:
        return
    method = sample.args.get("method")
    if method is not None and method.name.upper() == "SYSTEM":
        sample.set("method", exp.Var(this="BERNOULLI"))


def values_relation(walk: Walk, node: exp.Values, scope: Scope) -> Relation:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    facts = [[walk.root(cell, scope) for cell in row] for row in rows]
    prefix, first = ("col", 0) if walk.dialect == DUCKDB else ("column", 1)
    outputs = []
    for position in range(max(len(row) for row in facts)):
        column = [row[position] for row in facts if position < len(row)]
        kind = kinds.widest([fact.kind for fact in column])
        reach = frozenset().union(*(fact.reach for fact in column))
        fact = Fact(reach, any(fact.fallible for fact in column), kind)
        outputs.append(Output(f"{prefix}{position + first}", fact))
    return Relation(outputs)


def table_function(
    walk: Walk, name: str, arguments: Sequence[exp.Expr], node: exp.Expr, scope: Scope
) -> Source:
    """A function in FROM; its arguments may name the FROM items before it."""
    function = allowed(name, walk.dialect)
    if Place.TABLE not in function.places:
        raise Refusal(
            f"{function.name}() cannot stand in FROM here. Use it in the SELECT list.",
            code="function_not_allowed",
        )
    inner = Scope(outer=scope)
    facts = [walk.root(argument, inner) for argument in arguments]
    reach = frozenset().union(*(fact.reach for fact in facts))
    spreading = walk.dialect == DUCKDB and any(
        isinstance(argument, (exp.PropertyEQ, exp.Kwarg)) for argument in arguments
    )
    fact = Fact(reach, bool(reach), kinds.OTHER)
    walk.findings.settle(fact, False)
    alias = node.args.get("alias")
    shown = alias.name if alias is not None and alias.name else function.name
    columns = function.columns or (shown,)
    if walk.dialect != DUCKDB and len(columns) == 1 and alias is not None and alias.name:
        columns = (shown,) if function.columns == () else (*columns, shown)
    outputs = [Output(column, fact) for column in columns]
    listed = list(alias.args.get("columns") or ()) if alias is not None else []
    outputs = _as_listed(outputs, [column.name for column in listed], fact)
    if node.args.get("ordinality") or node.args.get("offset"):
        offset = node.args.get("offset")
        ordinal = offset.name if isinstance(offset, exp.Identifier) else "ordinality"
        outputs.append(Output(ordinal, Fact(kind=kinds.INT)))
    relation = Relation(outputs, open=spreading)
    keys = {names.fold(output.name, True, walk.dialect): output for output in outputs}
    return Source(names.fold(shown, True, walk.dialect), relation, keys)


def _as_listed(outputs: list[Output], listed: list[str], fact: Fact) -> list[Output]:
    if not listed:
        return outputs
    return [Output(name, fact) for name in listed] + outputs[len(listed) :]
