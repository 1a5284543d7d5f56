"""Searching by page and palette: my access beside each hit, choices with addresses, nothing hidden anywhere."""

import pytest
from django.test import Client

from access.models import Principal
from catalog import search
from catalog.models import SearchMiss
from tests.access.lifecycle import granted, stewarded
from tests.datasets import make_dataset, make_domain

pytestmark = pytest.mark.django_db


def found(client: Client, viewer: Principal, address: str) -> str:
    search.refresh()
    client.force_login(viewer)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_hit_says_whether_i_may_read_it(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)
    make_dataset("sales.customer_notes")

    words = found(client, analyst, "/search/?q=customer")

    assert "You have access" in words
    assert 'href="/datasets/wh.sales.customer_notes/request/?origin=search"' in words
    assert 'href="/datasets/wh.sales.customers/request/?origin=search"' not in words


def test_a_choice_has_an_address_and_can_be_taken_back(client: Client, analyst: Principal) -> None:
    make_dataset("sales.orders", domain=make_domain("commerce"))
    make_dataset("ops.orders", domain=make_domain("operations"))

    words = found(client, analyst, "/search/?q=orders&domain=commerce")

    assert "wh.sales.orders" in words
    assert "wh.ops.orders" not in words
    assert 'href="/search/?q=orders" aria-current="true"' in words
    assert "domain=commerce&amp;domain=operations" in words


def test_only_what_i_can_read_when_i_say_so(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)
    make_dataset("sales.customer_notes")

    words = found(client, analyst, "/search/?q=customer&access=mine")

    assert "wh.sales.customers" in words
    assert "customer_notes" not in words


def test_a_hidden_dataset_is_in_neither_hits_nor_facets_nor_palette(
    client: Client, outsider: Principal
) -> None:
    make_dataset("sales.merger_targets", visibility="hidden", tags=["mergers"])
    make_dataset("sales.orders")

    for address in ("/search/?q=merger", "/search/", "/search/palette/?q=merger"):
        words = found(client, outsider, address)
        assert "merger_targets" not in words
        assert ">mergers<" not in words


def test_finding_nothing_is_noted_as_a_gap(client: Client, analyst: Principal) -> None:
    words = found(client, analyst, "/search/?q=weather")

    assert "Nothing matches" in words
    assert SearchMiss.objects.get().query == "weather"


def test_the_palette_offers_data_and_pages(client: Client, analyst: Principal) -> None:
    make_dataset("sales.dashboard_views")

    words = found(client, analyst, "/search/palette/?q=dashboard")

    assert 'href="/datasets/wh.sales.dashboard_views/"' in words
    assert 'href="/dashboards/"' in words
    assert "<html" not in words


def test_a_broken_cursor_is_explained(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)

    response = client.get("/search/?cursor=nonsense")

    assert response.status_code == 400
    assert "Start again from the first page" in response.content.decode()


def test_many_hits_cost_as_many_queries_as_few(
    client: Client, analyst: Principal, django_assert_max_num_queries: object
) -> None:
    for at in range(20):
        make_dataset(f"sales.orders_{at}", columns=["order_id"], contacts=["Ana Ruiz"])
    search.refresh()
    client.force_login(analyst)

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/search/?q=orders")
