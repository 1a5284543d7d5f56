"""Relations under the alias a query gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access.sql import names
from access.sql.relations import renamed
from access.sql.sources import Output, Relation, Source, merged

if TYPE_CHECKING:
    from access.sql.scopes import Walk


def under_alias(walk: Walk, node: exp.Expr, relation: Relation) -> Source:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        relation = renamed(relation, alias)
    name = node.alias_or_name if isinstance(node, exp.Table) else node.alias
    return Source(names.fold(name, True, walk.dialect), relation, keys_of(walk, relation))


def keys_of(walk: Walk, relation: Relation) -> dict[str, Output]:
    keys: dict[str, Output] = {}
    for output in relation.outputs:
        key = names.fold(output.name, True, walk.dialect)
        keys[key] = merged([keys[key], output]) if key in keys else output
    return keys
