"""`./manage.py up`: everything the portal needs, as one foreground process tree."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.embedded import supervisor
from portal.embedded.roles import ROOT


class Command(BaseCommand):
    """Lists `up` among the commands. manage.py itself starts the supervisor, a small process without Django."""

    help = "Starts databases, web, worker and beat as one foreground process tree; Ctrl-C stops it all."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The same ones the supervisor reads."""
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """For callers other than manage.py: replaces this process by the supervisor."""
        plan = supervisor.plan(options)
        os.chdir(ROOT)
        os.execv(
            sys.executable,
            [
                *(sys.executable, "-m", "portal.embedded.supervisor", f"--{plan.contents}"),
                *("--home", str(plan.home.root), "--port", str(plan.port)),
            ],
        )
