"""Turns at the gate: who may run a query in this process now, who waits, and who is sent away.

Each query holds a thread of the web server from its first word to its last byte, and a running one a process or a
connection of its warehouse. Both are shared by one rule: a person may take another only while they hold fewer than
are free. Alone, somebody gets half of everything; a second person half of what is left; and whoever holds nothing
finds something. It needs no list of who is heavy and no knowledge of the other processes, each of which does the same.

An engine that works on this machine shares its processor with the portal. Of its queries only as many work at once as
can, by the same rule again: twenty at a time would each be twenty times as slow, and so would everybody's pages. A
query works until its first rows, from when its reader sets the pace, or until its process stands back for others.
Source: dynamic thresholds, Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import TypeVar

from django.conf import settings

from access.errors import Refusal
from access.models import Surface

Key = TypeVar("Key")

# Queries of one warehouse that one process runs at once, and how many of them are kept for pages.
AT_ONCE = 32
FOR_PAGES = 4
# Queries that work in this machine's processor at once, for one process of the portal.
AT_WORK = max(2, os.cpu_count() or 2)
# Units: seconds after which a query that neither has rows nor stood back no longer keeps others from work.
LONGEST_WORK = 5.0


class Lane(IntEnum):
    """Whoever looks at a page goes before whoever pulls in bulk."""

    PAGE = 0
    BULK = 1


LANES = {
    Surface.DASHBOARD: Lane.PAGE,
    Surface.PREVIEW: Lane.PAGE,
    Surface.WORKBENCH: Lane.PAGE,
    Surface.VIEW_AS: Lane.PAGE,
}
# Units: seconds somebody waits for a turn.
PATIENCE = {Lane.PAGE: 10.0, Lane.BULK: 30.0}
# Units: seconds after which it makes sense to ask again.
RETRY_AFTER = 5


@dataclass(eq=False)
class Ticket:
    """One query that wants to run, or does."""

    person: int
    warehouse: int
    lane: Lane
    number: int
    is_here: bool = False
    is_called: bool = False
    called: threading.Condition = field(default_factory=threading.Condition, repr=False)


class Hall:
    """The queries of one process: those that run, and those that wait, by warehouse and person.

    Units: `places` bounds both together, `at_once` those that run on one warehouse, `for_pages` is the part of these
    that bulk never takes, `at_work` bounds those that work here before their first rows.
    """

    def __init__(
        self,
        places: int,
        at_once: int = AT_ONCE,
        for_pages: int = FOR_PAGES,
        at_work: int = AT_WORK,
    ) -> None:
        self._places = places
        self._at_once = at_once
        self._for_pages = for_pages
        self._at_work = at_work
        self._held: Counter[int] = Counter()
        self._running: Counter[int] = Counter()
        self._running_of: Counter[tuple[int, int]] = Counter()
        self._waiting: list[Ticket] = []
        # Those at work here, each with the instant from which it no longer counts; earliest first.
        self._working: dict[Ticket, float] = {}
        self._numbers = count()
        self._lock = threading.Lock()

    def enter(self, person: int, warehouse: int, lane: Lane, *, is_here: bool = False) -> Ticket:
        """A ticket, which waits or runs already; `is_here` where the engine works in this machine's processor.

        Errors: `Refusal` `too_many_queries` when this person holds their share, `busy` when all places are taken.
        """
        with self._lock:
            free = self._places - self._held.total()
            if self._held[person] and self._held[person] >= free:
                raise _too_many(self._held[person])
            if free <= 0:
                raise busy()
            self._held[person] += 1
            ticket = Ticket(person, warehouse, lane, next(self._numbers), is_here)
            ticket.called = threading.Condition(self._lock)
            self._waiting.append(ticket)
            self._call()
            return ticket

    def wait(self, ticket: Ticket, seconds: float) -> bool:
        """Whether its turn came within this time; else the ticket has left."""
        until = time.monotonic() + seconds
        with self._lock:
            while not ticket.is_called:
                left = min([until, *self._working.values()]) - time.monotonic()
                ticket.called.wait(max(0.0, left))
                self._call()
                if not ticket.is_called and time.monotonic() >= until:
                    self._waiting.remove(ticket)
                    _less(self._held, ticket.person)
                    return False
            return True

    def flows(self, ticket: Ticket) -> None:
        """Says that a query has its first rows or stood back, so that another may work; safe to repeat."""
        with self._lock:
            if self._working.pop(ticket, None) is not None:
                self._call()

    def leave(self, ticket: Ticket) -> None:
        """Ends a turn and calls who is next."""
        with self._lock:
            self._working.pop(ticket, None)
            _less(self._held, ticket.person)
            _less(self._running, ticket.warehouse)
            _less(self._running_of, (ticket.warehouse, ticket.person))
            self._call()

    def _call(self) -> None:
        """Calls everybody who may run: pages before bulk, then who has least, then who came first."""
        now = time.monotonic()
        self._working = {ticket: end for ticket, end in self._working.items() if end > now}
        while ready := [ticket for ticket in self._waiting if self._may_run(ticket)]:
            chosen = min(ready, key=self._rank)
            chosen.is_called = True
            chosen.called.notify()
            self._waiting.remove(chosen)
            if chosen.is_here:
                self._working[chosen] = time.monotonic() + LONGEST_WORK
            self._running[chosen.warehouse] += 1
            self._running_of[chosen.warehouse, chosen.person] += 1

    def _may_run(self, ticket: Ticket) -> bool:
        free = self._at_once - self._running[ticket.warehouse]
        if ticket.lane is Lane.BULK:
            free -= self._for_pages
        if self._running_of[ticket.warehouse, ticket.person] >= free:
            return False
        return not ticket.is_here or self._finds_work(ticket.person)

    def _finds_work(self, person: int) -> bool:
        mine = sum(ticket.person == person for ticket in self._working)
        return mine < self._at_work - len(self._working)

    def _rank(self, ticket: Ticket) -> tuple[int, int, int]:
        has = self._running_of[ticket.warehouse, ticket.person]
        return ticket.lane, has, ticket.number


def _less(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


OURS = Hall(settings.GATE_PLACES)


class Turn:
    """The right of one query to run, given back once by `end`.

    `has_waited` says that time passed, so that what was judged before may no longer hold. `before_waiting` lets go of
    what nobody should hold while they wait.
    Errors: `Refusal` `too_many_queries` or `busy`.
    """

    def __init__(
        self,
        person: int,
        warehouse: int,
        surface: Surface,
        *,
        is_here: bool = False,
        until: float = float("inf"),
        before_waiting: Callable[[], None] = lambda: None,
        hall: Hall | None = None,
    ) -> None:
        lane = LANES.get(surface, Lane.BULK)
        self._hall = hall or OURS
        self._ticket = self._hall.enter(person, warehouse, lane, is_here=is_here)
        self._is_over = False
        self._lock = threading.Lock()
        self.has_waited = not self._ticket.is_called
        if self.has_waited:
            before_waiting()
            seconds = min(PATIENCE[lane], until - time.monotonic())
            if not self._hall.wait(self._ticket, max(0.0, seconds)):
                raise busy()

    def flows(self) -> None:
        """See `Hall.flows`."""
        self._hall.flows(self._ticket)

    def end(self) -> None:
        """Lets somebody else's query run; safe to repeat."""
        with self._lock:
            is_first, self._is_over = not self._is_over, True
        if is_first:
            self._hall.leave(self._ticket)


def busy() -> Refusal:
    """The refusal of somebody for whom there was no turn."""
    return Refusal(
        "The warehouse is busy with other people's queries, and yours did not come to its turn. Nothing was read. "
        "Try again in a moment.",
        code="busy",
        status=503,
        retry_after=RETRY_AFTER,
    )


def _too_many(held: int) -> Refusal:
    return Refusal(
        f"You have {held} queries here already, which is your share at the moment. Wait for one to end, or stop one, "
        "and try again.",
        code="too_many_queries",
        status=429,
        retry_after=RETRY_AFTER,
    )
