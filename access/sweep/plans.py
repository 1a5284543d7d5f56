"""What a review would do at a moment: for the command, for the pages, and for the review itself."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from access.clock import database_now
from access.models import Grant, Principal
from access.permissions import Permission, over
from access.sweep.facts import evidence, facts, open_by_dataset
from access.sweep.schedule import next_due
from access.sweep.verdicts import Action, Verdict, doubt, hold_back, judge


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
        """How many grants each action meets."""
        return dict(Counter(row.action.value for row in self.rows))

    def of(self, action: Action) -> list[Verdict]:
        """The verdicts of one action."""
        return [row for row in self.rows if row.action is action]


def plan(as_of: datetime, *, beyond_brake: bool = False) -> SweepPlan:
    """What the review of `as_of` does. Changes nothing. Cost: four queries.

    `beyond_brake` is an administrator's word that the many endings are meant. A moment in the future is reviewed as
    if nobody read anything until then; whether the record of use can be trusted is still judged by today.
    """
    verdicts = [judge(each, as_of) for each in facts(as_of)]
    if not beyond_brake:
        by_dataset = open_by_dataset(as_of)
        doubted = doubt(evidence(min(as_of, database_now())))
        verdicts, stopped = hold_back(verdicts, doubted, sum(by_dataset.values()), by_dataset)
    else:
        stopped = ""
    return SweepPlan(as_of, tuple(each for each in verdicts if _is_shown(each)), stopped)


def tonight(principal: Principal) -> SweepPlan:
    """What the next review will do to grants on the datasets somebody answers for, and to those they hold."""
    whole = plan(next_due(database_now()))
    theirs = Grant.objects.filter(
        Q(dataset__in=over(principal, Permission.DECIDE).values("pk"))
        | Q(principal=principal)
        | Q(principal__owner=principal)
        | Q(team__in=principal.groups.values("pk")),
        pk__in=[row.grant for row in whole.rows],
    )
    shown = set(theirs.values_list("pk", flat=True))
    return replace(whole, rows=tuple(row for row in whole.rows if row.grant in shown))


def _is_shown(verdict: Verdict) -> bool:
    return verdict.action is not Action.KEEP or verdict.reason.startswith("Held back")
