"""What events say about how datasets are made: edges from inputs to outputs, and columns from facets or from SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from catalog.importers.column_lineage import Derived, Input, Transformation, derive
from catalog.importers.edges import Lineage, derived_columns, keep_derivations, keep_edges
from catalog.importers.openlineage_events import Event, EventDataset, EventInput
from catalog.importers.openlineage_names import Known
from catalog.importers.reports import ImportReport
from catalog.models import Alias, AliasKind, Dataset, LineageEdge, RunEvent, Source
from catalog.reconciliation import Tally

BROKE_OFF = frozenset({"FAIL", "ABORT"})


def keep(events: Sequence[Event], known: Known, report: ImportReport, *, now: datetime) -> None:
    """Adds the edges and column lineage the events report; a run that broke off made nothing.

    Cost: a handful of queries, and one or two per completed run.
    """
    made = [event for event in events if event.state not in BROKE_OFF]
    lineage = Lineage()
    for event in made:
        lineage.edges |= _edges(event, known)
    lineage.about = {downstream for _, downstream in lineage.edges}
    keep_edges(lineage, report, source=Source.OPENLINEAGE, now=now, and_remove=False)
    for event in made:
        if event.state == "COMPLETE" and event.inputs:
            _drop_stale(event, known, report)
    _keep_columns(made, known, report)


def _edges(event: Event, known: Known) -> dict[tuple[int, int], str]:
    return {
        (upstream, downstream): _job(event)
        for upstream in _keys(event.inputs, known)
        for downstream in _keys(event.outputs, known)
    }


def _job(event: Event) -> str:
    return " ".join(event.job).strip()[:500]


def _keys(datasets: Iterable[EventDataset], known: Known) -> set[int]:
    return {known.datasets[one.name].pk for one in datasets if one.name in known.datasets}


def _drop_stale(event: Event, known: Known, report: ImportReport) -> None:
    """Forgets inputs this job no longer has: a completed run has told them all, in all its events together."""
    stale: QuerySet[LineageEdge] = LineageEdge.objects.filter(
        source=Source.OPENLINEAGE,
        job=_job(event),
        downstream__in=_keys(event.outputs, known),
    ).exclude(upstream__in=_keys(event.inputs, known))
    if not stale.exists():
        return
    n_removed, _ = stale.exclude(upstream__in=_inputs_of_run(event)).delete()
    report.count("lineage edges", Tally(removed=n_removed), _keys(event.outputs, known))


def _inputs_of_run(event: Event) -> set[int]:
    namespace, name = event.job
    payloads = RunEvent.objects.filter(
        job_namespace=namespace, job_name=name, run_id=event.run_id
    ).values_list("payload", flat=True)
    names = {
        (one["namespace"], one["name"])
        for payload in payloads
        for one in payload.get("inputs") or ()
    }
    aliases = Alias.objects.filter(
        kind=AliasKind.OPENLINEAGE, namespace__in={one for one, _ in names}
    )
    return {one.dataset_id for one in aliases if (one.namespace, one.value) in names}


def _keep_columns(events: Sequence[Event], known: Known, report: ImportReport) -> None:
    told: dict[int, dict[int, Derived]] = {}
    for event in events:
        for output in event.outputs:
            if (dataset := known.datasets.get(output.name)) is not None:
                told[dataset.pk] = _columns(event, output, dataset, known) or told.get(
                    dataset.pk, {}
                )
    for register in known.registers.values():
        here = [one.pk for one in register.datasets.values() if told.get(one.pk)]
        lineage = Lineage(about=set(here))
        for key in here:
            lineage.columns |= told[key]
        if here:
            keep_derivations(lineage, register, report, source=Source.OPENLINEAGE)


def _columns(
    event: Event, output: EventDataset, dataset: Dataset, known: Known
) -> dict[int, Derived]:
    """How the columns of an output are computed: as the producer says, else as the SQL of the completed run shows."""
    if output.column_lineage:
        return _from_facet(output, known)
    if event.sql and event.state in ("COMPLETE", "JOB") and len(event.outputs) == 1:
        return _from_sql(event.sql, dataset, known)
    return {}


def _from_facet(output: EventDataset, known: Known) -> dict[int, Derived]:
    derived = {}
    for name, inputs in output.column_lineage.items():
        column = known.column(output.name, name)
        if column is not None:
            derived[column.pk] = _derived(inputs, known)
    return derived


def _derived(inputs: Iterable[EventInput], known: Known) -> Derived:
    found: dict[Input, Transformation] = {}
    is_resolved = True
    for one in inputs:
        dataset = known.datasets.get(one.name)
        column = known.column(one.name, one.column)
        if dataset is None or column is None:
            is_resolved = False
        else:
            register = known.register(dataset)
            found[Input(dataset.identity, register.folded(column.name))] = one.transformation
    return Derived(is_resolved, found)


def _from_sql(sql: str, dataset: Dataset, known: Known) -> dict[int, Derived]:
    register = known.register(dataset)
    query = derive(sql, register.tables())
    if not query.is_readable:
        return {}
    columns = sorted(register.columns().get(dataset.pk, {}).values(), key=lambda one: one.position)
    return derived_columns(dataset, query.for_columns([one.name for one in columns]), register)
