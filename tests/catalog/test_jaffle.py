"""The public Jaffle Shop project, built by dbt: the importers against files nobody wrote for them.

The artifacts are not part of this project. They are looked for in the folder named by JAFFLE_DIR, else in
`../shared/data/jaffle` beside the project; without them these tests are skipped, saying so.
"""

import json
import os
from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from catalog.importers import import_dbt, import_openlineage, import_warehouse
from catalog.models import (
    Alias,
    Check,
    Column,
    ColumnEdge,
    Dataset,
    Derivation,
    LineageEdge,
    QuarantinedName,
    RunEvent,
    Source,
    Warehouse,
)
from tests.catalog.contents import contents

JAFFLE = Path(
    os.environ.get("JAFFLE_DIR") or Path(settings.BASE_DIR).parent / "shared" / "data" / "jaffle"
)
MISSING = f"the Jaffle Shop artifacts are not in {JAFFLE}; name their folder in JAFFLE_DIR"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (JAFFLE / "manifest.json").exists(), reason=MISSING),
]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
RELATIONS = ("model", "seed", "snapshot", "source")

# Worked out by hand from the model's SQL: `orders` is stg_orders, joined to a summary of order_items by order_id.
ORDERS = {
    "order_id": {"stg_orders.order_id identity"},
    "location_id": {"stg_orders.location_id identity"},
    "customer_id": {"stg_orders.customer_id identity"},
    "subtotal_cents": {"stg_orders.subtotal_cents identity"},
    "tax_paid_cents": {"stg_orders.tax_paid_cents identity"},
    "order_total_cents": {"stg_orders.order_total_cents identity"},
    "subtotal": {"stg_orders.subtotal identity"},
    "tax_paid": {"stg_orders.tax_paid identity"},
    "order_total": {"stg_orders.order_total identity"},
    "ordered_at": {"stg_orders.ordered_at identity"},
    "order_cost": {"order_items.supply_cost aggregation"},
    "order_items_subtotal": {"order_items.product_price aggregation"},
    "count_food_items": {"order_items.is_food_item aggregation"},
    "count_drink_items": {"order_items.is_drink_item aggregation"},
    "count_order_items": {"order_items.order_item_id aggregation"},
    "is_food_order": {"order_items.is_food_item aggregation"},
    "is_drink_order": {"order_items.is_drink_item aggregation"},
    "customer_order_number": {
        "stg_orders.customer_id expression",
        "stg_orders.ordered_at expression",
    },
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built database, loaded from its Parquet files once."""
    path = tmp_path_factory.mktemp("jaffle") / "jaffle.duckdb"
    with duckdb.connect(str(path)) as connection, chdir(JAFFLE / "warehouse"):
        connection.execute(Path("schema.sql").read_text())
        connection.execute(Path("load.sql").read_text())
    return path


@pytest.fixture(scope="module")
def jaffle(
    file: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Warehouse]:
    """The warehouse and the dbt project, both imported: once for all tests that ask, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        warehouse = Warehouse.objects.create(name="wh", url=f"duckdb:///{file}", engine="duckdb")
        import_warehouse(warehouse, now=NOW)
        import_dbt(JAFFLE, warehouse, now=NOW)
        yield warehouse
        transaction.set_rollback(True)


def lines() -> list[str]:
    return (JAFFLE / "openlineage-events.jsonl").read_text().splitlines()


def manifest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((JAFFLE / "manifest.json").read_text())
    return content


def relations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node that is a relation, with its unique id, straight from the manifest."""
    content = manifest()
    for unique_id, node in {**content["nodes"], **content["sources"]}.items():
        if node["resource_type"] in RELATIONS:
            yield unique_id, node


def name_of(node: dict[str, Any]) -> str:
    return f"wh.{node['schema']}.{node.get('identifier') or node['alias']}"


def test_events_that_come_before_the_warehouse_is_known_are_not_lost(file: Path) -> None:
    """First in this file: the others find the warehouse known."""
    import_openlineage(lines(), now=NOW)
    assert not Dataset.objects.exists()

    warehouse = Warehouse.objects.create(name="wh", url=f"duckdb:///{file}", engine="duckdb")
    import_warehouse(warehouse, now=NOW)

    assert not QuarantinedName.objects.exists()
    assert LineageEdge.objects.filter(source=Source.OPENLINEAGE).count() == 17


def test_there_is_one_dataset_per_physical_relation(jaffle: Warehouse) -> None:
    physical = {name_of(node) for _, node in relations()}

    assert set(Dataset.objects.values_list("name", flat=True)) == physical
    assert len(physical) == 20
    for unique_id, node in relations():
        assert Alias.objects.get(kind="dbt", value=unique_id).dataset.name == name_of(node)


def test_types_are_those_of_the_catalog_file(jaffle: Warehouse) -> None:
    content = json.loads((JAFFLE / "catalog.json").read_text())
    expected = {
        (f"wh.{node['metadata']['schema']}.{node['metadata']['name']}", column["name"]): column[
            "type"
        ]
        for node in {**content["nodes"], **content["sources"]}.values()
        for column in node["columns"].values()
    }

    kept = Column.objects.values_list("dataset__name", "name", "type")

    assert {(table, column): kind for table, column, kind in kept} == expected


def test_every_documented_column_carries_its_words(jaffle: Warehouse) -> None:
    documented = {
        (name_of(node), column["name"]): column["description"]
        for _, node in relations()
        for column in node["columns"].values()
        if column["description"]
    }

    kept = Column.objects.exclude(description="").values_list(
        "dataset__name", "name", "description"
    )

    assert {(table, column): words for table, column, words in kept} == documented


def test_the_27_tests_are_checks_that_passed(jaffle: Warehouse) -> None:
    assert Check.objects.count() == 27
    assert set(Check.objects.values_list("last_status", flat=True)) == {"pass"}


def test_table_lineage_is_the_manifests_graph(jaffle: Warehouse) -> None:
    nodes = dict(relations())
    graph = {
        (name_of(nodes[parent]), name_of(node))
        for node in nodes.values()
        for parent in node.get("depends_on", {}).get("nodes", ())
        if parent in nodes
    }

    kept = LineageEdge.objects.filter(source=Source.DBT)

    assert set(kept.values_list("upstream__name", "downstream__name")) == graph
    assert len(graph) == 17


def test_every_column_of_every_model_has_column_lineage(jaffle: Warehouse) -> None:
    models = [name_of(node) for _, node in relations() if node["resource_type"] == "model"]
    columns = Column.objects.filter(dataset__name__in=models)

    resolved = Derivation.objects.filter(source=Source.DBT, status=Derivation.Status.RESOLVED)

    assert set(resolved.values_list("column", flat=True)) == set(
        columns.values_list("pk", flat=True)
    )
    assert columns.count() == 86


@pytest.mark.parametrize("column", ORDERS)
def test_a_column_of_orders_comes_from(jaffle: Warehouse, column: str) -> None:
    edges = ColumnEdge.objects.filter(
        source=Source.DBT, downstream__dataset__name="wh.main.orders", downstream__name=column
    ).select_related("upstream__dataset")

    found = {
        f"{edge.upstream.dataset.table_name}.{edge.upstream.name} {edge.transformation}"
        for edge in edges
    }

    assert found == ORDERS[column]


def test_orders_has_no_other_columns(jaffle: Warehouse) -> None:
    names = Column.objects.filter(dataset__name="wh.main.orders").values_list("name", flat=True)

    assert list(names) == list(ORDERS)


def test_a_second_run_of_everything_changes_no_row(jaffle: Warehouse) -> None:
    import_openlineage(lines(), now=NOW)
    before = contents()
    later = NOW + timedelta(days=1)

    reports = [
        import_warehouse(jaffle, now=later),
        import_dbt(JAFFLE, jaffle, now=later),
        import_openlineage(lines(), now=later),
    ]

    assert contents() == before
    assert [(report.added, report.changed) for report in reports] == [(0, 0)] * 3


def test_the_46_requests_make_no_second_dataset_check_or_edge(jaffle: Warehouse) -> None:
    datasets = set(Dataset.objects.values_list("name", flat=True))
    dbt_edges = LineageEdge.objects.filter(source=Source.DBT)
    expected = set(dbt_edges.values_list("upstream", "downstream"))

    for line in lines():
        import_openlineage([json.loads(line)["body"]], now=NOW)

    assert RunEvent.objects.count() == 46
    assert set(Dataset.objects.values_list("name", flat=True)) == datasets
    assert not QuarantinedName.objects.exists()
    assert Check.objects.count() == 27
    told = LineageEdge.objects.filter(source=Source.OPENLINEAGE)
    assert set(told.values_list("upstream", "downstream")) == expected


def test_sql_in_the_events_gives_the_column_lineage_dbt_gives(jaffle: Warehouse) -> None:
    import_openlineage(lines(), now=NOW)

    def edges(source: Source) -> set[tuple[int, int, str]]:
        found = ColumnEdge.objects.filter(source=source)
        return set(found.values_list("upstream", "downstream", "transformation"))

    assert edges(Source.OPENLINEAGE) == edges(Source.DBT)
    assert len(edges(Source.DBT)) == 87
