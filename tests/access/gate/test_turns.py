"""Turns: who runs, who waits and who is sent away when many want the warehouse at once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from access.errors import Refusal
from access.gate.turns import Hall, Lane, Ticket, Turn
from access.models import Surface

HEAVY, ALICE, BOB = 1, 2, 3
HERE, THERE = 10, 11


def take_all(
    hall: Hall, person: int, lane: Lane = Lane.BULK, warehouse: int = HERE
) -> list[Ticket]:
    """As many tickets as one person gets."""
    tickets = []
    with suppress(Refusal):
        while True:
            tickets.append(hall.enter(person, warehouse, lane))
    return tickets


def running(tickets: list[Ticket]) -> int:
    """How many of them run."""
    return sum(ticket.is_called for ticket in tickets)


def refused(act: Callable[[], object]) -> Refusal:
    """The refusal an act must meet."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def test_alone_somebody_gets_half_and_is_told_when_it_is_used_up() -> None:
    hall = Hall(places=20, at_once=8, for_pages=0)

    tickets = take_all(hall, HEAVY)

    assert (len(tickets), running(tickets)) == (10, 4)
    refusal = refused(lambda: hall.enter(HEAVY, HERE, Lane.PAGE))
    assert (refusal.code, refusal.status) == ("too_many_queries", 429)
    assert refusal.retry_after > 0


def test_whoever_comes_later_finds_a_turn_at_once() -> None:
    hall = Hall(places=20, at_once=8, for_pages=0)
    take_all(hall, HEAVY)

    shares = [running(take_all(hall, person)) for person in (ALICE, BOB)]

    assert shares == [2, 1]


def test_pages_find_a_turn_when_bulk_took_all_it_may() -> None:
    hall = Hall(places=200, at_once=8, for_pages=2)
    crowd = [hall.enter(person, HERE, Lane.BULK) for person in range(100, 110)]
    assert running(crowd) < len(crowd)
    assert not hall.enter(ALICE, HERE, Lane.BULK).is_called

    assert hall.enter(BOB, HERE, Lane.PAGE).is_called


def test_one_warehouse_does_not_wait_for_another() -> None:
    hall = Hall(places=20, at_once=2, for_pages=0)
    take_all(hall, HEAVY)
    take_all(hall, ALICE)

    assert hall.enter(BOB, THERE, Lane.BULK).is_called


def test_a_freed_turn_goes_to_pages_then_to_who_has_least_then_to_who_came_first() -> None:
    hall = Hall(places=100, at_once=3, for_pages=0)
    _, first, second = (hall.enter(person, HERE, Lane.BULK) for person in (HEAVY, HEAVY, ALICE))
    again = hall.enter(HEAVY, HERE, Lane.BULK)
    early, late = (hall.enter(person, HERE, Lane.BULK) for person in (BOB, 4))
    page = hall.enter(5, HERE, Lane.PAGE)
    order = []

    for ending in (second, first, page, early, late):
        before = {id(ticket) for ticket in (again, early, late, page) if ticket.is_called}
        hall.leave(ending)
        order += [
            ticket
            for ticket in (page, early, late, again)
            if ticket.is_called and id(ticket) not in before
        ]

    assert order == [page, early, late, again]


def test_only_as_many_work_here_at_once_as_can_and_half_of_that_for_one() -> None:
    hall = Hall(places=40, at_work=4)

    crowd = [hall.enter(HEAVY, HERE, Lane.BULK, is_here=True) for _ in range(6)]
    others = [hall.enter(person, HERE, Lane.BULK, is_here=True) for person in (ALICE, BOB, 4)]

    assert running(crowd) == 2
    assert [ticket.is_called for ticket in others] == [True, True, False]
    assert hall.enter(5, THERE, Lane.BULK).is_called


def test_first_rows_and_standing_back_let_another_work() -> None:
    hall = Hall(places=40, at_work=2)
    first, second, third = (hall.enter(HEAVY, HERE, Lane.BULK, is_here=True) for _ in range(3))
    assert not second.is_called

    hall.flows(first)
    hall.flows(first)

    assert second.is_called
    assert not third.is_called
    hall.leave(second)
    assert third.is_called
    hall.leave(third)
    hall.leave(first)
    assert (hall._held, hall._running, hall._running_of, hall._working) == ({}, {}, {}, {})


def test_a_query_that_says_nothing_keeps_nobody_from_work_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("access.gate.turns.LONGEST_WORK", 0.2)
    hall = Hall(places=40, at_work=2)
    silent = Turn(HEAVY, HERE, Surface.API, hall=hall, is_here=True)
    started = time.monotonic()

    Turn(HEAVY, HERE, Surface.API, hall=hall, is_here=True)

    assert 0.15 < time.monotonic() - started < 2
    silent.flows()
    silent.end()


def test_no_places_left_is_busy_with_a_time_to_come_back() -> None:
    hall = Hall(places=3, at_once=3, for_pages=0)
    for person in range(100, 103):
        hall.enter(person, HERE, Lane.BULK)

    refusal = refused(lambda: hall.enter(ALICE, HERE, Lane.PAGE))

    assert (refusal.code, refusal.status, refusal.retry_after > 0) == ("busy", 503, True)


def test_waiting_is_bounded_and_leaves_nothing_behind() -> None:
    hall = Hall(places=10, at_once=1, for_pages=0)
    holder = Turn(HEAVY, HERE, Surface.API, hall=hall)
    let_go: list[str] = []
    started = time.monotonic()

    refusal = refused(
        lambda: Turn(
            ALICE, HERE, Surface.API, hall=hall,
            until=time.monotonic() + 0.2, before_waiting=lambda: let_go.append("connection"),
        )
    )  # fmt: skip

    assert refusal.code == "busy"
    assert 0.15 < time.monotonic() - started < 2
    assert let_go == ["connection"]
    holder.end()
    holder.end()
    assert (hall._held, hall._running, hall._running_of, hall._waiting) == ({}, {}, {}, [])


def test_a_turn_that_was_waited_for_says_so() -> None:
    hall = Hall(places=10, at_once=1, for_pages=0)
    holder = Turn(HEAVY, HERE, Surface.API, hall=hall)
    threading.Timer(0.1, holder.end).start()

    waited = Turn(ALICE, HERE, Surface.API, hall=hall)

    assert not holder.has_waited
    assert waited.has_waited


def test_everybody_gets_through_beside_somebody_who_never_stops() -> None:
    hall = Hall(places=40, at_once=6, for_pages=1)
    done: Counter[int] = Counter()
    most: Counter[int] = Counter()
    until = time.monotonic() + 1.5
    longest: dict[int, float] = {}

    def work(person: int, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < until:
            asked = time.monotonic()
            try:
                turn = Turn(person, HERE, Surface.API, hall=hall)
            except Refusal:
                time.sleep(0.005)
                continue
            longest[person] = max(longest.get(person, 0.0), time.monotonic() - asked)
            most[person] = max(most[person], hall._running_of[HERE, person])
            time.sleep(chance.uniform(0, 0.01))
            done[person] += 1
            turn.end()

    people = [HEAVY] * 20 + [ALICE, BOB, 4, 5]
    threads = [threading.Thread(target=work, args=(p, n)) for n, p in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (hall._held, hall._running, hall._running_of, hall._waiting) == ({}, {}, {}, [])
    assert most[HEAVY] <= 3
    assert all(done[person] > done[HEAVY] / 12 for person in (ALICE, BOB, 4, 5)), done
    assert all(longest[person] < 0.5 for person in (ALICE, BOB, 4, 5)), longest
