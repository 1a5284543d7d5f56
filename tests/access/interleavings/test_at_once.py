"""Everybody at once, on connections of their own: whatever meets whatever, the invariants hold when it is quiet again.

A small share runs with every test run; `make drill` tells more: CROWDS says how many, CROWDS_FROM where to begin.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from access.audit import sealing
from access.clock import database_now
from access.grants import grant_directly
from access.models import Grant, Principal
from catalog.models import Dataset
from tests.access.interleavings import checks, history, moved_clock
from tests.access.interleavings.crowd import Crowd
from tests.access.interleavings.world import World, make_world
from tests.access.lifecycle import DAY, stewarded, use
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

N_ROUNDS = 12
FIRST = int(os.environ.get("CROWDS_FROM", "1"))
N_CROWDS = int(os.environ.get("CROWDS", "20"))
# Between two rounds, in days: an hour, the end of a short grant, a warning's grace, what makes a holder unused.
LEAPS = (1 / 24, 1 / 24, 1, 3, 16, 16, 40, 60)


@pytest.fixture
def world() -> Iterator[World]:
    moved_clock.install()
    moved_clock.take()
    made = make_world()
    for name, days in (("ann", 175), ("ben", 175), ("eve", 100), ("rio", 60)):
        _given_to(made.people[name], made.datasets["plain"], days)
    yield made
    moved_clock.leave()
    moved_clock.remove()


def _tell(world: World, seed: int, n_rounds: int) -> Counter[str]:
    """One crowd from the world's beginning; it is checked whenever all are done."""
    crowd, chance, busy = Crowd(world, seed), random.Random(seed), _busy()
    for number in range(n_rounds):
        use(busy, database_now())
        crowd.round(number)
        where = f"Crowd {seed}, round {number}"
        assert not crowd.wrong, f"{where}: {crowd.wrong}"
        problems = checks.broken_invariants() + history.untold()
        assert not problems, f"{where}: {problems}"
        sealing.seal(database_now())
        assert sealing.verify().is_sound, where
        crowd.moved += chance.choice(LEAPS) * DAY
        moved_clock.take(crowd.moved)
    return crowd.met


def _busy() -> Grant:
    """A grant in use beside everything: else no record of use would be trusted."""
    return _given_to(make_person("zoe"), stewarded(None, "sales.busy"), 170)


def _given_to(person: Principal, dataset: Dataset, days: int) -> Grant:
    now = database_now()
    return grant_directly(
        person, dataset, actor=None, reason="Begun", expires_at=now + days * DAY, now=now
    )


def test_a_crowd_leaves_everything_in_order(world: World) -> None:
    met = _tell(world, 0, 6)

    assert met["done"] > 60


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(FIRST, FIRST + N_CROWDS))
def test_crowds_leave_everything_in_order(world: World, seed: int) -> None:
    met = _tell(world, seed, N_ROUNDS)

    print(f"Crowd {seed}: {dict(met.most_common())}", flush=True)
    assert met["done"] > 120
