"""Everything the catalog holds, row by row, for asserting that nothing changed; and the bakery, a small made-up company."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from django.apps import apps

from catalog.models import Dataset, Warehouse

DATA = Path(__file__).parent / "data"
BAKERY = DATA / "bakery"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the catalog, times of change included."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("catalog").get_models()
    }


def bake(folder: Path, name: str = "wh") -> Warehouse:
    """A warehouse whose DuckDB file holds the bakery's tables, empty."""
    path = folder / f"{name}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute((DATA / "bakery.sql").read_text())
    return Warehouse.objects.create(name=name, url=f"duckdb:///{path}", engine="duckdb")


def alter(warehouse: Warehouse, sql: str) -> None:
    """Changes the warehouse behind the catalog's back: a new file takes the old one's place, as a nightly build would."""
    path = Path(warehouse.url.removeprefix("duckdb:///"))
    new = shutil.copy(path, path.with_suffix(".new"))
    with duckdb.connect(str(new)) as connection:
        connection.execute(sql)
    Path(new).replace(path)


def dataset(name: str) -> Dataset:
    """The bakery's dataset called `schema.table`."""
    return Dataset.objects.get(name=f"wh.{name}")
