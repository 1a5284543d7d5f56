"""What the reviews of past nights would have done, played over recorded use. Pure: it decides by the verdicts alone.

Nobody's access was really taken, so the record shows what people read whether or not a replay had taken it. A read of
something taken is a false alarm: its holder brings it back with a click while that is possible, else asks again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from access.grants.restoring import RESTORE_WINDOW
from access.sweep.histories import History, Use
from access.sweep.lives import Gap, Life, Outcome
from access.sweep.sizes import OBSERVED, Reads, SizeFacts, Sizing, is_sized, judge_size
from access.sweep.verdicts import (
    Action,
    Evidence,
    Facts,
    Held,
    Verdict,
    doubt,
    held,
    judge,
)

NIGHT = timedelta(days=1)
DAY_OF_WEEKS = 7


def replay(
    history: History, first: datetime, last: datetime, *, beyond_brake: bool = False
) -> Outcome:
    """Play every night from `first` to `last`. Beginning with nothing warned of, as a portal does that starts reviewing."""
    play = _Play(history, beyond_brake)
    night = first
    while night <= last:
        play.night(night)
        night += NIGHT
    return play.outcome(night - NIGHT)


def first_night(history: History, night: datetime) -> list[Verdict]:
    """What the review of one night would do, before the brake; by grant and member."""
    play = _Play(history, beyond_brake=True)
    play.use(datetime.min.replace(tzinfo=night.tzinfo), night)
    return list(play.verdicts(night))


class _Play:
    """One walk through the nights."""

    def __init__(self, history: History, beyond_brake: bool) -> None:
        self.lives = [Life(right, right.starts_at) for right in history.rights]
        self.whole = {life.right.grant: life for life in self.lives if life.right.member is None}
        self.by_key = {(life.right.grant, life.right.member): life for life in self.lives}
        self.uses: dict[date, list[tuple[Life, Use]]] = defaultdict(list)
        for life in self.lives:
            for use in life.right.uses:
                self.uses[use.day].append((life, use))
        self.reads = history.reads_by_day
        self.beyond_brake = beyond_brake
        self.counts: Counter[str] = Counter()
        self.n_nights = self.n_doubted = self.n_braked = 0
        self.removed = timedelta(0)
        self.before_all: datetime | None = None
        self.woken: set[str] = set()
        self.wanted_back: set[str] = set()

    # --- A night

    def night(self, night: datetime) -> None:
        """The reads since the night before, then the review."""
        start = datetime.min.replace(tzinfo=night.tzinfo)
        self.use(start if self.before_all is None else self.before_all, night)
        self.before_all = night
        self.n_nights += 1
        verdicts = list(self.verdicts(night))
        if not verdicts:
            return
        for verdict in self._left(verdicts, night):
            if verdict.action is not Action.KEEP:
                self._carry_out(self.by_key[verdict.grant, verdict.member], verdict, night)

    def _left(self, verdicts: list[Verdict], night: datetime) -> list[Verdict]:
        by_dataset = self._open_by_dataset(night)
        found = held(verdicts, doubt(self._evidence(night)), sum(by_dataset.values()), by_dataset)
        self.n_doubted += bool(found.doubt)
        self.n_braked += bool(found.all or found.datasets)
        return (Held(doubt=found.doubt) if self.beyond_brake else found).applied(verdicts)

    def _evidence(self, night: datetime) -> Evidence:
        weeks = [0] * 5
        for days in range(5 * DAY_OF_WEEKS):
            weeks[days // DAY_OF_WEEKS] += self.reads.get(night.date() - timedelta(days=days), 0)
        return Evidence(weeks[0], tuple(weeks[1:]))

    def _open_by_dataset(self, night: datetime) -> Counter[str]:
        return Counter(
            life.right.dataset
            for life in self.lives
            if not life.right.is_team and life.right.starts_at <= night < life.right.ends_at
        )

    # --- What people did

    def use(self, after: datetime, until: datetime) -> None:
        """Everything read after one moment, up to another."""
        days = sorted(day for day in self.uses if after.date() <= day <= until.date())
        for day in days if self.before_all is None else _days(after.date(), until.date()):
            for life, use in self.uses.get(day, ()):
                if after < use.at <= until:
                    self._read(life, use)

    def _read(self, life: Life, use: Use) -> None:
        if life.taken_at is not None:
            self._come_back(life, use.at)
        life.check_at = None
        life.n_queries += use.n_queries
        for name in use.named:
            life.named[name] = life.read[name] = use.at
            if name in life.dropped:
                life.dropped.discard(name)
                self.counts["columns_asked_again"] += 1
        for name in use.starred:
            life.read[name] = use.at
            life.n_stars[name] += use.n_stars

    def _come_back(self, life: Life, at: datetime) -> None:
        assert life.taken_at is not None
        self.removed += at - life.taken_at
        (self.woken if life.is_asleep else self.wanted_back).add(life.right.holder)
        if life.is_asleep:
            self.counts["woken"] += 1
            life.awake_since = at
        elif life.right.member is not None:
            self.counts["readmitted"] += 1
            life.awake_since = at
        else:
            in_time = at - life.taken_at < RESTORE_WINDOW
            self.counts["restored" if in_time else "asked_again"] += 1
            life.starts_at = at
        life.taken_at, life.is_asleep = None, False

    # --- What the review says

    def verdicts(self, night: datetime) -> Iterator[Verdict]:
        """Everything that changes tonight, before the brake, in the order in which the review has it."""
        busy = set()
        for life in self.lives:
            if life.right.member is None and self._is_due(life, night):
                verdict = judge(self._facts(life, night), night)
                changes = verdict.action not in (Action.KEEP, Action.EXPIRE)
                if changes:
                    yield verdict
                if verdict.action is not Action.SPARE and (changes or life.warned_at):
                    busy.add(verdict.grant)
        for life in self.lives:
            if life.right.member is not None and life.right.grant not in busy:
                yield from self._member(life, night)
        for life in self.lives:
            if life.right.member is None and life.right.grant not in busy:
                yield from self._size(life, night)

    def _is_due(self, life: Life, night: datetime) -> bool:
        """Whether anything can have to be done: a right in use needs no look until its window is over."""
        if not life.is_open(night):
            return False
        return life.warned_at is not None or life.check_at is None or life.check_at <= night

    def _facts(self, life: Life, night: datetime) -> Facts:
        right = life.right
        facts = Facts(
            grant=right.grant,
            holder=right.holder,
            dataset=right.dataset,
            label=right.label,
            sensitivity=right.sensitivity,
            starts_at=life.starts_at,
            expires_at=right.expires_at,
            unused_after=right.unused_after,
            warned_at=life.warned_at,
            revoke_due_at=life.due_at,
            last_used_at=right.last_used_at(night),
            longest_gap=right.habit.longest_gap(night.date()),
            was_used_last_year=right.habit.was_used_around(_year_before(night.date())),
            awake_since=life.awake_since,
            member=right.member,
        )
        window = facts.window
        life.check_at = right.ends_at if window is None else facts.idle_since + window
        return facts

    def _member(self, life: Life, night: datetime) -> Iterator[Verdict]:
        team = self.whole[life.right.grant]
        if not self._is_due(life, night) or not team.is_open(night):
            return
        if team.right.last_used_at(night) is None:
            return
        verdict = judge(self._facts(life, night), night)
        if verdict.action is not Action.KEEP:
            yield verdict

    def _size(self, life: Life, night: datetime) -> Iterator[Verdict]:
        if not is_sized(life.right.sensitivity) or not life.is_open(night):
            return
        if life.size_at is not None and life.size_at > night:
            return
        if not life.n_queries:
            return
        facts = self._size_facts(life, night)
        verdicts = judge_size(facts, night)
        yield from verdicts
        if not verdicts:
            life.size_at = _next_size(facts, night)

    def _size_facts(self, life: Life, night: datetime) -> SizeFacts:
        right = life.right
        granted = tuple(name for name in right.granted if name not in life.dropped)
        return SizeFacts(
            grant=right.grant,
            holder=right.holder,
            dataset=right.dataset,
            label=right.label,
            sensitivity=right.sensitivity,
            starts_at=life.starts_at,
            expires_at=right.expires_at,
            granted=granted,
            reads={name: Reads(life.named.get(name), at) for name, at in life.read.items()},
            n_queries=life.n_queries,
            n_stars=max(life.n_stars.values(), default=0),
            longest_gap=right.habit.longest_gap(night.date()),
            settled_at=life.settled_at,
            sizing=life.sizing,
        )

    # --- What it would have done

    def _carry_out(self, life: Life, verdict: Verdict, night: datetime) -> None:
        self.counts[verdict.action] += 1
        match verdict.action:
            case Action.WARN:
                life.warned_at, life.due_at = night, verdict.due_at
            case Action.SPARE:
                life.warned_at = life.due_at = None
            case Action.REVOKE | Action.SLEEP | Action.EXCLUDE:
                life.taken_at, life.warned_at, life.due_at = night, None, None
                life.is_asleep = bool(self._facts(life, night).season)
            case Action.PROPOSE:
                assert verdict.due_at is not None
                life.sizing = Sizing(verdict.columns, night, verdict.due_at)
                self.counts["columns_proposed"] += len(verdict.columns)
            case Action.RELEASE | Action.MASK | Action.DROP:
                self._move_columns(life, verdict, night)

    def _move_columns(self, life: Life, verdict: Verdict, night: datetime) -> None:
        sizing = life.sizing
        assert sizing is not None
        life.size_at = None
        if verdict.action is Action.MASK:
            life.sizing = Sizing(
                sizing.columns, sizing.proposed_at, sizing.mask_due_at, night, verdict.due_at
            )
            return
        left = tuple(name for name in sizing.columns if name not in verdict.columns)
        if verdict.action is Action.DROP:
            life.dropped.update(verdict.columns)
            self.counts["columns_dropped"] += len(verdict.columns)
        else:
            key = "columns_restored" if sizing.masked_at else "columns_saved"
            self.counts[key] += len(verdict.columns)
        if left and verdict.action is Action.RELEASE:
            life.sizing = Sizing(
                left, sizing.proposed_at, sizing.mask_due_at, sizing.masked_at, sizing.drop_due_at
            )
        else:
            life.sizing, life.settled_at = None, night

    # --- What came of it

    def outcome(self, last: datetime) -> Outcome:
        """The sums, as of the last night."""
        removed = self.removed
        for life in self.lives:
            if life.taken_at is not None:
                removed += max(min(last, life.right.ends_at) - life.taken_at, timedelta(0))
        wholes = [life for life in self.lives if life.right.member is None]
        standing = [each for each in wholes if each.right.starts_at <= last < each.right.ends_at]
        return Outcome(
            self.n_nights,
            len(self.lives),
            self.counts,
            self.n_doubted,
            self.n_braked,
            removed.days,
            _gap([(life, life.right.granted) for life in standing], last),
            _gap([(life, life.columns) for life in standing if life.taken_at is None], last),
            frozenset(self.woken),
            frozenset(self.wanted_back),
        )


def _gap(rights: list[tuple[Life, tuple[str, ...]]], last: datetime) -> Gap:
    granted = used = 0
    for life, columns in rights:
        habit = life.right.habit.longest_gap(last.date()) or timedelta(0)
        since = last - max(OBSERVED, habit * 2)
        granted += len(columns)
        used += sum(1 for name in columns if (at := life.named.get(name)) and at > since)
    return Gap(granted, used)


def _next_size(facts: SizeFacts, night: datetime) -> datetime:
    """When the columns of a grant can have to be looked at again: nothing changes before, whatever is read."""
    sizing = facts.sizing
    if sizing is not None:
        return night + NIGHT
    watched = max(facts.starts_at, facts.settled_at or facts.starts_at) + facts.observed
    if watched > night:
        return watched
    named = [reads.named_at for reads in facts.reads.values() if reads.named_at is not None]
    all_named = len(named) == len(facts.granted)
    return max(night + NIGHT, min(named) + facts.observed) if all_named else night + NIGHT


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += NIGHT


def _year_before(day: date) -> date:
    """The same date a year earlier; of a leap day, the day before, as PostgreSQL has it."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day - timedelta(days=366)
