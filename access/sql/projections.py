"""The SELECT list: what each entry offers, stars included, and the names that results will carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.errors import Refusal
from access.sql import names, nodes
from access.sql.relations import bounded, named, offered
from access.sql.sources import Fact, Output, Scope, merged

if TYPE_CHECKING:
    from access.sql.scopes import Walk

_SPREADING = frozenset(
    {"columns", "unnest", "explode", "explode_outer", "posexplode", "posexplode_outer"}
)


def projections(walk: Walk, node: exp.Select, scope: Scope) -> tuple[list[Output], bool, bool]:
    outputs: list[Output] = []
    is_open = aggregated = False
    for position, projection in enumerate(list(node.expressions)):
        if _is_star(walk, projection):
            starred = _expanded(walk, projection, scope)
            outputs += starred
            bounded(len(outputs))
            # The fields of a struct are for the engine to name.
            is_open = is_open or any(output.name == "*" for output in starred)
            is_open = is_open or any(source.relation.open for source in scope.visible())
            continue
        name = named(projection, walk.dialect)
        fact = walk.root(projection, scope)
        aggregated = aggregated or fact.held
        projection = _current(walk, node, position)
        name = projection.name if isinstance(projection, exp.Column) else name
        output = Output(name, fact)
        outputs.append(output)
        if _spreads(walk, projection):
            is_open = True
            _conceal(walk, node, position, projection)
        elif isinstance(projection, exp.Alias):
            scope.aliases.setdefault(names.fold(name, True, walk.dialect), output)
        elif not isinstance(projection, (exp.Column, exp.PositionalColumn)):
            if scope.top and projection.find(exp.Query) is None:
                # The person's own words to the last: the engine names them as it always does.
                is_open = True
            else:
                _label(walk, node, position, name)
    return outputs, is_open, aggregated


def _current(walk: Walk, node: exp.Select, position: int) -> exp.Expr:
    """The projection as it stands now: examining may have replaced its root node."""
    current: exp.Expr = node.expressions[position]
    return current


def _conceal(walk: Walk, node: exp.Select, position: int, projection: exp.Expr) -> None:
    """A spreading projection is named by its text, which must not hold a rewritten query."""
    if isinstance(projection, exp.Alias) or projection.find(exp.Query) is None:
        return
    if any(call.name.lower() == "columns" for call in projection.find_all(exp.Anonymous)):
        raise Refusal(
            "COLUMNS() cannot be combined with a subquery here. Join it instead.",
            code="unsupported",
        )
    _label(walk, node, position, "unnest")


def _label(walk: Walk, node: exp.Select, position: int, name: str) -> None:
    """Writes the engine's own name for the text down, so that rewritten text never becomes a name."""
    projection = node.expressions[position]
    label = exp.Alias(alias=exp.to_identifier(name, quoted=True))
    projection.replace(label)
    label.set("this", projection)


def _is_star(walk: Walk, projection: exp.Expr) -> bool:
    return isinstance(projection, exp.Star) or (
        isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)
    )


def _spreads(walk: Walk, projection: exp.Expr) -> bool:
    """Whether one projection may come out as several columns."""
    if isinstance(projection, exp.PositionalColumn) or isinstance(projection.this, exp.Star):
        return True
    return any(
        isinstance(call, exp.Anonymous) and call.name.lower() in _SPREADING
        for call in projection.walk(prune=lambda node: isinstance(node, exp.Query))
    )


def _expanded(walk: Walk, projection: exp.Expr, scope: Scope) -> list[Output]:
    """The outputs of a star; they count as used only when somebody names them or they reach the result."""
    star = projection if isinstance(projection, exp.Star) else projection.this
    listed = [*(star.args.get("replace") or ()), *(star.args.get("rename") or ())]
    if not all(isinstance(part, exp.Alias) for part in listed):
        raise Refusal(nodes.INCOMPLETE, code="unsupported")
    outputs = _starred(walk, projection, scope)
    replaced: dict[str, Output] = {}
    for part in star.args.get("replace") or ():
        key = names.fold(part.alias, True, walk.dialect)
        replaced[key] = Output(part.alias, walk.root(part.this, scope))
    _forget_hidden(walk, star, scope)
    dropped = {names.fold(part.name, True, walk.dialect) for part in star.args.get("except_") or ()}
    renames = {
        names.fold(part.this.name, True, walk.dialect): part.alias
        for part in star.args.get("rename") or ()
    }
    kept = [(names.fold(output.name, True, walk.dialect), output) for output in outputs]
    found = [
        replaced.get(key, output)._replace(name=renames.get(key, output.name))
        for key, output in kept
        if key not in dropped
    ]
    for output in found if renames else ():
        scope.aliases.setdefault(names.fold(output.name, True, walk.dialect), output)
    return found


def _forget_hidden(walk: Walk, star: exp.Expr, scope: Scope) -> None:
    """Takes columns without a grant out of EXCLUDE: what does not exist is left out already."""
    listed = star.args.get("except_") or []
    hidden = {key for source in scope.sources for key in source.hidden}
    kept = [part for part in listed if names.fold(part.name, True, walk.dialect) not in hidden]
    if len(kept) < len(listed):
        star.set("except_", kept or None)


def _starred(walk: Walk, projection: exp.Expr, scope: Scope) -> list[Output]:
    if isinstance(projection, exp.Column):
        owner = projection.parts[-2].name if len(projection.parts) > 1 else ""
        key = names.fold(owner, True, walk.dialect)
        found = [source for source in scope.sources if source.alias == key]
        if not found:
            field_of = exp.Column(this=exp.to_identifier(owner, quoted=True))
            return [Output("*", walk.root(field_of, scope))]
        if len(projection.parts) > 2:
            projection.set("db", None)
            projection.set("catalog", None)
        return found[0].relation.outputs
    return offered(scope, walk.dialect)


def every_column(walk: Walk, scope: Scope, node: exp.Expr) -> Output:
    """All columns in scope, for COLUMNS(), positions and stars inside calls: marked as used by a star."""
    level: Scope | None = scope
    while level is not None and not level.sources:
        level = level.outer
    sources = level.visible() if level is not None else []
    owner = node.parts[-2].name if isinstance(node, exp.Column) and len(node.parts) > 1 else None
    if owner is not None:
        key = names.fold(owner, True, walk.dialect)
        sources = [source for source in sources if source.alias == key] or sources
    if not sources:
        return Output("*", Fact())
    whole = merged(source.relation.all() for source in sources)
    walk.findings.use(whole, star=True)
    return whole
