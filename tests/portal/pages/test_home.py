"""The home page: my data with its days left, what waits for me, and something to begin with."""

from datetime import timedelta

import pytest
from django.test import Client

from access.models import Principal
from access.people.principals import create_service
from portal.models import Dashboard, PinnedDashboard
from tests.access.lifecycle import ask, granted, stewarded
from tests.datasets import NOW, make_dataset
from tests.people import make_grant, make_team

pytestmark = pytest.mark.django_db


def home(client: Client, viewer: Principal) -> str:
    client.force_login(viewer)
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_my_data_stands_with_its_days_left(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward, duration=timedelta(days=12, minutes=5))

    words = home(client, analyst)

    assert "1 dataset you can read now" in words
    assert "12 days left" in words


def test_what_ended_is_not_my_data_any_more(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    make_grant(analyst, stewarded(steward), now=NOW, starts_at=NOW, lasts=timedelta(seconds=1))

    assert "You hold no access yet" in home(client, analyst)


def test_what_a_team_holds_is_shown_as_such(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    from access.clock import database_now

    team = make_team("sales", analyst)
    make_grant(team, stewarded(steward), now=database_now())

    assert "through sales" in home(client, analyst)
    assert "You hold no access yet" in home(client, outsider)


def test_what_waits_for_my_decision_is_counted(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    ask(stewarded(steward), analyst)

    assert "Waiting for you" in home(client, steward)
    assert "Waiting for you" not in home(client, outsider)
    assert "Waiting for you" not in home(client, analyst)


def test_whoever_holds_nothing_gets_three_to_begin_with(
    client: Client, outsider: Principal
) -> None:
    for at in range(5):
        make_dataset(f"sales.table_{at}", description="Rows.", popularity=at)
    make_dataset("sales.secret", description="Rows.", popularity=99, visibility="hidden")
    make_dataset("sales.grave", description="Rows.", popularity=98, sensitivity="restricted")

    words = home(client, outsider)

    assert all(f"table_{at}" in words for at in (4, 3, 2))
    assert "table_1" not in words
    assert "secret" not in words
    assert "grave" not in words


def test_pinned_dashboards_come_first(client: Client, analyst: Principal) -> None:
    pinned = Dashboard.objects.create(name="sales", title="Sales today", definition={})
    Dashboard.objects.create(name="other", title="Other things", definition={})
    PinnedDashboard.objects.create(principal=analyst, dashboard=pinned)

    words = home(client, analyst)

    assert "Sales today" in words
    assert "Other things" not in words


def test_the_access_of_my_service_account_is_told_apart(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    from access.clock import database_now

    loader = create_service("loader", owner=analyst, actor=None, now=database_now())
    make_grant(loader, stewarded(steward), now=database_now())

    assert "through the service account loader" in home(client, analyst)
