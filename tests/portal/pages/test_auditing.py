"""The audit page: everything for administrators, their own datasets for stewards, nothing for others."""

import pytest
from django.test import Client

from access.models import Principal
from tests.access.lifecycle import ask, granted, stewarded

pytestmark = pytest.mark.django_db


def kinds(client: Client, viewer: Principal, query: str = "") -> list[str]:
    client.force_login(viewer)
    return [event.kind for event in client.get(f"/audit/{query}").context["page"].object_list]


def test_a_steward_reads_the_story_of_their_dataset_newest_first(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    said = [each for each in kinds(client, steward) if each.startswith("request.")]

    assert said == ["request.approved", "request.submitted"]


def test_a_steward_does_not_read_about_other_data(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    stewarded(steward)
    ask(stewarded(None, "people.payroll"), analyst)

    assert "request.submitted" not in kinds(client, steward)


def test_an_outsider_is_refused(client: Client, outsider: Principal) -> None:
    client.force_login(outsider)

    assert client.get("/audit/").status_code == 403


def test_filters_narrow_by_dataset_actor_and_kind(
    client: Client, analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    ask(stewarded(steward), analyst)
    ask(stewarded(steward, "sales.visits"), analyst)

    of_one = "?dataset=wh.sales.visits&actor=alice&kind=request.submitted"

    assert kinds(client, administrator, of_one) == ["request.submitted"]
    assert kinds(client, administrator, "?actor=nobody") == []


def test_nonsense_in_the_filters_is_no_error(client: Client, administrator: Principal) -> None:
    client.force_login(administrator)

    assert client.get("/audit/?kind=nothing&page=zz&actor='--").status_code == 200
