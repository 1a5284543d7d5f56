"""Contacts: whom files name as owner, read from the shapes files use; text only."""

from typing import Any

import pytest

from catalog.contacts import Named, keep_contacts, named_in
from catalog.models import Contact, Source
from tests.datasets import make_dataset


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ana Ruiz", [("Ana Ruiz", "")]),
        ("Ana Ruiz <ana@x.example>", [("Ana Ruiz", "ana@x.example")]),
        ("ana@x.example", [("ana@x.example", "ana@x.example")]),
        ({"name": "Ana", "email": "ana@x.example"}, [("Ana", "ana@x.example")]),
        ({"email": ["a@x.example", "b@x.example"]}, [("a@x.example", "a@x.example")]),
        ({"name": "Ana", "email": "not an address"}, [("Ana", "")]),
        (["Ana", {"name": "Bo"}], [("Ana", ""), ("Bo", "")]),
        (None, []),
        (5, []),
        ("  ", []),
    ],
)
def test_people_are_read_from(value: Any, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in named_in(value)] == expected


@pytest.mark.django_db
def test_each_source_keeps_its_own_contacts() -> None:
    dataset = make_dataset()
    keep_contacts({dataset: [Named("Ana")]}, source=Source.DBT)
    keep_contacts({dataset: [Named("Bo")]}, source=Source.CONTRACT)

    keep_contacts({dataset: [Named("Cleo")]}, source=Source.DBT)

    assert set(Contact.objects.values_list("source", "name")) == {
        ("dbt", "Cleo"),
        ("contract", "Bo"),
    }
