"""Freshness in a state and in words."""

from datetime import timedelta

import pytest

from catalog.freshness import freshness, spell
from catalog.models import Dataset
from tests.catalog.contents import NOW

CASES = {
    "fresh": (2, 24, "fresh", "Last changed 2 hours ago, within the promised 1 day."),
    "just in time": (24, 24, "fresh", "Last changed 1 day ago, within the promised 1 day."),
    "stale": (25, 24, "stale", "Last changed 1 day 1 hour ago; promised within 1 day."),
    "no promise": (1, None, "unknown", "Last changed 1 hour ago; no limit is promised."),
    "no news": (
        None,
        6,
        "unknown",
        "Nobody has told when this data last changed; promised within 6 hours.",
    ),
    "neither": (None, None, "unknown", "Nobody has told when this data last changed."),
    "from the future": (
        -1,
        24,
        "fresh",
        "Last changed less than a minute ago, within the promised 1 day.",
    ),
}


@pytest.mark.parametrize(("age", "within", "state", "words"), CASES.values(), ids=CASES)
def test_data_is(age: int | None, within: int | None, state: str, words: str) -> None:
    dataset = Dataset(
        data_updated_at=None if age is None else NOW - timedelta(hours=age),
        freshness_within=None if within is None else timedelta(hours=within),
    )

    found = freshness(dataset, NOW)

    assert (found.state, found.words) == (state, words)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1, minutes=20), "1 hour 20 minutes"),
        (timedelta(days=2, hours=5, minutes=3), "2 days 5 hours"),
        (timedelta(days=40, hours=5), "40 days"),
    ],
)
def test_a_span_is_spelled(span: timedelta, words: str) -> None:
    assert spell(span) == words
