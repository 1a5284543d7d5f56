"""`sweep`: the nightly access review, now, as of another moment, only on paper, or over past nights."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from access import sweep
from access.clock import database_now
from access.errors import Conflict
from access.models import SweepRun
from access.sweep import SweepPlan, Verdict
from access.sweep.lives import Outcome
from access.words import counted

REMARKS = {
    "sleep": "grant put to sleep",
    "exclude": "member left out",
    "propose": "grant with unread columns named",
    "mask": "grant with unread columns masked",
    "drop": "grant narrowed",
    "release": "grant with columns kept",
    "restore_closed": "restore window closed",
    "reminded": "reminder of a coming end",
    "held_back": "grant held back",
}


class Command(BaseCommand):
    """What Celery beat runs every night."""

    help = "Review access: stamp what ran out, warn of what goes unused, end it after its grace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to change anything, and as of when."""
        parser.add_argument(
            "--simulate", action="store_true", help="list what would happen, change nothing"
        )
        parser.add_argument(
            "--at", type=_moment, metavar="ISO-TIME", help="review as of this moment; default: now"
        )
        parser.add_argument(
            "--beyond-brake",
            action="store_true",
            help="the many endings are meant: neither brake nor evidence gate holds them back",
        )
        parser.add_argument(
            "--replay",
            type=_nights,
            metavar="FROM..TO",
            help="what the nights from one date to another would have done, over recorded use; changes nothing",
        )

    def handle(
        self,
        *,
        simulate: bool,
        at: datetime | None,
        beyond_brake: bool,
        replay: tuple[datetime, datetime] | None,
        **_: Any,
    ) -> None:
        """Review, and print what happens to each grant with its reason, then the counts."""
        if replay:
            found = sweep.replayed(*replay, beyond_brake=beyond_brake)
            for line in _replayed(found, *replay):
                self.stdout.write(line)
            return
        as_of = at or database_now()
        planned = sweep.run(as_of, simulate=True, beyond_brake=beyond_brake)
        if simulate:
            self._print(planned)
            self.stdout.write(f"Nothing was changed. {_total(planned)}")
            return
        try:
            done = sweep.run(as_of, beyond_brake=beyond_brake)
        except Conflict as error:
            raise CommandError(error.message) from error
        self._print(planned)
        self._report(done)

    def _print(self, planned: SweepPlan) -> None:
        self.stdout.write(f"Review of {planned.as_of:%Y-%m-%d %H:%M} UTC")
        for line in _lines(planned.rows):
            self.stdout.write(line)
        if planned.stopped:
            self.stdout.write(f"Held back: {planned.stopped}")

    def _report(self, done: SweepRun) -> None:
        counts = done.counts
        self.stdout.write(
            f"Done: {counts['expire']:,} expired, {counts['leave']:,} left, {counts['warn']:,} warned, "
            f"{counts['spare']:,} spared, {counts['revoke']:,} ended as unused."
        )
        for key, noun in REMARKS.items():
            if counts[key]:
                self.stdout.write(f"  {counted(counts[key], noun)}")


def _lines(rows: Iterable[Verdict]) -> Iterable[str]:
    for row in rows:
        yield f"{row.action.value:<7} grant {row.grant:<6} {row.holder} on {row.dataset}: {row.reason}"


def _total(planned: SweepPlan) -> str:
    words = ", ".join(f"{n:,} {action}" for action, n in sorted(planned.counts.items()))
    return f"It would be: {words}." if words else "There is nothing to do."


def _replayed(found: Outcome, first: datetime, last: datetime) -> Iterable[str]:
    n = found.counts
    wrong = n["restored"] + n["asked_again"] + n["readmitted"]
    yield f"Replay of {found.n_nights:,} nights, {first:%Y-%m-%d} to {last:%Y-%m-%d}, over recorded use. Nothing was changed."
    yield f"  {found.n_rights:,} rights looked at: grants, and members of teams under them"
    yield f"  {n['warn']:,} warned, {n['spare']:,} of them saved by use"
    yield f"  {n['revoke']:,} revoked, {n['exclude']:,} members left out"
    yield f"  {n['sleep']:,} put to sleep, {n['woken']:,} times woken in one click"
    yield (
        f"  {wrong:,} wanted back ({n['restored']:,} restored within 30 days, {n['asked_again']:,} asked for again later, "
        f"{n['readmitted']:,} members let in again): {found.false_share:.1%} of what was taken"
    )
    yield (
        f"  columns: {n['columns_proposed']:,} named as unread, {n['columns_saved']:,} saved by use, "
        f"{n['columns_restored']:,} brought back while masked, {n['columns_dropped']:,} dropped, "
        f"{n['columns_asked_again']:,} asked for again later"
    )
    yield (
        f"  privilege gap (1 - used/granted columns) {found.before.share:.1%} before, {found.after.share:.1%} after: "
        f"{found.before.granted:,} columns granted before, {found.after.granted:,} after"
    )
    yield f"  {counted(found.days_removed, 'day')} of access removed"
    yield f"  {counted(found.n_doubted, 'night')} of doubted evidence, {found.n_braked:,} on which the brake would ask"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--at: expected an ISO time such as 2027-03-01T03:00Z, got {text!r}"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _nights(text: str) -> tuple[datetime, datetime]:
    """The first and the last night of `2026-01-01..2026-12-31`, at the hour of the review."""
    first, dots, last = text.partition("..")
    try:
        nights = tuple(
            datetime.combine(date.fromisoformat(day), time(settings.SWEEP_HOUR), UTC)
            for day in (first, last)
        )
    except ValueError:
        nights = ()
    if not dots or len(nights) != 2 or nights[0] > nights[1]:
        raise CommandError(f"--replay: expected two dates as 2026-01-01..2026-12-31, got {text!r}")
    return nights[0], nights[1]
