"""The mailbox: my messages and nobody else's, new until they were looked at."""

import pytest
from django.test import Client

from access.models import Notice, Principal
from tests.access.lifecycle import ask, granted, stewarded

pytestmark = pytest.mark.django_db


def words(client: Client, viewer: Principal) -> str:
    client.force_login(viewer)
    return client.get("/mailbox/").content.decode()


def test_a_steward_is_told_of_a_request_and_the_asker_of_the_decision(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    assert "Alice Analyst asks for" in words(client, steward)
    assert "is approved" in words(client, analyst)


def test_a_message_is_new_once(client: Client, analyst: Principal, steward: Principal) -> None:
    ask(stewarded(steward), analyst)

    assert "mail--new" in words(client, steward)
    assert "mail--new" not in words(client, steward)


def test_an_outsider_reads_none_of_it(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    assert "No messages" in words(client, outsider)
    assert Notice.objects.filter(read_at=None).exists()
