"""`manage.py up`: the whole portal as one foreground process tree.

The order is that of the visitor's patience: the port is claimed and the web process loads while PostgreSQL starts, so
that a page answers within seconds and tells how far the first start has come; worker and beat come last.
"""

import argparse
import contextlib
import hashlib
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.embedded import progress, roles
from portal.embedded.binaries import Unavailable
from portal.embedded.journal import Journal
from portal.embedded.processes import Program
from portal.embedded.progress import Progress
from portal.embedded.servers import (
    READY_SECONDS,
    Wanted,
    programs,
    run_lock,
)
from portal.embedded.sockets import remove_sockets
from portal.embedded.tree import Broken, Child, Stopped, Tree
from portal.environment import Misconfigured, text, whole
from portal.home import Home

STAGES = [["beat", "worker", "web"], ["valkey"], ["postgres"]]
# A portal that is just stopping, and a single command, are waited for; a running portal is not.
STOPPING_SECONDS, COMMAND_SECONDS = 3, 30


@dataclass(frozen=True)
class Plan:
    """What one `up` was asked for."""

    home: Home
    port: int
    contents: str

    @property
    def host(self) -> str:
        """The interface to listen on: loopback, unless told otherwise."""
        return text("PORTAL_BIND", default="127.0.0.1")

    @property
    def environment(self) -> dict[str, str]:
        """What the children need to know beyond our own environment."""
        return {
            "PORTAL_HOME": str(self.home.root),
            "PORTAL_PORT": str(self.port),
            "PORTAL_SUPERVISED": str(progress.note(self.home)),
        }


def up(plan: Plan) -> int:
    """Runs the portal until a signal ends it; 0 after an orderly stop, 1 when it could not go on."""
    started = time.monotonic()
    os.umask(0o077)
    plan.home.make()
    journal = Journal()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_claimed(plan.home, journal))
        listening = stack.enter_context(_bound(plan.host, plan.port))
        tree = Tree(journal)
        try:
            _start(plan, tree, listening, started)
            while True:
                tree.watch()
        except Stopped as signal_name:
            journal.say(f"stopping ({signal_name})")
            return 0
        except (Broken, Unavailable) as reason:
            journal.say(f"stopping: {reason}")
            return 1
        finally:
            _stop(plan, tree)


def _start(plan: Plan, tree: Tree, listening: socket.socket, started: float) -> None:
    wanted = Wanted.from_environment()
    progress.tell(plan.home, Progress("Starting the database"))
    servers = programs(plan.home, wanted)
    web = tree.add(
        roles.web(
            listening,
            workers=whole("PORTAL_WEB_PROCESSES", default=2, least=1, most=64),
            threads=whole("PORTAL_WEB_THREADS", default=48, least=1, most=256),
            environment=plan.environment,
        )
    )
    tree.journal.say(f"home {plan.home.root}, address http://localhost:{plan.port}")
    for child in [_add_server(tree, server) for server in servers]:
        tree.wait_ready(child, READY_SECONDS)
    _prepare(plan, tree, wanted)
    tree.wait_ready(web, READY_SECONDS)
    progress.finish(plan.home)
    _welcome(plan, tree.journal, time.monotonic() - started)
    processes = whole("PORTAL_WORKER_PROCESSES", default=2, least=1, most=64)
    tree.add(roles.worker(processes=processes, environment=plan.environment))
    tree.add(roles.beat(environment=plan.environment))


def _add_server(tree: Tree, server: Program) -> Child:
    if server.name != "valkey":
        return tree.add(server)
    return tree.add(server, on_return=lambda: _reconnect(tree))


def _reconnect(tree: Tree) -> None:
    """A worker that lost its broker may stall for good (celery #10205, kombu #582): a fresh one does not."""
    for child in tree.children:
        if child.program.name in {"worker", "beat"}:
            tree.restart(child)


def _prepare(plan: Plan, tree: Tree, wanted: Wanted) -> None:
    """Skipped when this code prepared this very database before; an external one may have changed meanwhile."""
    mark, fingerprint = plan.home.state / "prepared", _fingerprint()
    is_done = mark.exists() and mark.read_text(encoding="ascii") == fingerprint
    if is_done and wanted.database:
        return
    progress.tell(plan.home, Progress("Making the portal's tables"))
    tree.run(roles.prepare(plan.contents, environment=plan.environment))
    mark.write_text(fingerprint, encoding="ascii")


def _fingerprint() -> str:
    """Changes with every migration of ours and with every version of the packages that bring their own."""
    digest = hashlib.sha256()
    for room in ("catalog", "access", "portal"):
        for path in sorted((roles.ROOT / room / "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    lock = roles.ROOT / "requirements.lock"
    digest.update(lock.read_bytes() if lock.exists() else b"")
    return digest.hexdigest()


def _welcome(plan: Plan, journal: Journal, seconds: float) -> None:
    journal.say(f"ready after {seconds:.1f} s: http://localhost:{plan.port}")
    note = plan.home.state / "welcome.txt"
    if note.exists():
        for line in note.read_text(encoding="utf-8").splitlines():
            journal.say(line)
    journal.say("Ctrl-C stops it.")


def _stop(plan: Plan, tree: Tree) -> None:
    started = time.monotonic()
    tree.stop(STAGES)
    remove_sockets(plan.home.sockets)
    progress.finish(plan.home)
    tree.journal.say(f"stopped after {time.monotonic() - started:.1f} s")


@contextlib.contextmanager
def _claimed(home: Home, journal: Journal) -> Iterator[None]:
    """The home for this process alone; a single command that uses it is waited for.

    Errors: `Unavailable` when another portal runs over it.
    """
    with run_lock(home) as lock:
        if not lock.try_exclusive():
            is_portal = lock.path.read_text(encoding="ascii") == "up"
            journal.say(
                f"waiting for the {'portal' if is_portal else 'command'} that uses {home.root}"
            )
            if not lock.wait_exclusive(STOPPING_SECONDS if is_portal else COMMAND_SECONDS):
                raise Unavailable(
                    f"Another Gatehouse runs over {home.root}. Stop it first, or give this one a home of its own: "
                    "./manage.py up --home FOLDER --port N"
                )
        lock.path.write_text("up", encoding="ascii")
        yield


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """The listening socket, bound by us alone.

    Errors: `Unavailable` when the port is taken or not ours to take.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(1024)
        except OSError as error:
            raise Unavailable(
                f"Port {port} cannot be used ({error.strerror}). Choose another: ./manage.py up --port {port + 1}"
            ) from error
        yield listening


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The promises of the command line: home, port and first contents."""
    parser.add_argument(
        "--home", help="folder for everything the portal keeps (PORTAL_HOME, else .portal)"
    )
    parser.add_argument("--port", help="port to serve on (PORTAL_PORT, else 8000)")
    contents = parser.add_mutually_exclusive_group()
    contents.add_argument("--demo", action="store_true", help="begin with the demo company")
    contents.add_argument(
        "--empty",
        action="store_true",
        help="begin with no data and one administrator, whose one-time password is printed",
    )


def plan(options: Mapping[str, Any]) -> Plan:
    """What the options ask for, the environment where they are silent.

    Errors: `Misconfigured` naming the variable that the option stands for.
    """
    if options.get("port") is not None:
        os.environ["PORTAL_PORT"] = str(options["port"])
    home = options.get("home") or text("PORTAL_HOME", default=str(roles.ROOT / ".portal"))
    is_production = text("PORTAL_ENV", default="demo") == "production"
    is_empty = options.get("empty") or (is_production and not options.get("demo"))
    return Plan(
        Home.at(home),
        whole("PORTAL_PORT", default=8000, least=1, most=65535),
        "empty" if is_empty else "demo",
    )


def main(arguments: Sequence[str]) -> int:
    """Runs `up` with the words that followed it on the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    add_arguments(parser)
    try:
        return up(plan(vars(parser.parse_args(arguments))))
    except (Misconfigured, Unavailable) as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
