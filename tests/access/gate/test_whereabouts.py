"""In which warehouse a query runs where nobody says so."""

import pytest

from access.errors import Invalid, NotFound
from access.gate.whereabouts import warehouse_for
from catalog.models import EngineKind, Warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> None:
    for name in ("wh", "lake"):
        Warehouse.objects.create(name=name, url="duckdb:////nowhere", engine=EngineKind.DUCKDB)


def test_the_only_one_there_is_needs_no_name() -> None:
    with pytest.raises(Invalid, match="Say in which"):
        warehouse_for("select 1")
    made = Warehouse.objects.create(name="wh", url="duckdb:////nowhere", engine=EngineKind.DUCKDB)

    assert warehouse_for("select 1") == made


def test_a_name_that_is_said_counts_before_the_text(two: None) -> None:
    assert warehouse_for("select * from wh.sales.orders", "lake").name == "lake"
    with pytest.raises(NotFound):
        warehouse_for("select * from wh.sales.orders", "pond")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from lake.sales.orders",
        'select * from "lake"."sales"."orders" o join LAKE.sales.items using (id)',
        "select * from `lake` . `sales` . `orders`",
        'select l.id from(select*from lake.\n "odd sales".orders) l',
        "select * from lake.sales.wh",
    ],
)
def test_tables_named_by_three_parts_say_it(two: None, sql: str) -> None:
    assert warehouse_for(sql).name == "lake"


@pytest.mark.parametrize(
    "sql",
    ["select * from sales.orders", "select lake.id from orders lake", "select * from my.lake.sales", "lake.a"],
)  # fmt: skip
def test_names_of_fewer_parts_do_not(two: None, sql: str) -> None:
    with pytest.raises(Invalid, match="Say in which") as wrong:
        warehouse_for(sql)

    assert wrong.value.field == "warehouse"


def test_one_query_runs_in_one_warehouse(two: None) -> None:
    with pytest.raises(Invalid, match="lake and wh"):
        warehouse_for("select * from wh.sales.orders join lake.sales.items using (id)")


def test_what_the_guard_refuses_for_its_length_is_not_looked_through(two: None) -> None:
    with pytest.raises(Invalid, match="Say in which"):
        warehouse_for("select * from lake.sales.orders" + " " * 1_000_000)
