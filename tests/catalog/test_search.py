"""Search: names first, then words, then guesses; counted, paged and explained."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import search
from catalog.models import Alias, Dataset, SearchMiss, SearchWord
from catalog.search import Filters, SearchPage, Tier
from tests.datasets import NOW, make_dataset, make_domain

pytestmark = pytest.mark.django_db


def everything() -> QuerySet[Dataset]:
    return Dataset.objects.all()


def ask(query: str, **options: Any) -> SearchPage:
    return search.search(everything(), query, now=NOW, **options)


def names(page: SearchPage) -> list[str]:
    return [hit.dataset.name.removeprefix("wh.") for hit in page.hits]


@pytest.fixture
def shop() -> dict[str, Dataset]:
    """A small company's tables, with the neighbours that mislead a search."""
    commerce = make_domain("commerce", "Commerce")
    people = make_domain("people", "People")
    tables: list[dict[str, Any]] = [
        {"name": "sales.customers", "title": "Customers", "domain": commerce, "tags": ["pii"],
         "columns": {"customer_id": "", "email": "Where we write to", "customerLifetimeValue": ""},
         "description": "One row per customer.", "contacts": ["Olga Owner"]},
        {"name": "sales.orders", "title": "Orders", "domain": commerce, "popularity": 3,
         "columns": ["order_id", "customer_id", "amount"], "description": "Every order a customer placed."},
        {"name": "staging.stg_orders", "columns": ["order_id"], "description": "Orders as the shop sends them."},
        {"name": "sales.order_items", "title": "Order items", "columns": ["order_id", "sku"], "domain": commerce},
        {"name": "marts.customer_orders", "popularity": 900, "columns": ["customer_id", "n_orders"],
         "description": "Customers, customers, customers and their orders."},
        {"name": "marts.churn", "title": "Monthly churn", "columns": ["month"], "popularity": 40,
         "description": "How many subscribers leave each month."},
        {"name": "finance.fct_revenue", "title": "Revenue", "columns": ["day", "revenue_eur"],
         "description": "Revenue per day, in euro."},
        {"name": "finance.revenue_old", "title": "Revenue until 2023", "deprecated_at": NOW, "columns": ["day"],
         "description": "Revenue per day, in dollars."},
        {"name": "hr.employees", "title": "Employees", "domain": people, "sensitivity": "restricted",
         "columns": ["employee_id", "salary"], "description": "People who work here."},
        {"name": "events.WebSessions", "title": "Web sessions", "columns": ["sessionId"]},
    ]  # fmt: skip
    made = {table["name"]: make_dataset(**table) for table in tables}
    search.refresh()
    return made


GOLDEN = [
    ("customers", "sales.customers"),
    ("Customers", "sales.customers"),
    ("sales.customers", "sales.customers"),
    ("wh.sales.customers", "sales.customers"),
    ('"sales"."customers"', "sales.customers"),
    ("WH.SALES.CUSTOMERS", "sales.customers"),
    ("orders", "sales.orders"),
    ("stg_orders", "staging.stg_orders"),
    ("stg orders", "staging.stg_orders"),
    ("order items", "sales.order_items"),
    ("orderItems", "sales.order_items"),
    ("orderitems", "sales.order_items"),
    ("customerLifetimeValue", "sales.customers"),
    ("customer_lifetime_value", "sales.customers"),
    ("lifetime value", "sales.customers"),
    ("web sessions", "events.WebSessions"),
    ("websessions", "events.WebSessions"),
    ("monthly churn", "marts.churn"),
    ("subscriber", "marts.churn"),
    ("revenue", "finance.fct_revenue"),
    ("revenue per day", "finance.fct_revenue"),
    ("salaries", "hr.employees"),
    ("employe", "hr.employees"),
    ("olga", "sales.customers"),
    ("pii", "sales.customers"),
    ("custmers", "sales.customers"),
    ("revneue", "finance.fct_revenue"),
    ("chrun", "marts.churn"),
    ("salary of banana", "hr.employees"),
]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("query", "expected"), GOLDEN)
def test_the_dataset_that_is_meant_comes_first(query: str, expected: str) -> None:
    assert names(ask(query))[0] == expected


@pytest.mark.usefixtures("shop")
def test_the_very_name_comes_first_however_much_weighs_against_it() -> None:
    Dataset.objects.filter(name="wh.sales.customers").update(deprecated_at=NOW, missing_at=NOW)

    page = ask("customers")

    assert names(page)[:2] == ["sales.customers", "marts.customer_orders"]
    assert [hit.tier for hit in page.hits[:2]] == [Tier.NAME, Tier.EVERY_WORD]


@pytest.mark.usefixtures("shop")
def test_what_begins_with_the_query_comes_before_what_mentions_it() -> None:
    page = ask("custom")

    tiers = [hit.tier for hit in page.hits]
    assert tiers == sorted(tiers)
    assert tiers[0] == Tier.NAME_STARTS


@pytest.mark.usefixtures("shop")
def test_an_alias_is_a_name_too(shop: dict[str, Dataset]) -> None:
    orders = shop["sales.orders"]
    Alias.objects.create(dataset=orders, kind="dbt", namespace="wh", value="model.shop.orders_v2")
    search.refresh([orders.pk])

    page = ask("model.shop.orders_v2")

    assert names(page) == ["sales.orders"]
    assert page.hits[0].tier == Tier.NAME


@pytest.mark.usefixtures("shop")
def test_deprecated_comes_after_its_equals() -> None:
    found = names(ask("revenue day"))

    assert found.index("finance.fct_revenue") < found.index("finance.revenue_old")


@pytest.mark.usefixtures("shop")
def test_use_moves_equals_and_not_more() -> None:
    twins = [make_dataset(f"lab.{name}", description="ozone readings") for name in ("a", "b")]
    search.refresh([twin.pk for twin in twins])
    search.set_popularity({twins[1].pk: 50})

    assert names(ask("ozone")) == ["lab.b", "lab.a"]


@pytest.mark.usefixtures("shop")
def test_a_slip_is_mended_and_said() -> None:
    page = ask("custmers")

    assert (page.searched, page.is_corrected) == ("customers", True)
    assert page.corrections[0] == "customers"
    assert not SearchMiss.objects.exists()


@pytest.mark.usefixtures("shop")
def test_a_word_that_some_dataset_has_is_never_corrected() -> None:
    page = ask("order")

    assert not page.is_corrected
    assert page.corrections == ()


@pytest.mark.usefixtures("shop")
def test_one_wrong_word_of_three_still_finds_and_is_recorded_as_a_gap() -> None:
    page = ask("monthly churn zzyzx")

    assert names(page)[0] == "marts.churn"
    assert page.is_loose
    assert list(SearchMiss.objects.values_list("query", "n_times")) == [("monthly churn zzyzx", 1)]


@pytest.mark.usefixtures("shop")
def test_the_same_gap_is_counted_and_not_listed_twice() -> None:
    for query in ("Warp drives", "warp  drives", "warp drives"):
        ask(query)

    assert list(SearchMiss.objects.values_list("query", "n_times")) == [("warp drives", 3)]


@pytest.mark.usefixtures("shop")
def test_a_query_that_filters_empty_is_no_gap_in_the_catalog() -> None:
    page = ask("salary", filters=Filters(domain=("commerce",)))

    assert (page.hits, page.n_capped, page.is_loose) == ((), 0, False)
    assert not SearchMiss.objects.exists()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "query", ["!!!", "'", "a & !b | (c", "%", "\\", ":*", "\x00", "' OR 1=1 --", "é" * 300]
)
def test_no_query_breaks_the_search(query: str) -> None:
    assert ask(query).next is None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=40))
def test_any_text_is_a_query(shop: dict[str, Dataset], query: str) -> None:
    page = ask(query)

    assert page.n_capped >= len(page.hits)


@pytest.mark.usefixtures("shop")
def test_facets_count_the_hits_and_a_choice_keeps_its_alternatives() -> None:
    page = ask("", filters=Filters(domain=("people",)))

    facets = {
        facet.name: {value.value: (value.n, value.is_chosen) for value in facet.values}
        for facet in page.facets
    }
    assert names(page) == ["hr.employees"]
    assert facets["domain"] == {"commerce": (3, False), "people": (1, True)}
    assert facets["sensitivity"] == {"restricted": (1, False)}


def test_a_choice_stays_in_sight_when_many_others_count_more() -> None:
    for number in range(25):
        for copy in range(2):
            make_dataset(f"a.t{number}_{copy}", tags=[f"tag{number}"])
    make_dataset("a.rare", tags=["rare"])
    search.refresh()

    tags = next(f for f in ask("", filters=Filters(tag=("rare",))).facets if f.name == "tag")

    assert len(tags.values) == 21
    assert [value.value for value in tags.values if value.is_chosen] == ["rare"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(tag=("pii",)), ["sales.customers"]),
        (Filters(owner=("Olga Owner",)), ["sales.customers"]),
        (Filters(sensitivity=("restricted", "public")), ["hr.employees"]),
        (Filters(warehouse=("other",)), []),
        (Filters(domain=("commerce",), tag=("pii",)), ["sales.customers"]),
    ],
    ids=["tag", "owner", "sensitivity", "warehouse", "two"],
)
def test_filters_narrow(filters: Filters, expected: list[str]) -> None:
    assert names(ask("", filters=filters)) == expected


def test_freshness_is_a_facet_by_the_promise_of_each_dataset() -> None:
    day = timedelta(days=1)
    for name, age in (("fresh", day), ("stale", day + timedelta(seconds=1))):
        make_dataset(f"a.{name}", freshness_within=day, data_updated_at=NOW - age)
    make_dataset("a.unpromised", data_updated_at=NOW)
    search.refresh()

    counts = {
        value.value: value.n
        for facet in ask("").facets
        if facet.name == "freshness"
        for value in facet.values
    }

    assert counts == {"fresh": 1, "stale": 1, "unknown": 1}
    assert names(ask("", filters=Filters(freshness=("stale",)))) == ["a.stale"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("query", ["", "order", "customer zzyzx"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_give_everything_once_and_in_the_same_order(query: str, limit: int) -> None:
    whole = names(ask(query, limit=100))

    paged: list[str] = []
    page = ask(query, limit=limit)
    while True:
        paged += names(page)
        if page.next is None:
            break
        page = ask(query, limit=limit, cursor=page.next)

    assert paged == whole
    assert len(paged) > 3 or query == "customer zzyzx"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "bnVsbA", "WzEsMl0", "WyJhIiwiYiIsMV0", "W1tbW1tb" * 50, "é"]
)
def test_a_cursor_that_nobody_gave_is_refused_in_words(cursor: str) -> None:
    with pytest.raises(search.BadCursor, match="first page"):
        ask("order", cursor=cursor)


@pytest.mark.usefixtures("shop")
def test_browsing_puts_the_most_used_first_and_the_past_last() -> None:
    found = names(ask("", limit=100))

    assert found[0] == "marts.customer_orders"
    assert found[-1] == "finance.revenue_old"


@pytest.mark.usefixtures("shop")
def test_a_hit_says_why_as_pieces_of_text() -> None:
    hit = next(hit for hit in ask("email").hits if hit.dataset.name == "wh.sales.customers")

    assert ["".join(piece.text for piece in column) for column in hit.columns] == ["email"]
    assert hit.snippet is not None
    assert all("<" not in piece.text for piece in hit.snippet.pieces)


def test_a_snippet_is_the_words_of_the_markdown_around_the_hit() -> None:
    make_dataset(
        description=f"{'Intro words. ' * 40}The **needle** is [here](https://x.example). {'Outro. ' * 40}"
    )
    search.refresh()

    snippet = ask("needle").hits[0].snippet

    assert snippet is not None
    text = "".join(piece.text for piece in snippet.pieces)
    assert "The needle is here." in text
    assert [piece.text for piece in snippet.pieces if piece.is_hit] == ["needle"]
    assert len(text) < 220


@pytest.mark.usefixtures("shop")
def test_suggestions_answer_each_key_press() -> None:
    typed = {
        start: [hit.dataset.table_name for hit in search.suggest(everything(), start)]
        for start in ("c", "cu", "ord", "")
    }

    assert {"customers", "churn", "customer_orders"} <= set(typed["c"])
    assert typed["cu"][:2] == ["customer_orders", "customers"]
    assert typed["ord"][:2] == ["orders", "order_items"]
    assert typed[""] == []


@pytest.mark.usefixtures("shop")
def test_refreshing_again_changes_nothing() -> None:
    assert search.refresh() == 0
    assert search.refresh(list(Dataset.objects.values_list("pk", flat=True))) == 0


@pytest.mark.usefixtures("shop")
def test_words_are_counted_as_datasets_change(shop: dict[str, Dataset]) -> None:
    def counted() -> dict[str, int]:
        return dict(SearchWord.objects.filter(n_datasets__gt=0).values_list("word", "n_datasets"))

    before = counted()
    churn = Dataset.objects.filter(pk=shop["marts.churn"].pk)
    churn.update(description="Ozone over Greenland.")

    search.refresh([shop["marts.churn"].pk])

    after = counted()
    assert after["ozone"] == after["greenland"] == 1
    assert "subscriber" in before
    assert "subscriber" not in after
    search.refresh()
    assert counted() == after


@pytest.mark.usefixtures("shop")
def test_a_removed_column_is_not_found(shop: dict[str, Dataset]) -> None:
    shop["hr.employees"].columns.filter(name="salary").update(removed_at=NOW)
    search.refresh([shop["hr.employees"].pk])

    assert names(ask("salary")) == []


def test_a_very_wide_table_is_searchable() -> None:
    make_dataset(columns={f"measure_{number}": "reading " * 20 for number in range(2_000)})
    search.refresh()

    assert names(ask("measure_1999")) == ["sales.orders"]


@pytest.mark.usefixtures("shop")
def test_popularity_is_set_for_all_at_once(shop: dict[str, Dataset]) -> None:
    changed = search.set_popularity({shop["hr.employees"].pk: 7})

    used = dict(Dataset.objects.exclude(popularity=0).values_list("name", "popularity"))
    assert used == {"wh.hr.employees": 7}
    assert changed == 4
    assert search.set_popularity({shop["hr.employees"].pk: 7}) == 0


@pytest.mark.usefixtures("shop")
def test_a_search_costs_a_few_statements_however_much_it_finds(
    django_assert_max_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(5):
        ask("order")
    with django_assert_max_num_queries(3):
        search.suggest(everything(), "ord")
