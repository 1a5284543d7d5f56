"""`ingest warehouse|dbt|openlineage|odcs`: imports metadata and prints what was added, changed and left alone."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.clock import database_now
from access.policies import upkeep
from catalog.engines import EngineError
from catalog.errors import BrokenFile, CatalogError
from catalog.importers import (
    ImportReport,
    import_dbt,
    import_odcs,
    import_openlineage,
    import_warehouse,
)
from catalog.models import Warehouse


class Command(BaseCommand):
    """All or nothing, and quiet the second time."""

    help = "Import metadata from a warehouse, a dbt project, OpenLineage events or a data contract."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per kind of source."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        warehouse = kinds.add_parser("warehouse", help="the tables of a configured warehouse")
        warehouse.add_argument("name", metavar="NAME")
        dbt = kinds.add_parser("dbt", help="the artifacts dbt writes to target/")
        dbt.add_argument("directory", type=Path, metavar="DIR")
        dbt.add_argument("--warehouse", required=True, metavar="NAME", dest="name")
        openlineage = kinds.add_parser("openlineage", help="OpenLineage events, one per line")
        openlineage.add_argument("file", type=Path, metavar="FILE")
        odcs = kinds.add_parser("odcs", help="an ODCS v3 data contract")
        odcs.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, kind: str, **options: Any) -> None:
        """Imports, and prints the report line by line."""
        now = database_now()
        try:
            report, closed = upkeep.taken_over(
                lambda: IMPORTS[kind](options, now), now=now, warehouse=_asked(options)
            )
        except (CatalogError, EngineError) as error:
            raise CommandError(str(error)) from error
        for line in (*report.lines(), *closed):
            self.stdout.write(line)
        if not report.added and not report.changed and not closed:
            self.stdout.write("Nothing changed.")


def _asked(options: dict[str, Any]) -> Warehouse | None:
    """The warehouse that the command names, if it names one."""
    return _named(options["name"]) if "name" in options else None


def _warehouse(options: dict[str, Any], now: datetime) -> ImportReport:
    return import_warehouse(_named(options["name"]), now=now)


def _dbt(options: dict[str, Any], now: datetime) -> ImportReport:
    return import_dbt(options["directory"], _named(options["name"]), now=now)


def _openlineage(options: dict[str, Any], now: datetime) -> ImportReport:
    path: Path = options["file"]
    try:
        with path.open("rb") as lines:
            return import_openlineage(lines, now=now, path=str(path))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BrokenFile(path, "", "a file that can be read") from error


def _odcs(options: dict[str, Any], now: datetime) -> ImportReport:
    return import_odcs(options["file"], now=now)


IMPORTS: dict[str, Callable[[dict[str, Any], datetime], ImportReport]] = {
    "warehouse": _warehouse,
    "dbt": _dbt,
    "openlineage": _openlineage,
    "odcs": _odcs,
}


def _named(name: str) -> Warehouse:
    warehouse = Warehouse.objects.filter(name=name).first()
    if warehouse is None:
        known = ", ".join(Warehouse.objects.values_list("name", flat=True))
        there_is = (
            f"There are: {known}." if known else "None is configured yet; name one with `apply`."
        )
        raise CommandError(f"There is no warehouse {name!r}. {there_is}")
    return warehouse
