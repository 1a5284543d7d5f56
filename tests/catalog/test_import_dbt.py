"""`import_dbt`: the catalog learns what a dbt project builds, says, tests and feeds; broken files change nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import provenance
from catalog.errors import BrokenFile
from catalog.importers import import_dbt, import_warehouse
from catalog.models import (
    Alias,
    Check,
    Column,
    ColumnEdge,
    Contact,
    Dataset,
    Derivation,
    Exposure,
    LineageEdge,
    Source,
    Warehouse,
)
from tests.catalog.contents import BAKERY, LATER, NOW, alter, bake, contents, dataset
from tests.datasets import make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def bakery(tmp_path: Path) -> Warehouse:
    """The bakery's warehouse and dbt project, both imported."""
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)
    import_dbt(BAKERY, warehouse, now=NOW)
    return warehouse


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the artifacts that a test may break."""
    return Path(shutil.copytree(BAKERY, tmp_path / "target"))


def edit(project: Path, change: Callable[[Any], Any], name: str = "manifest.json") -> None:
    """Changes an artifact."""
    content = json.loads((project / name).read_text())
    change(content)
    (project / name).write_text(json.dumps(content))


def edges(source: Source = Source.DBT) -> set[tuple[str, str]]:
    found = LineageEdge.objects.filter(source=source).values_list(
        "upstream__name", "downstream__name"
    )
    return {(up.removeprefix("wh."), down.removeprefix("wh.")) for up, down in found}


def inputs(column: str) -> set[str]:
    """What a column (`main.daily.revenue`) is computed from, says dbt."""
    table, _, name = column.rpartition(".")
    found = ColumnEdge.objects.filter(
        source=Source.DBT, downstream__dataset__name=f"wh.{table}", downstream__name=name
    ).select_related("upstream__dataset")
    return {
        f"{edge.upstream.dataset.name.removeprefix('wh.')}.{edge.upstream.name} {edge.transformation}"
        for edge in found
    }


def test_dbt_adds_no_second_dataset_for_any_table(bakery: Warehouse) -> None:
    assert Dataset.objects.count() == 6
    aliases = dataset("raw.countries").aliases.values_list("value", flat=True)
    assert set(aliases) == {
        "bakery.raw.countries",
        "seed.bakery.countries",
        "source.bakery.till.countries",
    }


def test_tables_the_warehouse_does_not_have_yet_are_one_dataset_each() -> None:
    warehouse = make_warehouse()

    import_dbt(BAKERY, warehouse, now=NOW)

    kinds = dict(Dataset.objects.values_list("name", "kind"))
    assert len(kinds) == 6
    assert kinds["wh.main.stg_sales"] == "view"
    assert dataset("main.daily").columns.get(name="revenue").type == "DOUBLE"


def test_words_tags_and_titles_are_taken_over(bakery: Warehouse) -> None:
    daily = dataset("main.daily")

    assert (daily.title, daily.description) == ("Daily revenue", "Revenue per day and country.")
    assert daily.tags == ["daily", "finance"]
    assert daily.columns.get(name="revenue").tags == ["money"]
    assert daily.deprecated_at is not None
    assert daily.deprecated_at.year == 2027
    assert daily.definition.startswith("with __dbt__cte__int_big_sales")


def test_a_seed_that_is_also_a_source_speaks_as_the_seed(bakery: Warehouse) -> None:
    assert dataset("raw.countries").description == "Where our shops are."


def test_owners_become_contacts(bakery: Warehouse) -> None:
    contacts = Contact.objects.values_list("dataset__name", "name", "email")

    assert set(contacts) == {
        ("wh.main.daily", "Ana Ruiz", "ana@bakery.example"),
        ("wh.main.daily", "Money team", "money@bakery.example"),
    }


def test_a_source_promises_freshness_and_tells_when_it_was_loaded(bakery: Warehouse) -> None:
    sales = dataset("raw.sales")

    assert sales.freshness_column == "sold_at"
    assert sales.freshness_within is not None
    assert sales.freshness_within.total_seconds() == 12 * 3600
    assert sales.data_updated_at is not None
    assert sales.data_updated_at.hour == 4
    # A built table is as old as its run; a view is not data.
    assert dataset("main.daily").data_updated_at is not None
    assert dataset("main.stg_sales").data_updated_at is None


def test_table_lineage_is_the_graph_with_ephemeral_models_looked_through(bakery: Warehouse) -> None:
    assert edges() == {
        ("raw.sales", "main.stg_sales"),
        ("main.stg_sales", "main.daily"),
        ("raw.countries", "main.daily"),
        ("main.daily", "main.everything"),
        ("main.stg_sales", "main.everything"),
        ("raw.sales", "history.sales_history"),
    }


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("main.daily.day", {"main.stg_sales.sold_at expression"}),
        ("main.daily.country", {"raw.countries.name identity"}),
        ("main.daily.revenue", {"main.stg_sales.amount aggregation"}),
        ("main.daily.n_sales", set()),
        ("main.daily.currency", set()),
        ("main.everything.moment", {"main.daily.day identity", "main.stg_sales.sold_at identity"}),
        ("history.sales_history.cents", {"raw.sales.cents identity"}),
        ("history.sales_history.dbt_scd_id", set()),
    ],
)
def test_a_column_comes_from(bakery: Warehouse, column: str, expected: set[str]) -> None:
    assert inputs(column) == expected


def test_every_column_of_every_model_has_a_resolved_derivation(bakery: Warehouse) -> None:
    models = [
        "wh.main.stg_sales",
        "wh.main.daily",
        "wh.main.everything",
        "wh.history.sales_history",
    ]
    columns = Column.objects.filter(dataset__name__in=models)
    derived = Derivation.objects.filter(source=Source.DBT, status=Derivation.Status.RESOLVED)

    assert set(derived.values_list("column", flat=True)) == set(
        columns.values_list("pk", flat=True)
    )


def test_data_tests_are_checks_with_their_last_result(bakery: Warehouse) -> None:
    checks = {check.name: check for check in Check.objects.select_related("dataset")}

    statuses = {name: (check.last_status, check.last_failures) for name, check in checks.items()}
    assert statuses == {
        "unique_stg_sales_sale_id": ("pass", 0),
        "not_null_daily_day": ("warn", 2),
        "accepted_values_daily_currency": ("fail", 7),
        "relationships_stg_sales_country": ("skipped", None),
        "revenue_is_positive": ("error", None),
    }
    related = checks["relationships_stg_sales_country"]
    assert (related.dataset.name, related.definition["to"]) == (
        "wh.main.stg_sales",
        "wh.raw.countries",
    )
    assert checks["accepted_values_daily_currency"].definition["values"] == ["EUR"]
    assert checks["revenue_is_positive"].definition["kind"] == "sql"


def test_exposures_read_datasets_and_never_carry_a_script(bakery: Warehouse) -> None:
    board, trap = Exposure.objects.order_by("name")

    assert {one.dataset.name for one in board.inputs.all()} == {
        "wh.main.daily",
        "wh.main.stg_sales",
    }
    assert (board.title, board.owner_email) == ("The board's page", "olga@bakery.example")
    assert (trap.url, trap.owner_email) == ("", "x@bakery.example")


def test_a_column_that_is_documented_but_not_there_is_noted(tmp_path: Path) -> None:
    report = import_dbt(BAKERY, bake(tmp_path), now=NOW)

    assert any("documents the column ghost" in note for note in report.notes)
    assert not Column.objects.filter(name="ghost").exists()


def test_a_second_run_changes_no_row(bakery: Warehouse) -> None:
    before = contents()

    report = import_dbt(BAKERY, bakery, now=LATER)

    assert contents() == before
    assert (report.added, report.changed) == (0, 0)


def test_importing_the_warehouse_and_dbt_in_turn_settles(bakery: Warehouse) -> None:
    before = contents()

    import_warehouse(bakery, now=LATER)
    import_dbt(BAKERY, bakery, now=LATER)

    assert contents() == before


def test_a_persons_words_survive_and_the_conflict_shows(bakery: Warehouse, project: Path) -> None:
    provenance.say(dataset("main.daily"), "description", "Ours.", source=Source.PERSON, now=NOW)

    def reword(manifest: Any) -> None:
        manifest["nodes"]["model.bakery.daily"]["description"] = "dbt's new words."

    edit(project, reword)
    import_dbt(project, bakery, now=LATER)

    assert dataset("main.daily").description == "Ours."
    conflicts = [
        said.value
        for story in provenance.sayings(dataset("main.daily"))
        if story.field == "description" and story.column is None
        for said in story.conflicts
    ]
    assert conflicts == ["dbt's new words."]


def test_what_the_project_no_longer_says_is_withdrawn(bakery: Warehouse, project: Path) -> None:
    def forget(manifest: Any) -> None:
        daily = manifest["nodes"]["model.bakery.daily"]
        daily["description"], daily["tags"], daily["columns"], daily["meta"] = "", [], {}, {}
        daily["group"] = None
        daily["deprecation_date"] = None

    edit(project, forget)
    import_dbt(project, bakery, now=LATER)

    daily = dataset("main.daily")
    assert (daily.description, daily.tags, daily.title, daily.deprecated_at) == ("", [], "", None)
    assert daily.columns.get(name="revenue").description == ""
    assert not daily.contacts.exists()


def test_a_model_that_left_the_project_leaves_its_dataset_without_dbts_claims(
    bakery: Warehouse, project: Path
) -> None:
    def drop(manifest: Any) -> None:
        manifest["nodes"] = {
            key: node
            for key, node in manifest["nodes"].items()
            if "daily" not in key and "revenue" not in key
        }
        manifest["exposures"] = {}
        manifest["nodes"]["model.bakery.everything"]["depends_on"]["nodes"] = [
            "model.bakery.stg_sales"
        ]

    edit(project, drop)
    import_dbt(project, bakery, now=LATER)

    daily = dataset("main.daily")
    assert (daily.description, daily.missing_at) == ("", None)
    assert not Alias.objects.filter(dataset=daily, kind="dbt").exists()
    assert not Check.objects.filter(dataset=daily).exists()
    assert not any("main.daily" in pair for pair in edges())
    assert not Exposure.objects.exists()


def test_another_project_in_the_same_warehouse_keeps_its_own(
    bakery: Warehouse, project: Path
) -> None:
    def rename(manifest: Any) -> None:
        text = json.dumps(manifest).replace("model.bakery.", "model.cafe.")
        text = text.replace("test.bakery.", "test.cafe.").replace("seed.bakery.", "seed.cafe.")
        text = text.replace("source.bakery.", "source.cafe.").replace(
            "snapshot.bakery.", "snapshot.cafe."
        )
        text = text.replace("exposure.bakery.", "exposure.cafe.").replace('"main"', '"cafe"')
        text = text.replace('"project_name": "bakery"', '"project_name": "cafe"')
        manifest.update(
            json.loads(text.replace('"package_name": "bakery"', '"package_name": "cafe"'))
        )

    edit(project, rename)
    for name in ("catalog.json", "run_results.json", "sources.json"):
        (project / name).unlink()
    import_dbt(project, bakery, now=LATER)

    assert Check.objects.filter(definition__project="bakery").count() == 5
    assert Check.objects.filter(definition__project="cafe").count() == 5
    assert Exposure.objects.count() == 4


def test_without_a_catalog_file_the_warehouse_knows_the_types(
    tmp_path: Path, project: Path
) -> None:
    (project / "catalog.json").unlink()
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)

    report = import_dbt(project, warehouse, now=NOW)

    assert any("dbt docs generate" in note for note in report.notes)
    assert inputs("main.daily.revenue") == {"main.stg_sales.amount aggregation"}


def test_relations_of_another_database_are_left_out(tmp_path: Path, project: Path) -> None:
    def move(manifest: Any) -> None:
        source = manifest["sources"]["source.bakery.till.sales"]
        source["database"], source["relation_name"] = "elsewhere", '"elsewhere"."raw"."sales"'

    edit(project, move)
    report = import_dbt(project, make_warehouse(), now=NOW)

    assert any("elsewhere" in note for note in report.notes)
    assert not Dataset.objects.filter(table_name="sales").exists()


def test_a_table_that_changed_since_the_artifacts_keeps_the_warehouses_columns(
    bakery: Warehouse,
) -> None:
    alter(bakery, "ALTER TABLE daily ADD COLUMN tax DOUBLE")
    import_warehouse(bakery, now=LATER)

    import_dbt(BAKERY, bakery, now=LATER)

    tax = dataset("main.daily").columns.get(name="tax")
    assert tax.removed_at is None
    assert Derivation.objects.get(column=tax, source=Source.DBT).status == "unresolved"


BROKEN: dict[str, tuple[str, Callable[[Path], object], str, str]] = {
    "no manifest": ("manifest.json", lambda path: path.unlink(), "", "this file to exist"),
    "cut off": (
        "manifest.json",
        lambda path: path.write_text(path.read_text()[:3000]),
        "line",
        "JSON",
    ),
    "another file": (
        "manifest.json",
        lambda path: shutil.copy(BAKERY / "catalog.json", path),
        "metadata.dbt_schema_version",
        "a dbt manifest file",
    ),
    "a list": ("catalog.json", lambda path: path.write_text("[]"), "", "a JSON object"),
    "no text": ("run_results.json", lambda path: path.write_bytes(b"\xff\xfe\x00"), "", "JSON"),
}


@pytest.mark.parametrize(("name", "damage", "where", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_and_changes_nothing(
    project: Path, name: str, damage: Callable[[Path], object], where: str, expected: str
) -> None:
    warehouse = make_warehouse()
    damage(project / name)
    before = contents()

    with pytest.raises(BrokenFile) as refused:
        import_dbt(project, warehouse, now=NOW)

    assert refused.value.path == str(project / name)
    assert where in refused.value.where
    assert expected in refused.value.expected
    assert contents() == before


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            lambda m: m["nodes"]["model.bakery.daily"].update(columns=[1]),
            "nodes.model.bakery.daily.columns",
        ),
        (
            lambda m: m["nodes"]["model.bakery.daily"].update(description=5),
            "nodes.model.bakery.daily.description",
        ),
        (
            lambda m: m["nodes"]["model.bakery.daily"].update(tags=[{}]),
            "nodes.model.bakery.daily.tags[0]",
        ),
        (
            lambda m: m["nodes"]["model.bakery.daily"].update(deprecation_date="soon"),
            "nodes.model.bakery.daily.deprecation_date",
        ),
        (lambda m: m.update(nodes="none"), "nodes"),
        (lambda m: m.update(exposures=[1]), "exposures"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named_by_its_place(
    project: Path, change: Callable[[Any], Any], where: str
) -> None:
    edit(project, change)

    with pytest.raises(BrokenFile) as refused:
        import_dbt(project, make_warehouse(), now=NOW)

    assert refused.value.where == where
    assert not Dataset.objects.exists()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="target/"):
        import_dbt(tmp_path / "nowhere", make_warehouse(), now=NOW)


def test_a_query_is_followed_again_only_when_it_or_what_it_reads_changed(
    bakery: Warehouse, project: Path
) -> None:
    def star(manifest: Any) -> None:
        manifest["nodes"]["model.bakery.everything"]["compiled_code"] = (
            "select day as moment, n_sales as value from bakery.main.daily"
        )

    quiet = import_dbt(BAKERY, bakery, now=LATER)
    edit(project, star)
    changed = import_dbt(project, bakery, now=LATER)

    assert quiet.tallies["queries followed"].unchanged == 4
    assert changed.tallies["queries followed"].changed == 1
    assert inputs("main.everything.value") == {"main.daily.n_sales identity"}


def test_a_star_follows_the_columns_its_table_has_now(tmp_path: Path, project: Path) -> None:
    def star(manifest: Any) -> None:
        manifest["nodes"]["snapshot.bakery.sales_history"]["compiled_code"] = (
            "select * from bakery.raw.sales"
        )

    edit(project, star)
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)
    import_dbt(project, warehouse, now=NOW)
    alter(
        warehouse,
        "ALTER TABLE raw.sales ADD COLUMN tip INTEGER;"
        "ALTER TABLE history.sales_history ADD COLUMN tip INTEGER",
    )

    import_warehouse(warehouse, now=LATER)
    import_dbt(project, warehouse, now=LATER)

    assert inputs("history.sales_history.tip") == {"raw.sales.tip identity"}
