"""What the guard takes for unable to raise does not raise, whatever stands in the hidden rows.

Random expressions over a table of every type at its ends. Where the guard puts nothing between the expression and the
row filter, the expression runs here over all rows as it stands, without any row filter.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import duckdb
import psycopg
import pytest

from access.errors import Refusal
from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql.functions import FUNCTIONS, Place
from tests.access.sql.company import BOTH, DUCKDB, plan

N = 1500
TYPES: dict[str, dict[str, tuple[str, list[str]]]] = {
    "duckdb": {
        "tiny": ("TINYINT", ["-128", "127"]),
        "int4": ("INTEGER", ["-2147483648", "2147483647", "0"]),
        "big": ("BIGINT", ["-9223372036854775808", "9223372036854775807", "5000000000"]),
        "ubig": ("UBIGINT", ["18446744073709551615", "0"]),
        "huge": ("HUGEINT", ["170141183460469231731687303715884105727"]),
        "dec": ("DECIMAL(18,3)", ["-999999999999999.999", "999999999999999.999"]),
        "dec0": ("DECIMAL(38,0)", ["9" * 38]),
        "decw": ("DECIMAL(38,30)", ["-99999999.9", "0.5"]),
        "dbl": ("DOUBLE", ["'inf'", "'nan'", "1.79e308", "5e-324"]),
        "flt": ("FLOAT", ["'-inf'", "3.4e38", "1e-45"]),
        "dat": ("DATE", ["'infinity'", "'5881580-07-10'", "'5877642-06-25 (BC)'", "'2020-01-01'"]),
        "ts": ("TIMESTAMP", ["'-infinity'", "'294247-01-10 04:00:54.775806'", "'290309-12-22 (BC) 00:00:00'"]),
        "tz": ("TIMESTAMPTZ", ["'infinity'", "'294247-01-10 04:00:54.775806+00'"]),
        "tm": ("TIME", ["'00:00:00'", "'24:00:00'"]),
        "txt": ("VARCHAR", ["''", "'x'", "'100%'", "'('", "chr(1114111)"]),
        "bol": ("BOOLEAN", ["true", "false"]),
        "uid": ("UUID", ["'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
        "lst": ("INTEGER[]", ["[]", "[1, null]"]),
        "enm": ("ENUM('a', 'b')", ["'a'"]),
    },
    "postgres": {
        "small": ("smallint", ["-32768", "32767"]),
        "int4": ("integer", ["-2147483648", "2147483647", "0"]),
        "big": ("bigint", ["-9223372036854775808", "9223372036854775807"]),
        "num": ("numeric", ["'NaN'", "'Infinity'", "1e1000", "1e-1000"]),
        "dec": ("numeric(18,3)", ["-999999999999999.999", "'NaN'"]),
        "dbl": ("double precision", ["'inf'", "'nan'", "1.79e308", "5e-324"]),
        "flt": ("real", ["'-inf'", "3.4e38", "1e-45"]),
        "dat": ("date", ["'infinity'", "'5874897-12-31'", "'4714-11-24 BC'"]),
        "ts": ("timestamp without time zone", ["'-infinity'", "'294276-12-31 23:59:59'", "'4714-11-24 BC'"]),
        "tz": ("timestamp with time zone", ["'infinity'", "'294276-12-31 23:59:59+00'"]),
        "tm": ("time without time zone", ["'00:00:00'", "'24:00:00'"]),
        "txt": ("text", ["''", "'x'", "'100%'", "'('"]),
        "bol": ("boolean", ["true", "false"]),
        "uid": ("uuid", ["'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
        "jsb": ("jsonb", ["'{}'", "'[1]'"]),
        "arr": ("integer[]", ["'{}'", "'{1,NULL}'"]),
    },
}  # fmt: skip
LITERALS = [
    "'x'", "''", "'1'", "'300'", "'-1'", "'3.5'", "'t'", "'2020-01-01'", "'2020-01-01 10:00:00'", "'9999-12-31'", "1", "0",
    "-1", "300", "70000", "5000000000", "9223372036854775807", "99999999999999999999", "2.5", "0.000000001", "1e5", "1e300",
    "null", "true", "date '2020-01-01'", "timestamp '2020-01-01 10:00:00'", "interval '1 day'", "current_date", "now()",
]  # fmt: skip
OPERATORS = ["=", "<>", "<", ">=", "is distinct from", "and", "or", "like", "||", "+", "*"]
# What no data decides: the engine refuses these expressions before it reads a row.
BEFORE_ANY_ROW = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    psycopg.ProgrammingError,
)


class Expressions:
    """A seeded source of expressions over the columns of a dialect's table."""

    def __init__(self, seed: int, dialect: str) -> None:
        self._chance = random.Random(seed)
        self._names = list(TYPES[dialect])
        scalars = [each for each in FUNCTIONS[dialect].values() if Place.SCALAR in each.places]
        self._functions = [each.name for each in scalars if each.leakproof]

    def one(self, depth: int) -> str:
        roll = self._chance.random()
        if depth == 0 or roll < 0.15:
            return self._chance.choice(self._names if self._chance.random() < 0.7 else LITERALS)
        first, second, third = (self.one(depth - 1) for _ in range(3))
        if roll < 0.5:
            return f"({first} {self._chance.choice(OPERATORS)} {second})"
        if roll < 0.75:
            arguments = [first, second, third][: self._chance.choice([1, 1, 2, 2, 3])]
            return f"{self._chance.choice(self._functions)}({', '.join(arguments)})"
        return self._chance.choice(
            [
                f"case when {first} then {second} else {third} end",
                f"({first} between {second} and {third})",
                f"({first} in ({second}, {third}))",
                f"({first} is null)",
                f"(not {first})",
                f"extract({self._chance.choice(['year', 'month', 'week', 'dow', 'quarter'])} from {first})",
                f"substring({first} from {second})",
                f"cast({first} as varchar)",
            ]
        )


def _table(dialect: str, execute: Callable[[str], Any]) -> None:
    columns = TYPES[dialect]
    execute("create schema s")
    execute(
        f"create table s.t ({', '.join(f'{name} {kind}' for name, (kind, _) in columns.items())})"
    )
    for number in range(8):
        values = [
            f"cast({found[number % len(found)]} as {kind})" for kind, found in columns.values()
        ]
        execute(f"insert into s.t values ({', '.join(values)})")


@pytest.mark.parametrize("dialect", BOTH)
def test_what_is_taken_as_safe_never_raises(dialect: str, postgres_url: str) -> None:
    facts = tuple(ColumnFact(name, kind) for name, (kind, _) in TYPES[dialect].items())
    policy = TablePolicy(
        "wh.s.t", "s", "t", facts, rows="int4 in (select id from e)", grants=(GrantRule(1),)
    )
    safe = 0
    with psycopg.connect(postgres_url) as postgres:
        duck = duckdb.connect()
        execute: Callable[[str], Any] = (
            duck.execute if dialect == DUCKDB else lambda sql: postgres.execute(sql.encode())
        )
        _table(dialect, execute)
        postgres.commit()
        try:
            source = Expressions(20261122, dialect)
            for _ in range(N):
                safe += _is_harmless(source.one(2), policy, dialect, execute, postgres)
        finally:
            postgres.rollback()
            postgres.execute("drop schema if exists s cascade")
            postgres.commit()
    assert safe > N // 20


def _is_harmless(
    expression: str, policy: TablePolicy, dialect: str, execute: Callable[[str], Any], postgres: Any
) -> bool:
    """Whether the guard let it below the row filter; an error then is a leak."""
    try:
        text = plan(
            f"select count(*) from sales.t where ({expression}) is null",
            dialect,
            policies={"t": policy},
        ).sql
    except Refusal:
        return False
    if "__internal_barrier" in text or "OFFSET 0" in text:
        return False
    try:
        execute(f"select count(*) from s.t where ({expression}) is null")
    except BEFORE_ANY_ROW:
        postgres.rollback()
        return False
    except (duckdb.Error, psycopg.Error) as error:
        raise AssertionError(f"{expression} raises on some row: {type(error).__name__}") from error
    return True


# Conditions of DuckDB that must wait behind the barrier, and their nearest neighbours that need not.
WAITING = {
    "left(status, 3) = 'x'": False,
    "left(status, 3000000000) = 'x'": True,
    "left(status, id) = 'x'": True,
    "substring(status from 2 for 3) = 'x'": False,
    "substring(status from 5000000000) = 'x'": True,
    "id = '3'": False,
    "id = '300'": True,
    "id in ('3', '4')": False,
    "id in ('3', 'x')": True,
    "'x' between status and 'z'": False,
    "'3' in (id, 'x')": True,
    "day < timestamp '2024-01-01 00:00:00'": False,
    "day = ordered_at": True,
    "week(day) = 1": True,
    "year(day) = 2024": False,
    "if(id > 1, 1, 2) = 1": False,
    "if(id, 1, 2) = 1": True,
}


@pytest.mark.parametrize("condition", WAITING)
def test_a_condition_waits_if_it_may_raise(condition: str) -> None:
    text = plan(f"select count(*) from orders where {condition}").sql

    assert ("__internal_barrier" in text) is WAITING[condition]
