"""Terms of use: a version, accepted by a person, before they ask."""

import pytest
from django.db import IntegrityError, transaction

from access.asking import terms
from access.clock import database_now
from access.errors import Conflict, Invalid, NotAllowed
from access.models import AuditEvent, Principal, TermsAcceptance, TermsOfUse
from catalog.models import Dataset
from tests.access.lifecycle import ask, stewarded

pytestmark = pytest.mark.django_db
TEXT = "Never leaves the company."


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """With terms."""
    dataset = stewarded(steward)
    terms.set_terms(dataset, TEXT, actor=steward, now=database_now())
    return dataset


def test_a_request_without_the_acceptance_is_refused(dataset: Dataset, analyst: Principal) -> None:
    with pytest.raises(Invalid) as refused:
        ask(dataset, analyst)

    assert refused.value.field == "terms"
    assert ask(dataset, analyst, accepted_terms=1).state == "pending"
    accepted = TermsAcceptance.objects.get()
    assert (accepted.principal, accepted.terms.text) == (analyst, TEXT)
    assert AuditEvent.objects.filter(kind="terms.accepted", actor=analyst).count() == 1


def test_once_accepted_is_enough_until_the_text_changes(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    ask(dataset, analyst, accepted_terms=1)

    assert ask(dataset, analyst, purpose="Again").state == "pending"
    terms.set_terms(dataset, "Stays in the team.", actor=steward, now=database_now())
    with pytest.raises(Invalid, match="version 2"):
        ask(dataset, analyst, purpose="Once more")
    with pytest.raises(Conflict):
        ask(dataset, analyst, purpose="Once more", accepted_terms=1)
    assert ask(dataset, analyst, purpose="Once more", accepted_terms=2).state == "pending"


def test_an_empty_text_asks_for_nothing_any_more(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    assert terms.set_terms(dataset, " ", actor=steward, now=database_now())
    assert not terms.set_terms(dataset, "", actor=steward, now=database_now())

    assert terms.terms_of(dataset) is None
    assert ask(dataset, analyst).state == "pending"


def test_only_a_steward_sets_terms(
    dataset: Dataset, outsider: Principal, administrator: Principal
) -> None:
    for stranger in (outsider, administrator):
        with pytest.raises(NotAllowed):
            terms.set_terms(dataset, "Mine", actor=stranger, now=database_now())


def test_what_was_accepted_stays_as_it_was(dataset: Dataset, analyst: Principal) -> None:
    ask(dataset, analyst, accepted_terms=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        TermsOfUse.objects.update(text="Anything goes.")
    with pytest.raises(IntegrityError), transaction.atomic():
        TermsAcceptance.objects.update(accepted_at=database_now())
