"""One story: a seeded row of moves, each foretold by the model, tried on the portal, and checked."""

import random
from collections import Counter
from collections.abc import Callable
from copy import copy, deepcopy
from datetime import datetime, timedelta
from typing import Any

from access.audit import sealing
from access.clock import database_now
from access.errors import AccessError
from tests.access.interleavings import checks, moved_clock
from tests.access.interleavings.model import Asked, Model, Right
from tests.access.interleavings.world import World

Move = Callable[["Story"], None]


class Story:
    """What happens in one world, from its beginning. `trail` tells it, so that a failure can be read."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.seed = world, seed
        self.random = random.Random(seed)
        self.model = Model()
        self.trail: list[str] = []
        self.moved = timedelta()
        self.met: Counter[str] = Counter()
        self.rows = checks.state()

    def fork(self, seed: int) -> "Story":
        """The same story so far, to go on otherwise. What the database has of it is its savepoint's to undo."""
        other = copy(self)
        other.model, other.trail = deepcopy(self.model), [*self.trail]
        other.random = random.Random(seed)
        return other

    def come_back(self) -> None:
        """What the world's own objects know is again what this story knows."""
        for name, person in self.world.people.items():
            if person.is_active != (name in self.model.active):
                person.refresh_from_db()
        self.world.bot.refresh_from_db()

    # --- Choosing

    def someone(self) -> str:
        """Anybody, whether here or not."""
        return self.random.choice([*self.world.people])

    def request(self) -> Asked | None:
        """One of the requests, mostly one that waits."""
        every = list(self.model.requests.values())
        waiting = [each for each in every if each.state == "pending"]
        return self._one(waiting if waiting and self.random.random() < 0.85 else every)

    def right(self) -> Right | None:
        """One of the rights, mostly one that is open."""
        every = list(self.model.rights.values())
        still = [each for each in every if not each.ended]
        return self._one(still if still and self.random.random() < 0.7 else every)

    def _one(self, every: list[Any]) -> Any:
        return self.random.choice(every) if every else None

    # --- Acting

    def now(self) -> datetime:
        """The database's clock, which is all the clock there is."""
        return database_now()

    def move_clock(self, by: timedelta) -> None:
        """Forwards, or back."""
        self.moved += by
        moved_clock.take(self.moved)

    def attempt(self, words: str, foretold: bool | None, act: Callable[[], Any]) -> Any:
        """What the portal does, which must be what was foretold; None where it refuses. None foretells either."""
        try:
            done, refusal = act(), ""
        except AccessError as error:
            done, refusal = None, f"{type(error).__name__}: {error.message}"
        self.trail.append(f"{words}: {refusal or 'done'}")
        if foretold is not None and foretold != (refusal == ""):
            self.fail("it should have been done" if foretold else "it should have been refused")
        self.met[refusal.partition(":")[0] or "done"] += 1
        return True if done is None and not refusal else done

    def take(self, move: Move) -> bool:
        """One move, and everything that must hold after it; False when there was nothing to move."""
        marks, could, n_told = checks.Marks.now(), self._reads(), len(self.trail)
        move(self)
        if len(self.trail) == n_told:
            return False
        before, self.rows = self.rows, checks.state()
        recorded = checks.alike(checks.recorded(marks))
        happened = checks.transitions(before, self.rows)
        if recorded != happened:
            self.fail(
                f"happened without its event: {dict(happened - recorded)}; event without it: {dict(recorded - happened)}"
            )
        can = self._reads()
        people = {who for who in can if can[who] != could[who]} | {self.random.choice([*can])}
        for problem in checks.gate_differs(self.world, self.model, sorted(people)):
            self.fail(problem)
        if twice := checks.told_twice(marks):
            self.fail(f"told twice: {twice}")
        return True

    def _reads(self) -> dict[str, object]:
        now, model = self.now(), self.model
        return {
            who: (
                who in model.active,
                *(model.reads(who, dataset, now) for dataset in self.world.datasets),
            )
            for who in (*self.world.people, "bot")
        }

    def finish(self) -> None:
        """What holds at every end: the invariants over all rows."""
        for problem in checks.broken_invariants():
            self.fail(problem)

    def prove(self) -> None:
        """What is dearer to check: the gate for everybody, and the chain of the audit."""
        for problem in checks.gate_differs(self.world, self.model, [*self.world.people, "bot"]):
            self.fail(problem)
        sealing.seal(self.now())
        found = sealing.verify()
        if not found.is_sound:
            self.fail(f"{found.broken}: {found.problem}")

    def fail(self, words: str) -> None:
        """Stop with the whole story, and how to tell it again."""
        told = "\n  ".join(self.trail)
        raise AssertionError(f"Story {self.seed}, after {len(self.trail)} moves: {words}\n  {told}")
