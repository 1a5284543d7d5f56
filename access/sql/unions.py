"""UNION, INTERSECT and EXCEPT: members column by column, with the conversions between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import kinds, names
from access.sql.aliases import keys_of
from access.sql.sources import Output, Relation, Scope, merged

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def set_operation(walk: Walk, node: exp.SetOperation, outer: Scope | None) -> Relation:
    members: list[exp.Expr] = []
    current: exp.Expr = node
    by_name = False
    while isinstance(current, exp.SetOperation) and (
        current is node or not current.args.get("with_")
    ):
        members.append(current.expression)
        by_name = by_name or bool(current.args.get("by_name"))
        if current is not node:
            _no_tail(walk, current)
        current = current.this
    members.append(current)
    walk.findings.n_branches += 1
    relation = united(walk, [walk.query(member, outer) for member in reversed(members)], by_name)
    walk.tail(node, Scope(outer=outer, aliases=keys_of(walk, relation)))
    return relation


def _no_tail(walk: Walk, node: exp.SetOperation) -> None:
    if any(node.args.get(key) is not None for key in ("order", "limit", "offset")):
        raise Refusal(
            "Put parentheses around the part of the UNION that has a LIMIT.", code="unsupported"
        )


def united(walk: Walk, members: list[Relation], by_name: bool) -> Relation:
    """One relation for several members; where their types differ the engine converts, which may raise."""
    relation = Relation(open=any(member.open for member in members))
    columns: dict[object, list[Output]] = {}
    for member in members:
        for position, output in enumerate(member.outputs):
            key = names.fold(output.name, True, walk.dialect) if by_name else position
            columns.setdefault(key, []).append(output)
    for outputs in columns.values():
        kind = kinds.widest([output.fact.kind for output in outputs])
        whole = merged(outputs)
        if kind == kinds.OTHER and any(output.fact.kind != kinds.OTHER for output in outputs):
            walk.findings.settle(whole.fact._replace(fallible=True), False)
        relation.outputs.append(Output(outputs[0].name, whole.fact._replace(kind=kind), whole.uses))
    if relation.open:
        walk.findings.settle(relation.all().fact._replace(fallible=True, held=True), False)
    return relation
