"""Takes over OpenLineage events: each counts once however often it is posted, and names lead to datasets we know.

A name that leads nowhere waits in quarantine and never becomes a dataset; when it leads somewhere later, its events
are read again. An event says something about the datasets it names and nothing about those it does not, so nothing
is withdrawn because an event is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.contacts import Named, keep_contacts, named_in
from catalog.importers import openlineage_checks, openlineage_lineage
from catalog.importers.openlineage_events import Event, EventDataset, read_events
from catalog.importers.openlineage_names import Known, keep_waiting, known_names
from catalog.importers.register import forward, one_import_at_a_time
from catalog.importers.reports import ImportReport
from catalog.models import Dataset, RunEvent, Source
from catalog.provenance import Saying, say_all
from catalog.reconciliation import Tally
from catalog.search import refresh
from catalog.versions import ObservedColumn, observe_all

Told = Sequence[tuple[Dataset, EventDataset]]


def import_openlineage(
    lines_or_events: Iterable[str | bytes | Mapping[str, Any]],
    *,
    now: datetime,
    path: str = "events",
) -> ImportReport:
    """Takes over events given as lines of JSON or as objects, all or nothing; known events change nothing.

    Errors: `BrokenFile` naming `path`, the line (or the number of the event) and the field.
    Cost: about thirty queries for one event, few more for many.
    """
    events = list(read_events(lines_or_events, path))
    report = ImportReport()
    with transaction.atomic():
        one_import_at_a_time()
        new = _remember(events, report, now)
        if new:
            known = take_in(new, report, now=now)
            keep_waiting(known, now=now)
            refresh(report.datasets)
    return report


def _remember(events: Sequence[Event], report: ImportReport, now: datetime) -> list[Event]:
    """Stores the events that were not known yet, and returns those."""
    unique = {event.digest: event for event in events}
    known = set(RunEvent.objects.filter(digest__in=list(unique)).values_list("digest", flat=True))
    new = [event for digest, event in unique.items() if digest not in known]
    RunEvent.objects.bulk_create((_stored(event, now) for event in new), batch_size=500)
    report.count("events", Tally(added=len(new), unchanged=len(events) - len(new)))
    return sorted(new, key=lambda event: event.at)


def _stored(event: Event, now: datetime) -> RunEvent:
    namespace, name = event.job
    return RunEvent(
        run_id=event.run_id,
        event_type=event.state,
        event_at=event.at,
        job_namespace=namespace,
        job_name=name,
        producer=event.producer,
        payload=event.payload,
        digest=event.digest,
        received_at=now,
    )


def take_in(events: Sequence[Event], report: ImportReport, *, now: datetime) -> Known:
    """Applies what events say, in order of time, to the datasets they name; returns which those are."""
    known = known_names(events)
    told = _told(events, known)
    versions = observe_all(
        {
            dataset: [ObservedColumn(one.name, one.type) for one in described.fields]
            for dataset, described in _last(told, lambda one: bool(one.fields)).items()
        },
        source=Source.OPENLINEAGE,
        now=now,
    )
    known.forget_columns()
    report.count("schemas", Tally(added=len(versions)), versions)
    report.reshaped.update(versions)
    _say(told, known, report, now)
    _keep_contacts(told, report)
    _update_times(events, known, report, now)
    openlineage_lineage.keep(events, known, report, now=now)
    openlineage_checks.keep(events, known, report)
    n_found = len(set(known.datasets.values()))
    report.count("datasets", Tally(unchanged=n_found))
    return known


def _told(events: Sequence[Event], known: Known) -> Told:
    """Everything the events say, dataset by dataset, oldest first."""
    return [
        (known.datasets[one.name], one)
        for event in events
        for one in event.datasets
        if one.name in known.datasets
    ]


def _last(told: Told, says: Callable[[EventDataset], bool]) -> dict[Dataset, EventDataset]:
    """The last description of each dataset that says something of the kind asked for."""
    return {dataset: one for dataset, one in told if says(one)}


def _say(told: Told, known: Known, report: ImportReport, now: datetime) -> None:
    sayings = [
        Saying(dataset, "description", one.description)
        for dataset, one in _last(told, lambda one: bool(one.description)).items()
    ]
    for _, described in _last(told, lambda one: bool(one.fields)).items():
        sayings += _about_columns(described, known)
    changed = say_all(sayings, source=Source.OPENLINEAGE, now=now)
    tally = Tally(changed=len(changed), unchanged=len(sayings) - len(changed))
    report.count("descriptions", tally, {dataset for dataset, _, _ in changed})


def _about_columns(described: EventDataset, known: Known) -> Iterator[Saying]:
    for told in described.fields:
        column = known.column(described.name, told.name)
        if column is not None and told.description:
            yield Saying(column.dataset, "description", told.description, column)


def _keep_contacts(told: Told, report: ImportReport) -> None:
    wanted: dict[Dataset, list[Named]] = {}
    for dataset, one in _last(told, lambda one: bool(one.owners)).items():
        wanted[dataset] = [person for name, role in one.owners for person in named_in(name, role)]
    if wanted:
        report.count("contacts", keep_contacts(wanted, source=Source.OPENLINEAGE), ())


def _update_times(
    events: Sequence[Event], known: Known, report: ImportReport, now: datetime
) -> None:
    """A completed run wrote its outputs; a clock ahead of ours does not make data younger than now."""
    times: dict[int, datetime] = {}
    for event in events:
        if event.state == "COMPLETE":
            for one in event.outputs:
                if (dataset := known.datasets.get(one.name)) is not None:
                    times[dataset.pk] = min(max(event.at, times.get(dataset.pk, event.at)), now)
    for register in known.registers.values():
        moved = forward(times, register, now)
        report.count("data times", Tally(changed=len(moved)), moved)
