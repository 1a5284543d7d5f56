"""Each named mask on each type, computed by both engines, against values worked out by hand."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest

from access.policies.masks import MASKS, Mask, mask_of
from access.policies.policy import ColumnFact
from access.sql import masks, names
from tests.access.sql.company import BOTH

KEY = "pep'per"
TYPES = {
    "small": ("SMALLINT", "smallint"),
    "big": ("BIGINT", "bigint"),
    "tiny decimal": ("DECIMAL(2,2)", "numeric(2,2)"),
    "real": ("FLOAT", "real"),
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


FEW, MANY = {"bucket": {"width": 10}}, {"bucket": {"edges": [18, 65.5]}}
PARTS = {"partial": {"first": 2, "last": 1}}
Said = str | dict[str, dict[str, Any]]
CASES: list[tuple[Said, str, str, Any]] = [
    ("redact", "text", "'Ana'", "REDACTED"),
    ("redact", "text", "NULL", "REDACTED"),
    ("redact", "integer", "7", None),
    ("null_value", "text", "'Ana'", None),
    ("null_value", "date", "'2024-05-06'", None),
    ("hash", "text", "'Ana'", _hashed("Ana")),
    ("hash", "text", "NULL", None),
    ("hash", "integer", "7", _hashed("7")),
    ("partial", "text", "'DE89370400440532013000'", "****3000"),
    ("partial", "text", "'123456789'", "****6789"),
    ("partial", "text", "'12345678'", "****"),
    ("partial", "text", "NULL", None),
    ("partial", "integer", "123456789", None),
    (PARTS, "text", "'1234567'", "12****7"),
    (PARTS, "text", "'123456'", "****"),
    (PARTS, "text", "NULL", None),
    ({"partial": {"first": 3}}, "text", "'Müller-Lüdenscheidt'", "Mül****"),
    ("email", "text", "'ana.ruiz@example.com'", "a***@example.com"),
    ("email", "text", "'not an address'", "***"),
    ("email", "text", "''", "***"),
    ("email", "text", "NULL", None),
    ("email", "integer", "7", None),
    ("year", "date", "'2024-05-06'", date(2024, 1, 1)),
    ("year", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-01-01")),
    ("year", "text", "'2024-05-06'", None),
    ("quarter", "date", "'2024-05-06'", date(2024, 4, 1)),
    ("month", "date", "'2024-05-06'", date(2024, 5, 1)),
    ("month", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-05-01")),
    ("month", "integer", "7", None),
    ("week", "date", "'2024-05-05'", date(2024, 4, 29)),
    ("week", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-05-06")),
    ("day", "date", "'2024-05-06'", date(2024, 5, 6)),
    ("day", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-05-06")),
    ("hour", "timestamp", "'2024-05-06 10:11:12'", datetime.fromisoformat("2024-05-06T10")),
    ("hour", "date", "'2024-05-06'", date(2024, 5, 6)),
    ("year", "date", "NULL", None),
    ("round", "integer", "1299", 1200),
    ("round", "integer", "-1299", -1200),
    ("round", "integer", "2147483647", 2147483600),
    ("round", "decimal", "99999999.99", Decimal("99999900.00")),
    ("round", "double", "1299.5", 1200.0),
    ("round", "double", "99.5", 0.0),
    ("round", "double", "NULL", None),
    ("round", "text", "'1299'", None),
    ("round", "boolean", "TRUE", None),
    (FEW, "integer", "37", 30),
    (FEW, "integer", "30", 30),
    (FEW, "integer", "-1", -10),
    (FEW, "integer", "NULL", None),
    (FEW, "integer", "-2147483648", None),
    (FEW, "small", "-32768", None),
    (FEW, "small", "32767", 32760),
    (FEW, "big", "9223372036854775807", 9223372036854775800),
    ({"bucket": {"width": 40000}}, "small", "5", 0),
    (FEW, "decimal", "-0.5", Decimal("-10.00")),
    (FEW, "decimal", "-99999999.99", None),
    (FEW, "double", "19.99", 10.0),
    ({"bucket": {"width": 0.5}}, "double", "0.7", 0.5),
    (FEW, "text", "'37'", None),
    (FEW, "date", "'2024-05-06'", None),
    (MANY, "integer", "17", "under 18"),
    (MANY, "integer", "18", "18 to 65.5"),
    (MANY, "decimal", "65.50", "65.5 and over"),
    (MANY, "double", "65.49", "18 to 65.5"),
    (MANY, "integer", "NULL", None),
    (MANY, "text", "'17'", None),
]
# What no mask may trip over, wherever it stands in a column.
EXTREMES = {
    "small": ["-32768", "32767", "0"],
    "integer": ["-2147483648", "2147483647"],
    "big": ["-9223372036854775808", "9223372036854775807"],
    "decimal": ["-99999999.99", "99999999.99"],
    "tiny decimal": ["-0.99", "0.99"],
    "double": [
        "'Infinity'",
        "'-Infinity'",
        "'NaN'",
        "1.7976931348623157e308",
        "-1.7976931348623157e308",
        "5e-324",
    ],
    "real": ["'NaN'", "3.4028235e38", "-3.4028235e38", "1e-45"],
    "date": ["'infinity'", "'-infinity'", "'5874897-12-31'", "'4713-01-01 BC'"],
    "timestamp": ["'infinity'", "'-infinity'", "'294200-12-31'", "'4713-01-01 BC'"],
    "text": ["''", "'@'", "'@@@'", "repeat('x', 100000)", "chr(1114111)"],
    "boolean": ["TRUE"],
}
PARAMETERS = {
    "bucket": [{"width": 10}, {"width": 1e-9}, {"width": 10**15}, {"edges": [-5, 10**15]}]
}


def _mask(said: Said) -> Mask:
    if isinstance(said, str):
        return Mask(said)
    ((kind, options),) = said.items()
    return mask_of(kind, None, options)


def _expression(said: Said, type_: str, literal: str, dialect: str) -> str:
    engine_type = TYPES[type_][BOTH.index(dialect)]
    column = ColumnFact("x", engine_type)
    masked = masks.written(_mask(said), '"t"."x"', column, dialect, KEY)
    return f'SELECT {masked} FROM (SELECT CAST({literal} AS {engine_type}) AS "x") AS "t"'


@pytest.mark.parametrize(("said", "type_", "literal", "expected"), CASES)
def test_duckdb_masks(said: Said, type_: str, literal: str, expected: Any) -> None:
    found = duckdb.connect().execute(_expression(said, type_, literal, "duckdb")).fetchone()

    assert found == (expected,)


@pytest.mark.parametrize(("said", "type_", "literal", "expected"), CASES)
def test_postgres_masks(
    postgres_url: str, said: Said, type_: str, literal: str, expected: Any
) -> None:
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute(
            _expression(said, type_, literal, "postgres").encode()
        ).fetchone()

    assert found == (expected,)


EVERY = [
    *(kind for kind in MASKS if kind not in ("bucket", "generalise")),
    PARTS,
    *({"bucket": options} for options in PARAMETERS["bucket"]),
]


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("said", EVERY, ids=str)
def test_a_mask_keeps_the_type_it_says(
    postgres_url: str, said: Said, type_: str, dialect: str
) -> None:
    engine_type = TYPES[type_][BOTH.index(dialect)]
    told = masks.result_type(_mask(said), ColumnFact("x", engine_type), dialect)
    probe = _expression(said, type_, "NULL", dialect).replace("SELECT ", "SELECT pg_typeof(", 1)
    probe = probe.replace(" FROM (SELECT CAST", ") FROM (SELECT CAST", 1)

    if dialect == "duckdb":
        found = duckdb.connect().execute(probe.replace("pg_typeof", "typeof")).fetchone()
    else:
        with psycopg.connect(postgres_url) as connection:
            found = connection.execute(probe.encode()).fetchone()

    assert found is not None
    assert str(found[0]).split("(")[0].upper() == told.split("(")[0].upper()


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("said", EVERY, ids=str)
def test_no_value_makes_a_mask_fail(postgres_url: str, said: Said, dialect: str) -> None:
    """Rows come from a table, so that nothing is computed before the engine runs."""
    with psycopg.connect(postgres_url, autocommit=True) as postgres:
        duck = duckdb.connect()
        execute = duck.execute if dialect == "duckdb" else postgres.execute
        for type_, literals in EXTREMES.items():
            engine_type = TYPES[type_][BOTH.index(dialect)]
            execute(f'create temp table t ("x" {engine_type})')  # type: ignore[arg-type]
            for literal in literals:
                execute(
                    f"insert into t values (cast({_spelled(literal, dialect)} as {engine_type}))"
                )  # type: ignore[arg-type]
            masked = masks.written(
                _mask(said), '"t"."x"', ColumnFact("x", engine_type), dialect, KEY
            )
            assert len(execute(f"select {masked} from t").fetchall()) == len(literals)  # type: ignore[arg-type]
            execute("drop table t")


def _spelled(literal: str, dialect: str) -> str:
    """DuckDB writes years before Christ with brackets."""
    return literal.replace(" BC", " (BC)") if dialect == "duckdb" else literal


def test_every_mask_is_described_and_tested() -> None:
    tested = {said if isinstance(said, str) else next(iter(said)) for said, *_ in CASES}

    assert set(MASKS) == tested | {"generalise"}


def test_a_key_with_a_quote_stays_inside_its_literal() -> None:
    assert names.literal("a'b") == "'a''b'"
    with pytest.raises(ValueError, match="NUL"):
        names.literal("a\0b")


@pytest.mark.parametrize("mask", ["hash", "sql"])
def test_a_mask_that_changes_the_type_makes_comparisons_fallible(mask: str) -> None:
    """Comparing text made from a number with a number converts it, which raises: never below the row filter."""
    from access.policies.policy import GrantRule, Mask, TablePolicy
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
