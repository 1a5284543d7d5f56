"""The home page: search, my data with its days left, pinned dashboards, what waits for my decision."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from access.asking.requests import made_by, waiting_for
from access.discovery import discoverable_by
from access.evidence import last_used
from access.grants import held_by, is_live
from access.models import AccessRequest, Grant, Principal, RequestState
from catalog.models import Dataset, Sensitivity
from portal.models import Dashboard, PinnedDashboard

_ROWS = 8
_WAITING = 4
_STARTERS = 3


@dataclass(frozen=True)
class Held:
    """A dataset I can read now: the grant that lasts longest, and when I last used any of it."""

    grant: Grant
    last_used_at: datetime | None
    is_mine: bool
    is_service: bool


@dataclass(frozen=True)
class Home:
    """What the home page shows. `starters` are offered to whoever holds nothing yet."""

    held: tuple[Held, ...]
    n_held: int
    n_services: int
    waiting: tuple[AccessRequest, ...]
    n_waiting: int
    asked: tuple[AccessRequest, ...]
    pinned: tuple[Dashboard, ...]
    dashboards: tuple[Dashboard, ...]
    starters: tuple[Dataset, ...]


def home_of(person: Principal, *, now: datetime) -> Home:
    """Everything on the home page. Cost: about ten queries."""
    held = _held(person, now)
    waiting = waiting_for(person)
    pinned = _pinned(person)
    return Home(
        held=held[:_ROWS],
        n_held=len({each.grant.dataset_id for each in held if not each.is_service}),
        n_services=len({each.grant.dataset_id for each in held if each.is_service}),
        waiting=tuple(waiting.select_related("dataset", "requester")[:_WAITING]),
        n_waiting=waiting.count(),
        asked=tuple(_asked(person)),
        pinned=pinned,
        dashboards=() if pinned else tuple(Dashboard.objects.all()[:_STARTERS]),
        starters=() if held else tuple(_starters(person)),
    )


def _held(person: Principal, now: datetime) -> tuple[Held, ...]:
    grants = (
        held_by(person)
        .filter(is_live())
        .select_related("dataset__domain", "principal", "team")
        .defer("dataset__search_document", "dataset__search_names", "dataset__definition")
        .order_by("-expires_at")
    )
    longest: dict[tuple[int, bool], Grant] = {}
    for grant in grants:
        is_service = grant.principal_id is not None and grant.principal_id != person.pk
        longest.setdefault((grant.dataset_id, is_service), grant)
    used = last_used([grant.pk for grant in longest.values()])
    held = [
        Held(grant, used.get(grant.pk), grant.principal_id == person.pk, is_service)
        for (_, is_service), grant in longest.items()
    ]
    return tuple(sorted(held, key=lambda each: each.grant.expires_at))


def _asked(person: Principal) -> QuerySet[AccessRequest]:
    mine = made_by(person).filter(state=RequestState.PENDING)
    return mine.select_related("dataset").order_by("-submitted_at")[:_WAITING]


def _pinned(person: Principal) -> tuple[Dashboard, ...]:
    pins = PinnedDashboard.objects.filter(principal=person).select_related("dashboard")
    return tuple(pin.dashboard for pin in pins.order_by("dashboard__title"))


def _starters(person: Principal) -> QuerySet[Dataset]:
    """The most used datasets to begin with: described, current, and such that asking for them is no great matter."""
    current = discoverable_by(person).filter(deprecated_at=None, missing_at=None)
    current = current.exclude(sensitivity=Sensitivity.RESTRICTED).exclude(description="")
    return current.select_related("domain").order_by("-popularity", "name")[:_STARTERS]
