"""What sqlglot could read in exponentially many ways is given up soon, and nothing sensible is."""

import pytest

from access.errors import Refusal
from access.sql.parsing import TOO_INTRICATE, query
from catalog import parsing
from catalog.importers.column_lineage import UNREADABLE, Tables, derive
from tests.access.sql.company import BOTH, SPARK
from tests.access.sql.corpus import sections
from tests.access.sql.standards import tpcds, tpch

# So many that these tests would never end, were they read to their end.
N = 60
WORDS = {
    "joins": "select 1 from orders o" + " join items i" * N,
    "left joins": "select 1 from orders o" + " left join items i" * N,
    "semi joins": "select 1 from orders o" + " semi join items i" * N,
    "joins behind a cross join": "select 1 from orders o cross join items a" + " join items i" * N,
}
SENSIBLE = 4


@pytest.mark.parametrize("dialect", [*BOTH, SPARK, "trino"])
@pytest.mark.parametrize("case", WORDS)
def test_joins_without_on_are_given_up(dialect: str, case: str) -> None:
    with pytest.raises(Refusal) as caught:
        query(WORDS[case], dialect)

    assert caught.value.message == TOO_INTRICATE


def test_lineage_gives_them_up_too() -> None:
    assert derive(WORDS["joins"], Tables("duckdb", {})) == UNREADABLE


@pytest.mark.parametrize("dialect", BOTH)
def test_joins_whose_conditions_follow_are_read(dialect: str) -> None:
    n = 12
    joins = " join items i" * n + " on true" * n

    assert query(f"select 1 from orders o{joins}", dialect).inventory.tables


def test_what_people_write_needs_a_fraction_of_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a quarter of the bound no query of the corpus, of TPC-H or of TPC-DS is given up."""
    monkeypatch.setattr(parsing, "MOST_AGAIN_PER_TOKEN", parsing.MOST_AGAIN_PER_TOKEN / SENSIBLE)
    monkeypatch.setattr(parsing, "MOST_AGAIN_IN_SHORT_TEXT", 0)
    benign = [sql for queries in sections("benign.sql").values() for sql in queries]

    written = [*benign, *tpch.SUITE.queries.values(), *tpcds.SUITE.queries.values()]
    assert [sql for sql in written if _is_given_up(sql)] == []


def _is_given_up(sql: str) -> bool:
    try:
        query(sql, "postgres")
    except Refusal as refusal:
        return refusal.message == TOO_INTRICATE
    return False
