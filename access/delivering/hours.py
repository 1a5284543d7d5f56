"""When a person is told: the hour of their digest and their quiet hours, in their own time zone. Nothing but values.

Local times are worked out anew for every day, so that a change of the clocks moves nothing but itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Of two digests, the later waits at least so long, whatever happens to zones and clocks in between.
APART = timedelta(hours=20)
UTC = ZoneInfo("UTC")
LOOK = timedelta(minutes=5)


@dataclass(frozen=True)
class Hours:
    """When to tell somebody. `quiet_from` until `quiet_until` may pass midnight; None for no quiet hours."""

    zone: ZoneInfo = UTC
    digest_hour: int = 8
    quiet_from: time | None = None
    quiet_until: time | None = None

    def local(self, now: datetime) -> datetime:
        """The moment on their clock."""
        return now.astimezone(self.zone)

    def is_quiet(self, now: datetime) -> bool:
        """Whether they want quiet now."""
        return self._is_quiet_at(self.local(now).time())

    def told_from(self, now: datetime) -> datetime:
        """Now, or the end of the quiet hours that now is in."""
        if self.quiet_until is None or not self.is_quiet(now):
            return now
        here = self.local(now)
        day = here.date() if here.time() < self.quiet_until else here.date() + timedelta(days=1)
        return _moment(day, self.quiet_until, self.zone)

    def digest_time(self) -> time:
        """The time of day of the digest: their hour, or the end of the quiet hours where it lies in them."""
        wanted = time(self.digest_hour)
        if self.quiet_until is not None and self._is_quiet_at(wanted):
            return self.quiet_until
        return wanted

    def digest_due(self, now: datetime, last: tuple[date, datetime] | None) -> date | None:
        """The day whose digest is due now, in their zone; None while there is none.

        `last` is the day and the moment of the digest before. A day has one, and none comes soon after another.
        """
        here = self.local(now)
        if self.is_quiet(now) or now < _moment(here.date(), self.digest_time(), self.zone):
            return None
        if last is not None and (last[0] >= here.date() or now < last[1] + APART):
            return None
        return here.date()

    def next_digest(self, now: datetime) -> datetime:
        """The next moment at which a digest may come, for somebody who has had none today."""
        today = self.local(now).date()
        moment = _moment(today, self.digest_time(), self.zone)
        if moment > now:
            return moment
        return _moment(today + timedelta(days=1), self.digest_time(), self.zone)

    def next_look(self, now: datetime) -> datetime:
        """When it is worth looking again whether a digest is due: at its time, and now and then where that has passed."""
        today = _moment(self.local(now).date(), self.digest_time(), self.zone)
        return today if today > now else min(now + LOOK, self.next_digest(now))

    def _is_quiet_at(self, at: time) -> bool:
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None:
            return False
        return start <= at < end if start < end else at >= start or at < end


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time of a day; one that the clocks skip is the moment they skip to, of one they repeat the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)
