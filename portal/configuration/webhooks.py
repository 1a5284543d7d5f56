"""Brings the portal's own webhooks to what the files say. Addresses and secrets are compared, and never shown."""

from urllib.parse import urlsplit

from access.audit.events import Kind
from access.models import Endpoint
from catalog.engines.base import REFERENCE
from catalog.models import Domain
from portal.configuration.schema import WebhookEntry
from portal.configuration.work import Entry, Work

SECRET = ("address", "secrets")
LABELS = {"kind": "shape"}


def bring_webhooks(work: Work) -> None:
    """Create webhooks and settle everything about them; one that was switched off stays off until its address changes."""
    for entry in work.entries("webhooks"):
        said: WebhookEntry = entry.value
        if not work.name(entry, "webhook", said.name) or not _domains_exist(work, entry):
            continue
        fields = _fields(said)
        found = Endpoint.objects.filter(owner=None, name=said.name).first()
        if found is None:
            made = Endpoint.objects.create(name=said.name, created_at=work.now, **fields)
            work.changed("webhook", said.name, "create", shape=(None, said.kind))
            _note(work, Kind.ENDPOINT_CREATED, made)
            continue
        differing = [name for name, value in fields.items() if getattr(found, name) != value]
        if differing:
            again = {"disabled_at": None, "disabled_reason": "", "resting_until": None}
            renewed = again if set(differing) & set(SECRET) else {}
            Endpoint.objects.filter(pk=found.pk).update(
                **{name: fields[name] for name in differing}, **renewed
            )
            shown = {
                LABELS.get(name, name): _shown(name, getattr(found, name), fields[name])
                for name in differing
            }
            work.changed("webhook", said.name, "update", **shown)
            _note(work, Kind.ENDPOINT_CHANGED, found, fields=differing)


def remove_webhook(work: Work, key: str) -> bool:
    """Remove one that no file names any more, with what waits for it."""
    found = Endpoint.objects.filter(owner=None, name=key).first()
    if found is None:
        return False
    _note(work, Kind.ENDPOINT_REMOVED, found)
    found.delete()
    return True


def _fields(said: WebhookEntry) -> dict[str, object]:
    return {
        "kind": said.kind,
        "address": said.url,
        "host": _host(said.url),
        "secrets": [each for each in (said.secret, said.old_secret) if each],
        "kinds": list(said.kinds),
        "domains": list(said.domains),
        "includes_hidden": said.hidden,
    }


def _host(url: str) -> str:
    """What people see of an address: its host, or the reference it is."""
    if REFERENCE.search(url):
        return url[:255] if REFERENCE.fullmatch(url) else "by reference"
    return urlsplit(url).hostname or ""


def _shown(name: str, old: object, new: object) -> tuple[object, object]:
    if name in SECRET:
        return "(as before)", "(as in the file)"
    return old, new


def _domains_exist(work: Work, entry: Entry[WebhookEntry]) -> bool:
    known = set(Domain.objects.values_list("name", flat=True))
    missing = [(index, name) for index, name in enumerate(entry.value.domains) if name not in known]
    for index, name in missing:
        work.mistakes.append(entry.mistake(f"there is no domain called {name}", "domains", index))
    return not missing


def _note(work: Work, kind: Kind, endpoint: Endpoint, **data: object) -> None:
    work.note(kind, f"endpoint:{endpoint.pk}", name=endpoint.name, owner="portal", **data)
