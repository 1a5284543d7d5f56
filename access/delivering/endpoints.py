"""Webhooks: a person's own, made and ended by themselves, and what happens to any of them over its life.

The address of a Slack or Teams webhook is a secret. It is never shown again, and stands in no event, log or error.
The portal's own endpoints come from the configuration (`portal.configuration.webhooks`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from access import notices
from access.audit.events import Kind, record
from access.delivering import calling, claims, concealing, signing
from access.errors import Conflict, Invalid, NotAllowed
from access.models import Endpoint, EndpointKind, Post, Principal, PrincipalKind
from access.people.permissions import administrators
from catalog.engines.base import resolve_references

# So long both secrets sign, after which the old one is worth nothing.
OVERLAP = timedelta(hours=24)
MOST_OWN = 5
GONE = "It answered that it wants nothing more (410)."
NOT_PUBLIC = "There is no public server of that name, and the portal calls no other."
FAILING = "Nothing reached it for five days."


@dataclass(frozen=True)
class Made:
    """A new endpoint, and its signing secret, which is shown this once; empty where nothing is signed."""

    endpoint: Endpoint
    secret: str


def rules() -> calling.Rules:
    """What may be called, by the settings."""
    return calling.Rules(frozenset(settings.WEBHOOK_HOSTS), settings.WEBHOOK_HTTP)


def visible_to(viewer: Principal) -> QuerySet[Endpoint]:
    """A person's own endpoints; for an administrator the portal's too, and those of others that are off or failing."""
    own = Q(owner=viewer)
    if viewer.is_administrator:
        own |= Q(owner=None) | Q(disabled_at__isnull=False) | Q(failing_since__isnull=False)
    return Endpoint.objects.filter(own)


def create(*, actor: Principal, name: str, kind: str, url: str, now: datetime) -> Made:
    """Make an endpoint of one's own; it is told what its owner is told, from now on.

    Errors: `Invalid` with the field; `Conflict` for a name twice or too many; `NotAllowed` for a service account.
    """
    if actor.kind != PrincipalKind.PERSON:
        raise NotAllowed("Only people have webhooks of their own.")
    if kind not in EndpointKind.values:
        raise Invalid("Choose slack, teams or generic.", "kind")
    name = " ".join(name.split())
    if not 1 <= len(name) <= 63:
        raise Invalid("Give it a name of at most 63 characters.", "name")
    if Endpoint.objects.filter(owner=actor).count() >= MOST_OWN:
        raise Conflict(f"You have {MOST_OWN} webhooks already. Remove one first.")
    url = url.strip()
    target = _callable(url)
    made = Endpoint(owner=actor, name=name, kind=kind, host=target.host, created_at=now)
    made.address = concealing.conceal(url, str(made.key))
    try:
        with transaction.atomic():
            made.save()
            _note(Kind.ENDPOINT_CREATED, made, actor, now, shape=kind, host=target.host)
    except IntegrityError:
        raise Conflict(f"You have a webhook called {name} already.") from None
    return Made(made, _secret_of(made))


@transaction.atomic
def rotate(endpoint: Endpoint, *, actor: Principal, now: datetime) -> Made:
    """A new signing secret; the old one signs along for a day. Errors: `Conflict` where nothing is signed by us."""
    _require_own(endpoint, actor)
    if endpoint.kind != EndpointKind.GENERIC or endpoint.owner_id is None:
        raise Conflict("Only a signed webhook of your own has a secret to change here.")
    rotated = Endpoint.objects.filter(
        pk=endpoint.pk, secret_version=endpoint.secret_version
    ).update(secret_version=endpoint.secret_version + 1, rotated_at=now)
    if not rotated:
        raise Conflict("It was changed at the same time.")
    endpoint.refresh_from_db()
    _note(Kind.ENDPOINT_ROTATED, endpoint, actor, now, version=endpoint.secret_version)
    return Made(endpoint, _secret_of(endpoint))


@transaction.atomic
def remove(endpoint: Endpoint, *, actor: Principal, now: datetime) -> None:
    """Remove an endpoint of one's own, with what waits for it. An administrator may remove anybody's."""
    _require_own(endpoint, actor)
    if endpoint.owner_id is None:
        raise Conflict("This one comes from the configuration; take it out there.")
    _note(Kind.ENDPOINT_REMOVED, endpoint, actor, now, host=endpoint.host)
    endpoint.delete()


@transaction.atomic
def enable(endpoint: Endpoint, *, actor: Principal, now: datetime) -> None:
    """Switch it on again; what waited goes out, what was set aside is tried anew."""
    _require_own(endpoint, actor)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        disabled_at=None,
        disabled_reason="",
        failing_since=None,
        resting_until=None,
        n_failures=0,
        last_error="",
    )
    posts = Post.objects.filter(endpoint=endpoint)
    n_again = claims.again(posts, now)
    posts.filter(sent_at=None, attempts__gt=0, due_at__gt=now).update(due_at=now)
    _note(Kind.ENDPOINT_ENABLED, endpoint, actor, now, tried_again=n_again)
    endpoint.refresh_from_db()


@transaction.atomic
def disable(
    endpoint: Endpoint, *, reason: str, now: datetime, actor: Principal | None = None
) -> bool:
    """Switch it off, and tell its owner, or the administrators for one of the portal's; False when it was off.

    What waits for it stays, and goes out when it is switched on again.
    """
    if actor is not None:
        _require_own(endpoint, actor)
    if not Endpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(
        disabled_at=now, disabled_reason=reason[:200]
    ):
        return False
    _note(Kind.ENDPOINT_DISABLED, endpoint, actor, now, reason=reason)
    people = [endpoint.owner] if endpoint.owner is not None else list(administrators())
    for person in people:
        if person != actor:
            notices.tell(
                person,
                "endpoint.disabled",
                f"The webhook {endpoint.name} is off",
                f"{reason} What waits for it is kept. Mend it and switch it on again, or remove it.",
                link="/preferences/#webhooks" if endpoint.owner_id else "/deliveries/",
                dedupe_key=f"endpoint-disabled:{endpoint.pk}:{now.isoformat()}:{person.pk}",
                now=now,
            )
    endpoint.refresh_from_db()
    return True


def address_of(endpoint: Endpoint) -> str:
    """Where to post to. Errors: `concealing.Unreadable`; `EngineError` for a reference that resolves to nothing."""
    if concealing.is_concealed(endpoint.address):
        return concealing.reveal(endpoint.address, str(endpoint.key))
    return resolve_references(endpoint.address)


def secrets_of(endpoint: Endpoint, now: datetime) -> list[bytes]:
    """The secrets that sign for an endpoint, the newest first.

    Errors: `signing.WrongSecret`; `EngineError` for a reference that resolves to nothing.
    """
    if endpoint.kind != EndpointKind.GENERIC:
        return []
    if endpoint.owner_id is None:
        return [signing.read_secret(resolve_references(each)) for each in endpoint.secrets]
    found = signing.derived(endpoint.key, endpoint.secret_version)
    if endpoint.rotated_at is not None and now < endpoint.rotated_at + OVERLAP:
        found += signing.derived(endpoint.key, endpoint.secret_version - 1)
    return found


def _secret_of(endpoint: Endpoint) -> str:
    if endpoint.kind != EndpointKind.GENERIC:
        return ""
    return signing.write_secret(signing.derived(endpoint.key, endpoint.secret_version)[0])


def _callable(url: str) -> calling.Target:
    """The parts of an address somebody typed, if it may be called. Errors: `Invalid`, which does not repeat it."""
    words = {
        "not_https": "It has to begin with https://.",
        # One sentence for both: what names a private network knows is nobody's to find out.
        "private_address": NOT_PUBLIC,
        "unknown_host": NOT_PUBLIC,
    }
    try:
        target = calling.parse(url, rules())
        calling.checked(target, rules())
    except calling.Uncallable as refused:
        said = words.get(refused.code, "This is no web address that the portal can call.")
        raise Invalid(said, "url") from None
    return target


def _require_own(endpoint: Endpoint, actor: Principal) -> None:
    if endpoint.owner_id != actor.pk and not actor.is_administrator:
        raise NotAllowed("Only its owner or an administrator can do this.")


def _note(
    kind: Kind, endpoint: Endpoint, actor: Principal | None, now: datetime, **data: object
) -> None:
    owner = endpoint.owner.label if endpoint.owner is not None else "portal"
    record(
        kind,
        actor=actor,
        subject=f"endpoint:{endpoint.pk}",
        data={"name": endpoint.name, "owner": owner, **data},
        now=now,
    )
