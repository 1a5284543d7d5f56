"""`import_odcs`: what a data contract says about tables we have; it describes tables and never makes one."""

from pathlib import Path

import pytest

from catalog import provenance
from catalog.errors import BrokenFile
from catalog.importers import import_odcs, import_warehouse
from catalog.models import AliasKind, Check, Dataset, Source, Warehouse
from tests.catalog.contents import DATA, LATER, NOW, bake, contents, dataset

pytestmark = pytest.mark.django_db

CONTRACT = DATA / "contract.yaml"


@pytest.fixture
def bakery(tmp_path: Path) -> Warehouse:
    """The bakery's warehouse, described."""
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)
    return warehouse


def changed(folder: Path, old: str, new: str) -> Path:
    """The contract with one thing written differently."""
    path = folder / "contract.yaml"
    text = CONTRACT.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_a_contract_describes_the_table_it_names(bakery: Warehouse) -> None:
    report = import_odcs(CONTRACT, now=NOW)

    sales = dataset("raw.sales")
    assert (sales.title, sales.tags) == ("Receipts", ["till"])
    assert sales.description == "Every receipt of every till.\n\nRevenue reports."
    assert (sales.freshness_column, str(sales.freshness_within)) == ("sold_at", "6:00:00")
    assert sales.columns.get(name="cents").tags == ["restricted"]
    assert sales.contacts.get().email == "bo@bakery.example"
    assert sales.aliases.filter(
        kind=AliasKind.CONTRACT, namespace="till-sales", value="sales"
    ).exists()
    assert any("colour" in note for note in report.notes)


def test_a_table_in_no_warehouse_is_noted_and_not_made(bakery: Warehouse) -> None:
    report = import_odcs(CONTRACT, now=NOW)

    assert "No warehouse has a table nowhere; it was left out." in report.notes
    assert Dataset.objects.count() == 6


def test_its_quality_rules_are_checks(bakery: Warehouse) -> None:
    import_odcs(CONTRACT, now=NOW)

    kinds = Check.objects.values_list("column_name", "definition__kind")
    assert set(kinds) == {
        ("", "rowCount"),
        ("id", "not_null"),
        ("id", "unique"),
        ("cents", "not_null"),
        ("cents", "sql"),
    }


def test_a_second_run_changes_no_row(bakery: Warehouse) -> None:
    import_odcs(CONTRACT, now=NOW)
    before = contents()

    report = import_odcs(CONTRACT, now=LATER)

    assert contents() == before
    assert (report.added, report.changed) == (0, 0)


def test_a_contract_is_stronger_than_the_warehouse_and_weaker_than_a_person(
    bakery: Warehouse,
) -> None:
    provenance.say(dataset("raw.sales"), "title", "Ours", source=Source.PERSON, now=NOW)

    import_odcs(CONTRACT, now=NOW)

    assert dataset("raw.sales").title == "Ours"
    assert dataset("raw.sales").description.startswith("Every receipt")


def test_a_table_the_contract_drops_loses_its_claims(bakery: Warehouse, tmp_path: Path) -> None:
    import_odcs(CONTRACT, now=NOW)

    import_odcs(changed(tmp_path, "physicalName: sales", "physicalName: vanished"), now=LATER)
    still = dataset("raw.sales").title
    import_odcs(
        changed(tmp_path, "- name: sales\n    physicalName: sales", "- name: gone"), now=LATER
    )

    # The contract's own name for the table is remembered; only giving that up lets go of it.
    assert still == "Receipts"
    assert dataset("raw.sales").title == ""
    assert not Check.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ("kind: DataContract", "kind: DataProduct", "kind", "DataContract"),
        ("apiVersion: v3.1.0", "apiVersion: v2.2.2", "apiVersion", "ODCS 3"),
        ("id: till-sales", "id:", "id", "text"),
        ("- name: sales\n", "- title: sales\n", "schema[0].name", "text"),
        ("tags: [till]", "tags: 5", "schema[0].tags", "a list"),
        ("schema:\n", "schema: [\n", "line", "YAML"),
    ],
)
def test_a_broken_contract_is_named_and_changes_nothing(
    bakery: Warehouse, tmp_path: Path, old: str, new: str, where: str, expected: str
) -> None:
    before = contents()

    with pytest.raises(BrokenFile) as refused:
        import_odcs(changed(tmp_path, old, new), now=NOW)

    assert where in refused.value.where
    assert expected in refused.value.expected
    assert contents() == before
