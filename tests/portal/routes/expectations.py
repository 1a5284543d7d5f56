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
        "QUESTION": world.question.pk,
        "DELEGATION": world.delegation.pk,
        "EMERGENCY": world.emergency.pk,
        "DELEGATED": world.delegation.ends_at.isoformat(),
        "REVIEW": world.review.pk,
        "ITEM": world.item.pk,
        "QUERY": str(world.query.pk),
        "NOTICE": world.notice.pk,
        "LINK": world.link,
        "WEBHOOK": world.webhook.pk,
        "NATIVE": world.native.pk,
        "MANAGED": world.native.warehouse_id,
        "LOGIN": world.login.pk,
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
    "view-as": [
        Try((302, 403, 403, 403, 200, 403), path=SEEN),
        Try((302, 404, 404, 404, 200, 403), path=UNSEEN, label="hidden"),
        Try(
            (302, 404, 404, 404, 200, 403),
            path=UNSEEN,
            body={"holder": "user:grantee"},
            label="of whom",
        ),
    ],
    "request-access": [Try(page(), path=SEEN), Try(STEWARDS, path=UNSEEN, label="hidden")],
    "request": [Try((302, 404, 200, 404, 200, 200), path={"pk": "REQUEST"})],
    "withdraw-request": [Try((302, 404, 302, 404, 403, 403), "post", {"pk": "REQUEST"})],
    # Who may know of the request but not decide it is told so on the inbox page they are sent back to.
    "decide-request": [
        Try((302, 404, 302, 404, 302, 302), "post", {"pk": "REQUEST"}, {"verdict": "approve"})
    ],
    "preview-request": [Try((302, 404, 403, 404, 200, 403), path={"pk": "REQUEST"})],
    "inbox": [Try(page())],
    "decide-several": [Try(page(302), "post", body={"verdict": "approve", "requests": "REQUEST"})],
    "ask-back": [Try((302, 404, 403, 404, 302, 403), "post", {"pk": "REQUEST"}, {"text": "Why?"})],
    "answer-question": [
        Try((302, 404, 302, 404, 403, 403), "post", {"pk": "QUESTION"}, {"text": "So."})
    ],
    "rules": [
        Try((302, 403, 403, 403, 200, 403), path=SEEN),
        Try((302, 404, 404, 404, 200, 403), path=UNSEEN, label="hidden"),
    ],
    "take-dataset": [
        Try((302, 403, 403, 403, 403, 409), "post", SEEN),
        Try((302, 404, 404, 404, 403, 409), "post", UNSEEN, label="hidden"),
    ],
    "unowned": [Try(page())],
    "rules-by-place": [Try((302, 403, 403, 403, 200, 200))],
    # The world has no domain; whether there is one is told to administrators only.
    "domain-rules": [Try((302, 403, 403, 403, 403, 404), path={"name": "commerce"})],
    "sensitivity-rules": [
        Try((302, 403, 403, 403, 403, 200), path={"level": "restricted"}),
        Try((302, 403, 403, 403, 403, 404), path={"level": "nothing"}, label="unknown"),
    ],
    "delegations": [Try(page())],
    "end-delegation": [Try((302, 404, 404, 404, 302, 302), "post", {"pk": "DELEGATION"})],
    # The grantee is listed as a responder.
    "break-glass": [
        Try((302, 403, 403, 200, 403, 403), path=SEEN),
        Try((302, 404, 404, 404, 403, 403), path=UNSEEN, label="hidden"),
    ],
    "emergencies": [Try(page())],
    "emergency": [Try((302, 404, 404, 200, 200, 200), path={"pk": "EMERGENCY"})],
    "reviews": [Try(page())],
    "new-review": [Try((302, 403, 403, 403, 200, 200))],
    "review": [Try((302, 404, 404, 404, 200, 200), path={"pk": "REVIEW"})],
    "review-verdicts": [
        Try(
            (302, 404, 404, 404, 302, 302),
            "post",
            {"pk": "REVIEW"},
            {"verdict": "keep", "items": "ITEM"},
        )
    ],
    "review-undo": [Try((302, 404, 404, 404, 302, 302), "post", {"pk": "REVIEW"})],
    "review-csv": [Try((302, 404, 404, 404, 200, 200), path={"pk": "REVIEW"})],
    "review-json": [Try((302, 404, 404, 404, 200, 200), path={"pk": "REVIEW"})],
    "my-access": [Try(page())],
    "renew-grant": [
        Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"}, {"duration": "30d"})
    ],
    "return-grant": [Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"})],
    "restore-grant": [Try((302, 404, 404, 409, 404, 404), "post", {"pk": "GRANT"})],
    "revoke-grant": [
        Try((302, 404, 404, 404, 302, 404), "post", {"pk": "GRANT"}, {"reason": "Over"})
    ],
    "wake-grant": [Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"})],
    "come-back": [Try((302, 404, 404, 302, 404, 404), "post", {"pk": "GRANT"})],
    "keep-columns": [
        Try((302, 404, 404, 409, 404, 404), "post", {"pk": "GRANT"}),
        Try((302, 404, 404, 404, 409, 404), "post", {"pk": "GRANT"}, {"as": "steward"}, "steward"),
    ],
    "exempt-grant": [
        Try(
            (302, 404, 404, 404, 302, 404),
            "post",
            {"pk": "GRANT"},
            {"reason": "Winter", "duration": "90d"},
        )
    ],
    "withdraw-exemption": [Try((302, 404, 404, 404, 302, 404), "post", {"pk": "GRANT"})],
    "my-data": [Try(page())],
    "dashboards": [Try(page())],
    "dashboard": [Try(page(), path={"name": "board"})],
    "dashboard-pin": [Try(page(302), "post", {"name": "board"})],
    "dashboard-tile": [Try(page(), path={"name": "board", "tile_name": "n"})],
    "workbench": [Try(page())],
    "workbench-run": [Try(page(), "post", body={"sql": "select id from sales.orders"})],
    "query": [Try((302, 404, 404, 200, 404, 404), path={"pk": "QUERY"})],
    "audit": [Try((302, 403, 403, 403, 200, 200))],
    "who-could-read": [Try((302, 403, 403, 403, 200, 200))],
    "mailbox": [Try(page(302))],
    "notices": [Try(page())],
    "notice": [Try((302, 404, 302, 404, 404, 404), path={"pk": "NOTICE"})],
    "read-notices": [Try(page(302), "post")],
    "preferences": [
        Try(page()),
        Try(page(302), "post", body={"digest_hour": "9", "zone": "Europe/Berlin"}, label="hours"),
        Try(page(422), "post", body={"digest_hour": "9", "zone": "Nowhere"}, label="wrong"),
    ],
    "preferred-topics": [Try(page(422), "post")],
    "add-webhook": [
        Try(page(422), "post", body={"name": "a", "kind": "slack", "url": "https://127.0.0.1/"})
    ],
    "webhook-act": [
        Try((302, 404, 200, 404, 404, 404), "post", {"pk": "WEBHOOK", "act": "rotate"}),
        Try((302, 404, 302, 404, 404, 404), "post", {"pk": "WEBHOOK", "act": "enable"}, label="on"),
        Try(
            (302, 404, 302, 404, 404, 404), "post", {"pk": "WEBHOOK", "act": "disable"}, label="off"
        ),
        Try(
            (302, 404, 302, 404, 404, 404), "post", {"pk": "WEBHOOK", "act": "remove"}, label="gone"
        ),
        Try((302, 404, 404, 404, 404, 404), "post", {"pk": "WEBHOOK", "act": "x"}, label="other"),
    ],
    "decide-by-link": [
        Try((302, 404, 404, 404, 200, 404), path={"token": "LINK"}),
        Try((302, 404, 404, 404, 422, 404), "post", {"token": "LINK"}, {"verdict": "deny"}, "deny"),
        Try((302, 404, 404, 404, 404, 404), path={"token": "forged"}, label="forged"),
    ],
    "own-tools": [Try(page())],
    # The warehouse does not answer, which the page says; for others there is nothing to open a login for.
    "open-login": [Try(page(302), "post", {"pk": "NATIVE"})],
    "close-login": [Try((302, 404, 404, 302, 404, 404), "post", {"pk": "LOGIN"})],
    # There is no PostgreSQL here to switch it for.
    "native": [Try((302, 403, 403, 403, 403, 200))],
    "native-act": [
        Try((302, 404, 404, 404, 404, 404), "post", {"pk": "MANAGED", "act": act}, {}, act)
        for act in ("on", "change", "compare", "off")
    ],
    "deliveries": [Try((302, 403, 403, 403, 403, 200))],
    "deliver-again": [Try((302, 403, 403, 403, 403, 302), "post")],
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
    "POST /access-requests/{id}/questions": [
        Try((401, 404, 403, 404, 201, 403), "post", {"id": "REQUEST"}, {"text": "Why?"})
    ],
    "POST /access-requests/{id}/questions/{question}/answer": [
        Try(
            (401, 404, 404, 404, 404, 404),
            "post",
            {"id": "REQUEST", "question": "QUESTION"},
            {"text": "So."},
        )
    ],
    "GET /datasets/{name}/rules": [
        Try(KNOWN, path=SEEN),
        Try(HIDDEN, path=UNSEEN, label="hidden"),
    ],
    "PUT /datasets/{name}/rules": [
        Try((401, 403, 403, 403, 200, 403), "put", SEEN, {"longest": "30d"}),
        Try((401, 404, 404, 404, 200, 403), "put", UNSEEN, {"longest": "30d"}, "hidden"),
    ],
    "POST /datasets/{name}/steward": [
        Try((401, 403, 403, 403, 403, 409), "post", SEEN),
        Try((401, 404, 404, 404, 403, 409), "post", UNSEEN, label="hidden"),
    ],
    "GET /rules/domains/{name}": [Try((401, 403, 403, 403, 403, 404), path={"name": "commerce"})],
    "PUT /rules/domains/{name}": [
        Try((401, 403, 403, 403, 403, 404), "put", {"name": "commerce"}, {"longest": "30d"})
    ],
    "GET /rules/sensitivities/{level}": [
        Try((401, 403, 403, 403, 403, 200), path={"level": "restricted"})
    ],
    "PUT /rules/sensitivities/{level}": [
        Try((401, 403, 403, 403, 403, 200), "put", {"level": "restricted"}, {"longest": "30d"})
    ],
    "GET /unowned-datasets": [Try(KNOWN)],
    "GET /delegations": [Try(KNOWN)],
    "POST /delegations": [
        Try(
            (401, 403, 403, 403, 409, 201),
            "post",
            body={"delegate": "user:outsider", "ends_at": "DELEGATED"},
        )
    ],
    "DELETE /delegations/{id}": [
        Try((401, 404, 404, 404, 200, 200), "delete", {"id": "DELEGATION"})
    ],
    "POST /emergencies": [
        Try(
            (401, 403, 403, 409, 403, 403),
            "post",
            body={"dataset": "DATASET", "reason": "Fire"},
        ),
        Try(
            (401, 404, 404, 404, 403, 403),
            "post",
            body={"dataset": "HIDDEN", "reason": "Fire"},
            label="hidden",
        ),
    ],
    "GET /emergencies": [Try(KNOWN)],
    "GET /emergencies/{id}": [Try((401, 404, 404, 200, 200, 200), path={"id": "EMERGENCY"})],
    "POST /emergencies/{id}/review": [
        Try(
            (401, 404, 404, 403, 422, 422),
            "post",
            {"id": "EMERGENCY"},
            {"justified": True, "note": "Fine"},
        )
    ],
    "GET /reviews": [Try(KNOWN)],
    "POST /reviews": [
        Try(
            (401, 403, 403, 403, 409, 409),
            "post",
            body={"name": "Again", "scope": "dataset:wh.sales.orders"},
        )
    ],
    "GET /reviews/{id}": [Try(HIDDEN, path={"id": "REVIEW"})],
    "GET /reviews/{id}/items": [Try(HIDDEN, path={"id": "REVIEW"})],
    "POST /reviews/{id}/items/{item}/verdict": [
        Try(
            (401, 404, 404, 404, 200, 403),
            "post",
            {"id": "REVIEW", "item": "ITEM"},
            {"verdict": "keep"},
        )
    ],
    "DELETE /reviews/{id}/items/{item}/verdict": [
        Try((401, 404, 404, 404, 403, 403), "delete", {"id": "REVIEW", "item": "ITEM"})
    ],
    "GET /reviews/{id}/export": [Try(HIDDEN, path={"id": "REVIEW"})],
    "GET /grants": [Try(KNOWN)],
    "DELETE /grants/{id}": [
        Try((401, 404, 404, 200, 200, 200), "delete", {"id": "GRANT"}),
        Try((401, 404, 404, 200, 200, 200), "delete", {"id": "GRANT"}, {"reason": "Over"}, "why"),
    ],
    "POST /grants/{id}/renewal": [
        Try((401, 404, 404, 201, 403, 403), "post", {"id": "GRANT"}, {"duration": "30d"})
    ],
    "POST /grants/{id}/restoration": [Try((401, 404, 404, 409, 403, 403), "post", {"id": "GRANT"})],
    "POST /grants/{id}/waking": [Try((401, 404, 404, 200, 403, 403), "post", {"id": "GRANT"})],
    "POST /grants/{id}/readmission": [Try((401, 404, 404, 200, 403, 403), "post", {"id": "GRANT"})],
    "POST /grants/{id}/kept-columns": [
        Try((401, 404, 404, 409, 409, 403), "post", {"id": "GRANT"})
    ],
    "POST /grants/{id}/exemption": [
        Try(
            (401, 404, 404, 403, 201, 201),
            "post",
            {"id": "GRANT"},
            {"duration": "90d", "reason": "Winter"},
        )
    ],
    "DELETE /grants/{id}/exemption": [
        Try((401, 404, 404, 403, 200, 200), "delete", {"id": "GRANT"})
    ],
    "GET /access-review/tonight": [Try(KNOWN)],
    "GET /datasets/{name}/readers": [
        Try((401, 403, 403, 403, 200, 200), path=SEEN),
        Try(HIDDEN, path=UNSEEN, label="hidden"),
    ],
    "POST /queries": [
        Try((401, 403, 403, 200, 403, 403), "post", body={"sql": "select id from sales.orders"}),
        Try(
            (401, 403, 403, 403, 403, 403),
            "post",
            body={"sql": "select id from sales.secrets"},
            label="hidden",
        ),
    ],
    "POST /queries/explain": [
        Try(KNOWN, "post", body={"sql": "select id from sales.orders"}),
        Try(KNOWN, "post", body={"sql": "select id from sales.secrets"}, label="hidden"),
    ],
    "GET /queries/{id}": [Try((401, 404, 404, 200, 404, 404), path={"id": "QUERY"})],
    "GET /notices": [Try(KNOWN)],
    "POST /notices/read": [Try(KNOWN, "post", body={"ids": []})],
    "GET /preferences": [Try(KNOWN)],
    "PATCH /preferences": [
        Try(KNOWN, "patch", body={"digest_hour": 9, "quiet": None}),
        Try(
            (401, 422, 422, 422, 422, 422),
            "patch",
            body={"topics": {"emergencies": {"mail": "never"}}},
            label="emergencies",
        ),
    ],
    "GET /webhooks": [Try(KNOWN)],
    "POST /webhooks": [
        Try(
            (401, 422, 422, 422, 422, 422),
            "post",
            body={"name": "a", "url": "https://169.254.169.254/"},
        )
    ],
    "POST /webhooks/{id}/rotation": [
        Try((401, 404, 200, 404, 404, 404), "post", {"id": "WEBHOOK"})
    ],
    "POST /webhooks/{id}/enabling": [
        Try((401, 404, 200, 404, 404, 404), "post", {"id": "WEBHOOK"})
    ],
    "DELETE /webhooks/{id}": [Try((401, 404, 204, 404, 404, 404), "delete", {"id": "WEBHOOK"})],
    "POST /metrics/query": [Try((401, 404, 404, 404, 404, 404), "post", body={"metrics": ["x"]})],
}
