"""What a review would do at a moment: for the command, for the pages, and for the review itself."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from access import usage
from access.clock import database_now
from access.models import Grant, Principal
from access.people.permissions import Permission, over
from access.sweep import forecasts
from access.sweep.facts import evidence, facts, member_facts, open_by_dataset, size_facts
from access.sweep.schedule import next_due
from access.sweep.sizes import judge_size
from access.sweep.verdicts import Action, Held, Verdict, doubt, held, judge


@dataclass(frozen=True)
class SweepPlan:
    """What happens, by grant: everything that changes, and what would have if it had not been held back.

    `stopped` says in words what was held back, and is empty on most nights.
    """

    as_of: datetime
    rows: tuple[Verdict, ...]
    stopped: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each action meets."""
        return dict(Counter(row.action.value for row in self.rows))

    def of(self, action: Action) -> list[Verdict]:
        """The verdicts of one action."""
        return [row for row in self.rows if row.action is action]


def plan(as_of: datetime, *, beyond_brake: bool = False) -> SweepPlan:
    """What the review of `as_of` does. Changes nothing but the counts of use, which it brings up to date first.

    Cost: seven queries.

    `beyond_brake` is an administrator's word that the many endings are meant. A moment in the future is reviewed as
    if nobody read anything until then; whether the record of use can be trusted is still judged by today.
    """
    usage.count()
    verdicts = list(_verdicts(as_of))
    return _plan(as_of, verdicts, Held() if beyond_brake else _held(as_of, verdicts))


def forecast() -> SweepPlan:
    """The whole of the next review, and what it holds back noted for the pages. Cost: as `plan`, and a write."""
    now = database_now()
    as_of = next_due(now)
    verdicts, found = _foreseen(as_of, now)
    return _plan(as_of, verdicts, found)


def tonight(principal: Principal) -> SweepPlan:
    """What the next review will do to grants on the datasets somebody answers for, and to those they hold.

    Only these are judged, afresh; what the night as a whole holds back is taken from the last forecast.
    """
    now = database_now()
    as_of = next_due(now)
    found = forecasts.kept(as_of)
    if found is None:
        _, found = _foreseen(as_of, now)
    else:
        usage.count()
    theirs = Grant.objects.filter(
        Q(dataset__in=over(principal, Permission.DECIDE).values("pk"))
        | Q(principal=principal)
        | Q(principal__owner=principal)
        | Q(team__in=principal.groups.values("pk")),
        ended_at=None,
    )
    only = list(theirs.order_by().values_list("pk", flat=True))
    return _plan(as_of, list(_verdicts(as_of, only)) if only else [], found)


def _verdicts(as_of: datetime, only: Collection[int] | None = None) -> Iterator[Verdict]:
    """Every verdict before the brake. A grant that is warned, or about to change, keeps its members and columns."""
    busy = set()
    for each in facts(as_of, only):
        verdict = judge(each, as_of)
        if verdict.action is not Action.KEEP:
            yield verdict
        if verdict.action is not Action.SPARE and (
            each.warned_at or verdict.action is not Action.KEEP
        ):
            busy.add(verdict.grant)
    for each in member_facts(as_of, only):
        if each.grant not in busy:
            yield judge(each, as_of)
    for size in size_facts(as_of, only):
        if size.grant not in busy:
            yield from judge_size(size, as_of)


def _foreseen(as_of: datetime, now: datetime) -> tuple[list[Verdict], Held]:
    usage.count()
    verdicts = list(_verdicts(as_of))
    found = _held(as_of, verdicts)
    forecasts.keep(as_of, found, now)
    return verdicts, found


def _held(as_of: datetime, verdicts: list[Verdict]) -> Held:
    by_dataset = open_by_dataset(as_of)
    doubted = doubt(evidence(min(as_of, database_now())))
    return held(verdicts, doubted, sum(by_dataset.values()), by_dataset)


def _plan(as_of: datetime, verdicts: list[Verdict], found: Held) -> SweepPlan:
    changing = [each for each in verdicts if each.action is not Action.KEEP]
    return SweepPlan(as_of, tuple(found.applied(changing)), found.sentence)
