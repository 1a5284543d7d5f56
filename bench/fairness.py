"""What thirty-two people at once mean for each of them, and one who never stops for somebody with a dashboard."""

from __future__ import annotations

import threading
import time
from statistics import median, quantiles
from typing import Any

from bench._warehouse import LITERAL, build, reader
from bench._web import JSON, Web, figure, serving, token

N_PEOPLE = 32
SECONDS = 12.0
SMALL = "SELECT country, count(*) AS n, sum(balance) AS total FROM shop.customer GROUP BY country ORDER BY country"
HEAVY = """SELECT l.shipmode, count(DISTINCT l.comment || o.orderkey) AS n FROM shop.lineitem l
    JOIN shop.orders o ON l.orderkey = o.orderkey GROUP BY l.shipmode ORDER BY n"""
N_HEAVY = 12


def run() -> list[dict[str, Any]]:
    """The figures."""
    warehouse = build()
    secrets = [token(reader(warehouse, f"one{number}", LITERAL)) for number in range(N_PEOPLE)]
    with serving() as web:
        # What is known of a query after its first time is known to both web processes.
        _at_once(web, secrets, SMALL, SECONDS / 4)
        alone = _at_once(web, secrets[:1], SMALL, SECONDS / 2)
        # Long enough for each to be answered ten times, also where the machine has other work.
        in_a_row = N_PEOPLE * median(alone[0].seconds)
        together = _at_once(web, secrets, SMALL, min(120.0, max(SECONDS, 10 * in_a_row)))
        beside = _beside(web, secrets)
    return [*_thirty_two(alone, together), *_beside_heavy(alone, beside)]


class Person(threading.Thread):
    """Somebody who asks again as soon as they have an answer; the seconds each took, and what was not answered."""

    def __init__(self, web: Web, secret: str, sql: str, until: float) -> None:
        super().__init__(daemon=True)
        self._web, self._secret, self._sql, self._until = web, secret, sql, until
        self.seconds: list[float] = []
        self.n_refused = 0
        self.start()

    def run(self) -> None:
        """Asks until the time is over."""
        while time.monotonic() < self._until:
            started = time.monotonic()
            with self._web.ask(self._secret, self._sql, JSON) as answer:
                answer.read()
            if answer.status == 200:
                self.seconds.append(time.monotonic() - started)
            else:
                self.n_refused += 1
                time.sleep(0.5)


def _at_once(web: Web, secrets: list[str], sql: str, seconds: float) -> list[Person]:
    until = time.monotonic() + seconds
    people = [Person(web, secret, sql, until) for secret in secrets]
    for person in people:
        person.join(seconds + 120)
    return people


def _beside(web: Web, secrets: list[str]) -> tuple[list[Person], list[Person]]:
    """One person with many heavy queries at a time, and another with a small one."""
    until = time.monotonic() + SECONDS
    heavy = [Person(web, secrets[0], HEAVY, until) for _ in range(N_HEAVY)]
    time.sleep(1.0)
    light = Person(web, secrets[1], SMALL, until)
    for person in (*heavy, light):
        person.join(SECONDS + 120)
    return heavy, [light]


def _p95(people: list[Person]) -> float:
    seconds = [each for person in people for each in person.seconds]
    return quantiles(seconds, n=20)[18] if len(seconds) > 1 else max(seconds, default=float("inf"))


def _thirty_two(alone: list[Person], together: list[Person]) -> list[dict[str, Any]]:
    counts = [len(person.seconds) for person in together]
    once = median(alone[0].seconds)
    refused = sum(person.n_refused for person in together)
    jain = sum(counts) ** 2 / (len(counts) * sum(count**2 for count in counts))
    return [
        figure(
            f"{N_PEOPLE} people at once, p95 of a small query", 1e3 * _p95(together),
            1e3 * once * N_PEOPLE, "ms",
            f"rival: {N_PEOPLE} times the median of one alone ({1e3 * once:.0f} ms), as if all queued up; "
            f"{sum(counts)} answered, {refused} refused",
        ),
        figure(
            "fairness among them, fewest answers beside most", min(counts), max(counts), "answers",
            f"rival: the person with most; Jain's index {jain:.3f}",
        ),
    ]  # fmt: skip


def _beside_heavy(
    alone: list[Person], beside: tuple[list[Person], list[Person]]
) -> list[dict[str, Any]]:
    heavy, light = beside
    done = sum(len(person.seconds) for person in heavy)
    return [
        figure(
            f"a small query beside somebody with {N_HEAVY} heavy ones, p95", 1e3 * _p95(light),
            1e3 * _p95(alone), "ms",
            f"rival: the same person alone; {len(light[0].seconds)} answered and {light[0].n_refused} refused,"
            f" {done} heavy ones meanwhile",
        ),
    ]  # fmt: skip
