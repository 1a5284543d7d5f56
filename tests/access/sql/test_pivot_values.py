"""Which values a PIVOT that leaves them to the data may make columns of."""

import pytest

from access.errors import Refusal
from access.sql.pivot_values import MOST
from tests.access.sql.company import DUCKDB, plan

OPEN = "pivot customers on country using count(*)"
LONGEST = 1_000


def made_of(*values: object) -> str:
    return plan(OPEN, DUCKDB, values=lambda _: list(values)).sql


def test_values_become_columns_in_order_and_once() -> None:
    text = made_of("US", "DE", None, "US")

    assert "'DE', 'US'" in text
    assert text.count("'US'") == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["x" * (LONGEST + 1)], "values written out"),
        (["a\0b"], "values written out"),
        ([str(number) for number in range(MOST + 1)], "more than 300 columns"),
        ([None], "no value to make columns of"),
        ([], "no value to make columns of"),
    ],
)
def test_what_cannot_be_columns_is_refused_in_words(values: list[object], words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        made_of(*values)

    assert caught.value.code == "unsupported"


@pytest.mark.parametrize(
    "values", [["x" * LONGEST], [str(number) for number in range(MOST)]], ids=["longest", "most"]
)
def test_the_largest_there_may_be_are_columns(values: list[str]) -> None:
    assert values[-1] in made_of(*values)
