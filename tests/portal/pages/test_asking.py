"""Asking for access: the form filled with what was refused, its answer on the page or in place, the request afterwards."""

import pytest
from django.test import Client

from access.models import AccessRequest, Principal
from access.policies.rules import set_policy
from tests.access.lifecycle import ask, granted, stewarded
from tests.datasets import NOW, make_dataset
from tests.people import make_team

pytestmark = pytest.mark.django_db

FORM = "/datasets/wh.sales.customers/request/"
SAID = {"purpose": "Churn report", "duration": "30d", "columns": ["email"]}
IN_A_TILE = {
    "HX-Request": "true",
    "HX-Target": "refused-spent",
    "HX-Current-URL": "http://testserver/dashboards/board/",
}


def test_the_columns_that_were_refused_are_ticked_and_the_decider_named(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    client.force_login(analyst)

    page = client.get(f"{FORM}?columns=email,country,nonsense")

    assert page.context["form"]["columns"].value() == ["email", "country"]
    assert "Olga Owner decides" in page.content.decode()


def test_a_request_without_a_purpose_comes_back_with_the_rest_kept(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    client.force_login(analyst)

    page = client.post(FORM, {**SAID, "purpose": ""})

    assert page.status_code == 422
    assert page.context["form"]["columns"].value() == ["email"]
    assert not AccessRequest.objects.exists()


def test_sending_leads_to_the_request(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    client.force_login(analyst)

    sent = client.post(FORM, SAID)

    made = AccessRequest.objects.get()
    assert sent.headers["Location"] == f"/requests/{made.pk}/"
    assert made.columns == ["email"]


def test_every_column_ticked_asks_for_all_of_them(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    client.force_login(analyst)

    client.post(FORM, {**SAID, "columns": ["customer_id", "email", "country"]})

    assert AccessRequest.objects.get().columns is None


def test_in_a_tile_the_answer_stands_where_the_form_stood(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    client.force_login(analyst)

    form = client.get(FORM, headers=IN_A_TILE).content.decode()
    sent = client.post(FORM, SAID, headers=IN_A_TILE)

    assert 'id="ask-refused-spent"' in form
    assert 'id="refused-spent-purpose"' in form
    assert "Olga Owner decides; you will be told" in sent.content.decode()
    assert "HX-Redirect" not in sent.headers


def test_what_a_rule_grants_at_once_lets_the_tiles_draw_again(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    make_team("sales", analyst)
    rule = {"team": "sales", "columns": ["email"], "longest": "30d"}
    set_policy(
        dataset,
        actor=None,
        now=NOW,
        rows="",
        masks={},
        approvals=1,
        longest=None,
        unused_after=None,
        auto_approve=[rule],
    )
    client.force_login(analyst)

    sent = client.post(FORM, {**SAID, "holder": "user:alice"}, headers=IN_A_TILE)

    assert sent.headers["HX-Trigger"] == "access-granted"
    assert "You have it now." in sent.content.decode()


def test_a_hidden_dataset_cannot_be_asked_for(client: Client, outsider: Principal) -> None:
    make_dataset("sales.targets", visibility="hidden")
    client.force_login(outsider)

    assert client.get("/datasets/wh.sales.targets/request/").status_code == 404


def test_a_request_is_seen_by_its_maker_and_decider_and_by_no_outsider(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    made = ask(stewarded(steward), analyst)

    seen = {}
    for viewer in (analyst, steward, outsider):
        client.force_login(viewer)
        seen[viewer.username] = client.get(f"/requests/{made.pk}/").status_code

    assert seen == {"alice": 200, "olga": 200, "otto": 404}


def test_only_the_maker_can_withdraw(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    made = ask(stewarded(steward), analyst)
    client.force_login(outsider)
    assert client.post(f"/requests/{made.pk}/withdraw/").status_code == 404

    client.force_login(analyst)
    client.post(f"/requests/{made.pk}/withdraw/")

    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_the_story_of_a_decided_request_names_who_decided(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    assert grant.decision is not None
    client.force_login(analyst)

    words = client.get(f"/requests/{grant.decision.request_id}/").content.decode()

    assert "Olga Owner approved" in words
    assert "Query it" in words
