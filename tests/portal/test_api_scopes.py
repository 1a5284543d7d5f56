"""A token made for some things does nothing else."""

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Principal
from access.people import tokens

CALLS = {
    "catalog": ("get", "/datasets"),
    "lineage": ("post", "/lineage"),
    "request": ("post", "/access-requests"),
    "decide": ("get", "/access-requests"),
    "grants": ("get", "/grants"),
    "audit": ("get", "/datasets/w.s.t/readers"),
    "query": ("post", "/queries"),
    "metrics": ("post", "/metrics/query"),
    "notices": ("get", "/notices"),
}
BODIES = {
    "/access-requests": '{"dataset": "w.s.t", "purpose": "p", "duration": "1d"}',
    "/queries": '{"sql": "select 1", "warehouse": "nowhere"}',
    "/metrics/query": '{"metrics": ["m"]}',
}


@pytest.mark.parametrize("scope", CALLS)
def test_a_scope_opens_its_own_calls_and_no_others(scope: str, administrator: Principal) -> None:
    _, secret = tokens.issue(
        administrator, scopes=[scope], expires_at=None, actor=None, now=database_now()
    )
    refused = set()
    for name, (method, path) in CALLS.items():
        response = getattr(Client(), method)(
            f"/api/v1{path}",
            BODIES.get(path, "{}") if method == "post" else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        if response.status_code == 403:
            refused.add(name)
    assert refused == CALLS.keys() - {scope}


def test_every_scope_has_its_call() -> None:
    assert set(tokens.SCOPES) == CALLS.keys()
