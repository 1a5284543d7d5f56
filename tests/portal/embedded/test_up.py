"""`manage.py up` as a visitor and an operator see it: real processes, real kills."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.embedded.portals import (
    ROOT,
    RunningPortal,
    clean_environment,
    eventually,
    processes_of,
    scratch_home,
)


@pytest.fixture(scope="module")
def one_portal() -> Iterator[RunningPortal]:
    with scratch_home("a home with spaces") as home:
        portal = RunningPortal(home)
        yield portal
        if portal.process.poll() is None:
            portal.stop()


@pytest.fixture
def portal(one_portal: RunningPortal) -> RunningPortal:
    """A portal that is ready; started again where the test before ended it."""
    if one_portal.process.poll() is not None:
        one_portal.start()
    assert one_portal.is_ready(), one_portal.said()
    return one_portal


def test_up_answers_and_prints_one_password_once(portal: RunningPortal) -> None:
    assert portal.status("/sign-in/") == 200
    assert len(re.findall(rb"one-time password \S{12}", portal.said_ever())) == 1


def test_the_one_time_password_is_kept_in_no_file(portal: RunningPortal) -> None:
    password = re.search(rb"one-time password (\S+)", portal.said_ever())
    assert password is not None

    files = [path for path in portal.home.root.rglob("*") if path.is_file()]

    assert not [path for path in files if password[1] in path.read_bytes()]


def test_a_second_portal_over_the_same_home_is_refused_with_the_reason(
    portal: RunningPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = RunningPortal(portal.home)

    assert second.process.wait(timeout=30) == 1
    assert "Another Gatehouse runs over" in second.said()


def test_a_second_portal_on_the_same_port_is_refused_with_the_reason(portal: RunningPortal) -> None:
    with scratch_home() as home:
        second = RunningPortal(home, port=portal.port)

        assert second.process.wait(timeout=30) == 1
        assert f"Port {portal.port} cannot be used" in second.said()
        assert not processes_of(home)


def test_a_command_uses_the_servers_of_a_running_portal(portal: RunningPortal) -> None:
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", COUNT],
        cwd=ROOT,
        env=clean_environment(PORTAL_HOME=str(portal.home.root)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.strip() == "1 administrator"
    assert portal.status() == 200


COUNT = "from access.models import Principal as P; print(P.objects.count(), 'administrator')"
PARTS = {
    "web": "portal.embedded.web",
    "postgres": "-D",
    "valkey": "valkey",
    "worker": "worker@gatehouse",
    "beat": "--pidfile=",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_noticed_and_repaired(portal: RunningPortal, part: str) -> None:
    before = portal.pids(PARTS[part])
    assert before

    os.kill(before[0], signal.SIGKILL)

    assert eventually(lambda: f"{part} runs again" in portal.said(), 30), portal.said()
    assert eventually(lambda: bool(set(portal.pids(PARTS[part])) - set(before)), 30)
    assert eventually(lambda: portal.status() == 200, 60), portal.said()


def test_sigterm_leaves_no_process_and_no_socket(portal: RunningPortal) -> None:
    seconds = portal.stop()

    assert seconds < 10
    assert portal.process.returncode == 0
    assert not processes_of(portal.home)
    assert not portal.home.sockets.exists()


def test_the_next_start_keeps_the_data(portal: RunningPortal) -> None:
    portal.stop(signal.SIGINT)

    portal.start()

    assert portal.is_ready(), portal.said()
    assert "one-time password" not in portal.said()


def test_kill_9_of_the_supervisor_leaves_nothing_and_the_next_start_recovers(
    portal: RunningPortal,
) -> None:
    portal.process.kill()
    portal.process.wait()

    assert eventually(lambda: not processes_of(portal.home), 3), _named(portal)
    portal.start()
    assert portal.is_ready(), portal.said()


def _named(portal: RunningPortal) -> list[bytes]:
    return [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(portal.home)]
