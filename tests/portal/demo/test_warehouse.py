"""The demo warehouse: drawn the same every time, large enough, and the same as what dbt's models say."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from portal.demo import warehouse
from portal.demo.warehouse import Built, build

ANCHOR = datetime(2026, 11, 22, 14, 37, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ware house")


@pytest.fixture(scope="module")
def built(folder: Path) -> Built:
    return build(folder / "tarnfell.duckdb", anchor=ANCHOR)


@pytest.fixture
def data(folder: Path, built: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse attached by a name that is not its own, as an engine might."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'tarnfell.duckdb'}' as other (read_only)")
        connection.execute("use other")
        yield connection


def content(path: Path) -> dict[str, tuple[Any, ...] | None]:
    """Rows and an order-free digest of every table."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f'select count(*), sum(hash(t)::hugeint) from "{schema}"."{table}" as t'
            ).fetchone()
            for schema, table in tables
        }


def test_two_builds_with_one_anchor_are_equal_in_every_row(folder: Path, built: Built) -> None:
    build(folder / "again.duckdb", anchor=ANCHOR)

    assert content(folder / "again.duckdb") == content(folder / "tarnfell.duckdb")


def test_the_largest_table_has_more_than_a_million_rows(built: Built) -> None:
    assert built.rows["shop.order_lines"] > 1_000_000
    assert built.rows["commerce.order_items"] > 1_000_000


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("shop.customers", 96_000),
        ("shop.products", 640),
        ("erp.stores", 33),
        ("erp.suppliers", 48),
        ("erp.supplier_ratings", 864),
        ("hr.employees", 468),
        ("commerce.customers", 96_000),
    ],
)
def test_tables_that_do_not_depend_on_the_date_have_their_number_of_rows(
    built: Built, table: str, rows: int
) -> None:
    assert built.rows[table] == rows


def test_every_model_of_the_manifest_is_there(data: duckdb.DuckDBPyConnection) -> None:
    manifest = json.loads(warehouse.MANIFEST.read_text(encoding="utf-8"))
    wanted = {(model.schema, model.name) for model in warehouse.models(manifest)}

    found = data.execute(
        "select schema_name, table_name from duckdb_tables() union all"
        " select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall()

    assert wanted <= set(found)


def test_every_column_has_the_type_that_dbt_saw(data: duckdb.DuckDBPyConnection) -> None:
    catalog = json.loads((warehouse.MANIFEST.parent / "catalog.json").read_text(encoding="utf-8"))

    for node in [*catalog["nodes"].values(), *catalog["sources"].values()]:
        place = f'"{node["metadata"]["schema"]}"."{node["metadata"]["name"]}"'
        found = [(row[0], row[1]) for row in data.execute(f"describe {place}").fetchall()]
        assert found == [(one["name"], one["type"]) for one in node["columns"].values()], place


def test_orders_end_the_day_before_and_only_one_table_is_weeks_old(
    data: duckdb.DuckDBPyConnection,
) -> None:
    last = data.execute("select max(ordered_at)::date::text from shop.orders").fetchone()
    ages = {
        table: data.execute(
            f"select date_diff('day', max(loaded_at), timestamp '2026-11-22 14:00:00') from {table}"
        ).fetchone()
        for table in ("commerce.orders", "operations.stock_levels", "operations.supplier_scorecard")
    }

    assert last == ("2026-11-21",)
    assert ages == {
        "commerce.orders": (0,),
        "operations.stock_levels": (0,),
        "operations.supplier_scorecard": (38,),
    }


def test_the_tests_of_the_project_find_one_failure_and_one_warning(built: Built) -> None:
    broken = {key.split(".")[2]: rows for key, rows in built.broken.items() if rows}

    assert broken.keys() == {"refunds_never_exceed_what_was_paid", "unique_stg_customers_email"}
    assert 20 < broken["refunds_never_exceed_what_was_paid"] < 120


def test_two_draws_for_one_key_do_not_move_together(data: duckdb.DuckDBPyConnection) -> None:
    """Cancelled orders are spread over the channels: joint hashes alone would put them all into one."""
    shares = data.execute(
        "select avg((status = 'cancelled')::int) from commerce.orders group by channel"
    ).fetchall()

    assert len(shares) == 3
    assert all(0.02 < share < 0.035 for (share,) in shares)


def test_a_failed_build_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tarnfell.duckdb"
    path.write_bytes(b"as before")
    broken = tmp_path / "manifest.json"
    broken.write_text("{}")
    monkeypatch.setattr(warehouse, "MANIFEST", broken)
    monkeypatch.setattr(warehouse, "generate", lambda connection, **_: None)

    with pytest.raises(KeyError):
        build(path, anchor=ANCHOR)

    assert path.read_bytes() == b"as before"
