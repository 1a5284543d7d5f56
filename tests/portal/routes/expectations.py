"""What every route answers to each persona. A route that is not here fails the test: closed by default.

A row says the status for anonymous, outsider, requester, grantee, steward and administrator, in that order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.portal.routes.world import World


@dataclass(frozen=True)
class Try:
    """One way to call a route: the method, what stands in the path, what is sent, and six statuses."""

    expected: tuple[int, int, int, int, int, int]
    method: str = "get"
    path: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


def filled(values: Mapping[str, Any], world: World) -> dict[str, Any]:
    """The values with the names of this world in them."""
    known = {
        "DATASET": world.dataset.name,
        "HIDDEN": world.hidden.name,
        "REQUEST": world.request.pk,
        "GRANT": world.grant.pk,
    }
    return {
        key: known.get(value, value) if isinstance(value, str) else value
        for key, value in values.items()
    }


def page(status: int = 200) -> tuple[int, int, int, int, int, int]:
    """Everybody who signed in; strangers are sent to sign in."""
    return (302, status, status, status, status, status)


OPEN = (200, 200, 200, 200, 200, 200)
SEEN = {"name": "DATASET"}
UNSEEN = {"name": "HIDDEN"}
STEWARDS = (302, 404, 404, 404, 200, 200)

PAGES: dict[str, list[Try]] = {
    "healthz": [Try(OPEN)],
    "readyz": [Try(OPEN)],
    "metrics": [Try(OPEN)],
    "sign-in": [Try((200, 302, 302, 302, 302, 302))],
    "sign-out": [Try(page(302), "post")],
    "theme": [Try((302, 302, 302, 302, 302, 302), "post", body={"theme": "dark"})],
    "style": [Try(page())],
    "home": [Try(page())],
    "search": [Try(page())],
    "palette": [Try(page())],
    "dataset": [Try(page(), path=SEEN), Try(STEWARDS, path=UNSEEN, label="hidden")],
    "lineage": [Try(page(), path=SEEN), Try(STEWARDS, path=UNSEEN, label="hidden")],
    "history": [Try(page(), path=SEEN), Try(STEWARDS, path=UNSEEN, label="hidden")],
    "describe": [
        Try((302, 403, 403, 403, 200, 200), path=SEEN),
        Try(STEWARDS, path=UNSEEN, label="hidden"),
    ],
    "release": [
        Try((302, 403, 403, 403, 302, 302), "post", SEEN, {"field": "title"}),
        Try((302, 404, 404, 404, 302, 302), "post", UNSEEN, {"field": "title"}, "hidden"),
    ],
    "deprecate": [
        Try((302, 403, 403, 403, 302, 302), "post", SEEN, {"note": "Old", "successor": ""}),
        Try(
            (302, 404, 404, 404, 302, 302),
            "post",
            UNSEEN,
            {"note": "Old", "successor": ""},
            "hidden",
        ),
    ],
    "undeprecate": [
        Try((302, 403, 403, 403, 302, 302), "post", SEEN),
        Try((302, 404, 404, 404, 302, 302), "post", UNSEEN, label="hidden"),
    ],
    "request-access": [Try(page(), path=SEEN), Try(STEWARDS, path=UNSEEN, label="hidden")],
    "request": [Try((302, 404, 200, 404, 200, 200), path={"pk": "REQUEST"})],
    "withdraw-request": [Try((302, 404, 302, 404, 403, 403), "post", {"pk": "REQUEST"})],
    # Who may know of the request but not decide it is told so on the inbox page they are sent back to.
    "decide-request": [
        Try((302, 404, 302, 404, 302, 302), "post", {"pk": "REQUEST"}, {"verdict": "approve"})
    ],
    "inbox": [Try(page())],
    "my-access": [Try(page())],
    "renew-grant": [
        Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"}, {"duration": "30d"})
    ],
    "return-grant": [Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"})],
    "restore-grant": [Try((302, 404, 404, 409, 404, 404), "post", {"pk": "GRANT"})],
    "revoke-grant": [
        Try((302, 404, 404, 404, 302, 404), "post", {"pk": "GRANT"}, {"reason": "Over"})
    ],
    "my-data": [Try(page())],
    "dashboards": [Try(page())],
    "dashboard": [Try(page(), path={"name": "board"})],
    "dashboard-pin": [Try(page(302), "post", {"name": "board"})],
    "dashboard-tile": [Try(page(), path={"name": "board", "tile_name": "n"})],
    "workbench": [Try(page())],
    "workbench-run": [Try(page(), "post", body={"sql": "select id from sales.orders"})],
    "audit": [Try((302, 403, 403, 403, 200, 200))],
    "mailbox": [Try(page())],
}

KNOWN = (401, 200, 200, 200, 200, 200)
HIDDEN = (401, 404, 404, 404, 200, 200)

API: dict[str, list[Try]] = {
    "GET /datasets": [Try(KNOWN)],
    "GET /datasets/{name}": [Try(KNOWN, path=SEEN), Try(HIDDEN, path=UNSEEN, label="hidden")],
    "GET /datasets/{name}/lineage": [
        Try(KNOWN, path=SEEN),
        Try(HIDDEN, path=UNSEEN, label="hidden"),
    ],
    "POST /lineage": [Try((401, 403, 403, 403, 422, 422), "post")],
    "POST /access-requests": [
        Try(
            (401, 201, 409, 201, 201, 201),
            "post",
            body={"dataset": "DATASET", "purpose": "Waiting", "duration": "30d"},
        ),
        Try(
            (401, 404, 404, 404, 201, 201),
            "post",
            body={"dataset": "HIDDEN", "purpose": "Waiting", "duration": "30d"},
            label="hidden",
        ),
    ],
    "GET /access-requests": [Try(KNOWN)],
    "GET /access-requests/{id}": [Try((401, 404, 200, 404, 200, 200), path={"id": "REQUEST"})],
    "DELETE /access-requests/{id}": [
        Try((401, 404, 200, 404, 403, 403), "delete", {"id": "REQUEST"})
    ],
    "POST /access-requests/{id}/decision": [
        Try((401, 404, 403, 404, 200, 403), "post", {"id": "REQUEST"}, {"verdict": "approve"})
    ],
    "GET /grants": [Try(KNOWN)],
    "DELETE /grants/{id}": [
        Try((401, 404, 404, 200, 200, 200), "delete", {"id": "GRANT"}),
        Try((401, 404, 404, 200, 200, 200), "delete", {"id": "GRANT"}, {"reason": "Over"}, "why"),
    ],
    "POST /grants/{id}/renewal": [
        Try((401, 404, 404, 201, 403, 403), "post", {"id": "GRANT"}, {"duration": "30d"})
    ],
    "POST /grants/{id}/restoration": [Try((401, 404, 404, 409, 403, 403), "post", {"id": "GRANT"})],
    "POST /queries": [
        Try((401, 403, 403, 200, 403, 403), "post", body={"sql": "select id from sales.orders"}),
        Try(
            (401, 403, 403, 403, 403, 403),
            "post",
            body={"sql": "select id from sales.secrets"},
            label="hidden",
        ),
    ],
    "POST /metrics/query": [Try((401, 404, 404, 404, 404, 404), "post", body={"metrics": ["x"]})],
}
