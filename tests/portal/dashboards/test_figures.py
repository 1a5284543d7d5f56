"""Rows to figures and words: series apart, numbers packed, gaps kept."""

import base64
import struct
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.dashboards.definition import Tile
from portal.dashboards.figures import MissingColumn, figure, typed
from portal.dashboards.formats import short, written
from portal.dashboards.suggestions import suggested_figure


def tile(**changes: Any) -> Tile:
    """A line tile, changed."""
    base = {
        "name": "t",
        "title": "T",
        "kind": "line",
        "dataset": "d",
        "sql": "s",
        "x": "day",
        "y": "n",
    }
    return Tile.model_validate({**base, **changes})


def numbers(packed: Any) -> list[float]:
    """What a typed array holds."""
    raw = base64.b64decode(packed["bdata"])
    return list(struct.unpack(f"<{len(raw) // 8}d", raw))


def test_a_series_column_splits_into_traces_in_order_of_appearance() -> None:
    rows = [
        (date(2026, 1, 1), "web", 1),
        (date(2026, 1, 1), "shop", 2),
        (date(2026, 1, 2), "web", 3),
    ]
    drawn = figure(tile(series="channel"), ["day", "channel", "n"], rows)
    assert [trace["name"] for trace in drawn["data"]] == ["web", "shop"]
    assert numbers(drawn["data"][0]["y"]) == [1.0, 3.0]
    assert drawn["data"][0]["x"] == ["2026-01-01", "2026-01-02"]


def test_several_measures_are_several_traces() -> None:
    drawn = figure(tile(y=["n", "m"]), ["day", "n", "m"], [(1, 2, 3)])
    assert [trace["name"] for trace in drawn["data"]] == ["N", "M"]


def test_a_lying_bar_swaps_its_axes() -> None:
    drawn = figure(tile(kind="bar", horizontal=True, x="c", y="n"), ["c", "n"], [("DE", 1)])
    assert drawn["data"][0]["y"] == ["DE"]
    assert numbers(drawn["data"][0]["x"]) == [1.0]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumn, match="column n"):
        figure(tile(), ["day"], [(1,)])


def test_a_gap_stays_a_gap() -> None:
    assert str(numbers(typed([1, None, Decimal("2.5")]))) == "[1.0, nan, 2.5]"


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (1234567, "currency", "€\u202f1,234,567"),
        (-5, "currency", "−€\u202f5"),
        (0.123, "percent", "12.3\u202f%"),
        (None, None, "–"),
        (True, None, "yes"),
        (2026, "text", "2026"),
        (date(2026, 3, 2), None, "2 Mar 2026"),
    ],
)
def test_values_are_written_for_people(value: Any, form: str | None, words: str) -> None:
    assert written(value, form) == words


def test_a_large_number_is_short_on_a_tile() -> None:
    assert short(55_140_000, "currency") == "€\u202f55.14\u202fM"
    assert short(874, "integer") == "874"


def test_a_result_suggests_a_chart_only_where_one_makes_sense() -> None:
    assert suggested_figure(["a"], [(1,), (2,)]) is None
    assert suggested_figure(["a", "b"], [("x", "y"), ("z", "w")]) is None
    drawn = suggested_figure(["day", "n"], [(date(2026, 1, 1), 1), (date(2026, 1, 2), 2)])
    assert drawn is not None
    assert drawn["data"][0]["type"] == "scatter"
