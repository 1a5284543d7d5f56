"""The company in a Spark server, in two schemas: `sales` holds everything, `copy` what Alice should find."""

from __future__ import annotations

from typing import Any

from access.sql import verify
from catalog.engines import engine_for
from tests import spark
from tests.access.sql import company

REAL, COPY = "sales", "copy"


class SparkCompany:
    """Asks the engine itself, as the gate does; the truth is read from tables cut down by hand."""

    dialect = company.SPARK

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engine_for(url)
        # Other tests of the same run may have left theirs.
        statements = [f"drop schema if exists {name} cascade" for name in (REAL, COPY)]
        company.build(self.dialect, statements.append)
        copied: list[str] = []
        company.build_copy(self.dialect, copied.append, REAL)
        statements += [
            text.replace("sales.", f"{COPY}.", 1).replace("schema sales", f"schema {COPY}")
            for text in copied
        ]
        spark.execute(url, *statements)

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        made = company.plan(sql, self.dialect)
        tree = self.engine.parse_tree(made.sql)
        assert tree is not None
        verify(tree, made, self.dialect)
        return spark.read(self.engine, made.sql)

    def truth(self, sql: str) -> list[tuple[Any, ...]]:
        return spark.execute(self.url, f"use {COPY}", sql)
