"""Which columns a query's columns are computed from, worked out from its SQL and the columns of the tables it reads.

Pure: text and names in, verdicts out. Inputs are the columns of the tables the query reads directly; a literal or
`count(*)` has none and is still resolved. Filters and join conditions decide which rows there are, not what a value
is, and are not inputs; the partition and order of a window are, because the value is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, find_all_in_scope
from sqlglot.schema import MappingSchema

from catalog.identity import fold, identity_of
from catalog.models import EngineKind
from catalog.parsing import parse

Transformation = Literal["identity", "expression", "aggregation"]
ORDER: tuple[Transformation, ...] = ("identity", "expression", "aggregation")
DIALECTS = {kind: kind.dialect for kind in EngineKind}
# Aggregates in name that hand on one row's value.
ONE_VALUE: frozenset[type] = frozenset(
    {exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue}
)
EXPRESSION_LENGTH = 2000


@dataclass(frozen=True, order=True)
class Input:
    """A column of a table that is read; `table` is its identity in the warehouse, `column` folded."""

    table: str
    column: str


@dataclass(frozen=True)
class Derived:
    """How one output column is computed; `inputs` is only meaningful where it could be followed."""

    is_resolved: bool
    inputs: Mapping[Input, Transformation] = field(default_factory=dict)
    expression: str = ""


@dataclass(frozen=True)
class Tables:
    """The tables a query may read: their columns by folded schema and folded table."""

    engine: str
    columns: Mapping[str, Mapping[str, Sequence[str]]]
    default_schema: str = "main"

    def has(self, schema: str, table: str) -> bool:
        """Whether the columns of this table are known."""
        return bool(self.columns.get(schema, {}).get(table))

    def among(self, read: Sequence[tuple[str, str]]) -> MappingSchema:
        """What sqlglot needs to know about the tables that are read; only those, because building it costs time."""
        mapping: dict[str, object] = {}
        for schema, table in read:
            if columns := self.columns.get(schema, {}).get(table):
                tables = mapping.setdefault(schema, {})
                assert isinstance(tables, dict)
                tables[table] = {fold(self.engine, column): "text" for column in columns}
        return MappingSchema(mapping, dialect=DIALECTS[EngineKind(self.engine)], normalize=False)


@dataclass(frozen=True)
class QueryLineage:
    """The tables a query reads, and how each of its columns is computed, by folded name in order.

    An INSERT fills columns by place, not by name: `is_insert` says so, and `into` are the columns it lists, if any.
    """

    tables: frozenset[str]
    columns: Mapping[str, Derived]
    is_readable: bool = True
    is_insert: bool = False
    into: tuple[str, ...] = ()

    def for_columns(self, names: Sequence[str]) -> Mapping[str, Derived]:
        """How the columns of the table that takes the result are computed; `names` are its columns in order."""
        if not self.is_insert:
            return self.columns
        return dict(zip(self.into or names, self.columns.values(), strict=False))


UNREADABLE = QueryLineage(frozenset(), {}, is_readable=False)


def derive(sql: str, tables: Tables) -> QueryLineage:
    """The lineage of a query, of a view's definition, or of what a statement inserts or creates.

    Never raises: SQL that cannot be read gives `UNREADABLE`, a column that cannot be followed is unresolved.
    """
    dialect = DIALECTS[EngineKind(tables.engine)]
    try:
        statement = parse(sql, dialect)
        query = _query_in(statement)
        if query is None:
            return UNREADABLE
        read = _without_databases(query, tables)
        qualified = qualify(
            query,
            dialect=dialect,
            db=tables.default_schema,
            schema=tables.among(read),
            allow_partial_qualification=True,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        scope = build_scope(qualified)
    except (SqlglotError, RecursionError, ValueError, KeyError):
        return UNREADABLE
    if scope is None:
        return UNREADABLE
    return QueryLineage(
        _read(scope, tables),
        _outputs(scope, Tracer(scope, tables)),
        is_insert=isinstance(statement, exp.Insert),
        into=_listed(tables.engine, statement),
    )


def _query_in(statement: exp.Expr | None) -> exp.Query | None:
    query = statement.expression if isinstance(statement, exp.Create | exp.Insert) else statement
    query = query.unnest() if isinstance(query, exp.Subquery) else query
    return query if isinstance(query, exp.Query) else None


def _listed(engine: str, statement: exp.Expr) -> tuple[str, ...]:
    target = statement.this if isinstance(statement, exp.Insert) else None
    columns = target.expressions if isinstance(target, exp.Schema) else []
    return tuple(_folded(engine, column) for column in columns)


def _without_databases(query: exp.Query, tables: Tables) -> list[tuple[str, str]]:
    """Drops the database from every table's name, which is the warehouse itself; returns schema and table of each."""
    read = []
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
        schema = _folded(tables.engine, table.args.get("db")) or tables.default_schema
        read.append((schema, _folded(tables.engine, table.this)))
    return read


def _folded(engine: str, identifier: object) -> str:
    if not isinstance(identifier, exp.Identifier):
        return ""
    unquoted = engine == EngineKind.POSTGRESQL and not identifier.quoted
    return identifier.name.lower() if unquoted else fold(engine, identifier.name)


def _read(scope: Scope, tables: Tables) -> frozenset[str]:
    return frozenset(
        identity_of(tables.engine, source.db, source.name)
        for one in scope.traverse()
        for source in one.sources.values()
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
    )


def _outputs(scope: Scope, tracer: Tracer) -> dict[str, Derived]:
    return {name: tracer.derived(scope, name) for name in _names(scope) if name and name != "*"}


@dataclass(frozen=True)
class Trace:
    """What a value is computed from, as far as it was followed."""

    is_resolved: bool = True
    inputs: Mapping[Input, Transformation] = field(default_factory=dict)

    def __or__(self, other: Trace) -> Trace:
        inputs = dict(self.inputs)
        for one, kind in other.inputs.items():
            inputs[one] = _stronger(inputs.get(one, "identity"), kind)
        return Trace(self.is_resolved and other.is_resolved, inputs)

    def through(self, kind: Transformation) -> Trace:
        """The same inputs after one more step of this kind."""
        return Trace(
            self.is_resolved, {one: _stronger(kind, known) for one, known in self.inputs.items()}
        )


UNRESOLVED = Trace(is_resolved=False)


def _stronger(one: Transformation, other: Transformation) -> Transformation:
    return max(one, other, key=ORDER.index)


class Tracer:
    """Follows columns of one qualified query through its scopes, each column of each scope once."""

    def __init__(self, root: Scope, tables: Tables) -> None:
        self.tables = tables
        self.known: dict[tuple[int, str], Trace] = {}
        self.selects: dict[int, dict[str, exp.Expr]] = {}
        self.scopes = {id(scope.expression): scope for scope in root.traverse()}

    def derived(self, scope: Scope, name: str) -> Derived:
        """How the output column `name` of a scope is computed."""
        trace = self.output(scope, name)
        return Derived(trace.is_resolved, trace.inputs, self._words(scope, name))

    def output(self, scope: Scope, name: str) -> Trace:
        """What an output column of a scope is computed from."""
        place = (id(scope), name)
        if place not in self.known:
            # A column that is computed from itself adds nothing to itself.
            self.known[place] = Trace()
            self.known[place] = self._output(scope, name)
        return self.known[place]

    def _output(self, scope: Scope, name: str) -> Trace:
        expression = scope.expression
        if _is_recursive_stub(scope):
            begun = self.scopes.get(id(scope.expression))
            return self.output(begun, name) if begun else UNRESOLVED
        if isinstance(expression, exp.SetOperation):
            return self._set_operation(scope, name)
        if isinstance(expression, exp.UDTF):
            return self._columns_in(scope, expression).through("expression")
        if isinstance(expression, exp.Subquery | exp.Table):
            inner = [*scope.derived_table_scopes, *scope.subquery_scopes]
            return self.output(inner[0], name) if len(inner) == 1 else UNRESOLVED
        selected = self._selected(scope, name)
        return UNRESOLVED if selected is None else self.expression(scope, selected)

    def _selected(self, scope: Scope, name: str) -> exp.Expr | None:
        if id(scope) not in self.selects:
            selects: list[exp.Expr] = getattr(scope.expression, "selects", [])
            # Backwards, so that of two with one name the first stays.
            self.selects[id(scope)] = {one.output_name: one for one in reversed(selects)}
        return self.selects[id(scope)].get(name)

    def _set_operation(self, scope: Scope, name: str) -> Trace:
        branches = scope.set_operation_scopes
        if not branches:
            return UNRESOLVED
        if scope.expression.args.get("by_name"):
            having = [branch for branch in branches if name in _names(branch)]
            return _together(self.output(branch, name) for branch in having)
        names = _names(scope)
        position = names.index(name) if name in names else -1
        traces = []
        for branch in branches:
            selected = _names(branch)
            if not 0 <= position < len(selected) or "*" in selected:
                return UNRESOLVED
            traces.append(self.output(branch, selected[position]))
        return _together(traces)

    def expression(self, scope: Scope, expression: exp.Expr) -> Trace:
        """What an expression within a scope is computed from."""
        bare = expression.unalias()
        while isinstance(bare, exp.Paren):
            bare = bare.this
        if isinstance(bare, exp.Column) and not isinstance(bare.this, exp.Star):
            return self.column(scope, bare)
        if bare.is_star:
            return UNRESOLVED
        trace = Trace()
        for column in find_all_in_scope(bare, exp.Column):
            trace |= self.column(scope, column).through(_step(column, bare))
        for inner in scope.subquery_scopes:
            if _is_within(inner.expression, bare):
                trace |= self._subquery(inner).through("expression")
        for column in _named_windows(scope, bare):
            trace |= self.column(scope, column).through("expression")
        return trace

    def _subquery(self, inner: Scope) -> Trace:
        """A query used as a value gives its output; asked whether it has rows, whatever decides that."""
        if isinstance(inner.expression.find_ancestor(exp.Exists, exp.Select), exp.Exists):
            return self._columns_in(inner, inner.expression)
        return _together(self.output(inner, name) for name in _names(inner))

    def _columns_in(self, scope: Scope, expression: exp.Expr) -> Trace:
        return _together(
            self.column(scope, column) for column in find_all_in_scope(expression, exp.Column)
        )

    def column(self, scope: Scope, column: exp.Column) -> Trace:
        """What a reference to a column within a scope is computed from; outer queries are looked through too."""
        name, at = column.table, scope
        if not name:
            return self._unqualified(scope, column)
        while name not in at.sources and at.parent is not None:
            at = at.parent
        source = at.sources.get(name)
        if isinstance(source, Scope):
            return self.output(source, column.name)
        if isinstance(source, exp.Table):
            return self._leaf(at, source, column.name)
        return UNRESOLVED

    def _leaf(self, scope: Scope, table: exp.Table, column: str) -> Trace:
        if table.args.get("pivots"):
            return UNRESOLVED
        if not isinstance(table.this, exp.Identifier):
            # A table function: its rows are made from its arguments.
            return self._columns_in(scope, table.this).through("expression")
        engine = self.tables.engine
        identity = identity_of(engine, table.db, table.name)
        return Trace(inputs={Input(identity, fold(engine, column)): "identity"})

    def _unqualified(self, scope: Scope, column: exp.Column) -> Trace:
        """A name without its table belongs to the only table whose columns nobody knows, if there is just one."""
        unknown = [
            source
            for _, source in scope.selected_sources.values()
            if isinstance(source, exp.Table) and not self.tables.has(source.db, source.name)
        ]
        return self._leaf(scope, unknown[0], column.name) if len(unknown) == 1 else UNRESOLVED

    def _words(self, scope: Scope, name: str) -> str:
        """The SQL that computes a column, found behind the steps that only hand it on."""
        while isinstance(scope.expression, exp.Select):
            selected = self._selected(scope, name)
            if selected is None:
                return ""
            bare = selected.unalias()
            source = scope.sources.get(bare.table) if isinstance(bare, exp.Column) else None
            if not isinstance(source, Scope) or _is_recursive_stub(source):
                dialect = DIALECTS[EngineKind(self.tables.engine)]
                return bare.sql(dialect=dialect, comments=False)[:EXPRESSION_LENGTH]
            scope, name = source, bare.name
        return ""


def _together(traces: Iterator[Trace] | Sequence[Trace]) -> Trace:
    whole = Trace()
    for trace in traces:
        whole |= trace
    return whole


def _names(scope: Scope) -> list[str]:
    """The names of a scope's output columns, in order."""
    names: list[str] = getattr(scope.expression, "named_selects", [])
    return names


def _is_within(node: exp.Expr, root: exp.Expr) -> bool:
    at: exp.Expr | None = node
    while at is not None and at is not root:
        at = at.parent
    return at is root


def _is_recursive_stub(scope: Scope) -> bool:
    """Whether this stands for a recursive query inside itself: what it begins with, which sqlglot leaves unfilled."""
    return scope.is_cte and isinstance(scope.expression.parent, exp.SetOperation)


def _step(column: exp.Column, root: exp.Expr) -> Transformation:
    """What happens to a column on its way to the top of an expression."""
    node: exp.Expr | None = column
    while node is not None and node is not root.parent:
        if isinstance(node, exp.AggFunc) and type(node) not in ONE_VALUE:
            return "aggregation"
        node = node.parent
    return "expression"


def _named_windows(scope: Scope, expression: exp.Expr) -> Iterator[exp.Column]:
    """The columns of the windows an expression uses by name (`over w`)."""
    defined = {one.name: one for one in scope.expression.args.get("windows") or []}
    for window in find_all_in_scope(expression, exp.Window):
        named = defined.get(window.alias) or defined.get(window.name)
        if named is not None and named is not window:
            yield from named.find_all(exp.Column)
