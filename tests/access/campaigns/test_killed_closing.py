"""A worker dies half-way through closing a review, by a real SIGKILL between any two statements, and another one goes on:
the end is that of an undisturbed run, and nobody is told twice."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from access import campaigns
from access.audit import sealing
from access.campaigns import closing
from access.clock import database_now
from access.models import (
    AuditEvent,
    Campaign,
    CampaignItem,
    Grant,
    Notice,
    OutboxMessage,
    Principal,
)
from catalog.models import Dataset
from tests.access.campaigns.reviewing import KEEP, LATER, NARROW, REVOKE, opened, say
from tests.access.killing import DIED, copies, run_in_child, working_on
from tests.access.lifecycle import DAY
from tests.people import make_grant, make_person

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 3


@pytest.fixture
def closes_at(dataset: Dataset, steward: Principal) -> datetime:
    """When a review is over of which some grants are kept, narrowed, revoked, returned, and most got no word."""
    now = database_now()
    held = [
        make_grant(make_person(f"holder{number}"), dataset, now=now, lasts=90 * DAY)
        for number in range(12)
    ]
    campaign = opened(dataset, steward)
    say(held[0], steward, KEEP)
    say(held[1], steward, REVOKE)
    say(held[2], steward, NARROW, columns=["email"])
    Grant.objects.filter(pk=held[3].pk).update(ended_at=now, end_reason="returned")
    return campaign.due_at + LATER


@pytest.fixture
def copy(closes_at: datetime) -> Iterator[Callable[[], str]]:
    """Copies of a database in which the review is due."""
    with copies() as make:
        yield make


def close(now: datetime) -> None:
    """As the worker does, a few grants to a transaction."""
    closing.BATCH = 4
    campaigns.run(now)


def end() -> dict[str, Any]:
    """Everything that counts; the events and notices as often as they are there."""
    assert sealing.verify().is_sound
    keys = list(Notice.objects.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys))
    items = CampaignItem.objects.order_by("pk")
    return {
        "closed": list(Campaign.objects.values_list("closed_at", flat=True)),
        "items": list(items.values_list("verdict", "carried_out_at", "suspended_at", "moot_at")),
        "grants": list(
            Grant.objects.order_by("pk").values_list(
                "columns", "suspended_at", "suspend_reason", "ended_at", "end_reason"
            )
        ),
        "events": Counter(AuditEvent.objects.values_list("kind", "subject", "reason")),
        "told": Counter(Notice.objects.values_list("recipient", "kind", "subject")),
        "outbox": Counter(OutboxMessage.objects.values_list("kind", "payload__recipient")),
    }


def kill(copy: Callable[[], str], now: datetime, seeds: range) -> Counter[str]:
    """Kill it at a chosen moment, once a seed, and let another go on; how many were killed, and how many had ended."""
    act, outcomes = partial(close, now), Counter[str]()
    with working_on(copy()):
        _, n_points = run_in_child(act)
        expected = end()
    silent = [each for each in expected["items"] if each[2] is not None]
    assert (len(silent), expected["closed"]) == (8, [now])
    for seed in seeds:
        with working_on(copy()):
            die_at = random.Random(seed).randrange(2, n_points)
            ended, _ = run_in_child(act, die_at=die_at)
            run_in_child(act)
            assert end() == expected, f"seed {seed}, killed at {die_at} of {n_points}"
        outcomes["killed" if ended == DIED else "ended before"] += 1
    return outcomes


def test_a_review_whose_worker_is_killed_closes_as_if_undisturbed(
    copy: Callable[[], str], closes_at: datetime
) -> None:
    assert kill(copy, closes_at, range(FEW))["killed"] == FEW


@pytest.mark.drill
def test_a_hundred_killed_workers_close_it_as_if_undisturbed(
    copy: Callable[[], str], closes_at: datetime
) -> None:
    n = int(os.environ.get("KILLS", "100"))
    outcomes = kill(copy, closes_at, range(100, 100 + n))
    print(dict(outcomes), flush=True)
    assert outcomes["killed"] == n
