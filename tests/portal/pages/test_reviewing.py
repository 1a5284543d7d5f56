"""The pages of the review: waking, coming back, keeping columns, exempting, and asking who could read what."""

import pytest
from django.test import Client

from access import grants, sweep
from access.clock import database_now
from access.models import Exclusion, Exemption, Grant, Principal, RightSizing
from catalog.models import Dataset
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded, use
from tests.people import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    return stewarded(steward)


@pytest.fixture
def grant(dataset: Dataset, analyst: Principal, steward: Principal) -> Grant:
    now = database_now()
    return granted(dataset, analyst, steward, now=now - 100 * DAY, duration=180 * DAY)


def _as(person: Principal) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _asleep(grant: Grant, steward: Principal, analyst: Principal) -> None:
    now = database_now()
    busy = granted(stewarded(steward, "sales.busy"), analyst, steward, purpose="Daily")
    use(busy, now)
    use(grant, now - 360 * DAY)
    Grant.objects.filter(pk=grant.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)
    sweep.run(now)


@pytest.mark.parametrize("page", ["/access/", "/datasets/wh.sales.customers/"])
def test_a_sleeping_grant_is_woken_by_one_click_from_where_it_is_missed(
    page: str, grant: Grant, analyst: Principal, steward: Principal
) -> None:
    _asleep(grant, steward, analyst)
    client = _as(analyst)

    assert f"/grants/{grant.pk}/wake/" in client.get(page).content.decode()
    client.post(f"/grants/{grant.pk}/wake/")

    assert grants.live().filter(pk=grant.pk).exists()


def test_a_member_who_was_left_out_comes_back_by_one_click(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    team = make_team("sales", analyst)
    held = approve(ask(dataset, analyst, holder=team), steward)
    Exclusion.objects.create(
        grant=held, member=analyst, warned_at=now - 9 * DAY, due_at=now - DAY, excluded_at=now
    )
    client = _as(analyst)

    for page in ("/access/", f"/datasets/{dataset.name}/"):
        assert f"/grants/{held.pk}/come-back/" in client.get(page).content.decode()
    client.post(f"/grants/{held.pk}/come-back/")

    assert not Exclusion.objects.filter(lifted_at=None).exists()


def test_holder_and_steward_see_what_goes_and_keep_it(
    grant: Grant, analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    RightSizing.objects.create(
        grant=grant,
        columns=["email", "country"],
        reason="x",
        proposed_at=now,
        mask_due_at=now + 14 * DAY,
    )

    assert "<code>email</code>" in _as(analyst).get("/access/").content.decode()
    assert "<code>email</code>" in _as(steward).get("/my-data/").content.decode()
    _as(analyst).post(f"/grants/{grant.pk}/keep-columns/", {"columns": ["email"]})
    _as(steward).post(f"/grants/{grant.pk}/keep-columns/", {"as": "steward"})

    sizing = RightSizing.objects.get()
    assert sizing.going == []
    assert sizing.closed_at is not None


def test_a_steward_exempts_a_grant_and_takes_it_back(
    grant: Grant, steward: Principal, outsider: Principal
) -> None:
    said = {"reason": "Only in winter", "duration": "90d"}
    assert _as(outsider).post(f"/grants/{grant.pk}/exempt/", said).status_code == 404
    client = _as(steward)

    client.post(f"/grants/{grant.pk}/exempt/", said)
    page = client.get("/my-data/").content.decode()
    assert "Only in winter" in page
    assert "1 grant on your data is exempt" in page
    client.post(f"/grants/{grant.pk}/exemption/withdraw/")

    assert Exemption.objects.get().withdrawn_at is not None


def test_an_exemption_without_a_reason_changes_nothing(grant: Grant, steward: Principal) -> None:
    _as(steward).post(f"/grants/{grant.pk}/exempt/", {"duration": "90d"})

    assert not Exemption.objects.exists()


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("wh.sales.customers.email", "1 could read it, 0 did"),
        ("wh.sales.customers", "Alice Analyst"),
        ("wh.sales.nothing", "Nothing by that name"),
        ("wh.sales.customers.salary", "Nothing by that name"),
    ],
)
def test_the_auditor_is_told_who_could_read(
    grant: Grant, steward: Principal, subject: str, said: str
) -> None:
    page = _as(steward).get("/audit/who/", {"subject": subject}).content.decode()

    assert said in page


def test_who_could_read_is_nobody_elses_business(grant: Grant, analyst: Principal) -> None:
    assert _as(analyst).get("/audit/who/", {"subject": grant.dataset.name}).status_code == 403


def test_a_wrong_day_is_said_to_be_wrong(grant: Grant, steward: Principal) -> None:
    asked = {"subject": grant.dataset.name, "on": "yesterday"}

    assert "Say which and when" in _as(steward).get("/audit/who/", asked).content.decode()
