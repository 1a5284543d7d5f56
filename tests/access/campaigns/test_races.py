"""Reviews as races: two reviewers on one grant, a verdict against the deadline, two beats closing one review."""

from functools import partial

import pytest
from django.db.models import Count
from django.test import Client

from access import campaigns
from access.campaigns import closing
from access.clock import database_now
from access.errors import AccessError, AlreadyDecided
from access.models import (
    AuditEvent,
    Campaign,
    CampaignItem,
    Certification,
    Grant,
    Notice,
    Principal,
)
from catalog.models import Dataset
from tests.access.campaigns.reviewing import KEEP, LATER, REVOKE, opened
from tests.access.lifecycle import DAY
from tests.access.racing import race
from tests.people import make_grant, make_person, put_in_charge

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 6
MANY = 200


@pytest.fixture
def second(dataset: Dataset) -> Principal:
    """Decides about the data as well."""
    person = make_person("second")
    put_in_charge(person, dataset)
    return person


def hold_many(dataset: Dataset, n: int) -> None:
    now = database_now()
    for number in range(n):
        make_grant(make_person(f"holder{number}"), dataset, now=now, lasts=90 * DAY)


def certify(item: CampaignItem, actor: Principal, verdict: Certification) -> CampaignItem:
    found = CampaignItem.objects.select_related("campaign", "grant__dataset").get(pk=item.pk)
    return campaigns.certify(
        found, actor=actor, verdict=verdict, reason="Project over", now=database_now()
    )


@pytest.mark.parametrize("n_rounds", [FEW, pytest.param(MANY, marks=pytest.mark.drill)])
def test_of_racing_verdicts_one_stands_each_time(
    dataset: Dataset, steward: Principal, second: Principal, n_rounds: int
) -> None:
    hold_many(dataset, n_rounds)
    opened(dataset, steward)

    for item in CampaignItem.objects.order_by("pk"):
        outcomes = race(
            partial(certify, item, steward, KEEP),
            partial(certify, item, second, REVOKE),
            partial(certify, item, second, KEEP),
        )
        said = [each for each in outcomes if isinstance(each, CampaignItem)]
        assert len(said) == 1
        assert sum(isinstance(each, AlreadyDecided) for each in outcomes) == 2
        item.refresh_from_db()
        assert (item.verdict, item.decided_by) == (said[0].verdict, said[0].decided_by)
        held = Grant.objects.get(pk=item.grant_id)
        assert (held.suspended_at is not None) == (item.verdict == REVOKE)

    assert AuditEvent.objects.filter(kind="grant.certified").count() == n_rounds
    assert not Notice.objects.filter(kind="grant.suspended").exists()


@pytest.mark.parametrize("n_rounds", [FEW, pytest.param(MANY, marks=pytest.mark.drill)])
def test_racing_reviewers_never_see_a_broken_page(
    dataset: Dataset, steward: Principal, second: Principal, n_rounds: int
) -> None:
    hold_many(dataset, n_rounds)
    campaign = opened(dataset, steward)
    clients = {person.pk: Client() for person in (steward, second)}
    for person in (steward, second):
        clients[person.pk].force_login(person)

    def press(person: Principal, item: CampaignItem, verdict: str) -> object:
        fields = {"verdict": verdict, "items": item.pk, "reason": "Project over"}
        script = {"HX-Request": "true"}
        address = f"/reviews/{campaign.pk}/verdicts/"
        return clients[person.pk].post(address, fields, headers=script).status_code

    for item in CampaignItem.objects.order_by("pk"):
        outcomes = race(
            partial(press, steward, item, "keep"), partial(press, second, item, "revoke")
        )
        assert outcomes == [200, 200]

    assert not CampaignItem.objects.filter(verdict="").exists()
    assert AuditEvent.objects.filter(kind="grant.certified").count() == n_rounds


def test_a_verdict_and_its_taking_back_race_to_one_story(
    dataset: Dataset, steward: Principal
) -> None:
    hold_many(dataset, FEW)
    opened(dataset, steward)

    for item in CampaignItem.objects.order_by("pk"):
        said = certify(item, steward, REVOKE)
        back = partial(campaigns.take_back, said, actor=steward, now=database_now())
        again = partial(campaigns.take_back, said, actor=steward, now=database_now())
        outcomes = race(back, again)
        assert sum(isinstance(each, CampaignItem) for each in outcomes) == 1
        assert Grant.objects.get(pk=item.grant_id).suspended_at is None

    assert AuditEvent.objects.filter(kind="grant.uncertified").count() == FEW


def test_a_verdict_at_the_deadline_is_not_lost_to_silence(
    dataset: Dataset, steward: Principal
) -> None:
    hold_many(dataset, FEW)
    campaign = opened(dataset, steward)
    passed = campaign.due_at + LATER

    items = list(CampaignItem.objects.order_by("pk"))
    outcomes = race(
        partial(closing.suspend_silent, passed),
        *(partial(certify, item, steward, KEEP) for item in items),
    )

    assert not [each for each in outcomes if isinstance(each, AccessError)]
    assert set(CampaignItem.objects.values_list("verdict", flat=True)) == {"keep"}
    assert not Grant.objects.filter(suspended_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("n_beats", "n_grants"), [(3, 25), pytest.param(6, 400, marks=pytest.mark.drill)]
)
def test_beats_that_close_one_review_at_once_suspend_and_tell_once(
    dataset: Dataset,
    steward: Principal,
    monkeypatch: pytest.MonkeyPatch,
    n_beats: int,
    n_grants: int,
) -> None:
    monkeypatch.setattr(closing, "BATCH", 7)
    hold_many(dataset, n_grants)
    campaign = opened(dataset, steward)
    campaigns.certify_several(
        CampaignItem.objects.order_by("pk")[:5],
        actor=steward,
        verdict=REVOKE,
        reason="Over",
        now=database_now(),
    )
    passed = campaign.due_at + LATER

    outcomes = race(*(partial(campaigns.run, passed) for _ in range(n_beats)))
    campaigns.run(passed)

    assert all(isinstance(each, dict) for each in outcomes), outcomes
    assert Campaign.objects.get().closed_at == passed
    silent = n_grants - 5
    assert CampaignItem.objects.filter(suspended_at__isnull=False).count() == silent
    events = dict(AuditEvent.objects.order_by().values_list("kind").annotate(n=Count("pk")))
    assert events["grant.suspended"] == n_grants
    assert (events["grant.revoked"], events["campaign.closed"]) == (5, 1)
    told = dict(Notice.objects.order_by().values_list("kind").annotate(n=Count("pk")))
    expected = {"grant.suspended": silent, "grant.revoked": 5, "campaign.closed": 1}
    assert {kind: told[kind] for kind in expected} == expected
