"""Generated queries: both worlds end alike for Alice, and what she gets is the truth over the cut and masked copy.

`make test` runs a seeded share; `GATEHOUSE_GENERATED_QUERIES=60000 make drill` the long run, which
`GATEHOUSE_GENERATED_FIRST` lets go on where an earlier one stopped. A failure prints the seeds and the queries, which
the seeds give again.
"""

import os
from collections.abc import Iterator

import pytest

from access.errors import Refusal
from tests.access.sql.company import BOTH
from tests.access.sql.generated.language import Language
from tests.access.sql.generated.places import Places, duckdb_places, planned, postgres_places

SHARE = 120
# What an engine itself answers wrongly as it is written, by seed; see the last test.
MISTAKEN = {"duckdb": (46_099,), "postgres": ()}
FIRST = int(os.environ.get("GATEHOUSE_GENERATED_FIRST", SHARE))
LONG = int(os.environ.get("GATEHOUSE_GENERATED_QUERIES", "50000"))


@pytest.fixture(scope="module")
def places(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Places]:
    if request.param == "duckdb":
        yield duckdb_places()
    else:
        yield from postgres_places(postgres_url, str(os.getpid()))


def _ends_alike(places: Places, seeds: range) -> None:
    answered, wrong = 0, []
    for seed in seeds:
        sql = Language(seed, places.dialect).query()
        try:
            text = planned(sql, places.dialect)
        except Refusal:
            continue
        first, second = places.ends(text)
        if first != second:
            wrong.append(("differs", seed, sql))
        elif isinstance(first, list):
            answered += 1
            truth = places.truth(sql)
            is_known = isinstance(truth, str) or seed in MISTAKEN[places.dialect]
            if truth != first and not is_known:
                wrong.append(("untrue", seed, sql))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert answered > len(seeds) // 3


@pytest.mark.parametrize("places", BOTH, indirect=True)
def test_worlds_end_alike_and_tell_the_truth(places: Places) -> None:
    _ends_alike(places, range(SHARE))


@pytest.mark.drill
@pytest.mark.parametrize("places", BOTH, indirect=True)
def test_worlds_end_alike_and_tell_the_truth_for_long(places: Places) -> None:
    _ends_alike(places, range(FIRST, LONG))


# Queries that tell the worlds apart once the guard's protection is taken out of its own text.
TELLING = {"duckdb": (17, 431, 26_387), "postgres": (581,)}


@pytest.mark.parametrize("places", BOTH, indirect=True)
def test_the_grammar_does_find_leaks(places: Places) -> None:
    for seed in TELLING[places.dialect]:
        text = planned(Language(seed, places.dialect).query(), places.dialect)
        bare = text.replace("__internal_barrier(try(", "((").replace(" OFFSET 0", "")
        first, second = places.ends(bare)

        assert first != second, seed


@pytest.mark.parametrize("places", ["duckdb"], indirect=True)
def test_what_is_untrue_is_the_engine_s_mistake(places: Places) -> None:
    inner = "select 1 from people p where p.tenant = id and p.pay >= all (select order_id from items where tag = 'no')"

    rows = places.truth(inner)
    answer = places.truth(f"select count(*) as n from orders where exists ({inner})")

    assert isinstance(rows, list)
    assert len(rows) == 2
    assert answer == ["[0]"], "DuckDB has mended it: take the seed out of MISTAKEN."
