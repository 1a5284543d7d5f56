"""Mends the mark of the clock after the clock ran ahead by mistake and was set right.

Until then the gate answers nobody. What the wrong clock ended stays ended: nothing is revived by mending.
"""

from django.db import transaction

from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import Invalid, NotAllowed
from access.grants import stamp_expired
from access.models import ClockMark, Principal
from access.people.permissions import Permission, may


@transaction.atomic
def put_back(*, actor: Principal | None, reason: str) -> bool:
    """Set the mark to the database's clock; False when it was not ahead.

    Every grant whose end lies before the old mark is ended first. Errors: `NotAllowed` unless the operator or an
    administrator acts; `Invalid` without a reason.
    """
    if actor is not None and not may(actor, Permission.ADMINISTER):
        raise NotAllowed("Only an administrator of this portal can do this.")
    if not reason.strip():
        raise Invalid("Say what happened to the clock.", "reason")
    now = database_now()
    mark = ClockMark.objects.select_for_update().filter(pk=1, at__gt=now).first()
    if mark is None:
        return False
    while stamp_expired(as_of=mark.at):
        pass
    ClockMark.objects.filter(pk=1).update(at=now)
    data = {"old": mark.at, "new": now}
    record(Kind.CLOCK_MENDED, actor=actor, subject="clock:1", reason=reason, data=data, now=now)
    return True
