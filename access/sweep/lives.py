"""Where rights stand in a replay, and what comes of it: the notes a review would have made, and the sums at the end."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from access.sweep.histories import Right
from access.sweep.sizes import Sizing
from access.sweep.verdicts import Action


@dataclass
class Life:
    """Where one right stands in the replay; everything that a review would have written down."""

    right: Right
    starts_at: datetime
    warned_at: datetime | None = None
    due_at: datetime | None = None
    taken_at: datetime | None = None
    is_asleep: bool = False
    awake_since: datetime | None = None
    check_at: datetime | None = None
    sizing: Sizing | None = None
    settled_at: datetime | None = None
    size_at: datetime | None = None
    dropped: set[str] = field(default_factory=set)
    named: dict[str, datetime] = field(default_factory=dict)
    read: dict[str, datetime] = field(default_factory=dict)
    n_queries: int = 0
    n_stars: Counter[str] = field(default_factory=Counter)

    def is_open(self, moment: datetime) -> bool:
        """Whether it stood by the record and the replay had not taken it."""
        right = self.right
        return self.taken_at is None and right.starts_at <= moment < right.ends_at

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it still gives in the replay, masked ones left out."""
        gone = self.dropped | set(
            self.sizing.columns if self.sizing and self.sizing.masked_at else ()
        )
        return tuple(name for name in self.right.granted if name not in gone)


@dataclass(frozen=True)
class Gap:
    """Columns granted, and those of them that anybody had named in the time observed."""

    granted: int = 0
    used: int = 0

    @property
    def share(self) -> float:
        """1 - used / granted."""
        return 1 - self.used / self.granted if self.granted else 0.0


@dataclass(frozen=True)
class Outcome:
    """What a replay found. `counts` are by action and by what people would have done about it.

    `false_share` is the share of what was ended or left out that somebody wanted back. `days_removed` are days of
    access, of grants and of members, that nobody would have held. `woken` are the holders who woke what slept,
    `wanted_back` those who lost what they wanted.
    """

    n_nights: int
    n_rights: int
    counts: Counter[str]
    n_doubted: int
    n_braked: int
    days_removed: int
    before: Gap
    after: Gap
    woken: frozenset[str] = frozenset()
    wanted_back: frozenset[str] = frozenset()

    @property
    def false_share(self) -> float:
        """(restored + asked again + let in again) / (revoked + left out)."""
        wrong = self.counts["restored"] + self.counts["asked_again"] + self.counts["readmitted"]
        taken = self.counts[Action.REVOKE] + self.counts[Action.EXCLUDE]
        return wrong / taken if taken else 0.0
