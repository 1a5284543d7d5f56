"""Nothing hidden comes out of finding: not a name, not a count, not a change of order.

The outsider's world is asked every question twice, without the hidden datasets and with them. The answers must be
the same to the letter; lineage alone may count what it does not name.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from access.discovery import discoverable_by
from access.models import Principal
from catalog import edits, lineage, search
from catalog.models import Alias, Dataset, FieldChange, Source, Visibility
from catalog.search import Filters, SearchPage
from tests.datasets import (
    NOW,
    make_column_edge,
    make_dataset,
    make_domain,
    make_edge,
    make_exposure,
)
from tests.people import make_person

pytestmark = pytest.mark.django_db

MARKER = "zebrafish"
# Words of the hidden datasets, beginnings of them, slips of them, and words that both worlds share.
QUERIES = [
    "", MARKER, "zebra", "zebrafihs", "zebrafis", "wh.hidden.zebrafish_plan", "zebrafish_plan", "ZebraFish", "zebrafish owner",
    "zebrafish@example.com", "model.shop.zebrafish", "order", "orders", "customer", "customer orders", "custmer",
    "revenue zebrafish", "revenue customer zebrafish", "ordres", "order zebrafsh amount", "salary", "secretdomain", "z", "o",
]  # fmt: skip
FILTERS = [
    Filters(),
    Filters(tag=(MARKER,)),
    Filters(domain=("secretdomain",)),
    Filters(owner=("Zebrafish Owner",)),
    Filters(sensitivity=("restricted",)),
    Filters(freshness=("stale", "unknown")),
]


@pytest.fixture
def outsider() -> Principal:
    return make_person("outsider")


@pytest.fixture
def world() -> dict[str, Dataset]:
    """What everybody may know."""
    commerce = make_domain("commerce")
    rows: list[dict[str, Any]] = [
        {"name": "sales.orders", "columns": ["order_id", "amount"], "description": "Every order a customer placed.",
         "domain": commerce, "contacts": ["Olga Owner"], "tags": ["core"]},
        {"name": "sales.customers", "columns": ["customer_id"], "description": "One row per customer.", "popularity": 4},
        {"name": "marts.customer_orders", "columns": ["n_orders"], "description": "Orders of each customer."},
        {"name": "marts.revenue", "columns": ["revenue"], "description": "Revenue per customer and order."},
    ]  # fmt: skip
    made = {row["name"]: make_dataset(**row) for row in rows}
    make_edge(made["sales.orders"], made["marts.customer_orders"])
    make_exposure("weekly", made["marts.revenue"])
    search.refresh()
    return made


def hide_a_zebrafish(world: dict[str, Dataset]) -> None:
    """Adds hidden datasets that carry the marker everywhere, stand in the middle of everything and are used by all."""
    for number in range(3):
        hidden = make_dataset(
            f"hidden.zebrafish_plan{number or ''}",
            title=f"Zebrafish customer orders {number}",
            description="The zebrafish revenue of every customer order, salary included. " * 3,
            columns={"zebrafish_id": "zebrafish", "customer_amount": "custmer ordres"},
            contacts=["Zebrafish Owner"],
            domain=make_domain("secretdomain", "Zebrafish domain"),
            tags=[MARKER, "core"],
            sensitivity="restricted",
            visibility=Visibility.HIDDEN,
            popularity=1_000,
            data_updated_at=NOW - timedelta(days=9),
            freshness_within=timedelta(days=1),
        )
        Alias.objects.create(
            dataset=hidden, kind="dbt", namespace="wh", value=f"model.shop.zebrafish{number}"
        )
        make_edge(world["sales.orders"], hidden)
        make_edge(hidden, world["marts.revenue"])
        make_exposure(f"zebrafish_board{number}", hidden, owner_name="Zebrafish Owner")
        make_column_edge((world["sales.orders"], "amount"), (hidden, "customer_amount"))
        make_column_edge((hidden, "customer_amount"), (world["marts.revenue"], "revenue"))
    Dataset.objects.filter(pk=world["sales.customers"].pk).update(successor=hidden)
    FieldChange.objects.create(dataset=world["sales.customers"], field="successor", source=Source.PERSON,
                               new=hidden.name, changed_at=NOW)  # fmt: skip
    search.refresh()


def asked_of_search(outsider: Principal) -> Iterator[tuple[object, ...]]:
    visible = discoverable_by(outsider)
    for query in QUERIES:
        for filters in FILTERS if query in ("", "order") else FILTERS[:1]:
            page = search.search(visible, query, filters=filters, limit=2, now=NOW)
            yield (query, filters, *flat(page))
            if page.next:
                further = search.search(visible, query, filters=filters, cursor=page.next, now=NOW)
                yield (query, filters, *flat(further))
        yield (
            query,
            [asdict(piece) for hit in search.suggest(visible, query) for piece in hit.label],
        )


def flat(page: SearchPage) -> tuple[object, ...]:
    hits = [(hit.dataset.name, hit.tier, hit.label, hit.snippet, hit.columns) for hit in page.hits]
    return (hits, page.facets, page.n_capped, page.is_capped, page.next, page.searched, page.corrections,
            page.is_corrected, page.is_loose)  # fmt: skip


def test_search_answers_an_outsider_as_if_nothing_hidden_existed(
    outsider: Principal, world: dict[str, Dataset]
) -> None:
    before = list(asked_of_search(outsider))

    hide_a_zebrafish(world)

    after = list(asked_of_search(outsider))
    assert after == before
    assert any(hits for _, _, hits, *_ in (row for row in before if len(row) > 2))


def test_the_same_questions_do_find_it_for_somebody_who_may_know(
    world: dict[str, Dataset],
) -> None:
    root = make_person("root", administrator=True)
    hide_a_zebrafish(world)

    page = search.search(discoverable_by(root), "zebrafihs", now=NOW)

    assert page.corrections == (MARKER,)
    assert len(page.hits) == 3
    assert MARKER in repr(page.facets)


def test_lineage_counts_what_is_hidden_and_never_names_it(
    outsider: Principal, world: dict[str, Dataset]
) -> None:
    hide_a_zebrafish(world)
    visible = discoverable_by(outsider)

    for dataset in world.values():
        answers = [
            lineage.neighbourhood(dataset, visible=visible, depth=5, columns=True),
            lineage.impact(dataset, visible=visible),
            *(
                lineage.column_path(dataset, column.name, visible=visible)
                for column in dataset.columns.all()
            ),
            edits.history(dataset, visible=visible),
        ]
        assert MARKER not in repr(answers).lower()

    graph = lineage.neighbourhood(world["sales.orders"], visible=visible, depth=5)
    assert graph.n_hidden.downstream == 3
    assert "dataset:wh.marts.revenue" in {node.key for node in graph.nodes}


def test_sql_that_reads_a_hidden_table_is_withheld_from_an_outsider(
    outsider: Principal, world: dict[str, Dataset]
) -> None:
    hide_a_zebrafish(world)

    sql = "select sum(customer_amount) from hidden.zebrafish_plan"

    assert lineage.readable_sql(sql, visible=discoverable_by(outsider)) == ""
