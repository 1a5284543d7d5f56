"""Schema versions: one per change, with a diff a person can read; weaker sources never undo what stronger ones saw."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Column, SchemaVersion, Source
from catalog.versions import ObservedColumn, diff, observe_columns, readable
from tests.catalog.contents import LATER, NOW, contents
from tests.datasets import make_dataset


def shape(*columns: str) -> list[dict[str, Any]]:
    """Columns from words like `id INTEGER` or `id INTEGER not null`."""
    split = [words.split() for words in columns]
    return [{"name": name, "type": kind, "nullable": not rest} for name, kind, *rest in split]


ID = ObservedColumn("id", "INTEGER", is_nullable=False)
NAME = ObservedColumn("name", "VARCHAR", is_nullable=True)

DIFFS = {
    "nothing": (["a INT"], ["a INT"], []),
    "a new column": (["a INT"], ["a INT", "b DATE"], ["b was added (DATE)."]),
    "a column less": (["a INT", "b DATE"], ["a INT"], ["b was removed."]),
    "another type": (["a INT"], ["a BIGINT"], ["a changed from INT to BIGINT."]),
    "no more gaps": (["a INT"], ["a INT not null"], ["a may no longer be empty."]),
    "gaps allowed": (["a INT not null"], ["a INT"], ["a may now be empty."]),
    "one column moved": (
        ["a INT", "b INT", "c INT"],
        ["c INT", "a INT", "b INT"],
        ["c moved from place 3 to place 1."],
    ),
    "a removal moves nobody": (["a INT", "b INT"], ["b INT"], ["a was removed."]),
    "all at once": (
        ["a INT", "b INT"],
        ["c INT", "b TEXT not null"],
        [
            "a was removed.",
            "c was added (INT).",
            "b changed from INT to TEXT.",
            "b may no longer be empty.",
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), DIFFS.values(), ids=DIFFS)
def test_a_diff_reads(old: list[str], new: list[str], expected: list[str]) -> None:
    assert readable(diff(shape(*old), shape(*new))) == expected


@settings(deadline=None)
@given(st.permutations(list("abcdefgh")))
def test_columns_reported_as_moved_are_the_only_ones_out_of_order(order: list[str]) -> None:
    old = shape(*(f"{name} INT" for name in "abcdefgh"))
    moved = {entry["column"] for entry in diff(old, shape(*(f"{name} INT" for name in order)))}

    stayed = [name for name in order if name not in moved]

    assert stayed == sorted(stayed)
    assert (not moved) == (order == sorted(order))


@pytest.mark.django_db
def test_the_first_sight_is_version_one_without_a_diff() -> None:
    dataset = make_dataset()

    version = observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=NOW)

    assert version is not None
    assert (version.number, version.diff, dataset.schema_version) == (1, [], 1)
    kept = dataset.columns.values_list("name", "position", "type", "is_nullable")
    assert list(kept) == [("id", 1, "INTEGER", False), ("name", 2, "VARCHAR", True)]


@pytest.mark.django_db
def test_the_same_sight_again_changes_nothing() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=NOW)
    before = contents()

    assert observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=LATER) is None

    assert contents() == before


@pytest.mark.django_db
def test_a_column_that_goes_away_keeps_its_words_and_comes_back_with_them() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=NOW)
    Column.objects.filter(name="name").update(description="What we call them.")

    observe_columns(dataset, [ID], source=Source.WAREHOUSE, now=LATER)
    assert dataset.columns.get(name="name").removed_at == LATER
    observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=LATER)

    back = dataset.columns.get(name="name")
    assert (back.removed_at, back.description) == (None, "What we call them.")
    assert dataset.versions.count() == 3


@pytest.mark.django_db
def test_a_weaker_source_does_not_redescribe_what_the_warehouse_saw() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ID, NAME], source=Source.WAREHOUSE, now=NOW)

    told = observe_columns(dataset, [ObservedColumn("id", "text")], source=Source.DBT, now=LATER)

    assert told is None
    assert dataset.columns.filter(removed_at=None).count() == 2


@pytest.mark.django_db
def test_a_stronger_source_that_agrees_takes_over_without_a_version() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ObservedColumn("id", "INTEGER")], source=Source.OPENLINEAGE, now=NOW)

    same = ObservedColumn("id", "INTEGER", is_nullable=True)
    assert observe_columns(dataset, [same], source=Source.WAREHOUSE, now=LATER) is None

    assert SchemaVersion.objects.get().source == Source.WAREHOUSE


@pytest.mark.django_db
def test_a_source_that_does_not_know_types_or_gaps_leaves_them_alone() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ID], source=Source.DBT, now=NOW)

    assert observe_columns(dataset, [ObservedColumn("id")], source=Source.DBT, now=LATER) is None

    assert not dataset.columns.get().is_nullable


@pytest.mark.django_db
def test_duckdb_columns_differ_only_in_more_than_case() -> None:
    dataset = make_dataset()
    observe_columns(dataset, [ID], source=Source.WAREHOUSE, now=NOW)

    shouted = [ObservedColumn("ID", "INTEGER", False), ObservedColumn("iD", "TEXT", True)]
    observe_columns(dataset, shouted, source=Source.WAREHOUSE, now=LATER)

    assert [column.name for column in dataset.columns.filter(removed_at=None)] == ["ID"]
