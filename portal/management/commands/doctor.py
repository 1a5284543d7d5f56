"""`./manage.py doctor`: what is reachable, out of date or misconfigured, and what to do about it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.checkup import State, findings

SIGNS = {State.OK: "ok     ", State.NOTE: "note   ", State.PROBLEM: "PROBLEM"}


class Command(BaseCommand):
    """Prints every finding; ends with 1 when there is a problem."""

    help = "Says what is reachable, out of date or misconfigured, and what to do about it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """One line per finding, the remedy below a problem."""
        n_problems = 0
        for finding in findings():
            self.stdout.write(f"{SIGNS[finding.state]}  {finding.subject}: {finding.text}")
            if finding.state is State.PROBLEM:
                n_problems += 1
                self.stdout.write(f"         -> {finding.remedy}")
        self.stdout.write(
            "No problems found."
            if not n_problems
            else f"{n_problems} problem{'s'[: n_problems > 1]} found."
        )
        if n_problems:
            sys.exit(1)
