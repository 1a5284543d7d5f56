"""The embedded PostgreSQL and Valkey after crashes, in odd places, and towards strangers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.embedded.accounts import Account, find_account
from portal.embedded.binaries import Unavailable, find_postgres
from portal.embedded.postgres import CONFIGURATION
from portal.embedded.processes import is_alive
from portal.embedded.servers import Servers, Wanted, programs, run_lock
from portal.embedded.sockets import make_sockets
from portal.home import Home
from tests.portal.embedded.portals import (
    ROOT,
    clean_environment,
    eventually,
    processes_of,
    scratch_home,
)

NOBODY = 65534
ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")


@pytest.fixture
def home() -> Iterator[Home]:
    with scratch_home("a home, with spaces and 'quotes'") as place:
        place.make()
        yield place


def servers(home: Home, *, broker: bool = False) -> Servers:
    found = programs(home, Wanted(database=True, broker=broker), is_durable=False)
    return Servers(home, found, home.state / "servers.log")


def answers(home: Home) -> bool:
    with psycopg.connect(home.database_url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_servers_start_answer_and_leave_nothing(home: Home) -> None:
    both = servers(home, broker=True)

    both.start()
    assert answers(home)
    both.stop()

    assert not processes_of(home)
    assert not home.sockets.exists()


def test_nothing_listens_on_a_network() -> None:
    assert "listen_addresses = ''" in CONFIGURATION


def test_two_homes_run_side_by_side(home: Home) -> None:
    with scratch_home() as other:
        other.make()
        first, second = servers(home), servers(other)
        first.start()
        second.start()
        with psycopg.connect(home.database_url) as connection:
            connection.execute("CREATE TABLE mine (id int)")

        with psycopg.connect(other.database_url) as connection:
            found = connection.execute("SELECT to_regclass('mine')").fetchone()

        first.stop()
        second.stop()
        assert found == (None,)


def test_a_stale_pid_of_a_living_stranger_neither_blocks_nor_kills(home: Home) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        database = servers(home)
        database.start()
        mark = home.postgres / "postmaster.pid"
        left_behind = mark.read_text()
        database.stop()
        mark.write_text(left_behind.replace(left_behind.split("\n")[0], str(stranger.pid), 1))

        database.start()

        assert answers(home)
        database.stop()
        assert is_alive(stranger.pid)
        stranger.kill()


@pytest.mark.parametrize("text", ["", "not a number\n", "1\n"])
def test_a_damaged_pid_file_heals(home: Home, text: str) -> None:
    database = servers(home)
    database.start()
    database.stop()
    (home.postgres / "postmaster.pid").write_text(text)

    database.start()

    assert answers(home)
    database.stop()


def test_kill_9_of_the_postmaster_loses_no_acknowledged_commit(home: Home) -> None:
    first = Servers(home, programs(home, Wanted(True, False)), home.state / "servers.log")
    first.start()
    with psycopg.connect(home.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
        first.running[0][1].kill()
        first.running[0][1].wait()

    second = servers(home)
    second.start()

    with psycopg.connect(home.database_url) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)
    second.stop()


def test_an_orphaned_server_is_ended_and_replaced(home: Home) -> None:
    orphaned = servers(home, broker=True)
    orphaned.start()
    before = processes_of(home)

    again = servers(home, broker=True)
    again.start()

    assert answers(home)
    assert not before & processes_of(home)
    again.stop()
    for _, process in orphaned.running:
        process.wait()


def test_a_half_made_data_folder_is_made_anew(home: Home) -> None:
    draft = home.root / "postgres.draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")
    database = servers(home)

    database.start()

    assert answers(home)
    database.stop()


def test_data_of_another_version_is_left_alone_with_advice(home: Home) -> None:
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("14")

    with pytest.raises(Unavailable, match="made by PostgreSQL 14"):
        servers(home).start()


def test_a_damaged_queue_is_set_aside_and_an_empty_one_starts(home: Home) -> None:
    queue = Servers(home, programs(home, Wanted(False, True)), home.state / "servers.log")
    queue.start()
    queue.stop()
    manifest = next((home.valkey / "appendonlydir").glob("*.manifest"))
    manifest.write_text("nonsense\n")

    with pytest.raises(Unavailable, match="valkey did not start"):
        queue.start()
    queue.start()

    assert queue.programs[0].is_ready()
    assert list(home.valkey.glob("set-aside-*"))
    queue.stop()


def test_a_path_of_two_hundred_characters_is_no_problem() -> None:
    with scratch_home("x" * 200) as home:
        home.make()
        database = servers(home)
        database.start()
        assert answers(home)
        database.stop()


@ROOT_ONLY
def test_another_user_of_the_machine_is_refused(home: Home) -> None:
    database = servers(home)
    database.start()
    os.chmod(home.sockets, 0o755)
    os.chmod(home.sockets / ".s.PGSQL.5432", 0o777)

    answer = subprocess.run(
        [find_postgres().folder / "psql", "-h", home.sockets, "-U", "portal", "-c", "SELECT 1"],
        capture_output=True,
        text=True,
        check=False,
        user=1,
        group=1,
        extra_groups=[],
    )

    database.stop()
    assert answer.returncode != 0
    assert "Peer authentication failed" in answer.stderr


@ROOT_ONLY
def test_root_falls_back_to_a_namespace_where_nobody_cannot_reach(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = Home.at(tmp_path / "home")
    home.make()

    account = find_account(home.root, find_postgres().postgres)

    assert account.is_namespace
    database = servers(home)
    database.start()
    assert answers(home)
    database.stop()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    stranger = Account(uid=4242, gid=4242, name="x", client="x")
    link = tmp_path / "sockets"
    link.symlink_to(tmp_path)

    with pytest.raises(Unavailable, match="belongs to another user"):
        make_sockets(link, stranger)


def run_command(home: Home, code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env=clean_environment(PORTAL_HOME=str(home.root)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


COUNT = "import time; time.sleep({}); from access.models import Principal as P; print(P.objects.count())"


def test_commands_share_servers_and_leave_none_behind(home: Home) -> None:
    first = run_command(home, COUNT.format(0))
    assert first.wait(timeout=300) == 0
    assert not processes_of(home)

    several = [run_command(home, COUNT.format(seconds)) for seconds in (0, 0.5, 1.5)]

    assert [command.communicate(timeout=300)[0] for command in several] == ["0\n"] * 3
    assert eventually(lambda: not processes_of(home), 5)
    with run_lock(home) as lock:
        assert lock.try_exclusive()


def test_a_killed_command_leaves_no_server_running(home: Home) -> None:
    command = run_command(home, "import time; print('up', flush=True); time.sleep(60)")
    assert command.stdout is not None
    assert command.stdout.readline() == "up\n"

    command.send_signal(signal.SIGKILL)
    command.wait()

    assert eventually(lambda: not processes_of(home), 5)


def test_help_and_checks_start_nothing(home: Home) -> None:
    started = time.time()
    for words in (["help"], ["makemigrations", "--help"]):
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=clean_environment(PORTAL_HOME=str(home.root)),
            capture_output=True,
            check=True,
        )

    assert not home.postgres.exists(), f"{time.time() - started:.0f} s"
