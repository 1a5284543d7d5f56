"""The lineage page: drawn and as a table, state coloured and named, what is hidden counted and nothing more."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Principal
from catalog.models import Check
from tests.datasets import make_chain, make_column_edge, make_dataset, make_exposure

pytestmark = pytest.mark.django_db


def drawn(client: Client, viewer: Principal, address: str) -> str:
    client.force_login(viewer)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_drawing_and_the_table_say_the_same(client: Client, analyst: Principal) -> None:
    raw, orders, report = (make_dataset(f"sales.{name}") for name in ("raw", "orders", "report"))
    make_chain(raw, orders, report)

    words = drawn(client, analyst, "/datasets/wh.sales.orders/lineage/")

    svg, table = words.split("</svg>\n</div>")[0], words.split("<table", 1)[1]
    for name in ("raw", "orders", "report"):
        assert f'href="/datasets/wh.sales.{name}/' in svg
        assert f'href="/datasets/wh.sales.{name}/' in table
    assert "upstream, 1 step" in table
    assert "downstream, 1 step" in table


def test_stale_and_failing_are_named_and_coloured(client: Client, analyst: Principal) -> None:
    now = database_now()
    stale = make_dataset(
        "sales.old",
        data_updated_at=now - timedelta(days=9),
        freshness_within=timedelta(days=1),
    )
    broken, centre = make_dataset("sales.broken"), make_dataset("sales.orders")
    Check.objects.create(dataset=broken, source="dbt", key="k", name="n", last_status="fail")
    make_chain(stale, centre)
    make_chain(broken, centre)

    words = drawn(client, analyst, "/datasets/wh.sales.orders/lineage/")

    assert "lineage__box--stale" in words
    assert "lineage__box--failed" in words
    assert words.count("1 check failing") >= 2
    assert words.count("Stale") >= 2


def test_hidden_neighbours_are_counted_and_never_named(client: Client, outsider: Principal) -> None:
    centre = make_dataset("sales.orders")
    between = make_dataset("sales.merger_targets", visibility="hidden")
    beyond = make_dataset("sales.report")
    make_chain(centre, between, beyond)

    words = drawn(client, outsider, "/datasets/wh.sales.orders/lineage/")

    assert "merger" not in words
    assert "A step you may not see" in words
    assert "1 downstream that you may not see" in words
    assert "wh.sales.report" in words


def test_a_column_has_its_own_path(client: Client, analyst: Principal) -> None:
    raw = make_dataset("sales.raw", columns=["mail"])
    orders = make_dataset("sales.orders", columns=["email", "total"])
    make_chain(raw, orders)
    make_column_edge((raw, "mail"), (orders, "email"))

    words = drawn(client, analyst, "/datasets/wh.sales.orders/lineage/?column=email")

    assert 'href="/datasets/wh.sales.raw/lineage/?column=mail"' in words
    assert "Path of email" in words


def test_an_unknown_column_is_not_found(client: Client, analyst: Principal) -> None:
    make_dataset("sales.orders", columns=["email"])
    client.force_login(analyst)

    assert client.get("/datasets/wh.sales.orders/lineage/?column=nothing").status_code == 404


def test_what_breaks_names_dashboards_and_people(client: Client, analyst: Principal) -> None:
    orders = make_dataset("sales.orders")
    report = make_dataset("sales.report", contacts=["Ana Ruiz"])
    make_chain(orders, report)
    make_exposure("Board pack", report, owner_name="Ben Okafor")

    words = drawn(client, analyst, "/datasets/wh.sales.orders/lineage/")

    assert all(name in words for name in ("Board pack", "Ana Ruiz", "Ben Okafor"))


def test_a_crowded_neighbourhood_is_capped_and_says_so(client: Client, analyst: Principal) -> None:
    centre = make_dataset("sales.orders")
    for at in range(80):
        make_chain(centre, make_dataset(f"sales.copy_{at}"))

    words = drawn(client, analyst, "/datasets/wh.sales.orders/lineage/")

    svg = words.split("</svg>\n</div>")[0]
    assert len(re.findall("lineage__frame", svg)) <= 61
    assert re.search(r"\+ \d+ more downstream", words)
