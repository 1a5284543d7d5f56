"""PIVOT without IN: the values are asked for first, as a query of the same reader, and written into the statement.

DuckDB would run a query of its own for them, outside the gate's sight. Here the question is a text like any other,
which passes the guard with the reader's policies: so hidden rows name no column, and a mask shows as itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from access.errors import Refusal
from access.sql.dialects import DUCKDB, render

ValueLookup = Callable[[str], Sequence[Any]]
"""Answers a question of one column as the reader may see it: at most `MOST` values and one more."""

MOST = 300
_LONGEST = 1_000
WRITE_THEM = "PIVOT needs its values written out here: PIVOT ... ON column IN ('a', 'b')."
_TOO_MANY = f"PIVOT would make more than {MOST} columns. Write the ones you want: PIVOT ... ON column IN ('a', 'b')."
_NONE = "There is no value to make columns of in what PIVOT reads. Write them out: PIVOT ... ON column IN ('a', 'b')."


def is_open(part: exp.Expr) -> bool:
    """Whether an entry of a PIVOT's ON list leaves its values to the data."""
    return not isinstance(part, exp.In)


def fill(root: exp.Expr, values: ValueLookup) -> Refusal | None:
    """Writes the values of every PIVOT that leaves them to the data into it, the innermost first.

    Gives the refusal that such a question met, if one did: the query itself then usually meets it too, with
    everything else that is missing.
    """
    met = None
    for pivot in reversed(list(root.find_all(exp.Pivot, bfs=True))):
        if pivot.args.get("unpivot") or pivot.args.get("fields"):
            continue
        for part in [part for part in pivot.expressions if is_open(part)]:
            question = _question(pivot, part)
            try:
                found = _checked(values(question)) if question else None
            except Refusal as refusal:
                met = met or refusal
                found = [""]
            if found is not None:
                _write(part, found)
    return met


def _write(part: exp.Expr, values: list[str]) -> None:
    listed = exp.In(expressions=[exp.Literal.string(value) for value in values])
    part.replace(listed)
    listed.set("this", part)


def _checked(values: Sequence[Any]) -> list[str]:
    """The values in the order in which DuckDB would make columns of them."""
    found = sorted({str(value) for value in values if value is not None})
    if not found:
        raise Refusal(_NONE, code="unsupported")
    if len(values) > MOST:
        raise Refusal(_TOO_MANY, code="unsupported")
    if any("\0" in value or len(value) > _LONGEST for value in found):
        raise Refusal(WRITE_THEM, code="unsupported")
    return found


def _question(pivot: exp.Pivot, part: exp.Expr) -> str | None:
    """The query for the different values of one entry; None where it cannot stand by itself."""
    if part.find(exp.Query, exp.Star) or _is_within_lateral(pivot):
        return None
    value = exp.Cast(this=part.copy(), to=exp.DataType.build("TEXT"))
    query = exp.Select(
        distinct=exp.Distinct(),
        expressions=[exp.Alias(this=value, alias=exp.to_identifier("value", quoted=True))],
        from_=exp.From(this=pivot.this.copy()),
        where=exp.Where(this=exp.Not(this=exp.Is(this=part.copy(), expression=exp.Null()))),
    )
    framed = _framed(query, pivot)
    return None if framed is None else render(framed, DUCKDB)


def _is_within_lateral(pivot: exp.Pivot) -> bool:
    return pivot.find_ancestor(exp.Lateral) is not None


def _framed(query: exp.Select, pivot: exp.Pivot) -> exp.Select | None:
    """The question with the WITH parts that the PIVOT can see in front of it."""
    came_from: exp.Expr = pivot
    current: exp.Expr | None = pivot
    while current is not None:
        with_ = current.args.get("with_")
        if with_ is not None:
            parts = _before(with_, came_from)
            if parts is None:
                return None
            if parts:
                query = _with(query, parts, bool(with_.args.get("recursive")))
        if isinstance(current, exp.CTE):
            came_from = current
        current = current.parent
    return query


def _before(with_: exp.With, came_from: exp.Expr) -> list[exp.Expr] | None:
    """The parts in sight: all of them from the query, the earlier ones from a part; None from a recursive part."""
    parts = list(with_.expressions)
    position = next((at for at, part in enumerate(parts) if part is came_from), None)
    if position is None:
        return parts
    return None if with_.args.get("recursive") else parts[:position]


def _with(query: exp.Select, parts: list[exp.Expr], recursive: bool) -> exp.Select:
    if query.args.get("with_") is not None:
        inner = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("asked")))
        query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner))
    copies = [part.copy() for part in parts]
    query.set("with_", exp.With(expressions=copies, recursive=recursive))
    return query
