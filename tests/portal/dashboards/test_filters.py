"""Filters: what the URL says, what the SQL gets, and that no value ever becomes SQL."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dashboards.definition import parse_definition
from portal.dashboards.filters import chosen, filled, values

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILTERS: list[dict[str, Any]] = [
    {"name": "period", "label": "Period", "kind": "daterange", "default": "30d", "choices": ["7d"]},
    {
        "name": "country",
        "label": "Country",
        "kind": "select",
        "all": "All",
        "options": ["DE", "FR"],
    },
]
BOARD = parse_definition(
    {
        "name": "b",
        "title": "B",
        "warehouse": "w",
        "filters": FILTERS,
        "tiles": [
            {
                "name": "n",
                "title": "N",
                "kind": "kpi",
                "dataset": "w.s.t",
                "sql": "select 1 as value",
            }
        ],
    }
)


def given_by(**query: str) -> dict[str, Any]:
    """All placeholder values for a query string."""
    return values(chosen(BOARD, query, NOW))


def test_without_a_query_string_the_defaults_hold() -> None:
    found = given_by()
    assert (found["period_from"], found["period_to"]) == (date(2026, 2, 1), date(2026, 3, 2))
    assert found["period_before"] == date(2026, 1, 2)
    assert found["country"] is None


def test_a_span_and_two_days_are_both_periods() -> None:
    assert given_by(period="7d")["period_from"] == date(2026, 2, 24)
    assert given_by(period="2026-01-01..2026-01-31")["period_to"] == date(2026, 1, 31)


@pytest.mark.parametrize("text", ["soon", "2026-13-01..2026-01-01", "9999999999d", "..", "7d'--"])
def test_nonsense_falls_back_to_the_default(text: str) -> None:
    assert given_by(period=text) == given_by()


@given(st.text(max_size=60))
def test_whatever_is_chosen_stays_a_value(text: str) -> None:
    sql = filled("select :country as value", "duckdb", {"country": text})
    if "\x00" not in text:
        assert duckdb.execute(sql).fetchone() == (text,)


def test_nothing_chosen_is_null() -> None:
    sql = filled("select :country is null as value", "duckdb", {"country": None})
    assert duckdb.execute(sql).fetchone() == (True,)
