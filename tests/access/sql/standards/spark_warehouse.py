"""A suite's rows in a Spark server: everything in one schema, the copy cut down by hand in another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from access.sql import verify
from catalog.engines import engine_for
from tests import spark
from tests.access.sql.standards.warehouses import SPARK, Answer, DuckWarehouse, Warehouse

# Each statement by itself runs within a few seconds.
PATIENCE = 120.0


class SparkWarehouse(Warehouse):
    """Asks the engine itself, as the gate does. Rows come from files that DuckDB writes into `folder`."""

    dialect = SPARK

    def __init__(self, company: Any, url: str, folder: Path) -> None:
        super().__init__(company)
        self.url, self.engine = url, engine_for(url)
        tables = DuckWarehouse(company).write(folder)
        # Other tests of the same run may have left theirs.
        statements = [f"drop schema if exists {name} cascade" for name in ("s", "copy")]
        statements.append("create schema s")
        statements += [
            f"create table s.{name} using parquet location '{path}'"
            for name, path in tables.items()
        ]
        statements += [_spelled(text) for text in self._copying()]
        spark.execute(url, *statements)

    def _type(self, text: str) -> str:
        return {"text": "string", "integer": "int"}.get(text, text)

    def answer(self, sql: str) -> Answer:
        made = self.plan(sql)
        tree = self.engine.parse_tree(made.sql)
        assert tree is not None
        verify(tree, made, SPARK)
        return spark.read(self.engine, made.sql, PATIENCE)

    def truth(self, sql: str) -> Answer:
        return [], spark.execute(self.url, "use copy", sql)


def _spelled(text: str) -> str:
    """The statement as Spark writes it."""
    return re.sub(r"trunc\(([^)]+)\)", r"cast(\1 as bigint)", text).replace(
        " as text)", " as string)"
    )
