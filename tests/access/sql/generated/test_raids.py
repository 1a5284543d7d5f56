"""What a clever outsider tries is refused, or ends alike in worlds that differ only in what they may not see."""

import re
from collections.abc import Iterator

import pytest

from access.errors import Refusal
from tests.access.sql.company import BOTH
from tests.access.sql.corpus import sections
from tests.access.sql.generated.places import Places, duckdb_places, planned, postgres_places

CORPUS = sections("raids.sql")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
# What runs until its time is up, in both worlds: left to the drill.
ENDLESS = ("select n + 1 from r) select count", "generate_series(1, 1000000000)")
# Text that stands only in hidden rows and cells, or only under the names of the gate.
HIDDEN = ("SECRET", "gold", "zz", "Lyon", "Nice", "Kiel", "Bonn", "xy1", "__gh", "12345678", "bob")


def _raids() -> list[object]:
    return [
        pytest.param(
            dialect,
            _unescaped(sql),
            id=f"{dialect}-{heading.split()[0]}-{number}-{sql[:60]}",
            marks=[pytest.mark.drill] if any(part in sql for part in ENDLESS) else [],
        )
        for heading, queries in CORPUS.items()
        for place in [heading.split()[-1]]
        for dialect in (BOTH if place == "both" else (place,))
        for number, sql in enumerate(queries)
    ]


def _unescaped(sql: str) -> str:
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)), sql)


@pytest.fixture(scope="module")
def both_places(postgres_url: str) -> Iterator[dict[str, Places]]:
    postgres = postgres_places(postgres_url, "raids")
    yield {"duckdb": duckdb_places(), "postgres": next(postgres)}
    next(postgres, None)


@pytest.mark.parametrize(("dialect", "sql"), _raids())
def test_a_raid_is_refused_or_tells_nothing(
    dialect: str, sql: str, both_places: dict[str, Places]
) -> None:
    first, second = _ends(sql, both_places[dialect])

    assert first == second
    assert not [word for word in HIDDEN if word in repr(first) and word not in sql]


def _ends(sql: str, places: Places) -> list[object]:
    """How it ends in both worlds; what the guard itself says is the same in each."""
    try:
        text = planned(sql, places.dialect)
    except Refusal as refusal:
        return [refusal.message] * 2
    return places.ends(text)


def test_the_corpus_is_large() -> None:
    assert sum(len(queries) for queries in CORPUS.values()) > 500
