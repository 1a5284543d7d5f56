"""When the nightly review is due, judged from the record of past ones, so that a night without workers is caught up."""

from datetime import datetime, timedelta

from django.conf import settings

from access.models import SweepRun


def last_due(now: datetime) -> datetime:
    """The latest moment, not after `now`, at which a review should have begun: an hour of the day in UTC."""
    tonight = now.replace(hour=settings.SWEEP_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def next_due(now: datetime) -> datetime:
    """When the next review will begin."""
    return last_due(now) + timedelta(days=1)


def is_due(now: datetime) -> bool:
    """Whether no review that began since the last due moment has come to its end."""
    due = last_due(now)
    done = SweepRun.objects.filter(finished_at__isnull=False, started_at__gte=due, as_of__gte=due)
    return not done.exists()
