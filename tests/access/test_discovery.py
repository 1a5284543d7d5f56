"""Who may know that a dataset exists: one rule, for people in every position."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone

from access.discovery import dataset_for, discoverable_by
from access.errors import NotFound
from access.grants import revoke, suspend
from access.models import Principal
from access.people import principals
from access.people.permissions import Permission
from catalog.models import Dataset, Visibility
from tests.datasets import make_dataset, make_domain
from tests.people import make_grant, make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """The moment of the database, which is the one that counts."""
    return timezone.now()


@pytest.fixture
def listed() -> Dataset:
    return make_dataset("sales.orders")


@pytest.fixture
def hidden() -> Dataset:
    return make_dataset("hr.salaries", visibility=Visibility.HIDDEN, domain=make_domain("people"))


@pytest.fixture
def outsider() -> Principal:
    return make_person("outsider")


def knows(principal: Principal, dataset: Dataset) -> bool:
    return discoverable_by(principal).filter(pk=dataset.pk).exists()


def test_everybody_knows_of_what_is_listed(outsider: Principal, listed: Dataset) -> None:
    assert knows(outsider, listed)


def test_an_outsider_does_not_know_of_what_is_hidden(outsider: Principal, hidden: Dataset) -> None:
    assert not knows(outsider, hidden)


@pytest.mark.parametrize(
    "permission", [Permission.DECIDE, Permission.DESCRIBE, Permission.SEE_METADATA]
)
@pytest.mark.parametrize("through", ["alone", "team"])
@pytest.mark.parametrize("over", ["dataset", "domain"])
def test_any_charge_lets_know(
    outsider: Principal, hidden: Dataset, permission: Permission, through: str, over: str
) -> None:
    holder = outsider if through == "alone" else make_team("people-ops", outsider)
    assert hidden.domain is not None

    put_in_charge(holder, hidden if over == "dataset" else hidden.domain, permission)

    assert knows(outsider, hidden)


def test_a_charge_of_one_thing_says_nothing_of_another(
    outsider: Principal, hidden: Dataset
) -> None:
    other = make_dataset("hr.reviews", visibility=Visibility.HIDDEN, domain=make_domain("other"))
    put_in_charge(outsider, other)
    put_in_charge(outsider, make_domain("third"))

    assert not knows(outsider, hidden)


@pytest.mark.parametrize("through", ["alone", "team"])
def test_a_live_grant_lets_know(
    outsider: Principal, hidden: Dataset, now: datetime, through: str
) -> None:
    holder = outsider if through == "alone" else make_team("people-ops", outsider)

    make_grant(holder, hidden, now=now)

    assert knows(outsider, hidden)


@pytest.mark.parametrize("state", ["expired", "scheduled", "suspended", "ended"])
@pytest.mark.parametrize("through", ["alone", "team"])
def test_a_grant_that_is_not_live_lets_nothing_be_known(
    outsider: Principal, hidden: Dataset, now: datetime, through: str, state: str
) -> None:
    holder = outsider if through == "alone" else make_team("people-ops", outsider)
    given = now - timedelta(days=40) if state == "expired" else now
    starts_at = now + timedelta(days=1) if state == "scheduled" else None

    grant = make_grant(holder, hidden, now=given, starts_at=starts_at)
    if state == "suspended":
        suspend(grant, actor=None, reason="Asleep", now=now)
    if state == "ended":
        revoke(grant, actor=None, reason="Over", now=now)

    assert grant.state_at(now) == state
    assert not knows(outsider, hidden)


def test_somebody_elses_grant_lets_nothing_be_known(
    outsider: Principal, hidden: Dataset, now: datetime
) -> None:
    make_grant(make_person("holder"), hidden, now=now)
    make_grant(make_team("people-ops"), hidden, now=now)

    assert not knows(outsider, hidden)


def test_leaving_the_team_ends_knowing(outsider: Principal, hidden: Dataset, now: datetime) -> None:
    team = make_team("people-ops", outsider)
    make_grant(team, hidden, now=now)
    put_in_charge(team, hidden)

    outsider.groups.clear()

    assert not knows(outsider, hidden)


def test_an_administrator_knows_of_everything(hidden: Dataset, listed: Dataset) -> None:
    root = make_person("root", administrator=True)

    assert knows(root, hidden)
    assert knows(root, listed)


def test_nobody_inactive_knows_of_anything(hidden: Dataset, listed: Dataset, now: datetime) -> None:
    people = [
        make_person("root", administrator=True),
        make_person("steward"),
        make_person("second", administrator=True),
    ]
    put_in_charge(people[1], hidden)
    make_grant(people[1], hidden, now=now)
    for person in people[:2]:
        principals.deactivate(person, actor=None, now=now)

    for person in people[:2]:
        person.refresh_from_db()
        assert not discoverable_by(person).exists()


def test_nobody_in_particular_knows_of_nothing(listed: Dataset) -> None:
    assert not discoverable_by(AnonymousUser()).exists()  # type: ignore[arg-type]


def test_a_permission_over_every_object_opens_nothing(outsider: Principal, hidden: Dataset) -> None:
    outsider.user_permissions.set(DjangoPermission.objects.all())

    assert not knows(Principal.objects.get(pk=outsider.pk), hidden)


def test_hidden_and_absent_are_told_apart_by_nothing(
    outsider: Principal, hidden: Dataset, django_assert_num_queries: Any
) -> None:
    refusals = []
    for name in (hidden.name, "wh.hr.nothing"):
        with django_assert_num_queries(1), pytest.raises(NotFound) as refusal:
            dataset_for(outsider, name)
        refusals.append((refusal.value.message, refusal.value.code, refusal.value.status))

    assert refusals[0] == refusals[1]
    assert "salaries" not in refusals[0][0]


def test_a_dataset_is_found_by_its_name(outsider: Principal, listed: Dataset) -> None:
    assert dataset_for(outsider, "wh.sales.orders") == listed


def test_the_rule_is_one_subquery_and_never_a_list(
    outsider: Principal, listed: Dataset, hidden: Dataset, django_assert_num_queries: Any
) -> None:
    put_in_charge(outsider, hidden)

    with django_assert_num_queries(1):
        found = list(Dataset.objects.filter(pk__in=discoverable_by(outsider).values("pk")))

    assert set(found) == {listed, hidden}
