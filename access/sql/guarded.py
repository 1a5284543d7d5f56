"""The policy view of the distributed engines: what is hidden is gone before a reader's expression can meet it.

Spark and Trino move a condition below a join, and below the join that an entitlement filter becomes. They move no
condition on a value that only the filter's outcome makes: so a column that a fallible expression reads is shown as
`CASE WHEN visible THEN column END`, where `visible` is the filter itself, worked out once per row. Conditions on other
columns still reach the files. Where that is not enough (a constant that may fail, two streams of rows of which one
decides whether the other runs) Spark's whole view stands behind a filter that is not deterministic, through which its
optimiser moves nothing at all; `OFFSET 0` and a huge `LIMIT` it just removes.
"""

from __future__ import annotations

from typing import NamedTuple

from access.sql import names

VISIBLE = f"{names.RESERVED}_visible"
FENCE = "monotonically_increasing_id() >= 0"


class Shown(NamedTuple):
    """One column of a view: its name, how it is worked out, and whether a fallible expression may read it."""

    name: str
    value: str
    is_held: bool


def guarded(
    columns: list[Shown], table: str, row: str, condition: str, dialect: str, *, fenced: bool
) -> str:
    """The view's text: `row` is the alias under which values and the condition read the table."""
    if condition and any(column.is_held for column in columns):
        text = _by_case(columns, table, row, condition, dialect)
    else:
        # Here and below: quoted names and checked expressions.
        text = f"SELECT {_plain(columns, dialect)} FROM {table} AS {row}"  # noqa: S608
        text += f" WHERE {condition}" if condition else ""
    if not fenced:
        return text
    listed = ", ".join(names.quote(column.name, dialect) for column in columns)
    around = names.quote(f"{names.RESERVED}_fenced", dialect)
    return f"SELECT {listed} FROM ({text}) AS {around} WHERE {FENCE}"  # noqa: S608


def _by_case(columns: list[Shown], table: str, row: str, condition: str, dialect: str) -> str:
    visible = names.quote(VISIBLE, dialect)
    inner = f"SELECT {row}.*, ({condition}) AS {visible} FROM {table} AS {row}"  # noqa: S608
    listed = ", ".join(_held(column, f"{row}.{visible}", dialect) for column in columns)
    return f"SELECT {listed} FROM ({inner}) AS {row} WHERE {row}.{visible}"  # noqa: S608


def _held(column: Shown, visible: str, dialect: str) -> str:
    value = f"CASE WHEN {visible} THEN {column.value} END" if column.is_held else column.value
    return f"{value} AS {names.quote(column.name, dialect)}"


def _plain(columns: list[Shown], dialect: str) -> str:
    return ", ".join(f"{one.value} AS {names.quote(one.name, dialect)}" for one in columns)
