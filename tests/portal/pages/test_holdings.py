"""My access: what I hold and how it is used; renewing, returning and restoring are mine alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import AccessRequest, Grant, Principal
from tests.access.lifecycle import DAY, granted, stewarded, use
from tests.people import make_grant

pytestmark = pytest.mark.django_db

# Queries of the page, however many grants it shows. This number may only fall.
QUERIES = 24


def page(client: Client, viewer: Principal) -> Any:
    client.force_login(viewer)
    response = client.get("/access/")
    assert response.status_code == 200
    return response


def test_a_grant_says_how_much_of_it_is_used(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward, columns=["email", "country"])
    use(grant, database_now() - timedelta(hours=3))

    (holding,) = page(client, analyst).context["current"]

    assert (holding.n_columns, holding.n_total, holding.n_used) == (2, 3, 0)
    assert "3 hours ago" in page(client, analyst).content.decode()


def test_what_ended_stands_apart(client: Client, analyst: Principal, steward: Principal) -> None:
    start = database_now() - 40 * DAY
    make_grant(analyst, stewarded(steward), now=start, starts_at=start, lasts=10 * DAY)

    shown = page(client, analyst)

    assert shown.context["current"] == []
    assert [each.state for each in shown.context["past"]] == ["expired"]


def test_an_outsider_holds_nothing_and_is_shown_the_way_on(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    shown = page(client, outsider)

    assert shown.context["current"] == []
    assert "Find data" in shown.content.decode()


def test_renewing_asks_and_changes_nothing_yet(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(analyst)

    client.post(f"/grants/{grant.pk}/renew/", {"duration": "60d"})

    before = grant.expires_at
    grant.refresh_from_db()
    assert grant.expires_at == before
    assert AccessRequest.objects.filter(kind="renewal", state="pending").count() == 1


@pytest.mark.parametrize("what", ["renew", "return", "restore"])
def test_nobody_else_touches_what_i_hold(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal, what: str
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(outsider)

    refused = client.post(f"/grants/{grant.pk}/{what}/", {"duration": "30d"})

    assert refused.status_code == 404
    grant.refresh_from_db()
    assert grant.ended_at is None


def test_returning_ends_it_now(client: Client, analyst: Principal, steward: Principal) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(analyst)

    client.post(f"/grants/{grant.pk}/return/")

    grant.refresh_from_db()
    assert grant.ended_at is not None


def test_a_warning_says_since_when_and_until_when(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    now = database_now()
    due = {"warned_at": now, "revoke_due_at": now + 14 * DAY}
    Grant.objects.filter(pk=grant.pk).update(**due)

    (holding,) = page(client, analyst).context["current"]

    assert holding.warning.startswith("Not used so far. It ends on")


def test_many_grants_cost_no_more_queries(
    client: Client, analyst: Principal, steward: Principal, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        granted(stewarded(steward, f"sales.table_{number}"), analyst, steward)

    client.force_login(analyst)
    with django_assert_max_num_queries(QUERIES):
        assert len(client.get("/access/").context["current"]) == 6
