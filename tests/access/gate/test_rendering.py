"""CSV and JSON of a gate result: exact, streamed, and cut without looking whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator

import pytest

from access.errors import Refusal
from access.gate.rendering import csv_stream, json_stream
from access.gate.results import Result
from access.models import Principal
from tests.access.gate.house import House


def test_json_is_one_object_with_exact_numbers(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    with house.open(analyst, "SELECT id, spent, country FROM customers ORDER BY id") as result:
        body = b"".join(json_stream(result))

    assert b"-3.25" in body
    answer = json.loads(body)
    assert [column["name"] for column in answer["columns"]] == ["id", "spent", "country"]
    assert answer["rows"] == [[1, 10.5, "DE"], [2, -3.25, "FR"], [3, 7.0, "XX"]]
    assert (answer["truncated"], answer["rows_total"]) == (False, 3)


def test_json_of_nothing_is_an_empty_list(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    with house.open(analyst, "SELECT id FROM customers WHERE id > 9") as result:
        assert json.loads(b"".join(json_stream(result)))["rows"] == []


def test_csv_has_a_header_and_reads_back(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    sql = "SELECT id, 'a \"quoted\", text' AS t, NULL AS n FROM customers WHERE id = 1"
    with house.open(analyst, sql) as result:
        body = b"".join(csv_stream(result)).decode()

    assert list(csv.reader(io.StringIO(body))) == [["id", "t", "n"], ["1", 'a "quoted", text', ""]]


def test_csv_for_spreadsheets_disarms_formulas(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    sql = "SELECT '=1+1' AS a, '-x' AS b, spent FROM customers WHERE id = 2"
    with house.open(analyst, sql) as result:
        body = b"".join(csv_stream(result, for_spreadsheets=True)).decode()

    assert list(csv.reader(io.StringIO(body)))[1] == ["'=1+1", "'-x", "-3.25"]


@pytest.mark.parametrize("render", [csv_stream, json_stream])
def test_a_failure_in_the_middle_leaves_no_closing_part(
    house: House, analyst: Principal, render: Callable[[Result], Iterator[bytes]]
) -> None:
    house.grant(analyst, "events")
    sql = (
        "SELECT id, 100 / (CASE WHEN id < 300000 THEN 1 ELSE id - id END)::INTEGER AS x FROM events"
    )
    if house.warehouse.engine == "duckdb":
        sql = "SELECT id, CAST(CASE WHEN id < 300000 THEN '1' ELSE name END AS INTEGER) AS x FROM events"
    received: list[bytes] = []
    with house.open(analyst, sql) as result, pytest.raises(Refusal):
        received.extend(render(result))

    assert not b"".join(received).endswith(b"}")
