"""`import_warehouse`: the catalog becomes what the warehouse has; tables that vanish are marked and come back."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import provenance
from catalog.engines import EngineError, Relation, RelationColumn
from catalog.importers import import_relations, import_warehouse
from catalog.models import (
    Column,
    ColumnEdge,
    Dataset,
    LineageEdge,
    Source,
    Warehouse,
)
from tests.catalog.contents import LATER, NOW, alter, bake, contents, dataset
from tests.datasets import make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def bakery(tmp_path: Path) -> Warehouse:
    """The bakery's warehouse, described once."""
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)
    return warehouse


def test_every_table_and_view_is_one_dataset(bakery: Warehouse) -> None:
    kinds = dict(Dataset.objects.values_list("name", "kind"))

    assert kinds == {
        "wh.raw.countries": "table",
        "wh.raw.sales": "table",
        "wh.main.stg_sales": "view",
        "wh.main.daily": "table",
        "wh.main.everything": "table",
        "wh.history.sales_history": "table",
    }


def test_columns_have_the_engines_types_and_comments(bakery: Warehouse) -> None:
    columns = dataset("raw.sales").columns.values_list("name", "type", "is_nullable", "description")

    assert list(columns[:4]) == [
        ("id", "INTEGER", False, ""),
        ("shop", "VARCHAR", True, ""),
        ("country", "VARCHAR", True, ""),
        ("cents", "INTEGER", True, "in cents"),
    ]
    assert dataset("raw.sales").description == "Straight from the tills"


def test_a_view_is_traced_to_what_it_reads(bakery: Warehouse) -> None:
    edge = LineageEdge.objects.select_related("upstream", "downstream").get()
    amount = ColumnEdge.objects.get(downstream__name="amount")

    assert (edge.upstream.name, edge.downstream.name) == ("wh.raw.sales", "wh.main.stg_sales")
    assert (amount.upstream.name, amount.transformation) == ("cents", "expression")
    assert "cents / 100" in dataset("main.stg_sales").definition


def test_a_second_run_changes_no_row(bakery: Warehouse) -> None:
    before = contents()

    report = import_warehouse(bakery, now=LATER)

    assert contents() == before
    assert (report.added, report.changed) == (0, 0)
    assert report.unchanged > 0


def test_a_changed_table_gets_a_version_with_a_diff(bakery: Warehouse) -> None:
    alter(bakery, "ALTER TABLE daily ADD COLUMN tax DOUBLE; ALTER TABLE daily DROP COLUMN currency")

    report = import_warehouse(bakery, now=LATER)

    version = dataset("main.daily").versions.first()
    assert version is not None
    assert (version.number, [entry["change"] for entry in version.diff]) == (
        2,
        ["removed", "added"],
    )
    assert report.tallies["schemas"].changed == 1


def test_a_vanished_table_is_marked_and_returns_with_its_words(bakery: Warehouse) -> None:
    provenance.say(dataset("main.daily"), "title", "Daily", source=Source.PERSON, now=NOW)
    alter(bakery, "ALTER TABLE daily RENAME TO parked")
    report = import_warehouse(bakery, now=LATER)
    assert dataset("main.daily").missing_at == LATER
    assert "wh.main.daily is no longer in the warehouse." in report.notes

    alter(bakery, "ALTER TABLE parked RENAME TO daily")
    import_warehouse(bakery, now=LATER)

    assert (dataset("main.daily").missing_at, dataset("main.daily").title) == (None, "Daily")


def test_what_others_said_stays(bakery: Warehouse) -> None:
    provenance.say(dataset("raw.sales"), "description", "Ours.", source=Source.PERSON, now=NOW)
    alter(bakery, "COMMENT ON TABLE raw.sales IS 'Changed in the warehouse'")

    import_warehouse(bakery, now=LATER)

    (story,) = [
        one
        for one in provenance.sayings(dataset("raw.sales"))
        if one.field == "description" and not one.column
    ]
    assert story.effective.value == "Ours."
    assert [said.value for said in story.conflicts] == ["Changed in the warehouse"]


def test_a_warehouse_that_cannot_be_reached_changes_nothing(bakery: Warehouse) -> None:
    before = contents()
    Path(bakery.url.removeprefix("duckdb:///")).unlink()

    with pytest.raises(EngineError):
        import_warehouse(bakery, now=LATER)

    assert contents() == before


def test_names_with_dots_and_quotes_stay_apart() -> None:
    relations = [
        Relation("a.b", "c", "table", (RelationColumn("x", "INTEGER"),)),
        Relation("a", "b.c", "table", (RelationColumn("x", "INTEGER"),)),
        Relation("a", 'b"c', "table", (RelationColumn("x", "INTEGER"),)),
    ]

    import_relations(make_warehouse(), relations, now=NOW)

    assert set(Dataset.objects.values_list("name", flat=True)) == {
        'wh."a.b".c',
        'wh.a."b.c"',
        'wh.a."b""c"',
    }


def test_a_table_that_changes_case_stays_the_same_dataset(bakery: Warehouse) -> None:
    key = dataset("main.daily").pk
    alter(bakery, "ALTER TABLE daily RENAME TO parked; ALTER TABLE parked RENAME TO Daily")

    import_warehouse(bakery, now=LATER)

    assert dataset("main.Daily").pk == key
    assert Dataset.objects.count() == 6


@pytest.fixture
def shop(postgres_url: str) -> Iterator[Warehouse]:
    """A PostgreSQL warehouse with two tables that differ in case alone, and a view over one."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS shop_of_importers")
        connection.execute("CREATE DATABASE shop_of_importers")
    url = urlsplit(postgres_url)._replace(path="/shop_of_importers").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute('CREATE TABLE "Orders" ("Id" bigint NOT NULL, note text)')
        connection.execute("CREATE TABLE orders (id bigint)")
        connection.execute(
            'CREATE VIEW noted AS SELECT "Id" AS k, upper(note) AS loud FROM "Orders"'
        )
    yield Warehouse.objects.create(name="pg", url=url, engine="postgresql")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE shop_of_importers WITH (FORCE)")


def test_a_postgresql_warehouse_is_described_with_its_case(shop: Warehouse) -> None:
    import_warehouse(shop, now=NOW)
    before = contents()
    import_warehouse(shop, now=LATER)

    names = set(Dataset.objects.values_list("name", flat=True))
    assert names == {"pg.public.Orders", "pg.public.orders", "pg.public.noted"}
    edges = ColumnEdge.objects.order_by("downstream__name").values_list(
        "upstream__dataset__name", "upstream__name", "downstream__name", "transformation"
    )
    assert list(edges) == [
        ("pg.public.Orders", "Id", "k", "identity"),
        ("pg.public.Orders", "note", "loud", "expression"),
    ]
    assert contents() == before


def test_the_number_of_queries_does_not_grow_with_the_warehouse() -> None:
    def relations(count: int) -> list[Relation]:
        columns = (RelationColumn("id", "INTEGER"), RelationColumn("name", "VARCHAR", comment="c"))
        return [Relation("main", f"t{number}", "table", columns) for number in range(count)]

    counts = []
    for number, size in enumerate((5, 200)):
        with CaptureQueriesContext(connection) as queries:
            import_relations(make_warehouse(f"wh{number}"), relations(size), now=NOW)
        counts.append(len(queries))

    assert counts[1] <= counts[0] + 2
    assert Column.objects.count() == 2 * 205


NAMES = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=8
)
RELATIONS = st.lists(
    st.builds(
        Relation,
        schema=NAMES,
        name=NAMES,
        kind=st.sampled_from(["table", "view"]),
        columns=st.lists(
            st.builds(
                RelationColumn,
                name=NAMES,
                type=st.sampled_from(["INTEGER", "VARCHAR"]),
                is_nullable=st.booleans(),
                comment=st.sampled_from(["", "Words."]),
            ),
            max_size=4,
        ).map(tuple),
        rows_estimate=st.none() | st.integers(0, 9),
        comment=st.sampled_from(["", "Words."]),
        definition=st.sampled_from(["", "select 1 as a", "no sql"]),
    ),
    max_size=5,
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=RELATIONS, second=RELATIONS)
def test_whatever_a_warehouse_has_the_second_run_changes_no_row(
    first: list[Relation], second: list[Relation]
) -> None:
    warehouse = make_warehouse(f"wh{Warehouse.objects.count()}")
    import_relations(warehouse, first, now=NOW)
    import_relations(warehouse, second, now=NOW)
    before = contents()

    report = import_relations(warehouse, second, now=LATER)

    assert contents() == before
    assert (report.added, report.changed) == (0, 0)
