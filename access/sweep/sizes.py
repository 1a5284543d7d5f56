"""What the review does about the columns of one grant that nobody reads: pure verdicts over facts, as for grants.

A column counts as needed when a query named it. One that only ever came by `select *` was read, but that is weak
evidence: it goes only where most reads do name what they want. Columns are named to the holder, then masked, then
dropped; whoever names one meanwhile has it back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.sweep.verdicts import GRACE, LOOK_BACK, Action, Verdict
from access.words import counted, day, listed

# Columns are judged over this time, or over two of the holder's cycles where those are longer.
OBSERVED = timedelta(days=90)
CYCLES = 2
MASKED = timedelta(days=14)
STARS = 0.5
"""Where this share of the reads took everything with a star, what came along says nothing."""


@dataclass(frozen=True)
class Reads:
    """When a column was last named by a query, and when it was last read in any way."""

    named_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True)
class Sizing:
    """A right-sizing under way. `columns` are those that still go."""

    columns: tuple[str, ...]
    proposed_at: datetime
    mask_due_at: datetime
    masked_at: datetime | None = None
    drop_due_at: datetime | None = None


@dataclass(frozen=True)
class SizeFacts:
    """One live grant and the columns it gives. `settled_at` is when the last right-sizing of it was over."""

    grant: int
    holder: str
    dataset: str
    label: str
    sensitivity: str
    starts_at: datetime
    expires_at: datetime
    granted: tuple[str, ...]
    reads: Mapping[str, Reads]
    n_queries: int = 0
    n_stars: int = 0
    longest_gap: timedelta | None = None
    settled_at: datetime | None = None
    exempt_until: datetime | None = None
    sizing: Sizing | None = None
    is_unseen: bool = False

    @property
    def observed(self) -> timedelta:
        """How long columns are watched before they are called unread."""
        return max(OBSERVED, (self.longest_gap or timedelta(0)) * CYCLES)

    def named_since(self, moment: datetime) -> set[str]:
        """The granted columns that a query named after `moment`."""
        return {
            name
            for name in self.granted
            if (reads := self.reads.get(name)) and reads.named_at and reads.named_at > moment
        }


def judge_size(facts: SizeFacts, as_of: datetime) -> tuple[Verdict, ...]:
    """What the review of `as_of` does about the columns of one grant, in order; mostly nothing."""
    if facts.is_unseen or (facts.exempt_until is not None and facts.exempt_until > as_of):
        return ()
    if facts.sizing:
        return tuple(_judge_under_way(facts, facts.sizing, as_of))
    verdict = _judge_new(facts, as_of)
    return (verdict,) if verdict else ()


def _judge_under_way(facts: SizeFacts, sizing: Sizing, as_of: datetime) -> Iterator[Verdict]:
    named = facts.named_since(sizing.proposed_at)
    read = tuple(name for name in sizing.columns if name in named)
    left = tuple(name for name in sizing.columns if name not in named)
    if read:
        yield _say(facts, Action.RELEASE, f"Read since: {listed(read)}.", read)
    if left and sizing.masked_at is None and sizing.mask_due_at <= as_of:
        due_at = as_of + MASKED
        reason = f"Nobody has read {listed(left)}; masked until {day(due_at)}, then dropped."
        yield _say(facts, Action.MASK, reason, left, due_at)
    if left and sizing.drop_due_at is not None and sizing.drop_due_at <= as_of:
        reason = f"Nobody has missed {listed(left)} since they were masked."
        yield _say(facts, Action.DROP, reason, left)


def _judge_new(facts: SizeFacts, as_of: datetime) -> Verdict | None:
    grace = GRACE.get(facts.sensitivity)
    watched_from = max(facts.starts_at, facts.settled_at or facts.starts_at)
    if grace is None or as_of - watched_from < facts.observed:
        return None
    due_at = as_of + grace
    if facts.expires_at <= due_at + MASKED:
        return None
    unread = unread_columns(facts, as_of)
    if not unread:
        return None
    reason = (
        f"{counted(len(unread), 'column')} of {len(facts.granted)} not read in {counted(facts.observed.days, 'day')}: "
        f"{listed(unread)}. Masked on {day(due_at)} unless read before."
    )
    return _say(facts, Action.PROPOSE, reason, unread, due_at)


def unread_columns(facts: SizeFacts, as_of: datetime) -> tuple[str, ...]:
    """The granted columns that nobody needed in the time observed; none where no query named any."""
    since = as_of - facts.observed
    named = facts.named_since(since)
    if not named:
        return ()
    stars_count = facts.n_stars >= facts.n_queries * STARS
    return tuple(
        name
        for name in facts.granted
        if name not in named and not (stars_count and _was_read(facts.reads.get(name), since))
    )


def _was_read(reads: Reads | None, since: datetime) -> bool:
    return reads is not None and reads.read_at is not None and reads.read_at > since


def _say(
    facts: SizeFacts,
    action: Action,
    reason: str,
    columns: tuple[str, ...],
    due_at: datetime | None = None,
) -> Verdict:
    return Verdict(
        facts.grant,
        facts.holder,
        facts.dataset,
        facts.label,
        action,
        reason,
        facts.starts_at,
        due_at,
        columns=columns,
    )


def is_sized(sensitivity: str) -> bool:
    """Whether columns of such data are right-sized at all; public data is not."""
    return sensitivity in LOOK_BACK
