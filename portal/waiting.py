"""What waits for somebody and where they have a say, as the navigation of every page shows it.

It follows from who they are and from what has happened, so it is kept until the audit holds another event; and never
longer than a minute, for what begins by the clock or commits out of order. A page that decides anything asks anew.
"""

from functools import lru_cache
from time import time
from typing import NamedTuple

from access import campaigns
from access.asking.requests import waiting_for
from access.models import AuditEvent, Principal
from access.people.permissions import Permission, may
from access.provisioning import switchable_by

KEPT_SECONDS = 60
# People whose figures one process keeps.
MOST_KEPT = 2_000


class Waiting(NamedTuple):
    """How many requests and grants wait for somebody's word, and which rooms are theirs."""

    n_requests: int
    n_certifications: int
    is_steward: bool
    has_reviews: bool
    has_native_access: bool


def waiting(person: Principal) -> Waiting:
    """The figures of one person. Cost: one query; eight to fourteen where something happened since."""
    latest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _worked_out(person, latest, int(time()) // KEPT_SECONDS)


@lru_cache(maxsize=MOST_KEPT)
def _worked_out(person: Principal, latest_event: int | None, minute: int) -> Waiting:
    has_reviews = campaigns.visible_to(person).exists()
    is_steward = may(person, Permission.DECIDE)
    return Waiting(
        n_requests=waiting_for(person).count(),
        n_certifications=campaigns.n_waiting_for(person) if has_reviews else 0,
        is_steward=is_steward,
        has_reviews=has_reviews,
        has_native_access=(is_steward or person.is_administrator) and bool(switchable_by(person)),
    )
