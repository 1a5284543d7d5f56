"""Ending a grant over the API."""

from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Grant, Principal
from access.people import tokens
from portal.api.grants import NO_REASON
from tests.access.lifecycle import granted, stewarded


def _end(actor: Principal, grant: Grant, **said: Any) -> int:
    _, secret = tokens.issue(
        actor, scopes=["grants"], expires_at=None, actor=None, now=database_now()
    )
    response = Client().delete(
        f"/api/v1/grants/{grant.pk}", headers={"Authorization": f"Bearer {secret}"}, **said
    )
    return response.status_code


@pytest.fixture
def grant(steward: Principal, analyst: Principal) -> Grant:
    return granted(stewarded(steward), analyst, steward)


def test_a_steward_revokes_without_a_word(steward: Principal, grant: Grant) -> None:
    assert _end(steward, grant) == 200

    grant.refresh_from_db()
    assert (grant.end_reason, grant.end_note) == ("revoked", NO_REASON)


def test_a_reason_may_come_in_the_body(steward: Principal, grant: Grant) -> None:
    said = {"data": '{"reason": "The project is over."}', "content_type": "application/json"}

    assert _end(steward, grant, **said) == 200

    grant.refresh_from_db()
    assert grant.end_note == "The project is over."


def test_an_administrator_revokes_what_somebody_else_stewards(
    administrator: Principal, grant: Grant
) -> None:
    assert _end(administrator, grant) == 200

    grant.refresh_from_db()
    assert grant.end_reason == "revoked"


def test_an_outsider_learns_of_no_grant(outsider: Principal, grant: Grant) -> None:
    assert _end(outsider, grant) == 404

    grant.refresh_from_db()
    assert grant.ended_at is None
