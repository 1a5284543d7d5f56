"""Access to my data: who holds what, and ending it with a reason; nothing for who answers for nothing."""

from typing import Any

import pytest
from django.test import Client

from access.models import Principal
from tests.access.lifecycle import granted, stewarded

pytestmark = pytest.mark.django_db

# Queries of the page, however many grants it shows. This number may only fall.
QUERIES = 40


def page(client: Client, viewer: Principal) -> Any:
    client.force_login(viewer)
    response = client.get("/my-data/")
    assert response.status_code == 200
    return response


def test_a_steward_sees_every_holder_by_dataset(
    client: Client, analyst: Principal, scientist: Principal, steward: Principal
) -> None:
    dataset = stewarded(steward)
    granted(dataset, analyst, steward)
    granted(dataset, scientist, steward)

    (group,) = page(client, steward).context["groups"]

    assert {str(each.grant.holder) for each in group.holdings} == {
        "Alice Analyst",
        "Samir Scientist",
    }


def test_a_holder_who_answers_for_nothing_sees_no_grants(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    shown = page(client, analyst)

    assert shown.context["groups"] == []
    assert "You answer for no dataset" in shown.content.decode()


def test_ending_needs_a_reason_that_the_holder_reads(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(steward)

    client.post(f"/grants/{grant.pk}/revoke/", {"reason": ""})
    grant.refresh_from_db()
    assert grant.ended_at is None
    client.post(f"/grants/{grant.pk}/revoke/", {"reason": "The project is over"})

    client.force_login(analyst)
    assert "The project is over" in client.get("/access/").content.decode()


def test_an_outsider_ends_nothing(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(outsider)

    assert client.post(f"/grants/{grant.pk}/revoke/", {"reason": "No"}).status_code == 404
    grant.refresh_from_db()
    assert grant.ended_at is None


def test_many_holders_cost_no_more_queries(
    client: Client, analyst: Principal, steward: Principal, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        granted(stewarded(steward, f"sales.table_{number}"), analyst, steward)

    client.force_login(steward)
    with django_assert_max_num_queries(QUERIES):
        assert len(client.get("/my-data/").context["groups"]) == 6
