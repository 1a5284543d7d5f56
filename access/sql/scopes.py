"""The walk over a query: which name means which relation, clause by clause, as the engine's own rules have it.

A name in FROM is a WITH part if one is in scope and the name is unqualified, else a dataset the person may know of,
else unknown. Every real table met becomes an `Instance` to be replaced by its policy view; WITH parts get names of
the gate's own. Nothing here decides what a person may see: that is `views` and `findings`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from access.errors import Refusal
from access.policies.policy import TablePolicy
from access.sql.aliases import keys_of
from access.sql.clauses import FILTERED, GROUPED, ORDERED, during, positions
from access.sql.expressions import examine
from access.sql.facts import is_true_false
from access.sql.findings import Findings
from access.sql.functions import Place, allowed
from access.sql.listings import Listing
from access.sql.parts import with_parts
from access.sql.pivots import pivoted
from access.sql.projections import every_column, projections
from access.sql.relations import exposed, values_relation
from access.sql.samples import even
from access.sql.sources import Fact, Output, Relation, Scope
from access.sql.stages import cuts, is_first_few, is_late, stops
from access.sql.tables import add_source, from_clause
from access.sql.unions import set_operation

Lookup = Callable[[str | None, str, str | None], TablePolicy | None]


@dataclass
class Walk:
    """One pass over one query; mutates the tree only to cut qualified names and rename WITH parts.

    `is_limited` says that the gate will put a LIMIT on the whole.
    """

    dialect: str
    lookup: Lookup
    default_schema: str
    warehouse: str
    listing: Listing | None = None
    is_limited: bool = False
    findings: Findings = field(default_factory=Findings)
    parts: dict[str, tuple[str, Relation | None]] = field(default_factory=dict)
    n_parts: int = 0

    # Queries

    def query(self, node: exp.Expr, outer: Scope | None, top: bool = False) -> Relation:
        """What a query offers; everything inside it has been resolved and settled afterwards."""
        before = self.findings.n_fallible
        kept = self.parts
        with_ = node.args.get("with_")
        if with_ is not None:
            self.parts = dict(kept)
            with_parts(self, with_, outer)
        relation = self._body(node, outer, top)
        self.parts = kept
        relation.fallible = relation.fallible or self.findings.n_fallible > before
        return relation

    def drawn(self, node: exp.Expr) -> None:
        """A sample of a FROM item or query: no condition passes below it, so it ends one stream and begins another."""
        if node.args.get("sample") is not None:
            even(node, self.dialect)
            self.findings.n_branches += 1

    def subquery(self, node: exp.Expr, scope: Scope) -> Relation:
        """A query inside an expression; engines may run it beside the outer one or not at all."""
        self.findings.n_branches += 1
        return self.query(node, scope)

    def _body(self, node: exp.Expr, outer: Scope | None, top: bool) -> Relation:
        if isinstance(node, exp.Select):
            return self._select(node, outer, top)
        if isinstance(node, exp.SetOperation):
            return set_operation(self, node, outer)
        if isinstance(node, exp.Subquery):
            return self._wrapped(node, outer, top)
        if isinstance(node, exp.Values):
            return self.values(node, Scope(outer=outer, top=top))
        if isinstance(node, exp.Pivot):
            scope = Scope(outer=outer, top=False)
            add_source(self, node.this, scope)
            return pivoted(self, node, scope)
        if isinstance(node, exp.Table):
            return self.wrapped_table(node, outer)
        raise Refusal(
            "This kind of query is not supported here. Write it as a SELECT.", code="unsupported"
        )

    def _wrapped(self, node: exp.Subquery, outer: Scope | None, top: bool) -> Relation:
        if (
            node.args.get("joins")
            or node.args.get("pivots")
            or not isinstance(node.this, exp.Query)
        ):
            return self.wrapped_table(node, outer)
        is_last = top and not is_first_few(node, self.is_limited)
        relation = self.query(node.this, outer, is_last)
        self.findings.n_branches += cuts(node) or (top and not is_last)
        self.tail(node, Scope(outer=outer, aliases=keys_of(self, relation), top=top))
        return relation

    def wrapped_table(self, node: exp.Expr, outer: Scope | None) -> Relation:
        scope = Scope(outer=outer)
        add_source(self, node, scope)
        return exposed(scope, self.dialect)

    def _select(self, node: exp.Select, outer: Scope | None, top: bool) -> Relation:
        late = is_late(node, top and self.is_limited, self.dialect)
        lone = top and not late and self._wraps(node)
        scope = Scope(outer=outer, top=top, late=late, lone=lone)
        from_clause(self, node, scope)
        self.drawn(node)
        outputs, is_open, aggregated = projections(self, node, scope)
        relation = Relation(outputs, is_open)
        self._filters(node, scope)
        self.tail(node, scope)
        positions(self.findings, node, outputs)
        self.findings.n_branches += stops(node, aggregated, late, self._makes_rows)
        relation.single = self._single(node, aggregated)
        return relation

    def _wraps(self, node: exp.Select) -> bool:
        """Whether the query only dresses one other query, so that the inner one's rows are the result's too."""
        # What it chooses of them, statistics may choose before they are worked out.
        if any(node.args.get(key) for key in ("where", "joins", "laterals", "with_")):
            return False
        parts = [node.args.get(key) for key in ("having", "qualify", "group", "order")]
        clauses = [part for part in (*parts, *node.expressions) if part is not None]
        return not any(part.find(exp.Query) for part in clauses)

    def _single(self, node: exp.Select, aggregated: bool) -> bool:
        """Whether the query has at most one row whatever the data: an ungrouped aggregate, LIMIT 1, or no FROM."""
        limit = node.args.get("limit")
        amount = limit.args.get("expression") if limit is not None else None
        if limit is not None and isinstance(amount, exp.Literal) and amount.name in ("0", "1"):
            return not limit.args.get("limit_options")
        one = node.args.get("from_") is None or (aggregated and node.args.get("group") is None)
        return one and not self._makes_rows(node)

    def _makes_rows(self, node: exp.Select) -> bool:
        """Whether a function in the SELECT list may turn one row into several."""
        calls = (call for part in node.expressions for call in part.find_all(exp.Anonymous))
        return any(Place.TABLE in allowed(call.name, self.dialect).places for call in calls)

    def _filters(self, node: exp.Select, scope: Scope) -> None:
        for key in ("where", "having", "qualify"):
            clause = node.args.get(key)
            if clause is not None:
                inner = Scope(outer=scope.outer, sources=scope.sources, aliases=scope.aliases)
                self.predicate(clause.this, inner)
        for window in node.args.get("windows") or ():
            examine(window, scope, self)

    def tail(self, node: exp.Expr, scope: Scope) -> None:
        """GROUP BY, DISTINCT ON, ORDER BY, LIMIT and OFFSET, where a select alias may be named."""
        with during(self.findings, GROUPED):
            group = node.args.get("group")
            if group is not None:
                self._grouping(group, scope)
            distinct = node.args.get("distinct")
            if isinstance(distinct, exp.Distinct) and distinct.args.get("on") is not None:
                for part in distinct.args["on"].expressions:
                    self.root(part, scope)
        order = node.args.get("order")
        with during(self.findings, ORDERED):
            for part in order.expressions if order is not None else ():
                self.root(part.this, scope)
        for key in ("limit", "offset"):
            clause = node.args.get(key)
            amount = (
                clause.args.get("expression") or clause.args.get("count")
                if clause is not None
                else None
            )
            if amount is not None and not isinstance(amount, exp.Var):
                self.root(amount, scope)

    def _grouping(self, group: exp.Expr, scope: Scope) -> None:
        for child in group.iter_expressions():
            if isinstance(child, (exp.Cube, exp.Rollup, exp.GroupingSets, exp.Group)):
                self._grouping(child, scope)
            elif isinstance(child, exp.Tuple):
                for part in child.expressions:
                    self.root(part, scope)
            else:
                self.root(child, scope)

    def values(self, node: exp.Values, scope: Scope) -> Relation:
        relation = values_relation(self, node, scope)
        self.tail(node, Scope(outer=scope.outer, aliases=keys_of(self, relation)))
        return relation

    # Expressions at the root of a clause

    def examine(self, node: exp.Expr, scope: Scope) -> Fact:
        return examine(node, scope, self)

    def root(self, node: exp.Expr, scope: Scope) -> Fact:
        fact = examine(node, scope, self)
        self.findings.settle(fact, scope.is_last)
        return fact

    def predicate(self, node: exp.Expr, scope: Scope) -> None:
        """Each AND-ed condition by itself: an engine may evaluate them in any order and place."""
        with during(self.findings, FILTERED):
            self._conditions(node, scope)

    def _conditions(self, node: exp.Expr, scope: Scope) -> None:
        pending = [node]
        while pending:
            condition = pending.pop()
            if isinstance(condition, exp.And):
                pending += [condition.this, condition.expression]
            elif isinstance(condition, exp.Paren):
                pending.append(condition.this)
            else:
                fact = examine(condition, scope, self)
                if not is_true_false(fact):
                    fact = fact._replace(fallible=True)
                self.findings.settle(fact, scope.is_last)

    def every_column(self, scope: Scope, node: exp.Expr) -> Output:
        return every_column(self, scope, node)
