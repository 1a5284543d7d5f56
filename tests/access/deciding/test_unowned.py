"""What nobody answers for falls to the domain, is listed, and is taken once."""

import threading

import pytest
from django.db import connection

from access.asking import requests
from access.clock import database_now
from access.errors import AccessError, Conflict, NotAllowed
from access.models import AuditEvent, Principal
from access.people import stewardship
from tests.access.lifecycle import approve, ask, stewarded
from tests.datasets import make_domain
from tests.people import make_person, put_in_charge

pytestmark = pytest.mark.django_db


def test_an_ownerless_dataset_falls_to_its_domain_and_is_listed_until_taken(
    analyst: Principal, outsider: Principal, administrator: Principal
) -> None:
    domain = make_domain("commerce")
    chief = make_person("chief")
    put_in_charge(chief, domain)
    orphan = stewarded(None, "sales.orphan", domain=domain)
    asked = ask(orphan, analyst)

    assert list(requests.waiting_for(chief)) == [asked]
    for person, listed in ((chief, [orphan]), (administrator, [orphan]), (outsider, [])):
        assert list(stewardship.unowned(person)) == listed
    with pytest.raises(NotAllowed):
        stewardship.take(orphan, actor=outsider, now=database_now())
    stewardship.take(orphan, actor=chief, now=database_now())

    assert stewardship.stewards_of(orphan) == (chief,)
    assert not stewardship.unowned(administrator).exists()
    with pytest.raises(Conflict):
        stewardship.take(orphan, actor=administrator, now=database_now())
    assert AuditEvent.objects.filter(kind="steward.appointed", actor=chief).count() == 1
    assert approve(asked, chief).principal == analyst


def test_a_dataset_is_ownerless_again_when_its_steward_leaves(
    steward: Principal, administrator: Principal
) -> None:
    dataset = stewarded(steward)
    assert not stewardship.unowned(administrator).exists()

    Principal.objects.filter(pk=steward.pk).update(is_active=False)

    [found] = stewardship.unowned(administrator)
    assert (found, found.falls_to_domain) == (dataset, False)  # type: ignore[attr-defined]


def test_a_steward_of_another_domain_neither_sees_nor_takes_it(administrator: Principal) -> None:
    stranger = make_person("stranger")
    put_in_charge(stranger, make_domain("people"))
    orphan = stewarded(None, "sales.orphan", domain=make_domain("commerce"))

    assert not stewardship.unowned(stranger).exists()
    with pytest.raises(NotAllowed):
        stewardship.take(orphan, actor=stranger, now=database_now())


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_at_once_are_one_steward(administrator: Principal) -> None:
    second = make_person("second", administrator=True)
    orphan = stewarded(None, "sales.orphan")
    barrier = threading.Barrier(2)

    def take(person: Principal) -> None:
        barrier.wait()
        try:
            stewardship.take(orphan, actor=person, now=database_now())
        except AccessError:
            pass
        finally:
            connection.close()

    racers = [threading.Thread(target=take, args=(each,)) for each in (administrator, second)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert len(stewardship.appointed(dataset=orphan)) == 1
