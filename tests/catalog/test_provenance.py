"""Provenance: sources never overwrite each other, the strongest shows, a person's word wins until released."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import provenance
from catalog.errors import InvalidValue, UnknownName
from catalog.models import Dataset, FieldChange, FieldValue, Source
from catalog.provenance import STRENGTH, Saying, release, say, say_all, sayings
from tests.catalog.contents import LATER, NOW, contents
from tests.datasets import make_dataset, make_domain

pytestmark = pytest.mark.django_db


def shown(dataset: Dataset, field: str = "description") -> object:
    return Dataset.objects.values_list(field, flat=True).get(pk=dataset.pk)


def test_a_persons_word_wins_over_every_import() -> None:
    dataset = make_dataset()
    say(dataset, "description", "Ours.", source=Source.PERSON, now=NOW, said_by="Ana")

    say(dataset, "description", "From dbt.", source=Source.DBT, now=LATER)

    assert shown(dataset) == "Ours."


def test_what_an_import_says_instead_is_kept_as_a_conflict() -> None:
    dataset = make_dataset()
    say(dataset, "description", "Ours.", source=Source.PERSON, now=NOW, said_by="Ana")
    say(dataset, "description", "From dbt.", source=Source.DBT, now=LATER)

    (story,) = sayings(dataset)

    assert (story.effective.source, story.effective.said_by) == (Source.PERSON, "Ana")
    assert [(said.source, said.value) for said in story.conflicts] == [(Source.DBT, "From dbt.")]


def test_agreeing_is_no_conflict() -> None:
    dataset = make_dataset()
    for source in (Source.PERSON, Source.DBT):
        say(dataset, "description", "Same.", source=source, now=NOW)

    assert sayings(dataset)[0].conflicts == ()


def test_releasing_shows_the_next_source_again() -> None:
    dataset = make_dataset()
    say(dataset, "description", "From dbt.", source=Source.DBT, now=NOW)
    say(dataset, "description", "Ours.", source=Source.PERSON, now=NOW)

    assert release(dataset, "description", now=LATER)

    assert shown(dataset) == "From dbt."
    assert not release(dataset, "description", now=LATER)


def test_a_person_may_insist_on_nothing() -> None:
    dataset = make_dataset()
    say(dataset, "description", "From dbt.", source=Source.DBT, now=NOW)

    say(dataset, "description", "", source=Source.PERSON, now=NOW)

    assert shown(dataset) == ""


def test_releasing_believes_the_database_and_not_an_old_object() -> None:
    dataset = make_dataset()
    say(dataset, "description", "From dbt.", source=Source.DBT, now=NOW)
    old = Dataset.objects.get(pk=dataset.pk)
    say(dataset, "description", "Ours.", source=Source.PERSON, now=NOW)

    release(old, "description", now=LATER)

    assert shown(dataset) == "From dbt."


def test_every_change_is_history() -> None:
    dataset = make_dataset()
    say(dataset, "title", "One", source=Source.PERSON, now=NOW, said_by="Ana")
    say(dataset, "title", "Two", source=Source.PERSON, now=LATER, said_by="Bo")
    release(dataset, "title", now=LATER, said_by="Bo")

    history = FieldChange.objects.order_by("pk").values_list("old", "new", "said_by")

    assert list(history) == [(None, "One", "Ana"), ("One", "Two", "Bo"), ("Two", None, "Bo")]


def test_saying_the_same_again_writes_nothing() -> None:
    dataset = make_dataset()
    say(dataset, "tags", ["b", "a"], source=Source.DBT, now=NOW)
    before = contents()

    assert not say(dataset, "tags", ["a", "b", "a"], source=Source.DBT, now=LATER)

    assert contents() == before


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(
    st.lists(
        st.tuples(st.sampled_from(STRENGTH), st.none() | st.sampled_from(["a", "b", ""])),
        max_size=12,
    )
)
def test_whatever_is_said_in_whatever_order_the_strongest_source_shows(
    said: list[tuple[Source, str | None]],
) -> None:
    dataset = make_dataset(f"sales.t{Dataset.objects.count()}")
    last: dict[Source, str] = {}
    for source, value in said:
        say(dataset, "description", value, source=source, now=NOW)
        last.pop(source, None)
        if value is not None:
            last[source] = value

    expected = next((last[source] for source in STRENGTH if source in last), "")
    assert shown(dataset) == dataset.description == expected


def test_columns_have_words_and_tags_of_their_own() -> None:
    dataset = make_dataset(columns=["email", "id"])
    email = dataset.columns.get(name="email")

    say(dataset, "tags", ["pii"], source=Source.DBT, now=NOW, column=email)

    assert dataset.columns.get(name="email").tags == ["pii"]
    assert dataset.columns.get(name="id").tags == []
    assert [(story.column, story.field) for story in sayings(dataset)] == [("email", "tags")]


def test_what_a_source_leaves_out_of_everything_it_says_is_withdrawn() -> None:
    dataset = make_dataset(columns=["id"])
    column = dataset.columns.get()
    say(dataset, "title", "Old", source=Source.DBT, now=NOW)
    say(dataset, "description", "Old", source=Source.DBT, now=NOW, column=column)
    say(dataset, "title", "Contract", source=Source.CONTRACT, now=NOW)

    say_all(
        [Saying(dataset, "description", "New")], source=Source.DBT, now=LATER, all_about=[dataset]
    )

    values = FieldValue.objects.values_list("source", "field", "value").order_by("source")
    assert list(values) == [("contract", "title", "Contract"), ("dbt", "description", "New")]
    column.refresh_from_db()
    assert column.description == ""


def test_how_a_table_is_stored_is_the_warehouses_to_say() -> None:
    dataset = make_dataset()
    say(dataset, "kind", "view", source=Source.WAREHOUSE, now=NOW)

    say(dataset, "kind", "table", source=Source.DBT, now=NOW)

    assert shown(dataset, "kind") == "view"


def test_structured_fields_show_as_attributes() -> None:
    dataset, successor = make_dataset(), make_dataset("sales.orders_2")
    domain = make_domain("commerce")
    for field, value in {
        "domain": "commerce",
        "successor": successor.name,
        "deprecated": {"at": "2026-03-01T00:00:00+00:00", "note": "Use orders_2."},
        "freshness": {"column": "at", "within": timedelta(hours=2)},
        "sensitivity": "restricted",
        "visibility": "hidden",
    }.items():
        say(dataset, field, value, source=Source.CONFIGURATION, now=NOW)

    kept = Dataset.objects.get(pk=dataset.pk)

    assert (kept.domain, kept.successor) == (domain, successor)
    assert (kept.deprecation_note, kept.freshness_within) == ("Use orders_2.", timedelta(hours=2))
    assert (kept.sensitivity, kept.visibility) == ("restricted", "hidden")


def test_a_person_takes_back_a_deprecation_that_dbt_declares() -> None:
    dataset = make_dataset()
    told = {"at": "2026-03-01T00:00:00+00:00"}
    say(dataset, "deprecated", told, source=Source.DBT, now=NOW)

    say(dataset, "deprecated", False, source=Source.PERSON, now=NOW)

    assert shown(dataset, "deprecated_at") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("title", "x" * 201),
        ("title", 5),
        ("tags", "pii"),
        ("tags", ["x" * 64]),
        ("sensitivity", "secret"),
        ("deprecated", True),
        ("deprecated", {"at": "soon"}),
        ("deprecated", {"at": "2026-03-01"}),
        ("freshness", {"column": "at", "within": 0}),
        ("freshness", {"column": "at", "within": "1d"}),
    ],
)
def test_a_value_its_field_cannot_take_is_refused_and_nothing_is_kept(
    field: str, value: object
) -> None:
    dataset = make_dataset()

    with pytest.raises(InvalidValue) as refused:
        say(dataset, field, value, source=Source.PERSON, now=NOW)

    assert refused.value.field == field
    assert not FieldValue.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("domain", "nowhere"), ("successor", "wh.a.b")])
def test_a_name_that_leads_nowhere_is_refused(field: str, value: str) -> None:
    with pytest.raises(UnknownName, match=value):
        say(make_dataset(), field, value, source=Source.PERSON, now=NOW)


def test_many_sayings_take_no_more_queries_than_one(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    datasets = [make_dataset(f"sales.t{number}", columns=["a", "b"]) for number in range(30)]
    told = [
        Saying(dataset, "description", "Words.", column)
        for dataset in datasets
        for column in (None, *dataset.columns.all())
    ]

    with django_assert_max_num_queries(14):
        changed = provenance.say_all(told, source=Source.DBT, now=NOW)

    assert len(changed) == 90
