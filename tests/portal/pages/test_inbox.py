"""The inbox: what would be gained, decided with one press, and nothing for who decides nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.models import AccessRequest, Grant, Principal
from tests.access.lifecycle import ask, granted, stewarded

pytestmark = pytest.mark.django_db

# Queries of an inbox with one request, and what each further one may add. These numbers may only fall.
QUERIES_OF_ONE = 40
QUERIES_MORE = 14


def inbox(client: Client, viewer: Principal) -> Any:
    client.force_login(viewer)
    response = client.get("/inbox/")
    assert response.status_code == 200
    return response


def decide(client: Client, viewer: Principal, made: AccessRequest, **said: Any) -> str:
    """What the page says after the verdict."""
    client.force_login(viewer)
    page = client.post(f"/requests/{made.pk}/decision/", said, follow=True)
    return page.content.decode()


def test_a_request_shows_what_it_would_give(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    ask(stewarded(steward), analyst, columns=["email", "country"])

    (case,) = inbox(client, steward).context["cases"]

    assert [line["label"] for line in case.lines] == ["email", "country"]
    assert case.peers == ()
    assert case.used is None


def test_an_outsider_has_nothing_to_decide(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    made = ask(stewarded(steward), analyst)

    assert inbox(client, outsider).context["cases"] == []
    refused = client.post(f"/requests/{made.pk}/decision/", {"verdict": "approve"})

    assert refused.status_code == 404
    assert not Grant.objects.exists()


def test_nobody_decides_their_own(client: Client, steward: Principal) -> None:
    dataset = stewarded(steward)
    made = ask(dataset, steward)

    assert inbox(client, steward).context["cases"] == []
    decide(client, steward, made, verdict="approve")

    assert not Grant.objects.exists()


def test_one_press_approves_all_that_was_asked(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    made = ask(stewarded(steward), analyst, columns=["email"])

    words = decide(client, steward, made, verdict="approve")

    assert "Approved. Alice Analyst can read" in words
    assert Grant.objects.get().columns == ["email"]


def test_narrowing_leaves_fewer_columns_fewer_rows_and_less_time(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    made = ask(stewarded(steward), analyst)

    decide(
        client,
        steward,
        made,
        verdict="approve",
        narrowed="1",
        columns=["country"],
        duration="7d",
        reason="Countries will do",
    )

    grant = Grant.objects.get()
    assert grant.columns == ["country"]
    assert grant.expires_at - grant.starts_at == timedelta(days=7)


def test_a_denial_needs_a_reason(client: Client, analyst: Principal, steward: Principal) -> None:
    made = ask(stewarded(steward), analyst)

    decide(client, steward, made, verdict="deny", reason="")
    made.refresh_from_db()
    assert made.state == "pending"

    assert "Denied." in decide(client, steward, made, verdict="deny", reason="Use the summary")


def test_a_second_verdict_is_told_so_and_changes_nothing(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    made = ask(stewarded(steward), analyst)
    decide(client, steward, made, verdict="approve")

    words = decide(client, steward, made, verdict="approve")

    assert "already" in words
    assert Grant.objects.count() == 1


def test_a_renewal_says_how_what_they_hold_was_used(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward)
    client.force_login(analyst)
    client.post(f"/grants/{grant.pk}/renew/", {"duration": "60d"})

    (case,) = inbox(client, steward).context["cases"]

    assert case.lines == []
    assert case.used is not None
    assert case.used.last_used_at is None


def test_the_cost_of_an_inbox_grows_gently(
    client: Client,
    analyst: Principal,
    steward: Principal,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(5):
        ask(stewarded(steward, f"sales.table_{number}"), analyst)

    client.force_login(steward)
    with django_assert_max_num_queries(QUERIES_OF_ONE + 4 * QUERIES_MORE):
        assert len(client.get("/inbox/").context["cases"]) == 5


def test_a_verdict_sent_by_the_page_itself_is_answered_where_it_was_given(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    made = ask(stewarded(steward, title="Customers"), analyst)
    client.force_login(steward)
    said = {"verdict": "approve"}

    first = client.post(f"/requests/{made.pk}/decision/", said, headers={"HX-Request": "true"})
    second = client.post(f"/requests/{made.pk}/decision/", said, headers={"HX-Request": "true"})

    assert 'data-tone="good"' in first.content.decode()
    assert "can read Customers now" in first.content.decode()
    assert 'data-tone="bad"' in second.content.decode()
    assert "already been settled" in second.content.decode()
    assert "can read Customers now" not in client.get("/").content.decode(), "said once"
    assert Grant.objects.count() == 1
