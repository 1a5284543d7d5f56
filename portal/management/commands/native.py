"""`native WAREHOUSE`: what people's own logins are doing in a PostgreSQL warehouse, comparing it now, and taking them out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import provisioning
from access.clock import database_now
from access.models import NativeAccess, NativeLogin
from catalog.engines import EngineError
from catalog.models import Warehouse


class Command(BaseCommand):
    """Safe to repeat; Celery beat does the same every minute."""

    help = "Show, compare or take out the logins people have in a PostgreSQL warehouse."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The warehouse, and at most one thing to do."""
        parser.add_argument("name", metavar="WAREHOUSE")
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--compare", action="store_true", help="compare and repair it now")
        doing.add_argument("--off", action="store_true", help="switch it off, everything taken out")

    def handle(self, *, name: str, compare: bool, off: bool, **_: Any) -> None:
        """Does it and says how it stands."""
        warehouse = Warehouse.objects.filter(name=name).first()
        access = provisioning.native_of(warehouse) if warehouse else None
        if access is None:
            raise CommandError(f"There is no native access to a warehouse called {name}.")
        try:
            if off:
                provisioning.switch_off(access, actor=None, now=database_now())
            if off or compare:
                self._settle(access)
        except EngineError as error:
            raise CommandError(str(error)) from error
        self._show(access)

    def _settle(self, access: NativeAccess) -> None:
        access.refresh_from_db()
        done = provisioning.settle(access, now=database_now())
        self.stdout.write(
            f"{done.n_put} logins put in place, {done.n_gone} taken out, {done.n_found} things found,"
            f" {done.n_mended} put right."
        )

    def _show(self, access: NativeAccess) -> None:
        access.refresh_from_db()
        n_logins = NativeLogin.objects.filter(native=access, ended_at=None).count()
        self.stdout.write(f"{'On' if access.is_on else 'Off'}, {n_logins} logins.")
        for said in (access.failure, access.evidence_failure):
            if said:
                self.stdout.write(said)
        for finding in provisioning.open_findings(access):
            self.stdout.write(f"{finding.what} (since {finding.found_at:%Y-%m-%d %H:%M} UTC)")
