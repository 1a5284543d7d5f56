"""Which column a name means, resolved as the engine would but only among what the person may know.

A column that no grant covers does not exist, so a name binds past it to an outer query or an alias exactly as if the
table lacked it; only when nothing else fits is it reported as known but not granted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from access.sql import kinds, names
from access.sql.findings import Findings
from access.sql.sources import Fact, Output, Scope, Source, merged

_LOCAL = Output("", Fact(kind=kinds.OTHER, fallible=True))
_UNKNOWN = Output("", Fact(kind=kinds.OTHER))


def resolve(column: exp.Column, scope: Scope, findings: Findings, dialect: str) -> Output:
    """The output a column reference means, marked as used; schema-qualified names are cut to the alias."""
    findings.seen.add(id(column))
    output = _find(column, scope, findings, dialect)
    findings.use(output)
    if output.name != column.name and names.lower(output.name) == names.lower(column.name):
        column.set("this", exp.to_identifier(output.name, quoted=True))
    return output


def _find(column: exp.Column, scope: Scope, findings: Findings, dialect: str) -> Output:
    parts = [part.name for part in column.parts]
    keys = [names.fold(part, True, dialect) for part in parts]
    found = _qualified(column, keys, scope, findings) if len(keys) > 1 else _plain(keys[0], scope)
    if found is None and len(keys) > 1:
        found = _field(keys, scope)
    if found is None:
        found = _not_granted(keys, scope, findings)
    if found is None:
        findings.unknown_columns.append(".".join(parts))
    return found or _UNKNOWN


def _levels(scope: Scope) -> Iterator[Scope]:
    level: Scope | None = scope
    while level is not None:
        yield level
        level = level.outer


def _plain(key: str, scope: Scope) -> Output | None:
    """An unqualified name: a column, a lambda's variable, an alias or a whole row, from the inside out."""
    for attempt in (_known, _open):
        for level in _levels(scope):
            found = attempt(key, level)
            if found is not None:
                return found
    return None


def _known(key: str, level: Scope) -> Output | None:
    if key in level.locals:
        return _LOCAL
    found = [source.keys[key] for source in level.visible() if key in source.keys]
    alias = level.aliases.get(key)
    if alias is not None:
        found.append(alias)
    if found:
        return merged(found)
    rows = [source.relation.all(key) for source in level.visible() if source.alias == key]
    return merged(rows) if rows else None


def _open(key: str, level: Scope) -> Output | None:
    found = [source.relation.all(key) for source in level.visible() if source.relation.open]
    return _careful(merged(found)) if found else None


def _careful(output: Output) -> Output:
    return output._replace(fact=output.fact._replace(kind=kinds.OTHER, fallible=True))


def _qualified(
    column: exp.Column, keys: list[str], scope: Scope, findings: Findings
) -> Output | None:
    source = _source(keys[:-1], scope)
    if source is None:
        return None
    found = source.keys.get(keys[-1])
    if found is None and source.relation.open:
        found = _careful(source.relation.all(keys[-1]))
    if found is None and keys[-1] in source.hidden and source.instance is not None:
        findings.lacks(source.instance, source.hidden[keys[-1]])
        found = _UNKNOWN
    if found is not None and len(keys) > 2:
        column.set("catalog", None)
        column.set("db", None)
        column.set("table", exp.to_identifier(source.alias, quoted=True))
    return found


def _source(qualifier: list[str], scope: Scope) -> Source | None:
    matches: Callable[[Source], bool]
    if len(qualifier) == 1:

        def matches(source: Source) -> bool:
            return source.alias == qualifier[0]
    else:

        def matches(source: Source) -> bool:
            return bool(source.path) and source.path[-len(qualifier) :] == tuple(qualifier)

    for level in _levels(scope):
        for source in level.sources:
            if matches(source):
                return source
    return None


def _field(keys: list[str], scope: Scope) -> Output | None:
    """A struct's field: `column.field`, or `alias.column.field`."""
    source = _source(keys[:1], scope)
    if source is not None and len(keys) > 2 and keys[1] in source.keys:
        return _careful(source.keys[keys[1]])
    if source is None:
        found = _plain(keys[0], scope)
        return _careful(found) if found is not None else None
    return None


def _not_granted(keys: list[str], scope: Scope, findings: Findings) -> Output | None:
    """A name that only a column without a grant can mean, in the innermost query that has one."""
    for level in _levels(scope):
        for source in level.visible():
            if source.instance is not None and keys[0] in source.hidden and len(keys) == 1:
                findings.lacks(source.instance, source.hidden[keys[0]])
                return _UNKNOWN
    return None
