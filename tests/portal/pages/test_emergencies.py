"""The pages of an emergency: breaking glass, hearing of it, reviewing it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from access import grants
from access.clock import database_now
from access.deciding import approval, emergencies
from access.deciding.approval import Said
from access.models import BreakGlassReview, Grant, Principal
from catalog.models import Dataset
from tests.access.lifecycle import stewarded
from tests.people import make_person

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Principal], Client]


@pytest.fixture
def signed_in() -> SignedIn:
    """A client as somebody."""

    def sign_in(person: Principal) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """With a steward."""
    return stewarded(steward, title="Customers")


def page(dataset: Dataset, what: str) -> str:
    return f"/datasets/{dataset.name}/{what}/"


def test_a_responder_breaks_glass_and_a_steward_reviews_it(
    dataset: Dataset, steward: Principal, outsider: Principal, signed_in: SignedIn
) -> None:
    rita = make_person("rita")
    approval.say(dataset, Said(responders=("user:rita",)), actor=steward, now=database_now())

    form = signed_in(rita).get(page(dataset, "emergency"))
    assert form.status_code == 200
    taken = signed_in(rita).post(
        page(dataset, "emergency"), {"reason": "Orders fail", "hours": "2", "columns": ["email"]}
    )
    assert taken.status_code == 302
    grant = Grant.objects.get()
    assert (grant.columns, grant.expires_at - grant.starts_at) == (["email"], timedelta(hours=2))
    review = BreakGlassReview.objects.get()
    where = f"/emergencies/{review.pk}/"
    assert "broke glass" in signed_in(steward).get("/inbox/").content.decode()
    assert "still open" in signed_in(steward).get(where).content.decode()
    assert signed_in(outsider).get(where).status_code == 404
    assert "Somebody else reviews this" in signed_in(rita).get(where).content.decode()

    grants.give_back(grant, actor=rita, now=database_now())
    found = {"is_justified": "no", "note": "A page was enough."}
    assert signed_in(rita).post(where, found).status_code == 403
    assert signed_in(steward).post(where, found).status_code == 302
    assert "not justified" in signed_in(rita).get(where).content.decode()
    assert not emergencies.reviews_for(steward).exists()


def test_only_listed_responders_see_the_way_to_break_glass(
    dataset: Dataset, steward: Principal, outsider: Principal, signed_in: SignedIn
) -> None:
    approval.say(dataset, Said(responders=("user:otto",)), actor=steward, now=database_now())

    assert "Break glass" in signed_in(outsider).get(page(dataset, "x")[:-2]).content.decode()
    assert "Break glass" not in signed_in(steward).get(page(dataset, "x")[:-2]).content.decode()
    assert signed_in(steward).get(page(dataset, "emergency")).status_code == 403
