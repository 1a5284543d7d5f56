"""How moments, spans, numbers and names are written."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import travel

from portal.templatetags import words

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=30), "30 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=365), "1 year"),
        (timedelta(seconds=20), "less than a minute"),
        (None, ""),
    ],
)
def test_a_span_is_said_in_its_largest_fitting_unit(length: timedelta | None, said: str) -> None:
    assert words.span(length) == said


@travel(NOW, tick=False)
def test_moments_are_told_from_now() -> None:
    assert words.ago(NOW - timedelta(hours=3)) == "3 hours ago"
    assert words.ago(NOW) == "just now"
    assert words.until(NOW + timedelta(days=12)) == "in 12 days"
    assert words.days_left(NOW + timedelta(days=12)) == "12 days left"
    assert words.days_left(NOW - timedelta(seconds=1)) == "ended"
    assert words.day(NOW) == "2 March"
    assert words.day(NOW + timedelta(days=365)) == "2 March 2027"


@pytest.mark.parametrize(
    ("number", "said"),
    [(950, "950"), (1204, "1\u202f204"), (12400, "12.4k"), (1_200_000, "1.2M"), (None, "–")],
)
def test_numbers_are_short_enough_for_a_tile(number: float | None, said: str) -> None:
    assert words.short(number) == said


def test_names_make_a_sentence() -> None:
    assert words.listed(["Ana"]) == "Ana"
    assert words.listed(["Ana", "Ben"]) == "Ana and Ben"
    assert words.listed(["Ana", "Ben", "Cleo", "Dia", "Eva"]) == "Ana, Ben, Cleo and 2 others"
    assert words.counted(1, "person,people") == "1 person"
    assert words.counted(2, "person,people") == "2 people"


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana Ruiz", "AR"), ("loader", "LO"), ("", "?"), ("a.b_c", "AC")]
)
def test_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters
