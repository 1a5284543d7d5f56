"""Keeps the lineage one source reports: edges between datasets, how each column is computed, edges between columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.identity import fold
from catalog.importers.column_lineage import Derived, Input
from catalog.importers.register import Register
from catalog.importers.reports import ImportReport
from catalog.models import Column, ColumnEdge, Dataset, Derivation, LineageEdge, Source
from catalog.reconciliation import reconcile


@dataclass
class Lineage:
    """What a source says about the lineage of some datasets, all of it: what is not in here is gone.

    `edges` gives the job for each pair of upstream and downstream dataset key; `columns` the derivation of each
    column by key. The columns of the datasets in `settled` are left as they are stored.
    """

    about: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    edges: dict[tuple[int, int], str] = field(default_factory=dict)
    columns: dict[int, Derived] = field(default_factory=dict)


def keep_lineage(
    lineage: Lineage, register: Register, report: ImportReport, *, source: Source, now: datetime
) -> None:
    """Brings the stored lineage of `lineage.about` to what the source says.

    Cost: three queries to read, up to nine to write.
    """
    keep_edges(lineage, report, source=source, now=now)
    keep_derivations(lineage, register, report, source=source)


def keep_edges(
    lineage: Lineage,
    report: ImportReport,
    *,
    source: Source,
    now: datetime,
    and_remove: bool = True,
) -> None:
    """Brings the edges into `lineage.about` to what the source says; without `and_remove` it only adds."""
    wanted = [
        LineageEdge(
            upstream_id=upstream,
            downstream_id=downstream,
            source=source,
            job=job[:500],
            seen_at=now,
        )
        for (upstream, downstream), job in lineage.edges.items()
        if upstream != downstream
    ]
    existing = LineageEdge.objects.filter(downstream__in=lineage.about, source=source)
    tally, touched = reconcile(
        existing,
        wanted,
        key=["upstream_id", "downstream_id"],
        fields=["job"] if and_remove else (),
        and_remove=and_remove,
    )
    report.count("lineage edges", tally, {edge.downstream_id for edge in touched})


def keep_derivations(
    lineage: Lineage, register: Register, report: ImportReport, *, source: Source
) -> None:
    """Brings the derivations of the columns of `lineage.about` to what the source says."""
    about = lineage.about - lineage.settled
    existing = Derivation.objects.filter(column__dataset__in=about, source=source)
    tally, _ = reconcile(
        existing,
        [_derivation(column, derived, source) for column, derived in lineage.columns.items()],
        key=["column_id"],
        fields=["status", "expression"],
    )
    report.count("derived columns", tally)
    edges = ColumnEdge.objects.filter(downstream__dataset__in=about, source=source)
    tally, _ = reconcile(
        edges,
        _column_edges(lineage.columns, register, source),
        key=["upstream_id", "downstream_id"],
        fields=["transformation"],
    )
    report.count("column edges", tally)


def _derivation(column: int, derived: Derived, source: Source) -> Derivation:
    status = Derivation.Status.RESOLVED if derived.is_resolved else Derivation.Status.UNRESOLVED
    return Derivation(column_id=column, source=source, status=status, expression=derived.expression)


def _column_edges(
    columns: Mapping[int, Derived], register: Register, source: Source
) -> Iterable[ColumnEdge]:
    for downstream, derived in columns.items():
        for one, transformation in derived.inputs.items():
            upstream = column_of(register, one)
            if upstream is not None and upstream.pk != downstream:
                yield ColumnEdge(
                    upstream_id=upstream.pk,
                    downstream_id=downstream,
                    source=source,
                    transformation=transformation,
                )


def column_of(register: Register, one: Input) -> Column | None:
    """The column an input of a derivation means, if the register knows it."""
    dataset = register.datasets.get(one.table)
    return register.columns().get(dataset.pk, {}).get(one.column) if dataset else None


def derived_columns(
    dataset: Dataset, derivations: Mapping[str, Derived], register: Register
) -> dict[int, Derived]:
    """A derivation for every column of a dataset, by column key; those the query does not give are unresolved."""
    by_name = {fold(register.engine, name): derived for name, derived in derivations.items()}
    return {
        column.pk: _verified(by_name.get(name, Derived(False)), register)
        for name, column in register.columns().get(dataset.pk, {}).items()
    }


def _verified(derived: Derived, register: Register) -> Derived:
    """A derivation that names a column nobody knows was not followed to its end."""
    if all(column_of(register, one) for one in derived.inputs):
        return derived
    return Derived(False, derived.inputs, derived.expression)
