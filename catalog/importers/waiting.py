"""Names that waited in quarantine and lead to a dataset by now: learned, and their events read again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from catalog.identity import release_quarantined
from catalog.importers.openlineage import take_in
from catalog.importers.openlineage_events import stored_event
from catalog.importers.reports import ImportReport
from catalog.models import QuarantinedName, RunEvent


def welcome(report: ImportReport, *, now: datetime) -> None:
    """Lets go of the names that lead to a dataset by now, and takes in what was reported about them.

    Cost: two or three queries per waiting name, and the price of its events when it is released.
    """
    released = release_quarantined()
    for waiting, dataset in released:
        report.notes.append(f"{waiting.name}, reported earlier, is {dataset.name}.")
    if not released:
        return
    mentioned = Q()
    for waiting, _ in released:
        mentioned |= _mentions(waiting)
    events = RunEvent.objects.filter(mentioned).order_by("event_at", "pk")
    take_in([stored_event(event.payload) for event in events], report, now=now)


def _mentions(waiting: QuarantinedName) -> Q:
    name = {"namespace": waiting.namespace, "name": waiting.name}
    return (
        Q(payload__contains={"inputs": [name]})
        | Q(payload__contains={"outputs": [name]})
        | Q(payload__contains={"dataset": name})
    )
