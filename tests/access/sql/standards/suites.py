"""The query texts of TPC-H and TPC-DS, their tables, and how rows are drawn that the queries find.

Rows come from a fixed seed. A column holds mostly the constants that the queries compare it with, so that few rows
answer many queries.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

HERE = Path(__file__).parent
Row = dict[str, Any]

_HEADING = re.compile(r"^-- \[(q\d+)\]$", re.MULTILINE)
_DATE = re.compile(r"'(\d{4}-\d{2}-\d{2})'")
_CENT = Decimal("0.01")
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(frozen=True)
class Suite:
    """One of the two, by name."""

    name: str

    @cached_property
    def queries(self) -> dict[str, str]:
        parts = _HEADING.split((HERE / f"{self.name}.sql").read_text(encoding="utf-8"))[1:]
        texts = (text.strip().rstrip(";") for text in parts[1::2])
        return dict(zip(parts[::2], texts, strict=True))

    @cached_property
    def tables(self) -> dict[str, dict[str, str]]:
        """The types of each table's columns."""
        found: dict[str, dict[str, str]] = {}
        for line in (HERE / f"{self.name}_tables.txt").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                table, _, columns = line.partition(": ")
                found[table] = dict(column.split(" ", 1) for column in columns.split(", "))
        return found

    @cached_property
    def constants(self) -> Mapping[str, list[Any]]:
        """What the queries compare each column with, as often as a query does."""
        found: dict[str, list[Any]] = {}
        for text in self.queries.values():
            for node in sqlglot.parse_one(text, dialect="duckdb").walk():
                for column, value in _compared(node):
                    found.setdefault(column, []).append(value)
        return found

    @cached_property
    def days(self) -> list[date]:
        """The days that stand in the queries."""
        texts = "\n".join(self.queries.values())
        return sorted({date.fromisoformat(found) for found in _DATE.findall(texts)})


def _compared(node: exp.Expr) -> Iterable[tuple[str, Any]]:
    if isinstance(node, exp.In):
        pairs = [(node.this, part) for part in node.expressions]
    elif isinstance(node, exp.Between):
        pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
    elif isinstance(node, _COMPARED):
        pairs = [(node.this, node.expression), (node.expression, node.this)]
    else:
        return
    for column, value in pairs:
        if isinstance(column, exp.Column) and isinstance(value, (exp.Literal, exp.Neg)):
            yield column.name, _python(value)


def _python(node: exp.Expr) -> Any:
    if isinstance(node, exp.Neg):
        return -_python(node.this)
    if node.is_string:
        return node.name
    return int(node.name) if node.name.isdigit() else Decimal(node.name)


@dataclass
class Drawing:
    """Rows drawn for one suite, table by table."""

    suite: Suite
    first_day: date
    days: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(20260101))

    def draw(self, table: str, size: int, make: Callable[[int], Row]) -> None:
        """Rows 1 to `size`; what `make` does not set gets a value fit for its type and the queries."""
        columns = self.suite.tables[table]
        self.rows[table] = []
        for number in range(1, size + 1):
            own = make(number)
            self.rows[table].append(
                {
                    name: own[name] if name in own else self.value(name, columns[name])
                    for name in columns
                }
            )

    def value(self, column: str, type_: str) -> Any:
        known = self.suite.constants.get(column, [])
        if type_ == "text":
            return self._known(known, str, 0.9) or self.word(column)
        if type_ in ("bigint", "integer"):
            return self._known(known, int, 0.7) or self.chance.randint(1, 12)
        if type_ == "date":
            return self.day()
        return Decimal(self._known(known, (int, Decimal), 0.5) or self.money(300)).quantize(_CENT)

    def _known(self, known: list[Any], kind: Any, share: float) -> Any:
        fitting = [value for value in known if isinstance(value, kind)]
        return self.chance.choice(fitting) if fitting and self.chance.random() < share else None

    def word(self, column: str) -> str:
        return f"{column.partition('_')[2]} {self.chance.randint(1, 9)}"

    def money(self, most: int) -> Decimal:
        return Decimal(self.chance.randint(0, most * 100)) / 100

    def day(self) -> date:
        """A day that the queries look at, or any other."""
        if self.chance.random() < 0.5:
            return self.chance.choice(self.suite.days) + timedelta(days=self.chance.randint(0, 28))
        return self.first_day + timedelta(days=self.chance.randrange(self.days))

    def pick(self, table: str) -> Row:
        """A row of the table; some people buy more often than others, and some things sell better."""
        rows = self.rows[table]
        skew = 1.7 if table in ("customer", "item") else 1
        return rows[int(len(rows) * self.chance.random() ** skew)]

    def one_of(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def sometimes(self, value: Any, share: float = 0.96) -> Any:
        """The value, or now and then nothing."""
        return value if self.chance.random() < share else None
