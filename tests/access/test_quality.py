"""Checks of the configuration run through the gate, as an account that reads what it was granted."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from access import quality
from access.clock import database_now
from access.models import QueryRecord
from catalog.models import Check
from portal.configuration.applying import apply

CONFIGURATION = """
warehouses: [{name: wh, url: "duckdb:///WAREHOUSE"}]
users:
  - {username: olga, email: olga@example.com}
  - {username: quality, service: true, owner: olga}
datasets:
  - name: wh.sales.orders
    checks:
      - {unique: id}
      - {not_null: country}
      - {accepted_values: {column: country, values: [DE, FR]}}
      - {sql: "select count(*) = 3 from wh.sales.orders", name: three}
      - {sql: "select min(id) > 5 from wh.sales.orders", name: large}
      - {not_null: secret}
grants:
  - {principal: "service:quality", dataset: wh.sales.orders, columns: [id, country], expires: 30d, reason: Checks}
"""


@pytest.fixture
def run(tmp_path: Path, transactional_db: None) -> Callable[[], dict[str, str]]:
    """Runs what is due and tells every check's status."""
    path = tmp_path / "wh.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute(
            "CREATE TABLE sales.orders AS SELECT * FROM"
            " (VALUES (1, 'DE', 'a'), (1, 'FR', 'b'), (2, NULL, 'c')) AS t(id, country, secret)"
        )
    file = tmp_path / "portal.yaml"
    file.write_text(CONFIGURATION.replace("WAREHOUSE", str(path)), encoding="utf-8")
    apply([file], now=database_now())

    def look() -> dict[str, str]:
        quality.run_due(database_now())
        return dict(Check.objects.values_list("name", "last_status"))

    return look


def test_each_kind_of_check_is_judged(run: Callable[[], dict[str, str]]) -> None:
    assert run() == {
        "unique id": "fail",
        "not_null country": "fail",
        "accepted_values country": "pass",
        "three": "pass",
        "large": "fail",
        "not_null secret": "error",
    }
    assert Check.objects.get(name="unique id").last_failures == 1


def test_a_check_that_may_not_read_says_so_and_leaves_its_refusal_in_the_record(
    run: Callable[[], dict[str, str]],
) -> None:
    run()
    assert "secret" in Check.objects.get(name="not_null secret").last_message
    refused = QueryRecord.objects.get(principal__username="quality", code="column_not_granted")
    assert refused.surface == "check"


def test_a_check_is_looked_at_once_a_day(run: Callable[[], dict[str, str]]) -> None:
    run()
    now = database_now()
    assert quality.run_due(now) == 0
    assert quality.due(now + timedelta(hours=25)).count() == 6
