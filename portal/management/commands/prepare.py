"""`./manage.py prepare`: tables and first contents, as `up` runs it before the portal opens.

May run any number of times: what is there already stays.
"""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from access import clock
from access.models import Principal
from access.people import principals
from portal.embedded import progress
from portal.embedded.progress import Progress
from portal.home import Home

ADMINISTRATOR = "admin"


class Command(BaseCommand):
    """Migrates, then loads the demo company or makes the first administrator."""

    help = "Makes the tables and the first contents; up runs it by itself."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which contents a new portal gets; none with neither flag."""
        contents = parser.add_mutually_exclusive_group()
        contents.add_argument("--demo", action="store_true", help="the demo company")
        contents.add_argument("--empty", action="store_true", help="one administrator only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tables first; contents only where there are none yet."""
        home: Home = settings.PORTAL_HOME
        home.make()
        self._step(home, Progress("Making the portal's tables"))
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        mark = home.state / "contents"
        if mark.exists():
            return
        if options["demo"]:
            self._load_demo(home)
            mark.write_text("demo", encoding="ascii")
        elif options["empty"]:
            self._make_administrator()
            mark.write_text("empty", encoding="ascii")

    def _load_demo(self, home: Home) -> None:
        from portal import demo

        def tell(text: str, done: int, total: int) -> None:
            self._step(home, Progress(text, done, total))

        welcome = demo.load(home, tell)
        (home.state / "welcome.txt").write_text(welcome, encoding="utf-8")

    def _make_administrator(self) -> None:
        if Principal.objects.filter(is_superuser=True, is_active=True).exists():
            return
        password = secrets.token_urlsafe(12)
        principals.create_person(
            ADMINISTRATOR,
            name="Administrator",
            administrator=True,
            password=password,
            actor=None,
            now=clock.database_now(),
        )
        self.stdout.write(f"Sign in as {ADMINISTRATOR} with the one-time password {password}")
        self.stdout.write("It is shown only here; choose your own after signing in.")

    def _step(self, home: Home, step: Progress) -> None:
        progress.tell(home, step)
        done = f" ({step.percent} %)" if step.total else ""
        self.stdout.write(f"{step.text}{done}")
