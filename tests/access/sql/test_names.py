"""Identifiers: what is refused, what each engine binds, and texts inside quotes that stay there."""

import pytest

from access.sql.dialects import DUCKDB, POSTGRES, SPARK
from access.sql.names import fold, literal, problem, quote

LONGEST = 63
TRINO = "trino"


@pytest.mark.parametrize("name", ["a" * LONGEST, "é" * (LONGEST // 2) + "a"])
def test_postgresql_keeps_63_bytes_of_a_name(name: str) -> None:
    assert len(name.encode()) == LONGEST
    assert problem(name, True, POSTGRES) is None
    assert problem(name + "a", True, POSTGRES) == "uses a name longer than PostgreSQL keeps"
    assert problem(name + "a", True, DUCKDB) is None


@pytest.mark.parametrize("name", ["__gh", "__GH_row", "__gh_é"])
def test_a_name_of_the_gate_s_own_is_refused(name: str) -> None:
    assert problem(name, True, DUCKDB) == "uses a name that is reserved for the gate"


@pytest.mark.parametrize(
    "name", ["", "a\n", "a\x7f", "é\u200b", "a\u202eb", "é\ue000", "é\ud800", "é\u2028", "é\u2029", "é\u0378"]
)  # fmt: skip
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    assert problem(name, True, DUCKDB)


def test_a_wide_space_belongs_into_quotes() -> None:
    assert problem("é\u3000b", True, DUCKDB) is None
    assert problem("é\u3000b", False, DUCKDB) == "uses a name with invisible characters"


@pytest.mark.parametrize(
    ("dialect", "quoted", "bound"),
    [(POSTGRES, True, "NaMÉ"), (POSTGRES, False, "namÉ"), (DUCKDB, True, "namÉ"), (SPARK, False, "namÉ"),
     (TRINO, True, "namÉ")],
)  # fmt: skip
def test_a_name_is_bound_as_the_engine_folds_it(dialect: str, quoted: bool, bound: str) -> None:
    assert fold("NaMÉ", quoted, dialect) == bound


def test_quotes_hold_what_is_inside() -> None:
    assert quote('a"b`c') == '"a""b`c"'
    assert quote('a"b`c', SPARK) == '`a"b``c`'
    assert literal("it's \\n") == "'it''s \\n'"
    assert literal("it's \\n", SPARK) == "'it\\'s \\\\n'"
    with pytest.raises(ValueError, match="NUL"):
        literal("a\0")
