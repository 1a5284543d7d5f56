"""The figures of the navigation follow what happens, and are not worked out anew for every page."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Principal
from portal.waiting import KEPT_SECONDS, waiting
from tests.access.lifecycle import ask, stewarded

pytestmark = pytest.mark.django_db


def n_queries(person: Principal) -> int:
    with CaptureQueriesContext(connection) as asked:
        waiting(person)
    return len(asked)


def test_what_happens_shows_at_once(analyst: Principal, steward: Principal) -> None:
    dataset = stewarded(steward)
    assert waiting(steward).n_requests == 0

    ask(dataset, analyst)

    assert waiting(steward).n_requests == 1
    assert waiting(analyst).n_requests == 0
    assert (waiting(steward).is_steward, waiting(analyst).is_steward) == (True, False)


def test_nothing_new_costs_one_query_until_a_minute_is_over(
    analyst: Principal, steward: Principal
) -> None:
    ask(stewarded(steward), analyst)
    now = timezone.now().replace(second=5)

    with time_machine.travel(now, tick=False):
        first = n_queries(steward)
        again = n_queries(steward)
    with time_machine.travel(now + timedelta(seconds=KEPT_SECONDS), tick=False):
        later = n_queries(steward)

    assert again == 1 < later == first
