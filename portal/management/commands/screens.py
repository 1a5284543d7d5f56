"""`screens WAREHOUSE`: what the portal keeps in a managed PostgreSQL, and taking it out again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.audit.events import Kind, record
from access.clock import database_now
from access.policies import screening
from catalog.engines import EngineError, engine_for
from catalog.models import Warehouse


class Command(BaseCommand):
    """Safe to repeat; what is needed again is made again by the next query."""

    help = "Show, tidy or take out the screens kept in a managed PostgreSQL warehouse."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The warehouse, and at most one thing to do."""
        parser.add_argument("name", metavar="WAREHOUSE")
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--tidy", action="store_true", help="drop those unused for a week")
        doing.add_argument("--release", action="store_true", help="drop all, tables as before")
        parser.add_argument(
            "--manage", default="", help="the administrator's URL, once the configuration has none"
        )

    def handle(self, *, name: str, tidy: bool, release: bool, manage: str, **_: Any) -> None:
        """Does it and says how many screens are gone, or says what weakens the warehouse."""
        warehouse = Warehouse.objects.filter(name=name).first()
        if warehouse is None:
            raise CommandError(f"There is no warehouse called {name}.")
        warehouse.manage = manage or warehouse.manage
        if not warehouse.manage:
            raise CommandError(
                f"{name} is not managed. Its entry in the configuration says so with `manage`."
            )
        try:
            if tidy or release:
                self._drop(warehouse, everything=release)
            else:
                self._show(warehouse)
        except EngineError as error:
            raise CommandError(str(error)) from error

    def _drop(self, warehouse: Warehouse, *, everything: bool) -> None:
        n_gone = screening.release(warehouse) if everything else screening.tidy(warehouse)
        if n_gone:
            record(
                Kind.WAREHOUSE_CHANGED,
                actor=None,
                subject=f"warehouse:{warehouse.name}",
                data={"screens_dropped": n_gone},
                now=database_now(),
            )
        self.stdout.write(f"{n_gone} screens dropped.")

    def _show(self, warehouse: Warehouse) -> None:
        engine = engine_for(warehouse.url, warehouse.manage)
        for sentence in engine.concerns() or ("Nothing weakens it.",):
            self.stdout.write(sentence)
