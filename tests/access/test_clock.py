"""The clock only counts forward: set back, it revives nothing and opens nothing."""

from datetime import datetime, timedelta

import pytest

from access import clock, clock_repair, grants
from access.clock import database_now
from access.errors import NotAllowed, Refusal
from access.models import ClockMark, Principal
from tests.access.lifecycle import DAY, granted, stewarded

pytestmark = pytest.mark.django_db


def _seen(moment: datetime) -> None:
    """The portal saw this moment before somebody set the clock back."""
    ClockMark.objects.update_or_create(pk=1, defaults={"at": moment})


def test_the_mark_moves_forward_and_never_back() -> None:
    first = clock.advance()
    second = clock.advance()
    _seen(second + DAY)

    assert first <= second
    assert clock.advance() == second + DAY


def test_a_clock_behind_the_mark_is_not_believed() -> None:
    _seen(database_now() + timedelta(seconds=3))
    assert clock.trusted_now()
    _seen(database_now() + timedelta(seconds=30))

    with pytest.raises(Refusal) as refused:
        clock.trusted_now()

    assert refused.value.code == "clock_went_back"
    assert refused.value.status == 503


def test_a_grant_that_ran_out_is_not_revived_by_a_clock_set_back(
    analyst: Principal, steward: Principal
) -> None:
    grant = granted(stewarded(steward), analyst, steward, duration=2 * DAY)
    assert grants.live().exists()

    _seen(grant.expires_at + timedelta(seconds=1))  # and now the clock shows the day before again

    assert not grants.live().exists()
    assert not grants.readable_by(analyst).exists()


def test_without_a_mark_the_clock_alone_judges(analyst: Principal, steward: Principal) -> None:
    granted(stewarded(steward), analyst, steward)

    assert not ClockMark.objects.exists()
    assert grants.live().exists()
    assert clock.trusted_now()


def test_a_mark_that_ran_ahead_is_put_back_without_reviving_anything(
    analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    over = granted(stewarded(steward), analyst, steward, duration=2 * DAY)
    lasting = granted(over.dataset, analyst, steward, purpose="Longer")
    _seen(database_now() + 3 * DAY)

    with pytest.raises(NotAllowed):
        clock_repair.put_back(actor=outsider, reason="Please")
    outcomes = [clock_repair.put_back(actor=None, reason="Wrong time server") for _ in range(2)]

    over.refresh_from_db()
    assert outcomes == [True, False]
    assert over.end_reason == "expired"
    assert list(grants.live()) == [lasting]
    assert clock.trusted_now()
