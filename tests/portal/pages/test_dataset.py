"""The dataset page: what it says above the fold to whom, and what it keeps from whom."""

from datetime import timedelta

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Principal
from access.policies import rules
from access.policies.policy import Mask
from catalog import search
from tests.access.lifecycle import ask, granted, stewarded
from tests.datasets import make_chain, make_dataset
from tests.people import put_in_charge

pytestmark = pytest.mark.django_db


def page(client: Client, viewer: Principal, name: str = "wh.sales.customers") -> str:
    client.force_login(viewer)
    response = client.get(f"/datasets/{name}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_to_the_data_is_told_who_decides_and_offered_to_ask(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)

    words = page(client, analyst)

    assert "You have no access to the data" in words
    assert "Olga Owner decides." in words
    assert 'href="/datasets/wh.sales.customers/request/"' in words


def test_a_steward_is_not_offered_their_own_decision(client: Client, steward: Principal) -> None:
    stewarded(steward)

    words = page(client, steward)

    assert "Nobody decides about their own access" in words
    assert "Olga Owner decides." not in words


def test_whoever_asked_is_led_to_the_request(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)

    words = page(client, analyst)

    assert f'href="/requests/{asked.pk}/"' in words
    assert "Request access" not in words


def test_a_holder_sees_how_much_and_how_long_and_is_offered_to_query(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward, columns=["customer_id", "country"])

    words = page(client, analyst)

    assert "You can see 2 of 3 columns" in words
    assert "Olga Owner approved it." in words
    assert 'href="/workbench/?dataset=wh.sales.customers"' in words


def test_access_about_to_end_offers_to_renew(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward, duration=timedelta(days=2))

    assert "Your access ends soon" in page(client, analyst)


def test_each_column_says_how_this_person_sees_it(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    rules.set_policy(dataset, actor=None, masks={"email": Mask("hash")}, now=database_now())
    granted(dataset, analyst, steward, columns=["customer_id", "email"])

    words = page(client, analyst)

    assert "Masked: a stable code" in words
    assert "In the clear" in words
    assert "Not granted" in words


def test_a_hidden_dataset_is_not_there_for_an_outsider(
    client: Client, outsider: Principal, steward: Principal
) -> None:
    stewarded(steward, visibility="hidden", description="The secret plan")
    client.force_login(outsider)

    for address in ("", "lineage/", "history/", "describe/", "deprecate/"):
        hidden = client.get(f"/datasets/wh.sales.customers/{address}")
        absent = client.get(f"/datasets/wh.sales.nothing/{address}")
        assert hidden.status_code == absent.status_code == 404
        assert "secret plan" not in hidden.content.decode()


def test_neither_a_hidden_successor_nor_a_hidden_neighbour_is_named(
    client: Client, outsider: Principal
) -> None:
    hidden = make_dataset("sales.merger_targets", visibility="hidden", title="Merger targets")
    dataset = make_dataset(
        "sales.customers", deprecated_at=database_now(), deprecation_note="Old.", successor=hidden
    )
    make_chain(dataset, hidden)

    words = page(client, outsider)

    assert "Merger" not in words
    assert "merger" not in words
    assert "1 downstream that you may not see" in words


def test_the_sql_of_a_dataset_is_withheld_when_it_names_a_hidden_one(
    client: Client, outsider: Principal
) -> None:
    make_dataset("sales.merger_targets", visibility="hidden")
    make_dataset("sales.customers", definition="select * from sales.merger_targets")
    search.refresh()

    words = page(client, outsider)

    assert "merger_targets" not in words
    assert "names data you may not see" in words


def test_documentation_cannot_carry_a_script_into_the_page(
    client: Client, outsider: Principal
) -> None:
    make_dataset(
        "sales.customers", description="One row.\n\n<script>alert(1)</script>[x](javascript:y)"
    )

    words = page(client, outsider)

    assert "<script>alert" not in words
    assert 'href="javascript' not in words


def test_a_steward_edits_the_description_in_place(client: Client, steward: Principal) -> None:
    stewarded(steward)
    client.force_login(steward)
    address = "/datasets/wh.sales.customers/describe/?field=description"

    editor = client.get(address, headers={"HX-Request": "true"})
    saved = client.post(
        address, {"words-value": "One row per customer.", "words-expected": ""}, follow=True
    )

    assert "<html" not in editor.content.decode()
    assert "One row per customer." in saved.content.decode()
    assert "Your words stand" in saved.content.decode()


def test_an_edit_made_on_an_older_text_shows_both(client: Client, steward: Principal) -> None:
    stewarded(steward, description="What somebody wrote meanwhile.")
    client.force_login(steward)

    response = client.post(
        "/datasets/wh.sales.customers/describe/?field=description",
        {"words-value": "Mine.", "words-expected": "What I saw."},
    )

    assert response.status_code == 422
    words = response.content.decode()
    assert "What somebody wrote meanwhile." in words
    assert "Mine." in words


def test_an_outsider_may_not_describe_and_is_told_who_can(
    client: Client, outsider: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    client.force_login(outsider)

    for method in (client.get, client.post):
        response = method("/datasets/wh.sales.customers/describe/?field=description")
        assert response.status_code == 403
        assert "Only a steward" in response.content.decode()
    assert client.post("/datasets/wh.sales.customers/deprecate/", {"note": "x"}).status_code == 403
    assert client.post("/datasets/wh.sales.customers/undeprecate/").status_code == 403
    assert (
        client.post("/datasets/wh.sales.customers/release/", {"field": "title"}).status_code == 403
    )
    dataset.refresh_from_db()
    assert dataset.deprecated_at is None


def test_a_deprecated_dataset_names_its_successor(client: Client, steward: Principal) -> None:
    stewarded(steward)
    better = make_dataset("sales.people", title="People")
    put_in_charge(steward, better)
    client.force_login(steward)

    client.post(
        "/datasets/wh.sales.customers/deprecate/",
        {"note": "No longer filled.", "successor": "wh.sales.people"},
    )
    words = page(client, steward)

    assert "No longer filled." in words
    assert 'href="/datasets/wh.sales.people/"' in words


def test_the_page_costs_no_more_for_a_wide_table(
    client: Client, analyst: Principal, django_assert_max_num_queries: object
) -> None:
    make_dataset("sales.customers", columns=[f"column_{at}" for at in range(200)])
    client.force_login(analyst)

    with django_assert_max_num_queries(45):  # type: ignore[operator]
        client.get("/datasets/wh.sales.customers/")
