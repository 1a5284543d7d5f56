"""`apply FILE...`: brings the portal to the state that YAML files describe."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.clock import database_now
from portal.configuration.applying import apply
from portal.configuration.errors import BrokenConfiguration

DIFFERENCE = 2


class Command(BaseCommand):
    """Idempotent, all or nothing."""

    help = "Bring the portal to the state the YAML files describe; all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and whether to change anything at all."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--plan",
            action="store_true",
            help="print the difference, change nothing; exit 2 if any",
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help="also remove what an earlier apply created and the files no longer name",
        )

    def handle(self, *, files: list[Path], plan: bool, prune: bool, **_: Any) -> None:
        """Apply or plan, and print every change."""
        try:
            changes = apply(files, now=database_now(), plan=plan, pruning=prune)
        except BrokenConfiguration as broken:
            n_mistakes = len(broken.mistakes)
            raise CommandError(
                f"{broken}\nNothing was changed: {n_mistakes} mistake{'s'[: n_mistakes != 1]} to mend."
            ) from broken
        for change in changes:
            for line in change.lines():
                self.stdout.write(line)
        if not changes:
            self.stdout.write("Nothing to change: the portal is as the files describe it.")
        elif plan:
            self.stdout.write(f"{len(changes)} changes planned; nothing was changed.")
            self.stdout.flush()
            sys.exit(DIFFERENCE)
        else:
            self.stdout.write(f"{len(changes)} changes made.")
