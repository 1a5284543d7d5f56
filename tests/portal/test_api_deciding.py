"""Rules, questions, delegates and emergencies over the API: the shapes that programs rely on."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Grant, Principal
from access.people import tokens
from catalog.models import Dataset
from tests.access.lifecycle import stewarded
from tests.people import make_person, make_team

pytestmark = pytest.mark.django_db


class Caller:
    """Somebody with a token of their own."""

    def __init__(self, person: Principal) -> None:
        _, secret = tokens.issue(person, scopes=[], expires_at=None, actor=None, now=database_now())
        self.headers = {"Authorization": f"Bearer {secret}"}

    def send(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        """Status and answer of a call."""
        answer = Client().generic(
            method,
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers=self.headers,
        )
        return answer.status_code, json.loads(answer.content)


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """With a steward."""
    return stewarded(steward)


def test_rules_are_said_and_read(dataset: Dataset, steward: Principal, outsider: Principal) -> None:
    make_team("privacy")
    rules = {
        "stages": [{"by": ["stewards"]}, {"by": ["team:privacy"], "approvals": 2}],
        "longest": "60d",
        "auto_approve": [{"team": "privacy", "except_tags": ["pii"], "longest": "7d"}],
        "responders": ["user:otto"],
        "terms": "Stays here.",
    }

    status, said = Caller(steward).send("PUT", f"/datasets/{dataset.name}/rules", **rules)

    assert status == 200
    assert said["stages"][1] == {"by": ["team:privacy"], "approvals": 2}
    assert said["terms"] == {"version": 1, "text": "Stays here."}
    assert said["sources"]["responders"] == "dataset"
    _, read = Caller(outsider).send("GET", f"/datasets/{dataset.name}/rules")
    assert read == {key: said[key] for key in ("approvals", "longest", "stages", "terms")}
    _, page = Caller(outsider).send("GET", f"/datasets/{dataset.name}")
    assert page["rules"] == read


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"stages": [{"by": ["user:nobody"]}]}, "stages"),
        ({"longest": "soon"}, "longest"),
        ({"auto_approve": [{"team": "nobody"}]}, "auto_approve"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(
    dataset: Dataset, steward: Principal, rules: dict[str, Any], field: str
) -> None:
    status, problem = Caller(steward).send("PUT", f"/datasets/{dataset.name}/rules", **rules)

    assert (status, problem["code"]) == (422, "invalid")
    assert field in json.dumps(problem)


def test_a_request_with_terms_stages_and_a_question(
    dataset: Dataset, analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    owner, asker, admin = Caller(steward), Caller(analyst), Caller(administrator)
    owner.send(
        "PUT",
        f"/datasets/{dataset.name}/rules",
        stages=[{"by": ["stewards"]}, {"by": ["administrators"]}],
        terms="Stays here.",
    )
    wanted = {"dataset": dataset.name, "purpose": "Churn", "duration": "30d"}
    assert asker.send("POST", "/access-requests", **wanted)[0] == 422
    starts_at = (database_now() + timedelta(days=3)).isoformat()

    status, made = asker.send("POST", "/access-requests", **wanted, terms=1, starts_at=starts_at)
    assert (status, made["stage"], made["stages"]) == (201, 1, 2)
    where = f"/access-requests/{made['id']}"
    status, question = owner.send("POST", f"{where}/questions", text="What for?")
    assert status == 201
    assert asker.send("GET", where)[1]["waits_for_answer"] is True
    status, answered = asker.send(
        "POST", f"{where}/questions/{question['id']}/answer", text="For mail."
    )
    assert (status, answered["answered_by"]) == (200, "user:alice")
    assert owner.send("GET", where)[1]["questions"] == [answered]
    status, voted = owner.send("POST", f"{where}/decision", verdict="approve", reason="")
    assert (status, voted["state"], voted["stage"], voted["grant"]) == (200, "pending", 2, None)
    status, decided = admin.send("POST", f"{where}/decision", verdict="approve", reason="")
    assert (status, decided["state"]) == (200, "approved")
    assert Grant.objects.get().starts_at.isoformat() == starts_at


def test_a_delegate_over_the_api_is_named_beside_the_steward(
    dataset: Dataset, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    dana = make_person("dana")
    ends_at = (database_now() + timedelta(days=3)).isoformat()

    status, made = Caller(steward).send(
        "POST", "/delegations", delegate="user:dana", ends_at=ends_at
    )
    assert (status, made["delegator"], made["delegate"]) == (201, "user:olga", "user:dana")
    _, asked = Caller(analyst).send(
        "POST", "/access-requests", dataset=dataset.name, purpose="Churn", duration="30d"
    )
    _, inbox = Caller(dana).send("GET", "/access-requests")
    assert [each["id"] for each in inbox["items"]] == [asked["id"]]
    _, decided = Caller(dana).send(
        "POST", f"/access-requests/{asked['id']}/decision", verdict="approve", reason=""
    )
    assert (decided["decided_by"], decided["on_behalf_of"]) == ("user:dana", "user:olga")
    assert Caller(outsider).send("GET", "/delegations")[1]["items"] == []
    assert Caller(dana).send("DELETE", f"/delegations/{made['id']}")[0] == 200
    naive = {"delegate": "user:dana", "ends_at": "2030-01-01T00:00:00"}
    assert Caller(steward).send("POST", "/delegations", **naive)[0] == 422


def test_an_emergency_over_the_api(
    dataset: Dataset, steward: Principal, outsider: Principal
) -> None:
    owner, responder = Caller(steward), Caller(outsider)
    owner.send("PUT", f"/datasets/{dataset.name}/rules", responders=["user:otto"])

    status, made = responder.send(
        "POST", "/emergencies", dataset=dataset.name, reason="Fire", duration="2h"
    )
    assert (status, made["responder"], made["justified"]) == (201, "user:otto", None)
    too_long = {"dataset": dataset.name, "reason": "Fire", "duration": "5h"}
    assert responder.send("POST", "/emergencies", **too_long)[0] == 422
    where = f"/emergencies/{made['id']}"
    found = {"justified": True, "note": "Fine"}
    assert owner.send("POST", f"{where}/review", **found)[0] == 422
    responder.send("DELETE", f"/grants/{made['grant']}")
    assert responder.send("POST", f"{where}/review", **found)[0] == 403
    status, reviewed = owner.send("POST", f"{where}/review", **found)
    assert (status, reviewed["reviewer"], reviewed["statements"]) == (200, "user:olga", [])
    assert owner.send("POST", f"{where}/review", **found)[0] == 409
