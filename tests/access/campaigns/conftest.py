"""A dataset with its steward, and who holds it."""

import pytest

from access.clock import database_now
from access.models import Grant, Principal
from catalog.models import Dataset
from tests.access.lifecycle import DAY, stewarded
from tests.people import make_grant


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """Confidential, of three columns."""
    return stewarded(steward)


@pytest.fixture
def grant(dataset: Dataset, analyst: Principal) -> Grant:
    """For ninety days."""
    return make_grant(analyst, dataset, now=database_now(), lasts=90 * DAY)
