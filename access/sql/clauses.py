"""In which clauses of a query a base column was asked for: what evidence of need is made of.

A column is counted under the clause that decides why it was read: a subquery inside WHERE filters, whatever stands in
its own SELECT list. Parts of a query that only pass rows on (FROM, WITH, UNION) leave the reason open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlglot import exp

from access.sql.sources import Output, Reach

if TYPE_CHECKING:
    from access.sql.findings import Findings

SELECTED = "selected"
FILTERED = "filtered"
JOINED = "joined"
GROUPED = "grouped"
ORDERED = "ordered"
STARRED = "starred"
"""Nobody named the column: it came by a star, a whole row, a position or a summary. Weak evidence that it is needed."""

CLAUSES = (SELECTED, FILTERED, JOINED, GROUPED, ORDERED, STARRED)

ColumnClauses = Mapping[str, frozenset[str]]


@contextmanager
def during(findings: Findings, clause: str) -> Iterator[None]:
    """Columns named meanwhile count under `clause`, unless a clause further out has decided already."""
    before = findings.clause
    if before == SELECTED:
        findings.clause = clause
    try:
        yield
    finally:
        findings.clause = before


def note(findings: Findings, reach: Reach, clause: str) -> None:
    """Counts columns that were used already under one more clause."""
    for instance, column in reach:
        dataset = instance.policy.dataset
        if column in findings.used.get(dataset, ()):
            findings.clauses.setdefault(dataset, {}).setdefault(column, set()).add(clause)


def positions(findings: Findings, node: exp.Expr, outputs: list[Output]) -> None:
    """GROUP BY 1 and ORDER BY 2 name what stands there in the SELECT list; GROUP BY ALL whatever is no aggregate."""
    group = node.args.get("group")
    for output in outputs if group is not None and group.args.get("all") else ():
        if not output.fact.held:
            note(findings, output.fact.reach, GROUPED)
    for key, clause in (("group", GROUPED), ("order", ORDERED)):
        listed = node.args.get(key)
        for part in listed.expressions if listed is not None else ():
            position = part.this if isinstance(part, exp.Ordered) else part
            if isinstance(position, exp.Literal) and not position.is_string:
                _positioned(findings, position.name, outputs, clause)


def _positioned(findings: Findings, number: str, outputs: list[Output], clause: str) -> None:
    if number.isdigit() and 0 < int(number) <= len(outputs):
        note(findings, outputs[int(number) - 1].fact.reach, clause)


def weak(columns: ColumnClauses) -> bool:
    """Whether nothing of a dataset was asked for by name."""
    return bool(columns) and all(clauses == {STARRED} for clauses in columns.values())


def settled(found: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, ColumnClauses]:
    """The clauses of each column of each dataset, as values that never change."""
    return {
        dataset: {column: frozenset(clauses) for column, clauses in columns.items()}
        for dataset, columns in found.items()
    }
