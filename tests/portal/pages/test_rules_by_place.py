"""The rules of approval of a domain and of a sensitivity: written in a form by who answers for them, and by nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from access.clock import database_now
from access.deciding import approval
from access.deciding.approval import Said, Stage
from access.models import AuditEvent, Principal
from catalog.models import Domain, Sensitivity
from tests.access.lifecycle import stewarded
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db

FORM = {
    "stage-TOTAL_FORMS": "3",
    "stage-INITIAL_FORMS": "3",
    "rule-TOTAL_FORMS": "1",
    "rule-INITIAL_FORMS": "1",
}


@pytest.fixture
def domain(steward: Principal) -> Domain:
    """Commerce, and its steward."""
    made = Domain.objects.create(name="commerce", title="Commerce")
    put_in_charge(steward, made)
    return made


def test_a_steward_of_the_domain_says_it_for_all_its_datasets(
    client: Client, domain: Domain, steward: Principal
) -> None:
    make_team("privacy")
    dataset = stewarded(steward, domain=domain)
    client.force_login(steward)
    said = {**FORM, "stage-0-by": "domain, privacy", "stage-0-approvals": "2", "longest": "60d"}

    answer = client.post("/rules/domains/commerce/", said)

    assert answer.status_code == 302
    found = approval.approval_of(dataset)
    assert found.stages == (Stage(("domain", "team:privacy"), 2),)
    assert (found.longest, found.sources["longest"]) == (timedelta(days=60), "domain")
    event = AuditEvent.objects.get(kind="approval.changed")
    assert (event.actor, event.subject) == (steward, "domain:commerce")


def test_an_administrator_says_it_for_a_sensitivity(client: Client, steward: Principal) -> None:
    client.force_login(make_person("ada", administrator=True))

    answer = client.post(
        "/rules/sensitivities/restricted/", {**FORM, "longest": "30d", "no_responders": "on"}
    )

    assert answer.status_code == 302
    said = approval.said_by(Sensitivity.RESTRICTED)
    assert said == Said(longest=timedelta(days=30), responders=())


def test_what_cannot_be_saved_is_said_beside_its_field(
    client: Client, domain: Domain, steward: Principal
) -> None:
    client.force_login(steward)

    answer = client.post("/rules/domains/commerce/", {**FORM, "longest": "soon"})

    assert answer.status_code == 422
    assert "Write a span" in answer.content.decode()
    assert approval.said_by(domain) == approval.NOTHING


def test_the_list_tells_what_each_place_says_and_what_it_leaves(
    client: Client, domain: Domain, steward: Principal
) -> None:
    approval.say(
        Sensitivity.RESTRICTED,
        Said(stages=(Stage(("administrators",), 2),)),
        actor=None,
        now=database_now(),
    )
    client.force_login(steward)

    page = client.get("/rules/").content.decode()

    assert "2 of: an administrator" in page
    assert "left to the sensitivity" in page
    assert "/rules/domains/commerce/" in page
    assert "/rules/sensitivities/restricted/" not in page, "only administrators write these"


@pytest.mark.parametrize("name", ["commerce", "no-such-domain"])
def test_somebody_elses_domain_is_refused_like_one_that_does_not_exist(
    client: Client, domain: Domain, outsider: Principal, name: str
) -> None:
    client.force_login(outsider)

    answer = client.post(f"/rules/domains/{name}/", {**FORM, "longest": "60d"})

    assert answer.status_code == 403
    assert "Only a steward of the domain, or an administrator, can do this." in (
        answer.content.decode()
    )
    assert approval.said_by(domain) == approval.NOTHING
    assert client.get("/rules/").status_code == 403
