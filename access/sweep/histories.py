"""Recorded use as a replay walks through it: who held what, and on which days it was read. Frozen, without a database."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.functional import cached_property

from access.sweep.verdicts import SEASON


@dataclass(frozen=True)
class Use:
    """The reads of one day by one person: how many, how many by a star, when the last, and the columns named or starred."""

    day: date
    at: datetime
    n_queries: int
    principal: int
    named: frozenset[str] = frozenset()
    starred: frozenset[str] = frozenset()
    n_stars: int = 0


@dataclass(frozen=True)
class Days:
    """The days on which a holder used a dataset, in order."""

    days: tuple[date, ...]

    def longest_gap(self, until: date) -> timedelta | None:
        """The longest time between two of them, up to a day; None while there are not two."""
        n = bisect_right(self.days, until)
        return timedelta(days=self._longest[n - 1]) if n > 1 else None

    @cached_property
    def _longest(self) -> list[int]:
        """The longest gap in days up to each of them."""
        longest, found = 0, []
        for position, each in enumerate(self.days):
            if position:
                longest = max(longest, (each - self.days[position - 1]).days)
            found.append(longest)
        return found

    def was_used_around(self, day: date) -> bool:
        """Whether one of them lies within a season of `day`."""
        position = bisect_left(self.days, day - SEASON)
        return position < len(self.days) and self.days[position] <= day + SEASON


@dataclass(frozen=True)
class Right:
    """A grant, or one member's part in a team's grant, with its recorded life.

    `ends_at` is when it ended by itself or by somebody's hand. `uses` are in order; `habit` are the holder's days on the
    dataset, through any grant.
    """

    grant: int
    holder: str
    dataset: str
    label: str
    sensitivity: str
    starts_at: datetime
    expires_at: datetime
    ends_at: datetime
    granted: tuple[str, ...]
    uses: tuple[Use, ...]
    habit: Days
    unused_after: timedelta | None = None
    member: int | None = None
    is_team: bool = False

    def last_used_at(self, moment: datetime) -> datetime | None:
        """The last use up to a moment."""
        n = bisect_right(self._moments, moment)
        return self._moments[n - 1] if n else None

    def uses_between(self, after: datetime, until: datetime) -> tuple[Use, ...]:
        """The uses after one moment, up to another."""
        return self.uses[bisect_right(self._moments, after) : bisect_right(self._moments, until)]

    @cached_property
    def _moments(self) -> list[datetime]:
        return [use.at for use in self.uses]


@dataclass(frozen=True)
class History:
    """Everything a replay needs. `reads_by_day` counts all delivered queries, for the gate of evidence."""

    rights: tuple[Right, ...]
    reads_by_day: Mapping[date, int] = field(default_factory=dict)
