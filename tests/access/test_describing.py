"""People's words: who may write them, what they win over, and how nobody's are lost."""

from typing import Any

import pytest

from access import describing
from access.describing import EditedMeanwhile
from access.errors import Invalid, NotAllowed
from access.models import AuditEvent, Principal
from access.people.permissions import Permission
from catalog import provenance, search
from catalog.edits import history
from catalog.models import Dataset, Source, Visibility
from tests.datasets import NOW, make_dataset, make_domain
from tests.people import make_person, put_in_charge

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders() -> Dataset:
    dataset = make_dataset("sales.orders", columns=["email"])
    provenance.say(dataset, "description", "From dbt.", source=Source.DBT, now=NOW)
    search.refresh()
    return dataset


@pytest.fixture
def steward(orders: Dataset) -> Principal:
    person = make_person("olga", name="Olga Owner")
    put_in_charge(person, orders)
    return person


@pytest.fixture
def outsider() -> Principal:
    return make_person("outsider")


def describe(orders: Dataset, steward: Principal, **what: Any) -> bool:
    return describing.describe(orders, actor=steward, now=NOW, **what)


def shown(orders: Dataset) -> Dataset:
    return Dataset.objects.get(pk=orders.pk)


def kinds() -> list[str]:
    return list(
        AuditEvent.objects.filter(kind__startswith="dataset.")
        .order_by("id")
        .values_list("kind", flat=True)
    )


def test_a_stewards_words_win_over_every_import(orders: Dataset, steward: Principal) -> None:
    assert describe(orders, steward, field="description", value="One row per **paid** order.")

    provenance.say(orders, "description", "dbt again", source=Source.DBT, now=NOW)

    assert shown(orders).description == "One row per **paid** order."


def test_an_edit_is_found_at_once_and_told_in_history_and_audit(
    orders: Dataset, steward: Principal
) -> None:
    describe(orders, steward, field="description", value="Quixotic orders.")

    page = search.search(Dataset.objects.all(), "quixotic", now=NOW)
    event = AuditEvent.objects.get(kind="dataset.described")
    assert [hit.dataset for hit in page.hits] == [orders]
    assert history(orders)[0].said_by == "Olga Owner"
    assert (event.actor, event.dataset) == (steward, orders.name)
    assert (event.data["old"], event.data["new"]) == ("From dbt.", "Quixotic orders.")


def test_a_column_is_described_too(orders: Dataset, steward: Principal) -> None:
    describe(orders, steward, field="description", value="Where we write to", column="email")

    assert orders.columns.get().description == "Where we write to"
    assert shown(orders).description == "From dbt."


def test_saying_the_same_again_leaves_no_trace(orders: Dataset, steward: Principal) -> None:
    for _ in range(2):
        describe(orders, steward, field="title", value="Orders")

    assert kinds() == ["dataset.described"]


def test_an_edit_on_an_older_text_is_refused_and_brings_the_newer_one(
    orders: Dataset, steward: Principal
) -> None:
    describe(orders, steward, field="description", value="Ana was first.", expected="From dbt.")

    with pytest.raises(EditedMeanwhile) as conflict:
        describe(orders, steward, field="description", value="Bo was second.", expected="From dbt.")

    assert (conflict.value.current, conflict.value.yours) == ("Ana was first.", "Bo was second.")
    assert (conflict.value.status, conflict.value.code) == (409, "edited_meanwhile")
    assert shown(orders).description == "Ana was first."


def test_line_ends_of_a_browser_are_no_edit(orders: Dataset, steward: Principal) -> None:
    describe(orders, steward, field="description", value="a\nb")

    assert not describe(orders, steward, field="description", value="a\r\nb", expected="a\r\nb")
    assert describe(orders, steward, field="description", value="a\r\nc", expected="a\r\nb\r\n")


def test_letting_go_shows_the_next_source(orders: Dataset, steward: Principal) -> None:
    describe(orders, steward, field="description", value="Mine")

    assert describing.release(orders, actor=steward, field="description", now=NOW)

    assert shown(orders).description == "From dbt."
    assert kinds() == ["dataset.described", "dataset.released"]
    assert not describing.release(orders, actor=steward, field="description", now=NOW)


VERBS = {
    "describe": lambda orders, actor: describe(orders, actor, field="title", value="Mine"),
    "describe column": lambda orders, actor: describe(
        orders, actor, field="description", value="Mine", column="email"
    ),
    "release": lambda orders, actor: describing.release(
        orders, actor=actor, field="title", now=NOW
    ),
    "deprecate": lambda orders, actor: describing.deprecate(
        orders, actor=actor, note="Old.", now=NOW
    ),
    "undeprecate": lambda orders, actor: describing.undeprecate(orders, actor=actor, now=NOW),
    "hide": lambda orders, actor: describe(orders, actor, field="visibility", value="hidden"),
    "lower": lambda orders, actor: describe(orders, actor, field="sensitivity", value="public"),
    "move": lambda orders, actor: describe(orders, actor, field="domain", value="commerce"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_an_outsider_changes_nothing(orders: Dataset, outsider: Principal, verb: str) -> None:
    make_domain("commerce")

    with pytest.raises(NotAllowed, match=r"[Ss]teward"):
        VERBS[verb](orders, outsider)

    assert kinds() == []


@pytest.mark.parametrize("verb", ["hide", "lower", "move"])
def test_describing_alone_does_not_move_who_may_know_or_decide(
    orders: Dataset, outsider: Principal, verb: str
) -> None:
    make_domain("commerce")
    put_in_charge(outsider, orders, Permission.DESCRIBE)

    with pytest.raises(NotAllowed):
        VERBS[verb](orders, outsider)

    assert describe(orders, outsider, field="title", value="Orders")


@pytest.mark.parametrize("verb", ["hide", "lower", "move"])
def test_a_deciding_steward_may(orders: Dataset, steward: Principal, verb: str) -> None:
    make_domain("commerce")

    assert VERBS[verb](orders, steward)


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"field": "definition", "value": "select 1"}, "field"),
        ({"field": "nonsense", "value": "x"}, "field"),
        ({"field": "title", "value": "x", "column": "email"}, "field"),
        ({"field": "description", "value": "x", "column": "gone"}, "column"),
        ({"field": "sensitivity", "value": "cosmic"}, "sensitivity"),
        ({"field": "title", "value": "x" * 201}, "title"),
        ({"field": "tags", "value": "pii"}, "tags"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_field(
    orders: Dataset, steward: Principal, what: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        describe(orders, steward, **what)

    assert refusal.value.field == field
    assert kinds() == []


def test_deprecating_warns_and_names_what_to_use(orders: Dataset, steward: Principal) -> None:
    make_dataset("sales.orders_v2")

    describing.deprecate(
        orders, actor=steward, note="Use v2.", successor="wh.sales.orders_v2", now=NOW
    )

    deprecated = shown(orders)
    assert (deprecated.deprecated_at, deprecated.deprecation_note) == (NOW, "Use v2.")
    assert deprecated.successor is not None
    assert kinds() == ["dataset.deprecated"]


def test_a_warning_is_taken_back_whoever_gave_it(orders: Dataset, steward: Principal) -> None:
    provenance.say(
        orders,
        "deprecated",
        {"at": NOW.isoformat(), "note": "dbt says"},
        source=Source.DBT,
        now=NOW,
    )

    assert describing.undeprecate(orders, actor=steward, now=NOW)

    assert shown(orders).deprecated_at is None
    assert not describing.undeprecate(orders, actor=steward, now=NOW)
    assert kinds() == ["dataset.undeprecated"]


@pytest.mark.parametrize("successor", ["wh.hr.salaries", "wh.no.such", "wh.sales.orders"])
def test_a_successor_that_the_steward_may_not_know_is_as_absent_as_one_that_is_not(
    orders: Dataset, steward: Principal, successor: str
) -> None:
    make_dataset("hr.salaries", visibility=Visibility.HIDDEN)

    with pytest.raises(Invalid, match="There is no other dataset"):
        describing.deprecate(orders, actor=steward, note="Use that.", successor=successor, now=NOW)


def test_deprecating_needs_a_reason(orders: Dataset, steward: Principal) -> None:
    with pytest.raises(Invalid, match="why"):
        describing.deprecate(orders, actor=steward, note="  ", now=NOW)
