"""Whoever works is killed at any moment, and started again: the end is that of an undisturbed run, and nothing is told
twice. Web, worker and review are real code over a real database; the kill is a real one."""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from access import sweep, tasks
from access.audit import sealing
from access.clock import database_now
from access.errors import Conflict
from access.models import AccessRequest, AuditEvent, Grant, Notice, OutboxMessage, Principal
from access.sweep import applying
from tests.access.killing import DIED, copies, run_in_child, working_on
from tests.access.lifecycle import DAY, ask, granted
from tests.access.test_review_killed import _one_of_each
from tests.people import make_person, put_in_charge

pytestmark = pytest.mark.django_db(transaction=True)

Copy = Callable[[], str]


# --- What there is to do


def _review(as_of: datetime) -> None:
    """The nightly review; whoever comes while another one is dying tries again, as the tick does."""
    applying.BATCH = 1
    for _ in range(200):
        try:
            sweep.run(as_of, beyond_brake=True)
        except Conflict:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the lock of a dead review did not go")


def _tick(as_of: datetime) -> None:
    """What the worker does when beat says that time has passed; a part whose lock is not free yet comes again."""
    for _ in range(2):
        tasks.tick()
        time.sleep(0.05)


def _approve(as_of: datetime) -> None:
    """A steward presses the button, and presses it again where no answer came."""
    client = Client()
    client.force_login(Principal.objects.get(username="olga"))
    waiting = AccessRequest.objects.get(purpose="Approve me")
    client.post(f"/requests/{waiting.pk}/decision/", {"verdict": "approve", "reason": "Yes"})


def _ask(as_of: datetime) -> None:
    """Somebody sends the form, and sends it again."""
    client = Client()
    client.force_login(Principal.objects.get(username="samir"))
    client.post(
        "/datasets/wh.sales.customers/request/",
        {"purpose": "Asked anew", "duration": "30d", "columns": ["email"], "holder": "user:samir"},
    )


def _restore(as_of: datetime) -> None:
    client = Client()
    lost = Grant.objects.get(end_reason="unused", purpose="Lost")
    client.force_login(lost.principal)
    client.post(f"/grants/{lost.pk}/restore/")


ACTS = {"review": _review, "tick": _tick, "approve": _approve, "ask": _ask, "restore": _restore}


@pytest.fixture
def copy(steward: Principal, scientist: Principal) -> Iterator[Copy]:
    """A night with one of each thing to do, requests that wait, lapse and escalate, and one access to bring back."""
    _one_of_each(steward)
    now = database_now()
    dataset = Grant.objects.earliest("pk").dataset
    second = make_person("sven")
    put_in_charge(second, dataset)
    make_person("root", administrator=True)
    ask(dataset, make_person("ida"), purpose="Approve me")
    ask(dataset, make_person("lena"), purpose="Too old", now=now - 15 * DAY)
    ask(dataset, make_person("kai"), purpose="Quiet", now=now - 6 * DAY)
    over = make_person("omar")
    granted(dataset, over, steward, now=now - 31 * DAY, purpose="Ran out")
    lost = granted(dataset, make_person("lisa"), steward, now=now - 20 * DAY, purpose="Lost")
    Grant.objects.filter(pk=lost.pk).update(ended_at=now - DAY, end_reason="unused")
    with copies() as make:
        yield make


# --- What there is at the end


def _end() -> dict[str, Any]:
    """Everything that counts, without times and keys, which differ from run to run."""
    assert sealing.verify().is_sound
    names = _names()
    notices = list(Notice.objects.values_list("recipient__username", "kind", "subject", "link"))
    keys = list(Notice.objects.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys))
    told = Counter(
        (who, kind, subject, _named(link, names)) for who, kind, subject, link in notices
    )
    events = AuditEvent.objects.exclude(kind__in=NOT_COMPARED)
    events = events.values_list("kind", "subject", "actor_label")
    return {
        "rows": sorted(names.values()),
        "events": Counter((kind, _named(subject, names), actor) for kind, subject, actor in events),
        "told": told,
        "outbox": Counter(OutboxMessage.objects.values_list("kind", "payload__recipient")),
    }


# A review that was killed after its last commit is begun again and finds nothing; both say so.
NOT_COMPARED = ("sweep.finished", "sweep.held_back", "session.started")
ROWS = {
    "grant": "SELECT g.id, concat_ws('|', access_holder_label(principal_id, team_id), g.purpose, end_reason, g.columns,"
    " suspended_at IS NOT NULL, warned_at IS NOT NULL, restored_from_id IS NOT NULL, d.kind,"
    " (SELECT count(*) FROM access_dormancy y WHERE y.grant_id = g.id),"
    " (SELECT string_agg(concat_ws(',', masked_at IS NOT NULL, dropped_at IS NOT NULL, closed_at IS NOT NULL), ';')"
    "  FROM access_rightsizing s WHERE s.grant_id = g.id),"
    " (SELECT count(*) FROM access_exclusion x WHERE x.grant_id = g.id AND excluded_at IS NOT NULL))"
    " FROM access_grant g JOIN access_decision d ON d.id = g.decision_id",
    "request": "SELECT r.id, concat_ws('|', access_holder_label(requester_id, NULL), purpose, state, stage, escalation,"
    " columns, (SELECT count(*) FROM access_vote v WHERE v.request_id = r.id),"
    " (SELECT count(*) FROM access_decision d WHERE d.request_id = r.id)) FROM access_accessrequest r",
}


def _names() -> dict[str, str]:
    """What a number of a grant or request means, as `grant:7` or `requests/7`."""
    found = {}
    with connection.cursor() as cursor:
        for kind, sql in ROWS.items():
            cursor.execute(sql)
            found |= {f"{kind}:{key}": f"{kind} {said}" for key, said in cursor.fetchall()}
    return found


def _named(text: str, names: dict[str, str]) -> str:
    key = re.sub(r".*#?(grant)-(\d+)$", r"\1:\2", text)
    key = re.sub(r"^/requests/(\d+)/$", r"request:\1", key)
    return names.get(key, text)


# --- Killed


def _undisturbed(
    act: Callable[[datetime], None], copy: Copy, as_of: datetime
) -> tuple[Any, int, float]:
    with working_on(copy()):
        before, begun = _end(), time.monotonic()
        _, n_points = run_in_child(lambda: act(as_of))
        took = time.monotonic() - begun
        run_in_child(lambda: act(as_of))
        end = _end()
        assert end["rows"] != before["rows"]
        return end, n_points, took


def _kill(name: str, copy: Copy, seeds: Iterator[int] | range) -> Counter[str]:
    """Kill it once a seed, start it again, compare; how many were killed and how many had ended before."""
    act, as_of, outcomes = ACTS[name], database_now(), Counter[str]()
    expected, n_points, took = _undisturbed(act, copy, as_of)
    assert n_points > 10
    for seed in seeds:
        chance = random.Random(f"{name}{seed}")
        with working_on(copy()):
            by_clock = chance.random() < 0.3
            ended, _ = run_in_child(
                lambda: act(as_of),
                die_at=0 if by_clock else chance.randrange(1, n_points + 1),
                kill_after=chance.uniform(0.001, took) if by_clock else 0.0,
            )
            run_in_child(lambda: act(as_of))
            found = _end()
        for part in expected:
            assert found[part] == expected[part], f"{name}, seed {seed}: {part} differ"
        outcomes["killed" if ended == DIED else "ended before"] += 1
    return outcomes


def test_whoever_is_killed_at_a_random_moment_ends_as_if_undisturbed(copy: Copy) -> None:
    for name in ("review", "approve"):
        assert _kill(name, copy, range(1)).total() == 1


@pytest.mark.drill
@pytest.mark.parametrize("name", ACTS)
def test_two_hundred_kills_end_as_if_undisturbed(name: str, copy: Copy) -> None:
    n, first = int(os.environ.get("KILLS", "40")), int(os.environ.get("KILLS_FROM", "100"))

    outcomes = _kill(name, copy, range(first, first + n))

    print(f"{name}: {dict(outcomes)}", flush=True)
    assert outcomes["killed"] > n // 2
