"""Long drills, `make drill`: many kills at unlucky moments, other users, make's own signals."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.embedded.servers import Servers, Wanted, programs
from tests.portal.embedded.portals import (
    ROOT,
    RunningPortal,
    clean_environment,
    eventually,
    free_port,
    processes_of,
    scratch_home,
)

pytestmark = pytest.mark.drill
NOBODY = 65534


def test_kill_9_of_the_supervisor_at_any_moment_needs_no_repair_by_hand() -> None:
    chance = random.Random(20)
    with scratch_home("kill -9") as home:
        for _ in range(20):
            portal = RunningPortal(home)
            time.sleep(chance.uniform(0.1, 8))
            portal.process.kill()
            portal.process.wait()
            if chance.random() < 0.5:
                assert eventually(lambda: not processes_of(home), 3), processes_of(home)

        last = RunningPortal(home)
        assert last.is_ready(), last.said()
        last.stop()
        assert not processes_of(home)


def test_kill_9_of_any_process_at_any_moment_is_repaired() -> None:
    chance = random.Random(30)
    with scratch_home() as home:
        portal = RunningPortal(home)
        assert portal.is_ready(), portal.said()
        for _ in range(30):
            victims = sorted(processes_of(home) - {portal.process.pid})
            victim = chance.choice(victims)
            words = Path(f"/proc/{victim}/cmdline").read_bytes()[:80]
            os.kill(victim, signal.SIGKILL)
            # Slower than the crash loop's limit: a tree that is killed faster than that ends, with a reason.
            time.sleep(chance.uniform(8, 12))
            assert portal.process.poll() is None, (words, portal.said()[-2000:])
            assert eventually(lambda: portal.status() == 200, 15), (words, portal.said()[-2000:])
        assert portal.stop() < 10
        assert not processes_of(home)


def test_a_part_that_keeps_ending_brings_the_tree_down_with_the_reason() -> None:
    with scratch_home() as home:
        portal = RunningPortal(home)
        assert portal.is_ready(), portal.said()

        until = time.monotonic() + 60
        while portal.process.poll() is None and time.monotonic() < until:
            for pid in portal.pids("--pidfile="):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)

        assert portal.process.wait(timeout=20) == 1
        assert "beat ended 6 times within 60 s" in portal.said()
        assert not processes_of(home)


def test_two_portals_side_by_side_do_not_meet() -> None:
    with scratch_home() as one, scratch_home() as other:
        first, second = RunningPortal(one), RunningPortal(other)
        assert first.is_ready(), first.said()
        assert second.is_ready(), second.said()

        first.stop()

        assert second.status() == 200
        assert not processes_of(one)
        second.stop()


def test_external_servers_are_used_and_left_running() -> None:
    with scratch_home() as theirs, scratch_home() as ours:
        theirs.make()
        external = Servers(theirs, programs(theirs, Wanted(True, True)), theirs.state / "log")
        external.start()
        portal = RunningPortal(
            ours, variables={"DATABASE_URL": theirs.database_url, "REDIS_URL": theirs.redis_url}
        )

        assert portal.is_ready(), portal.said()
        assert not ours.postgres.exists()
        assert not ours.valkey.exists()
        portal.stop()

        assert all(program.is_ready() for program in external.programs)
        external.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_make_alone_stops_everything(number: signal.Signals, tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    with scratch_home() as home:
        port = free_port()
        makefile.write_text(
            f"up:\n\t@cd '{ROOT}' && exec '{sys.executable}' manage.py up --empty --home '{home.root}' --port {port}\n"
        )
        make = subprocess.Popen(
            ["make", "-f", makefile, "up"],
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert eventually(lambda: len(processes_of(home)) > 4, 30)
        time.sleep(3)

        make.send_signal(number)

        assert eventually(lambda: not processes_of(home), 10)
        make.wait(timeout=10)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become an ordinary user")
def test_an_ordinary_user_runs_it_too() -> None:
    python = _python_for_everyone()
    with scratch_home("an ordinary user's") as home:
        os.chown(home.root.parent, NOBODY, NOBODY)
        portal = RunningPortal(home, user=NOBODY, python=python)

        assert portal.is_ready(), portal.said()
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(home)} == {NOBODY}
        portal.stop()
        assert not processes_of(home)


def _python_for_everyone() -> str:
    for name in (sys.executable, shutil.which("python3", path="/usr/bin"), "/usr/bin/python3.11"):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        code = f"import sys; sys.exit('{version}' != '%d.%d' % sys.version_info[:2])"
        try:
            if (
                name
                and subprocess.run([name, "-c", code], user=NOBODY, check=False).returncode == 0
            ):
                return name
        except PermissionError:
            continue
    pytest.skip("no Python of this version that an ordinary user may run")
