"""The history of the words about a dataset: who said what, and nothing a reader may not know of."""

import pytest

from catalog import search
from catalog.edits import difference, history
from catalog.models import Dataset, FieldChange, Source, Visibility
from tests.datasets import NOW, make_dataset


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "a b"),
        ("a b", ""),
        ("one two three", "one 2 three"),
        ("a\nb\n", "a\nc\n"),
        ("  x", "x  "),
    ],
)
def test_a_difference_puts_both_texts_together_again(old: str, new: str) -> None:
    stretches = difference(old, new)

    assert "".join(part.text for part in stretches if part.change != "added") == old
    assert "".join(part.text for part in stretches if part.change != "removed") == new


@pytest.mark.django_db
def test_history_tells_who_said_what_when_newest_first() -> None:
    orders = make_dataset(columns=["email"])
    column = orders.columns.get()
    for old, new in (
        (None, "One row per order."),
        ("One row per order.", "One row per paid order."),
    ):
        FieldChange.objects.create(dataset=orders, column=column, field="description", source=Source.PERSON,
                                   old=old, new=new, said_by="Ana Ruiz", changed_at=NOW)  # fmt: skip

    newest, oldest = history(orders)

    assert (newest.column, newest.said_by, newest.source_label) == ("email", "Ana Ruiz", "Person")
    assert [part.text for part in newest.stretches if part.change == "added"] == ["paid "]
    assert oldest.old is None


@pytest.mark.django_db
def test_history_leaves_out_the_name_of_a_hidden_successor() -> None:
    orders = make_dataset()
    hidden = make_dataset("hr.zebrafish", visibility=Visibility.HIDDEN)
    FieldChange.objects.create(dataset=orders, field="successor", source=Source.PERSON, old=None,
                               new=hidden.name, changed_at=NOW)  # fmt: skip

    listed = Dataset.objects.filter(visibility=Visibility.LISTED)

    assert "zebrafish" not in repr(history(orders, visible=listed))
    assert history(orders, visible=Dataset.objects.all())[0].new == hidden.name


@pytest.mark.django_db
def test_history_withholds_sql_that_names_a_hidden_dataset() -> None:
    orders = make_dataset()
    make_dataset("hr.zebrafish", visibility=Visibility.HIDDEN)
    sql = "select count(*) from hr.zebrafish"
    FieldChange.objects.create(dataset=orders, field="definition", source=Source.DBT, old="select 1",
                               new=sql, changed_at=NOW)  # fmt: skip
    search.refresh()
    listed = Dataset.objects.filter(visibility=Visibility.LISTED)

    (edit,) = history(orders, visible=listed)

    assert edit.is_withheld
    assert "zebrafish" not in repr(edit)
    assert history(orders, visible=Dataset.objects.all())[0].new == sql
