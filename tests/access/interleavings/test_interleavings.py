"""Stories told in every order: whatever happens in between, the nine invariants hold and the gate gives what it should.

A small share runs with every test run. `make drill` tells thousands: STORIES says how many, STORIES_FROM where to begin.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from access.clock import database_now
from access.grants import grant_directly
from tests.access.interleavings import deciding, holding, moved_clock
from tests.access.interleavings.story import Story
from tests.access.interleavings.world import World, make_world
from tests.access.lifecycle import DAY, stewarded, use
from tests.people import make_person

pytestmark = pytest.mark.django_db

MOVES = {**deciding.MOVES, **holding.MOVES}
OPENING = (deciding.ask, deciding.vote) * 3
N_FREE, DEPTH, BRANCHES = 4, 3, 4
FEW_SECONDS = 10.0


@pytest.fixture
def world() -> Iterator[World]:
    """The world before any story, with one grant in daily use beside it: else no record of use would be trusted."""
    moved_clock.install()
    moved_clock.take()
    now = database_now()
    busy = grant_directly(
        make_person("zoe"),
        stewarded(None, "sales.busy"),
        actor=None,
        reason="busy",
        expires_at=now + 170 * DAY,
        now=now,
    )
    use(busy, now)
    yield make_world()
    moved_clock.leave()


@dataclass
class Told:
    """How many interleavings were told to their end, of how many moves, and what the portal said to them."""

    n_ends: int = 0
    n_moves: int = 0
    met: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = ", ".join(f"{n:,} {name}" for name, n in self.met.most_common())
        length = len(OPENING) + N_FREE + DEPTH
        return f"{self.n_ends:,} interleavings of {length} moves, {self.n_moves:,} moves checked: {said}"


def tell(world: World, seed: int, told: Told) -> None:
    """A story from its beginning, which then goes on in 64 ways; each way is undone at its end.

    The ways share what they have in common, as the branches of a tree do, so that one costs little more than a move.
    """
    with transaction.atomic():
        moved_clock.take()
        for person in (*world.people.values(), world.bot):
            person.refresh_from_db()
        story = Story(world, seed)
        for move in OPENING:
            story.take(move)
        for _ in range(N_FREE):
            _take_any(story)
        story.prove()
        told.n_moves += len(OPENING) + N_FREE
        _go_on(story, DEPTH, told)
        told.met += story.met
        transaction.set_rollback(True)


def _take_any(story: Story) -> None:
    for move in story.random.choices([*MOVES], weights=[*MOVES.values()], k=5):
        if story.take(move):
            return


def _go_on(story: Story, depth: int, told: Told) -> None:
    if not depth:
        story.finish()
        if told.n_ends % 16 == 0:
            story.prove()
        told.n_ends += 1
        return
    for branch in range(BRANCHES):
        with transaction.atomic():
            other = story.fork(
                story.seed * 1000 + depth * 100 + branch * 10 + story.random.randrange(10)
            )
            _take_any(other)
            told.n_moves += 1
            _go_on(other, depth - 1, told)
            transaction.set_rollback(True)
        story.come_back()


def test_a_few_stories_end_as_foretold(world: World) -> None:
    begun, told, seed = time.monotonic(), Told(), 0

    while seed < 4 and time.monotonic() - begun < FEW_SECONDS:
        tell(world, seed, told)
        seed += 1

    assert told.n_ends >= BRANCHES**DEPTH


@pytest.mark.drill
def test_ten_thousand_stories_end_as_foretold(world: World) -> None:
    first, n = int(os.environ.get("STORIES_FROM", "0")), int(os.environ.get("STORIES", "10000"))
    minutes = float(os.environ.get("STORIES_MINUTES", "600"))
    begun, told, seed = time.monotonic(), Told(), first

    while told.n_ends < n and time.monotonic() - begun < minutes * 60:
        tell(world, seed, told)
        seed += 1

    print(f"Seeds {first} to {seed - 1}: {told}", flush=True)
    assert told.n_ends
