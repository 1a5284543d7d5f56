"""A worker killed without warning while it tells: nothing is lost, and what is sent again carries the same id."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from access.clock import database_now
from access.delivering import claims, running
from access.models import Endpoint, Post, Principal
from tests.access.delivering.conftest import SECRET, tell
from tests.access.delivering.receivers import receiving

pytestmark = pytest.mark.django_db(transaction=True)
Making = Callable[..., Endpoint]

# A worker that stops after each call and before it notes what came of it, until it is killed or told to go on.
WORKER = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from access.clock import database_now
from access.delivering import posts, running
inner, wait = posts._note, float(sys.argv[1])
def slow(*args):
    print("sent", flush=True)
    time.sleep(wait)
    return inner(*args)
posts._note = slow
print("ready", flush=True)
running.deliver(database_now())
print("done", flush=True)
"""


def _worker(wait: float) -> subprocess.Popen[str]:
    database: dict[str, Any] = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    if database["PORT"]:
        url += f"&port={database['PORT']}"
    allowed = {"PORTAL_WEBHOOK_HOSTS": "127.0.0.1", "PORTAL_WEBHOOK_HTTP": "on"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(wait)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **allowed, "DATABASE_URL": url, "HOOK_SECRET": SECRET},
    )


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_worker_killed_between_sending_and_noting_repeats_the_id_and_loses_nothing(
    analyst: Principal, endpoint: Making
) -> None:
    with receiving() as receiver:
        endpoint(receiver)
        for key in ("a", "b"):
            tell(analyst, key)
        process = _worker(600)
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "sent\n"]
        _kill(process)
        assert len(receiver.messages) == 1
        running.deliver(database_now() + claims.LEASE)

    assert (len(receiver.ids), len(set(receiver.ids))) == (3, 2)
    assert Post.objects.exclude(sent_at=None).count() == 2


@pytest.mark.drill
def test_workers_killed_at_any_moment_lose_nothing_and_send_nothing_under_a_second_id(
    analyst: Principal, endpoint: Making
) -> None:
    chance = random.Random(7)
    with receiving() as receiver:
        endpoint(receiver)
        for n in range(60):
            tell(analyst, f"k{n}")
        for _ in range(30):
            process = _worker(0.05)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.6))
            _kill(process)
            Post.objects.exclude(claimed_until=None).update(claimed_until=database_now())
        running.deliver(database_now() + claims.LEASE)
        running.deliver(database_now() + claims.LEASE)

    assert len(set(receiver.ids)) == 60
    assert Post.objects.exclude(sent_at=None).count() == 60
