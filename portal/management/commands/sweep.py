"""`sweep`: the nightly access review, now, as of another moment, or only on paper."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import sweep
from access.clock import database_now
from access.errors import Conflict
from access.models import SweepRun
from access.sweep import SweepPlan, Verdict
from access.words import counted

REMARKS = {
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

    def handle(self, *, simulate: bool, at: datetime | None, beyond_brake: bool, **_: Any) -> None:
        """Review, and print what happens to each grant with its reason, then the counts."""
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


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--at: expected an ISO time such as 2027-03-01T03:00Z, got {text!r}"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
