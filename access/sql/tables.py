"""FROM: tables, derived tables, functions and joins, and what each adds to the names in scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.policies.policy import TablePolicy
from access.sql import joined, kinds, listings, names, parts
from access.sql.aliases import keys_of, under_alias
from access.sql.clauses import JOINED, during
from access.sql.dialects import DUCKDB
from access.sql.pivots import pivoted
from access.sql.relations import rows_from, table_function
from access.sql.shapes import Shape, shape
from access.sql.sources import Fact, Instance, Output, Relation, Scope, Source, merged
from access.sql.stages import cuts

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def from_clause(walk: Walk, node: exp.Expr, scope: Scope) -> None:
    from_ = node.args.get("from_")
    if from_ is not None:
        add_source(walk, from_.this, scope)
    for lateral in node.args.get("laterals") or ():
        add_source(walk, lateral, scope)
    joins(walk, node, scope, 0)


def joins(walk: Walk, node: exp.Expr, scope: Scope, start: int) -> None:
    """The joins written behind an item; `start` is where that item stands in the scope."""
    for join in node.args.get("joins") or ():
        if _is_comma(join):
            start = len(scope.sources)
        _join(walk, join, scope, start)


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("on", "using", "kind", "side", "method"))


def _join(walk: Walk, join: exp.Join, scope: Scope, start: int) -> None:
    left = list(scope.visible())
    before = len(scope.sources)
    walk.findings.n_branches += 1
    add_source(walk, join.this, scope)
    right = scope.sources[before:]
    with during(walk.findings, JOINED):
        shared = _compared(walk, join, scope, left, right)
    if join.kind in ("SEMI", "ANTI"):
        for source in right:
            source.outside = True
    else:
        joined.note(scope, start, before, shared)


def _compared(
    walk: Walk, join: exp.Join, scope: Scope, left: list[Source], right: list[Source]
) -> list[str]:
    """What NATURAL, USING and ON compare; the columns that two sides share from now on."""
    shared: list[str] = []
    if join.method == "NATURAL":
        beside = {key for source in right for key in source.keys}
        shared = list(dict.fromkeys(key for one in left for key in one.keys if key in beside))
        for key in shared:
            _merge(walk, key, key, left, right)
    for part in join.args.get("using") or ():
        key = names.fold(part.name, True, walk.dialect)
        _merge(walk, key, part.name, left, right)
        shared.append(key)
    on = join.args.get("on")
    if on is not None:
        inner = Scope(outer=scope.outer, sources=scope.sources, aliases=scope.aliases)
        walk.predicate(on, inner)
    return shared


def _merge(walk: Walk, key: str, name: str, left: list[Source], right: list[Source]) -> None:
    """A column compared by USING or NATURAL, `name` as written: used on both sides, and a comparison like any other."""
    found = [output for side in (left, right) if (output := _shared(walk, key, side)) is not None]
    for output in found:
        walk.findings.use(output)
    if len(found) < 2 and not any(source.relation.open for source in left + right):
        _cannot_merge(walk, key, name, left + right)
    both = merged(found) if found else Output(key, Fact())
    safe = len(found) == 2 and kinds.comparable(
        found[0].fact.kind, found[1].fact.kind, walk.dialect
    )
    walk.findings.settle(both.fact._replace(fallible=both.fact.fallible or not safe), False)


def _shared(walk: Walk, key: str, side: list[Source]) -> Output | None:
    found = [source.keys[key] for source in side if key in source.keys]
    return merged(found) if found else None


def _cannot_merge(walk: Walk, key: str, name: str, sources: list[Source]) -> None:
    hidden = [source for source in sources if key in source.hidden and source.instance is not None]
    for source in hidden:
        if source.instance is not None:
            walk.findings.lacks(source.instance, source.hidden[key])
    if not hidden:
        walk.findings.unknown_columns.append(name)


def add_source(walk: Walk, node: exp.Expr, scope: Scope) -> None:
    """Adds what one FROM item offers to the scope, with the joins and pivots written inside it."""
    before = len(scope.sources)
    walk.drawn(node)
    if isinstance(node, exp.Table):
        table(walk, node, scope)
    elif isinstance(node, exp.Subquery):
        _derived(walk, node, scope)
    elif isinstance(node, exp.Lateral):
        _lateral(walk, node, scope)
    elif isinstance(node, exp.Unnest):
        scope.sources.append(table_function(walk, "unnest", node.expressions, node, scope))
    elif isinstance(node, exp.Values):
        relation = walk.values(node, Scope(outer=scope))
        scope.sources.append(under_alias(walk, node, relation))
    elif isinstance(node, exp.Pivot):
        scope.sources.append(under_alias(walk, node, walk.query(node, scope)))
    else:
        raise Refusal("FROM holds something that is not a table or query.", code="unsupported")
    for pivot in node.args.get("pivots") or ():
        inner = Scope(outer=scope.outer, sources=scope.sources[before:])
        relation = pivoted(walk, pivot, inner)
        scope.sources[before:] = [under_alias(walk, pivot, relation)]
        joined.forget(scope, before)
    if not isinstance(node, exp.Subquery) or isinstance(node.this, exp.Query):
        joins(walk, node, scope, before)


def _derived(walk: Walk, node: exp.Subquery, scope: Scope) -> None:
    if isinstance(node.this, exp.Query) or node.args.get("alias") is not None:
        outer = scope if walk.dialect == DUCKDB else scope.outer
        is_query = isinstance(node.this, exp.Query)
        relation = walk.query(node.this, outer, scope.lone) if is_query else None
        if relation is None:
            relation = walk.wrapped_table(
                exp.Subquery(this=node.this, joins=node.args.get("joins")), scope.outer
            )
        walk.findings.n_branches += cuts(node)
        walk.tail(node, Scope(outer=outer, aliases=keys_of(walk, relation)))
        scope.sources.append(under_alias(walk, node, relation))
        return
    before = len(scope.sources)
    add_source(walk, node.this, scope)
    joins(walk, node, scope, before)


def _lateral(walk: Walk, node: exp.Lateral, scope: Scope) -> None:
    inner = node.this
    if isinstance(inner, exp.Subquery):
        scope.sources.append(under_alias(walk, node, walk.query(inner.this, scope)))
    elif isinstance(inner, (exp.Unnest, exp.Anonymous)):
        name = inner.name if isinstance(inner, exp.Anonymous) else "unnest"
        scope.sources.append(table_function(walk, name, inner.expressions, node, scope))
    else:
        raise Refusal(
            "LATERAL holds something that is not a query or function.", code="unsupported"
        )


def table(walk: Walk, node: exp.Table, scope: Scope) -> None:
    if node.args.get("rows_from"):
        scope.sources.append(rows_from(walk, node, scope))
        return
    if isinstance(node.this, exp.Anonymous):
        scope.sources.append(table_call(walk, node, scope))
        return
    if not isinstance(node.this, exp.Identifier):
        raise Refusal("FROM holds something that is not a table or query.", code="unsupported")
    key = names.fold(node.name, True, walk.dialect)
    if not node.db and key in walk.parts:
        scope.sources.append(parts.part(walk, node, key))
        return
    policy = known(walk, node, key)
    listed = listings.source(walk, node, key) if policy is None else None
    if listed is not None:
        scope.sources.append(listed)
        return
    if policy is None:
        walk.findings.unknown_tables.append(".".join(part.name for part in node.parts))
        alias = names.fold(node.alias_or_name, True, walk.dialect)
        scope.sources.append(Source(alias, Relation(open=True), {}))
        return
    scope.sources.append(instance(walk, node, policy))


def table_call(walk: Walk, node: exp.Table, scope: Scope) -> Source:
    if node.db and node.db not in ("pg_catalog", "main"):
        raise Refusal("Functions of a schema cannot be called here.", code="function_not_allowed")
    node.set("db", None)
    node.set("catalog", None)
    return table_function(walk, node.this.name, node.this.expressions, node, scope)


def known(walk: Walk, node: exp.Table, key: str) -> TablePolicy | None:
    schema = names.fold(node.db, True, walk.dialect) if node.db else None
    catalog = names.fold(node.catalog, True, walk.dialect) if node.catalog else None
    here = names.fold(walk.warehouse, True, walk.dialect)
    if catalog is not None and catalog != here:
        return None
    found = walk.lookup(schema or walk.default_schema, key, catalog)
    if found is None and schema == here and catalog is None:
        found = walk.lookup(walk.default_schema, key, schema)
    return found


def instance(walk: Walk, node: exp.Table, policy: TablePolicy) -> Source:
    instance = Instance(policy, node)
    walk.findings.met(instance)
    found = shape(policy, walk.dialect)
    source = _under_alias(walk, node, found, found.outputs(instance))
    source.instance = instance
    source.hidden = found.hidden
    if not node.alias:
        path = (walk.warehouse, policy.schema, policy.table)
        source.path = tuple(names.fold(part, True, walk.dialect) for part in path)
        node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name, quoted=True)))
    return source


def _under_alias(walk: Walk, node: exp.Table, found: Shape, outputs: list[Output]) -> Source:
    """As `under_alias`, with the folded names already at hand where the alias does not rename columns."""
    alias = node.args.get("alias")
    if not found.is_distinct or (alias is not None and alias.args.get("columns")):
        return under_alias(walk, node, Relation(outputs))
    keys = {shown.key: output for shown, output in zip(found.shown, outputs, strict=True)}
    name = names.fold(node.alias_or_name, True, walk.dialect)
    return Source(name, Relation(outputs), keys)
