"""Brings dashboards to what the files say."""

from typing import Any

from access.audit.events import Kind
from portal.configuration.work import Entry, Work
from portal.dashboards.definition import BrokenDefinition, parse_definition
from portal.models import Dashboard


def bring_dashboards(work: Work) -> None:
    """Create and update every dashboard the files define."""
    for entry in work.entries("dashboards"):
        _bring_dashboard(work, entry)


def _bring_dashboard(work: Work, entry: Entry[Any]) -> None:
    said: dict[str, Any] = entry.value
    try:
        definition = parse_definition(said)
    except BrokenDefinition as error:
        for trail, expected in error.mistakes:
            work.mistakes.append(entry.mistake(expected, *trail))
        return
    if not work.name(entry, "dashboard", definition.name):
        return
    wanted = {
        "title": definition.title,
        "description": definition.description,
        "definition": said,
    }
    dashboard, created = Dashboard.objects.get_or_create(name=definition.name, defaults=wanted)
    if created:
        work.changed("dashboard", definition.name, "create", title=(None, definition.title))
        work.note(Kind.DASHBOARD_CHANGED, f"dashboard:{definition.name}", created=True)
        return
    differing = [field for field, value in wanted.items() if getattr(dashboard, field) != value]
    if differing:
        Dashboard.objects.filter(pk=dashboard.pk).update(
            **{field: wanted[field] for field in differing}
        )
        fields = dict.fromkeys(differing, ("(as before)", "(as in the file)"))
        work.changed("dashboard", definition.name, "update", **fields)
        work.note(Kind.DASHBOARD_CHANGED, f"dashboard:{definition.name}", fields=differing)
