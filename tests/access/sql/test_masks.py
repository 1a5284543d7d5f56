"""Each named mask on each type, computed by both engines, against values worked out by hand."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest

from access.policies import MASKS, ColumnFact
from access.sql import masks, names
from tests.access.sql.company import BOTH

KEY = "pep'per"
TYPES = {
    "text": ("VARCHAR", "text"),
    "integer": ("INTEGER", "integer"),
    "decimal": ("DECIMAL(10,2)", "numeric(10,2)"),
    "double": ("DOUBLE", "double precision"),
    "date": ("DATE", "date"),
    "timestamp": ("TIMESTAMP", "timestamp without time zone"),
    "boolean": ("BOOLEAN", "boolean"),
}


def _hashed(text: str) -> str:
    return hashlib.sha256((KEY + text).encode()).hexdigest()


CASES: list[tuple[str, str, str, Any]] = [
    ("redact", "text", "'Ana'", "REDACTED"),
    ("redact", "text", "NULL", "REDACTED"),
    ("redact", "integer", "7", None),
    ("null_value", "text", "'Ana'", None),
    ("null_value", "date", "'2024-05-06'", None),
    ("hash", "text", "'Ana'", _hashed("Ana")),
    ("hash", "text", "NULL", None),
    ("hash", "integer", "7", _hashed("7")),
    ("partial", "text", "'DE89370400440532013000'", "****3000"),
    ("partial", "text", "'12345678'", "****"),
    ("partial", "text", "NULL", None),
    ("partial", "integer", "123456789", None),
    ("email", "text", "'ana.ruiz@example.com'", "a***@example.com"),
    ("email", "text", "'not an address'", "***"),
    ("email", "text", "''", "***"),
    ("email", "text", "NULL", None),
    ("email", "integer", "7", None),
    ("year", "date", "'2024-05-06'", date(2024, 1, 1)),
    ("year", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-01-01")),
    ("year", "text", "'2024-05-06'", None),
    ("month", "date", "'2024-05-06'", date(2024, 5, 1)),
    ("month", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-05-01")),
    ("month", "integer", "7", None),
    ("round", "integer", "1299", 1200),
    ("round", "integer", "-1299", -1200),
    ("round", "integer", "2147483647", 2147483600),
    ("round", "decimal", "99999999.99", Decimal("99999900.00")),
    ("round", "double", "1299.5", 1200.0),
    ("round", "text", "'1299'", None),
    ("round", "boolean", "TRUE", None),
]


def _expression(kind: str, type_: str, literal: str, dialect: str) -> str:
    engine_type = TYPES[type_][BOTH.index(dialect)]
    column = ColumnFact("x", engine_type)
    masked = masks.render(kind, '"t"."x"', column, dialect, KEY)
    return f'SELECT {masked} FROM (SELECT CAST({literal} AS {engine_type}) AS "x") AS "t"'


@pytest.mark.parametrize(("kind", "type_", "literal", "expected"), CASES)
def test_duckdb_masks(kind: str, type_: str, literal: str, expected: Any) -> None:
    found = duckdb.connect().execute(_expression(kind, type_, literal, "duckdb")).fetchone()

    assert found == (expected,)


@pytest.mark.parametrize(("kind", "type_", "literal", "expected"), CASES)
def test_postgres_masks(
    postgres_url: str, kind: str, type_: str, literal: str, expected: Any
) -> None:
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute(
            _expression(kind, type_, literal, "postgres").encode()
        ).fetchone()

    assert found == (expected,)


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("kind", sorted(MASKS))
def test_a_mask_keeps_the_type_it_says(
    postgres_url: str, kind: str, type_: str, dialect: str
) -> None:
    engine_type = TYPES[type_][BOTH.index(dialect)]
    said = masks.result_type(kind, ColumnFact("x", engine_type), dialect)
    probe = _expression(kind, type_, "NULL", dialect).replace("SELECT ", "SELECT pg_typeof(", 1)
    probe = probe.replace(" FROM (SELECT CAST", ") FROM (SELECT CAST", 1)

    if dialect == "duckdb":
        found = duckdb.connect().execute(probe.replace("pg_typeof", "typeof")).fetchone()
    else:
        with psycopg.connect(postgres_url) as connection:
            found = connection.execute(probe.encode()).fetchone()

    assert found is not None
    assert str(found[0]).split("(")[0].upper() == said.split("(")[0].upper()


def test_every_mask_is_described_and_tested() -> None:
    assert set(MASKS) == {kind for kind, *_ in CASES}


def test_a_key_with_a_quote_stays_inside_its_literal() -> None:
    assert names.literal("a'b") == "'a''b'"
    with pytest.raises(ValueError, match="NUL"):
        names.literal("a\0b")


@pytest.mark.parametrize("mask", ["hash", "sql"])
def test_a_mask_that_changes_the_type_makes_comparisons_fallible(mask: str) -> None:
    """Comparing text made from a number with a number converts it, which raises: never below the row filter."""
    from access.policies import GrantRule, Mask, TablePolicy
    from tests.access.sql.company import facts, plan

    changed = Mask("sql", "'n' || id") if mask == "sql" else Mask("hash")
    policy = TablePolicy(
        "wh.sales.customers",
        "sales",
        "customers",
        facts("customers"),
        masks={"id": changed},
        rows="country <> 'XX'",
        grants=(GrantRule(1),),
    )

    assert (
        "__internal_barrier"
        in plan("select 1 from customers where id = 5", policies={"customers": policy}).sql
    )
    assert "__internal_barrier" not in plan("select 1 from customers where id = 5").sql
