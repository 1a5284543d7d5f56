"""Kills that cost little: a child forked from a warm test process does the work on a copy of the database and dies at a
chosen moment by a real SIGKILL, between any two statements or around any commit.

The child shares nothing with its parent but code: every connection is closed before the fork, so that PostgreSQL sees a
client of its own die.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, connections

Act = Callable[[], object]
DIED = -signal.SIGKILL
INHERITED: list[object] = []
# A database is copied while nobody is in it; a client that has just gone may not have gone yet.
OTHERS_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@dataclass
class Points:
    """Counts the points at which a process may be killed; at `last` it is, unless that is never."""

    last: int = 0
    seen: int = 0

    def pass_one(self) -> None:
        """One more moment between two things that PostgreSQL is told."""
        self.seen += 1
        if self.seen == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Around every statement."""
        self.pass_one()
        done = execute(sql, params, many, context)
        self.pass_one()
        return done

    def watch(self) -> None:
        """Count from now on, commits as well."""
        connection.execute_wrappers.append(self.statement)
        commit = connection._commit

        def commit_watched() -> None:
            self.pass_one()
            commit()
            self.pass_one()

        connection._commit = commit_watched  # type: ignore[method-assign]


def let_go() -> None:
    """No connection is left, nor a pool of them, whose threads would not live in a forked child."""
    connections.close_all()
    if connection.alias in connection._connection_pools:
        connection.close_pool()


@contextmanager
def copies() -> Iterator[Callable[[], str]]:
    """Makes copies of the test's database as it is now, by name; all are gone at the end."""
    original, made = connection.settings_dict["NAME"], list[str]()
    let_go()

    def copy() -> str:
        name = f"{original}_copy_{len(made)}"
        with _maintenance() as server:
            for each in made[-3:]:
                server.execute(f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)')
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')
            server.execute(OTHERS_OUT, [original])
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}" STRATEGY FILE_COPY')
        made.append(name)
        return name

    try:
        yield copy
    finally:
        let_go()
        with _maintenance() as server:
            for each in made:
                server.execute(f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)')


def _maintenance() -> psycopg.Connection[Any]:
    settings = connection.settings_dict
    return psycopg.connect(
        dbname="postgres",
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user=settings["USER"],
        autocommit=True,
    )


@contextmanager
def working_on(name: str) -> Iterator[None]:
    """Everything inside goes to another database."""
    original = connection.settings_dict["NAME"]
    let_go()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        let_go()
        connection.settings_dict["NAME"] = original


def run_in_child(act: Act, *, die_at: int = 0, kill_after: float = 0.0) -> tuple[int, int]:
    """Does it in a process of its own; how that ended (0, or `DIED`) and how many points it passed.

    It dies at a point, or is killed by its parent after so many seconds, or lives.
    """
    let_go()
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _be_the_child(act, Points(die_at), writing)
    os.close(writing)
    if kill_after:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in (0, DIED), said.decode()
    return ended, int(said) if ended == 0 else 0


def _be_the_child(act: Act, points: Points, writing: int) -> None:
    code = 1
    # A browser's event loop ends at the fork, and Django then finds what was open before there was a browser: none of it is
    # the child's own.
    for each in connections.all(initialized_only=True):
        INHERITED.append(each)
        del connections[each.alias]
    INHERITED.extend(connection._connection_pools.values())
    connection._connection_pools.clear()
    try:
        points.watch()
        act()
        let_go()
        os.write(writing, str(points.seen).encode())
        code = 0
    except BaseException as error:
        os.write(writing, repr(error)[:2000].encode())
    finally:
        os._exit(code)
