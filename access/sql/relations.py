"""Relations that are not tables: VALUES, functions in FROM, and what aliases make of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import joined, kinds, names
from access.sql.dialects import DUCKDB, SPARK, TRINO
from access.sql.functions import Place, allowed
from access.sql.naming import output_name
from access.sql.sources import Fact, Output, Relation, Scope, Source

if TYPE_CHECKING:
    from access.sql.scopes import Walk

MOST_COLUMNS = 5_000
# What an engine calls the columns of VALUES, and where it starts to count.
_VALUES_COLUMNS = {DUCKDB: ("col", 0), SPARK: ("col", 1), TRINO: ("_col", 0)}


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


def exposed(scope: Scope, dialect: str) -> Relation:
    """What joined FROM items offer together."""
    return Relation(
        offered(scope, dialect), any(source.relation.open for source in scope.visible())
    )


def offered(scope: Scope, dialect: str) -> list[Output]:
    """Every column of the FROM items. Errors: Refusal too_large beyond `MOST_COLUMNS`."""
    sources = scope.visible()
    bounded(sum(len(source.relation.outputs) for source in sources))
    if scope.merges:
        return joined.row(scope, dialect)
    return [output for source in sources for output in source.relation.outputs]


def bounded(n_columns: int) -> None:
    """Refuses a relation that is wider than engines take; a star over two copies of itself doubles at every step."""
    if n_columns > MOST_COLUMNS:
        raise Refusal(
            f"A part of the query has more than {MOST_COLUMNS:,} columns. Name the ones you need.",
            code="too_large",
        )


def values_relation(walk: Walk, node: exp.Values, scope: Scope) -> Relation:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    facts = [[walk.root(cell, scope) for cell in row] for row in rows]
    prefix, first = _VALUES_COLUMNS.get(walk.dialect, ("column", 1))
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
    offset = _offset(node)
    if node.args.get("ordinality") or offset:
        ordinal = offset.name if isinstance(offset, exp.Identifier) else "ordinality"
        outputs.append(Output(ordinal, Fact(kind=kinds.INT)))
    relation = Relation(outputs, open=spreading)
    keys = {names.fold(output.name, True, walk.dialect): output for output in outputs}
    return Source(names.fold(shown, True, walk.dialect), relation, keys)


def _offset(node: exp.Expr) -> object:
    """Whether unnest() numbers its rows, and by which name; LATERAL wraps it."""
    inner = node.this if isinstance(node, exp.Lateral) else node
    return inner.args.get("offset")


def rows_from(walk: Walk, node: exp.Table, scope: Scope) -> Source:
    """PostgreSQL's ROWS FROM (f(), g()): the columns of several functions side by side."""
    outputs: list[Output] = []
    for item in node.args["rows_from"]:
        call = item if isinstance(item, exp.Unnest) else item.this
        if not isinstance(call, (exp.Unnest, exp.Anonymous)) or item.args.get("joins"):
            raise Refusal("ROWS FROM takes plain calls of functions here.", code="unsupported")
        name = call.name if isinstance(call, exp.Anonymous) else "unnest"
        outputs += table_function(walk, name, call.expressions, item, scope).relation.outputs
    if node.args.get("ordinality"):
        outputs.append(Output("ordinality", Fact(kind=kinds.INT)))
    alias = node.args.get("alias")
    relation = Relation(outputs) if alias is None else renamed(Relation(outputs), alias)
    keys = {names.fold(output.name, True, walk.dialect): output for output in relation.outputs}
    return Source(names.fold(node.alias, True, walk.dialect), relation, keys)


def _as_listed(outputs: list[Output], listed: list[str], fact: Fact) -> list[Output]:
    return [Output(name, fact) for name in listed] + outputs[len(listed) :]
