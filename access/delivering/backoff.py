"""When something that could not be sent is tried again, and when it is given up and put before people."""

import random
from datetime import timedelta

# Seconds for a hiccup, hours for an outage, about two days in all. Source: Standard Webhooks, on retries.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
)
ATTEMPTS = len(DELAYS) + 1
# While an endpoint fails, only one message at a time is spent on finding out whether it is back.
RESTS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
GIVEN_UP = timedelta(days=5)
JITTER = 0.2


def delay(attempts: int, asked: timedelta | None = None, chance: float | None = None) -> timedelta:
    """How long to wait after this many attempts, give or take a fifth; longer where the endpoint asked for longer.

    `chance` is a number from 0 to 1 in place of a random one.
    """
    return max(_jittered(DELAYS, attempts, chance), asked or timedelta())


def rest(failures: int, asked: timedelta | None = None, chance: float | None = None) -> timedelta:
    """How long an endpoint is left alone after this many failures in a row."""
    return max(_jittered(RESTS, failures, chance), asked or timedelta())


def is_given_up(attempts: int) -> bool:
    """Whether this was the last attempt."""
    return attempts >= ATTEMPTS


def _jittered(steps: tuple[timedelta, ...], count: int, chance: float | None) -> timedelta:
    step = steps[min(max(count, 1), len(steps)) - 1]
    drawn = random.random() if chance is None else chance
    return step * (1 - JITTER + 2 * JITTER * drawn)
