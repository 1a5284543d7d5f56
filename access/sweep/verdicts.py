"""What the review does about one grant, worked out from facts alone. Nothing here asks a database or a clock.

Use means that the gate delivered a result credited to the grant. A grant is unused when nobody used it for longer
than its sensitivity allows (half of that where it was never used at all), or than its holder's own rhythm suggests.
Whoever comes back with the season is put to sleep instead of losing it. What a team holds is judged by member.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from access.words import counted, day
from catalog.models import Sensitivity

# Public data is only reported on: keeping an unused right to it harms nobody.
LOOK_BACK: Mapping[str, timedelta] = {
    Sensitivity.RESTRICTED: timedelta(days=30),
    Sensitivity.CONFIDENTIAL: timedelta(days=60),
    Sensitivity.INTERNAL: timedelta(days=90),
}
GRACE: Mapping[str, timedelta] = {
    Sensitivity.RESTRICTED: timedelta(days=7),
    Sensitivity.CONFIDENTIAL: timedelta(days=14),
    Sensitivity.INTERNAL: timedelta(days=14),
}
RHYTHM = 1.5
# A rhythm slower than this is a season: nobody keeps access through half a year of silence, they are woken instead.
LONGEST_RHYTHM = timedelta(days=180)
SEASON = timedelta(days=21)
"""How far from today, a year ago, a use says that somebody is about to come back."""

# A night may end this share of all grants, and of one dataset's; a small portal has small numbers, so at least these.
BRAKE_ALL, LEAST_ALL = 0.02, 10
BRAKE_DATASET, LEAST_DATASET = 0.20, 3

# A week that brought less than this share of the usual use tells more about the portal than about its people.
THIN, ENOUGH_TO_JUDGE = 0.5, 50


class Action(StrEnum):
    """What happens to a grant, to one member's part in it, or to some of its columns.

    `revoke`, `sleep` and `exclude` take away what could still be read.
    """

    EXPIRE = "expire"
    LEAVE = "leave"
    WARN = "warn"
    SPARE = "spare"
    REVOKE = "revoke"
    SLEEP = "sleep"
    EXCLUDE = "exclude"
    PROPOSE = "propose"
    RELEASE = "release"
    MASK = "mask"
    DROP = "drop"
    KEEP = "keep"


WORDS = {
    Action.EXPIRE: "Marked as expired",
    Action.LEAVE: "Ended, its holder left",
    Action.WARN: "Warned",
    Action.SPARE: "Warning withdrawn",
    Action.REVOKE: "Ended as unused",
    Action.SLEEP: "Put to sleep",
    Action.EXCLUDE: "Member left out",
    Action.PROPOSE: "Unread columns named",
    Action.RELEASE: "Columns kept",
    Action.MASK: "Unread columns masked",
    Action.DROP: "Unread columns dropped",
    Action.KEEP: "Kept",
}
TAKING = frozenset({Action.REVOKE, Action.SLEEP, Action.EXCLUDE})
"""What the brake counts."""
DOUBTFUL = TAKING | {Action.WARN, Action.PROPOSE, Action.MASK, Action.DROP}
"""What rests on the record of use, and waits where that cannot be trusted."""


@dataclass(frozen=True)
class Facts:
    """One open grant as the review sees it, or the part in it of one `member` of the team that holds it.

    `longest_gap` lies between two days on which the holder used the dataset, through this grant or an earlier one;
    `is_held` by somebody active. `awake_since` is when it last came back without being read. It `is_unseen` when somebody
    behind it reads with their own tools and the warehouse cannot tell what.
    """

    grant: int
    holder: str
    dataset: str
    label: str
    sensitivity: str
    starts_at: datetime
    expires_at: datetime
    unused_after: timedelta | None = None
    is_suspended: bool = False
    is_held: bool = True
    warned_at: datetime | None = None
    revoke_due_at: datetime | None = None
    last_used_at: datetime | None = None
    longest_gap: timedelta | None = None
    was_used_last_year: bool = False
    awake_since: datetime | None = None
    exempt_until: datetime | None = None
    exempt_words: str = ""
    member: int | None = None
    is_unseen: bool = False

    @property
    def idle_since(self) -> datetime:
        """The last use, or the start of a grant never used, or when it came back since."""
        since = self.last_used_at or self.starts_at
        return since if self.awake_since is None else max(since, self.awake_since)

    @property
    def window(self) -> timedelta | None:
        """How long it may go unused; None for ever."""
        usual = LOOK_BACK.get(self.sensitivity)
        if usual is None:
            return None
        usual = self.unused_after or usual
        if self.last_used_at is None:
            return usual / 2
        rhythm = (self.longest_gap or timedelta(0)) * RHYTHM
        return max(usual, rhythm) if rhythm <= LONGEST_RHYTHM else usual

    @property
    def season(self) -> str:
        """Why its holder is expected back, as a sentence; empty when nothing speaks for it."""
        if self.was_used_last_year:
            return "It was used at this time last year."
        usual = self.unused_after or LOOK_BACK.get(self.sensitivity)
        if self.longest_gap is not None and usual is not None and self.longest_gap > usual:
            return f"Its holder came back before, after {counted(self.longest_gap.days, 'day')}."
        return ""


@dataclass(frozen=True)
class Verdict:
    """What happens to one grant and why; `due_at` is when a warned one ends, or when columns go.

    `member` is the key of the one member it is about, `columns` are the only ones it is about.
    """

    grant: int
    holder: str
    dataset: str
    label: str
    action: Action
    reason: str
    idle_since: datetime
    due_at: datetime | None = None
    member: int | None = None
    columns: tuple[str, ...] = ()

    @property
    def action_words(self) -> str:
        """The action as people say it."""
        return WORDS[self.action]


@dataclass(frozen=True)
class Evidence:
    """Whether the record of use can be trusted: queries delivered in the last week and in each of the four before.

    `n_unsettled` counts queries that ended more than a day ago and whose use was never counted.
    """

    last_week: int
    weeks_before: tuple[int, ...]
    n_unsettled: int = 0


UNSEEN = "Its holder may read with their own tools, and the warehouse does not tell."


def judge(facts: Facts, as_of: datetime) -> Verdict:
    """What the review of `as_of` does about one grant, before the brake."""
    if facts.expires_at <= as_of:
        return _say(facts, Action.EXPIRE, f"It ran out on {day(facts.expires_at)}.")
    if not facts.is_held:
        return _say(facts, Action.LEAVE, "Its holder has left.")
    window = facts.window
    if facts.is_suspended or facts.starts_at > as_of or window is None:
        return _say(facts, Action.KEEP, "It is suspended, has not started, or is of public data.")
    if facts.exempt_until is not None and facts.exempt_until > as_of:
        action = Action.SPARE if facts.warned_at else Action.KEEP
        return _say(facts, action, f"Exempt until {day(facts.exempt_until)}: {facts.exempt_words}.")
    if facts.is_unseen:
        action = Action.SPARE if facts.warned_at else Action.KEEP
        return _say(facts, action, UNSEEN)
    if facts.warned_at is not None and facts.revoke_due_at is not None:
        return _judge_warned(facts, window, facts.warned_at, facts.revoke_due_at, as_of)
    if as_of - facts.idle_since < window:
        return _say(facts, Action.KEEP, f"In use: {_last(facts)}.")
    due_at = as_of + GRACE[facts.sensitivity]
    if facts.expires_at <= due_at:
        return _say(
            facts, Action.KEEP, f"Unused, and it runs out on {day(facts.expires_at)} anyway."
        )
    reason = (
        f"{_sentence(facts)}, longer ago than {counted(window.days, 'day')}. {_fate(facts)} on {day(due_at)} unless "
        "it is used before."
    )
    return _say(facts, Action.WARN, reason, due_at)


def _fate(facts: Facts) -> str:
    if facts.member is not None:
        return "They are left out"
    return "It is put to sleep" if facts.season else "It ends"


def _judge_warned(
    facts: Facts, window: timedelta, warned_at: datetime, due_at: datetime, as_of: datetime
) -> Verdict:
    used = facts.last_used_at
    if used is not None and used > warned_at:
        return _say(facts, Action.SPARE, f"Used again on {day(used)}, after the warning.")
    if as_of - facts.idle_since < window:
        return _say(facts, Action.SPARE, "The rules changed, and by the new ones it is in use.")
    if due_at > as_of:
        return _say(
            facts, Action.KEEP, f"{_fate(facts)} on {day(due_at)} unless it is used before.", due_at
        )
    told = "they were told" if facts.member is not None else "its holder was told"
    reason = f"{_sentence(facts)}; {told} on {day(warned_at)}."
    if facts.member is not None:
        return _say(facts, Action.EXCLUDE, f"{reason} {facts.season}".strip(), due_at)
    if facts.season:
        return _say(facts, Action.SLEEP, f"{reason} {facts.season}", due_at)
    return _say(facts, Action.REVOKE, reason, due_at)


def _last(facts: Facts) -> str:
    if facts.last_used_at is None:
        return f"never used since {day(facts.starts_at)}"
    return f"last used on {day(facts.last_used_at)}"


def _sentence(facts: Facts) -> str:
    words = _last(facts)
    return words[0].upper() + words[1:]


def _say(facts: Facts, action: Action, reason: str, due_at: datetime | None = None) -> Verdict:
    return Verdict(
        facts.grant,
        facts.holder,
        facts.dataset,
        facts.label,
        action,
        reason,
        facts.idle_since,
        due_at,
        facts.member,
    )


def doubt(evidence: Evidence) -> str:
    """Why the record of use is no ground for ending anything tonight; empty when it is."""
    if evidence.last_week == 0 and not any(evidence.weeks_before):
        return "No use was recorded in five weeks, so nothing is called unused."
    if evidence.n_unsettled:
        return f"The use of {counted(evidence.n_unsettled, 'older query')} was not counted yet, so nothing is called unused."
    usual = (
        sorted(evidence.weeks_before)[len(evidence.weeks_before) // 2]
        if evidence.weeks_before
        else 0
    )
    if usual >= ENOUGH_TO_JUDGE and evidence.last_week < usual * THIN:
        return (
            f"Only {counted(evidence.last_week, 'read')} in the last week against {usual:,} usually: something kept "
            "people from reading, so nothing is called unused."
        )
    return ""


@dataclass(frozen=True)
class Held:
    """What a night holds back, in words: everything that rests on doubted evidence, all endings, those of a dataset."""

    doubt: str = ""
    all: str = ""
    datasets: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """For people; empty on most nights."""
        return (
            self.doubt
            or self.all
            or "; ".join(self.datasets[name] for name in sorted(self.datasets))
        )

    def applied(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts that are left, and the others as kept."""
        return [self._applied(each) for each in verdicts]

    def _applied(self, verdict: Verdict) -> Verdict:
        if self.doubt:
            return _hold(verdict, self.doubt) if verdict.action in DOUBTFUL else verdict
        if verdict.action not in TAKING:
            return verdict
        if self.all:
            return _hold(verdict, self.all.partition(" An administrator")[0])
        if verdict.dataset in self.datasets:
            return _hold(verdict, "Too many of this dataset's grants would end in one night.")
        return verdict


def held(
    verdicts: Iterable[Verdict], doubted: str, n_open: int, n_open_by_dataset: Mapping[str, int]
) -> Held:
    """What evidence gate and brake hold back of these verdicts, which are all of a night.

    Without trusted evidence nothing is warned of or taken for lack of use. The brake holds back what takes access
    away: all of it when it is too much of everything, that of one dataset when it is too much of its own. Each member
    of a team counts as one.
    """
    if doubted:
        return Held(doubt=doubted)
    ending = Counter(each.dataset for each in verdicts if each.action in TAKING)
    allowed = max(LEAST_ALL, int(n_open * BRAKE_ALL))
    if ending.total() > allowed:
        words = f"{counted(ending.total(), 'grant')} would end as unused, more than {allowed:,} in one night."
        return Held(all=f"{words} An administrator must look: ./manage.py sweep --simulate")
    return Held(
        datasets={
            dataset: f"{n:,} grants on {dataset} would end in one night"
            for dataset, n in ending.items()
            if n > max(LEAST_DATASET, int(n_open_by_dataset.get(dataset, 0) * BRAKE_DATASET))
        }
    )


def hold_back(
    verdicts: Sequence[Verdict], doubted: str, n_open: int, n_open_by_dataset: Mapping[str, int]
) -> tuple[list[Verdict], str]:
    """The verdicts of a night after evidence gate and brake, and in words what was held back."""
    found = held(verdicts, doubted, n_open, n_open_by_dataset)
    return found.applied(verdicts), found.sentence


def _hold(verdict: Verdict, why: str) -> Verdict:
    return replace(verdict, action=Action.KEEP, reason=f"Held back. {why} ({verdict.reason})")
