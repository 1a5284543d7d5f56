"""WITH: each part under a name of the gate's own, visible where the engine would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import names
from access.sql.aliases import under_alias
from access.sql.dialects import POSTGRES
from access.sql.relations import renamed
from access.sql.samples import TABLES_ONLY
from access.sql.sources import Output, Relation, Scope, Source
from access.sql.unions import united

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def part(walk: Walk, node: exp.Table, key: str) -> Source:
    own, relation = walk.parts[key]
    if relation is None:
        raise Refusal("A WITH part uses one that comes after it. Put it first.", code="unsupported")
    if walk.dialect == POSTGRES and node.args.get("sample") is not None:
        raise Refusal(TABLES_ONLY, code="unsupported")
    if not node.alias:
        node.set("alias", exp.TableAlias(this=node.this.copy()))
    source = under_alias(walk, node, Relation(list(relation.outputs), relation.open))
    node.set("this", exp.to_identifier(own, quoted=True))
    return source


def with_parts(walk: Walk, with_: exp.With, outer: Scope | None) -> None:
    recursive = bool(with_.args.get("recursive"))
    for part in with_.expressions:
        key = names.fold(part.alias, True, walk.dialect)
        walk.n_parts += 1
        own = f"{names.RESERVED}_with_{walk.n_parts}"
        relation = (
            _recursive(walk, part, key, own, outer) if recursive else walk.query(part.this, outer)
        )
        relation = renamed(relation, part.args["alias"])
        if part is with_.expressions[-1]:
            relation.outputs += _numbered(with_, relation)
        walk.parts[key] = (own, relation)
        part.args["alias"].set("this", exp.to_identifier(own, quoted=True))


def _numbered(with_: exp.With, relation: Relation) -> list[Output]:
    """The columns that SEARCH and CYCLE add: what they hold comes from the part's own."""
    search = with_.args.get("search")
    if search is None:
        return []
    made = [search.expression, search.args.get("using")]
    return [relation.all(column.name) for column in made if isinstance(column, exp.Identifier)]


def _recursive(walk: Walk, part: exp.CTE, key: str, own: str, outer: Scope | None) -> Relation:
    """A part that may name itself: it offers what its first member does, and holds all it touches."""
    body = part.this
    if not isinstance(body, exp.Union):
        return walk.query(body, outer)
    n_before = len(walk.findings.instances)
    kept = walk.parts
    walk.parts = dict(kept)
    if body.args.get("with_") is not None:
        with_parts(walk, body.args["with_"], outer)
    first = walk.query(body.this, outer)
    walk.parts[key] = (
        own,
        renamed(Relation(list(first.outputs), first.open), part.args["alias"]),
    )
    second = walk.query(body.expression, outer)
    walk.parts = kept
    for instance in walk.findings.instances[n_before:]:
        instance.hold_all()
    return united(walk, [first, second], False)
