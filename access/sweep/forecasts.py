"""What the next review was last seen to hold back, kept so that a page need not judge every grant there is."""

from datetime import datetime, timedelta

from access.models import SweepForecast
from access.sweep.verdicts import Held

FRESH = timedelta(minutes=10)


def keep(as_of: datetime, found: Held, now: datetime) -> None:
    """Note it in place of what was noted before."""
    noted = {"doubt": found.doubt, "all": found.all, "datasets": dict(found.datasets)}
    values = {"as_of": as_of, "made_at": now, "held": noted}
    SweepForecast.objects.update_or_create(pk=1, defaults=values)


def kept(as_of: datetime) -> Held | None:
    """What was noted about the review of `as_of`; None when there is no note, or it is about another night."""
    noted = SweepForecast.objects.filter(pk=1, as_of=as_of).values_list("held", flat=True).first()
    return None if noted is None else Held(**noted)


def is_due(as_of: datetime, now: datetime) -> bool:
    """Whether the note is missing, about another night, or older than ten minutes."""
    return not SweepForecast.objects.filter(pk=1, as_of=as_of, made_at__gt=now - FRESH).exists()
