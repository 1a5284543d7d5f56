"""Families of types as tables: what belongs to which, which two may meet, and what a constant certainly reads as."""

from itertools import product

import pytest

from access.sql import kinds
from access.sql.dialects import DUCKDB, POSTGRES, SPARK, TRINO

FAMILIES = {
    "text": "varchar text char character bpchar string name citext VARCHAR(20) character(3) citext",
    "int": "tinyint smallint integer int bigint int1 int2 int4 int8 utinyint usmallint uinteger short long signed"
    " smallserial serial bigserial INTEGER",
    "float": "float double real float4 float8 float(3)",
    "bool": "boolean bool logical",
    "date": "date",
    "timestamp": "timestamp datetime timestamp_s timestamp_ms timestamp_us timestamp(3)",
    "timestamptz": "timestamptz",
    "time": "time",
    "interval": "interval",
    "uuid": "uuid",
    "numeric": "numeric decimal NUMERIC decimal()",
    "decimal": "decimal(18,2) numeric(5) decimal(38,10) decimal(28,0) numeric(12,2)",
    "other": "hugeint uhugeint ubigint timestamp_ns blob json int[] integer[] varchar(3)[] struct(a map(a row(a union(a"
    " enum('a') decimal(38,9) decimal(39,11) decimal(11,11) decimal(29,0) regclass mood oid xml",
}
SPELLED = {
    "character varying": "text",
    "character varying(20)": "text",
    "double precision": "float",
    "Double  Precision": "float",
    "timestamp without time zone": "timestamp",
    "timestamp(3) without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "timestamp(3) with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "other",
    "decimal( 12 , 2 )": "decimal",
    "": "other",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_type_belongs_to_one_family(family: str) -> None:
    for text in FAMILIES[family].split():
        assert kinds.of_type(text) == family, text


@pytest.mark.parametrize("text", SPELLED)
def test_a_type_of_several_words_belongs_to_one_family(text: str) -> None:
    assert kinds.of_type(text) == SPELLED[text]


EVERY = ("text", "int", "decimal", "numeric", "float", "bool", "date", "timestamp", "timestamptz", "time", "interval",
         "uuid", "null", "literal", "sum", "other")  # fmt: skip
MEETING = {
    *(("int", other) for other in ("decimal", "numeric", "float")),
    *(("decimal", other) for other in ("numeric", "float")),
    ("timestamp", "timestamptz"),
    ("sum", "int"),
}
MEETING_HERE: dict[str, set[tuple[str, str]]] = {
    DUCKDB: {("sum", "float")},
    POSTGRES: {("date", "timestamp"), ("date", "timestamptz")},
    SPARK: set(),
    TRINO: set(),
}


@pytest.mark.parametrize("dialect", MEETING_HERE)
def test_two_families_meet_without_failing_only_where_that_is_known(dialect: str) -> None:
    known = MEETING | MEETING_HERE[dialect]
    for left, right in product(EVERY, EVERY):
        expected = (
            "null" in (left, right)
            or (left == right and left not in ("other", "sum"))
            or (left, right) in known
            or (right, left) in known
        )
        assert kinds.comparable(left, right, dialect) is expected, (left, right)


def test_duckdb_is_meant_where_no_engine_is_named() -> None:
    assert kinds.comparable("sum", "float")
    assert not kinds.comparable("date", "timestamp")


MOMENTS = (
    "2024-02-29",
    "0001-01-01",
    "2024-01-01 10:11",
    "2024-01-01T10:11:12",
    "2024-01-01 10:11:12.123456",
)
NO_MOMENTS = (
    "", "today", "2023-02-29", "2024-13-01", "0000-01-01", "2024-1-1", "24-01-01", "2024-01-01 25:00", "2024-01-01 10",
    "2024-01-01 10:11:12.1234567", "2024-01-01  10:11", "2024-01-01 10:11 UTC",
)  # fmt: skip
READ = {
    "text": ("", "anything"),
    "literal": ("", "anything"),
    "int": ("0", "7", "99"),
    "decimal": ("0",),
    "numeric": ("0",),
    "float": ("0", "-7", "+7", "123456789012345678"),
    "bool": ("true", "FALSE", "t", "f"),
    **dict.fromkeys(sorted(kinds.MOMENTS), MOMENTS),
}  # fmt: skip
UNREAD = {
    "int": ("", "100", "-1", "+1", "1.0", "x", "1 "),
    "decimal": ("", "1", "0.0"),
    "numeric": ("1",),
    "float": ("", "1.5", "1e3", "1234567890123456789", "--1", "nan"),
    "bool": ("", "yes", "1", "tr", "on"),
    **dict.fromkeys(sorted(kinds.MOMENTS), NO_MOMENTS),
    **dict.fromkeys(("time", "interval", "uuid", "null", "sum", "other"), ("", "0", "10:11", "true")),
}  # fmt: skip


@pytest.mark.parametrize("family", READ)
def test_a_constant_certainly_reads_as(family: str) -> None:
    for text in READ[family]:
        assert kinds.fits(family, text) is True, text


@pytest.mark.parametrize("family", UNREAD)
def test_a_constant_does_not_certainly_read_as(family: str) -> None:
    for text in UNREAD[family]:
        assert kinds.fits(family, text) is False, text


NUMBERS = {
    "7": "int",
    "1_000": "int",
    "8999999999999999999": "int",
    "9000000000000000000": "other",
    "1e3": "float",
    "1.5E3": "float",
    "1.5": "decimal",
    "1_0.5": "decimal",
    "12345678901234567.": "decimal",
    "123456789012345678.": "other",
    "1.1234567890": "decimal",
    "1.12345678901": "other",
    "12345678901234.12": "decimal",
    "1234567890123456.78": "other",
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_as_written_is_of_a_family(text: str) -> None:
    assert kinds.of_number(text) == NUMBERS[text]


WIDEST = [
    ([], "null"),
    (["null", "null"], "null"),
    (["int", "null"], "int"),
    (["literal"], "text"),
    (["literal", "text", "null"], "text"),
    (["literal", "int"], "other"),
    (["int", "decimal"], "decimal"),
    (["int", "numeric"], "numeric"),
    (["decimal", "numeric"], "numeric"),
    (["int", "float"], "float"),
    (["decimal", "int", "float"], "float"),
    (["numeric", "float"], "other"),
    (["int", "numeric", "float"], "other"),
    (["date", "timestamp"], "other"),
    (["int", "text"], "other"),
    (["date", "date"], "date"),
]


@pytest.mark.parametrize(("families", "expected"), WIDEST)
def test_branches_are_of_one_family_or_of_none(families: list[str], expected: str) -> None:
    assert kinds.widest(families) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("decimal(12,2)", (12, 2)), ("decimal( 5 )", (5, 0)), ("decimal", (0, 0)), ("decimal()", (0, 0)),
     ("varchar(20)", (20, 0)), ("enum('a', 'b')", (0, 0))],
)  # fmt: skip
def test_digits_are_those_a_type_says(text: str, expected: tuple[int, int]) -> None:
    assert kinds.digits(text) == expected


@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [("int", "bigint", 19), ("decimal", "decimal(12,2)", 12), ("decimal", "1.25", 4), ("numeric", "numeric", 0),
     ("float", "float(3)", 0), ("text", "varchar(3)", 0)],
)  # fmt: skip
def test_an_exact_number_has_at_most_so_many_digits(family: str, text: str, expected: int) -> None:
    assert kinds.most_digits(family, text) == expected
