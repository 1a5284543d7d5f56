"""`clock`: shows the clock and its mark; `clock --put-back REASON` mends the mark after the clock had run ahead."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from access import clock_repair
from access.clock import database_now
from access.models import ClockMark


class Command(BaseCommand):
    """For the operator, when the gate says that the clock went back and the clock itself is right."""

    help = "Show the database's clock and the furthest moment seen; --put-back mends the latter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Why the mark is put back, if it is."""
        parser.add_argument("--put-back", metavar="REASON", help="what happened to the clock")

    def handle(self, *, put_back: str | None, **_: Any) -> None:
        """Show, or mend."""
        if put_back is not None:
            mended = clock_repair.put_back(actor=None, reason=put_back)
            self.stdout.write("The mark is put back." if mended else "The mark was not ahead.")
            return
        mark = ClockMark.objects.values_list("at", flat=True).first()
        self.stdout.write(f"Database: {database_now().isoformat()}")
        self.stdout.write(f"Furthest seen: {mark.isoformat() if mark else 'nothing yet'}")
