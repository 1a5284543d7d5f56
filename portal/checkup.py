"""What `doctor` looks at: each check gives findings in plain words, with what to do about a problem.

Looks only, changes nothing and starts nothing; a stopped portal is a fact, not a problem. Addresses are shown without
passwords, secrets not at all.
"""

import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from redis import Redis
from redis.exceptions import RedisError

from access.models import Endpoint, Letter, NativeAccess, NativeFinding, OutboxMessage, Post
from catalog.engines import EngineError, engine_for
from catalog.engines.base import REFERENCE
from catalog.models import EngineKind, Warehouse
from portal.embedded.binaries import Unavailable, find_postgres, find_valkey
from portal.embedded.servers import Wanted, run_lock
from portal.home import Home

LEAST_DISK_SHARE = 0.1
LEAST_POSTGRES = 150000
LONGEST_SILENCE = 60
CLOCK_TOLERANCE = 5
# Where a server listens whose URL names no port.
PORTS = {"sc": 15002, "trino": 8080}


class State(StrEnum):
    """How a finding is to be read."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is what to do, for a problem."""

    state: State
    subject: str
    text: str
    remedy: str = ""


def ok(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(State.OK, subject, text)


def note(subject: str, text: str) -> Finding:
    """Worth knowing, nothing to do."""
    return Finding(State.NOTE, subject, text)


def problem(subject: str, text: str, remedy: str) -> Finding:
    """Wrong, and what to do."""
    return Finding(State.PROBLEM, subject, text, remedy)


def findings() -> Iterator[Finding]:
    """Everything, cheapest first; what needs a database that does not run is left out and said so."""
    yield from packages(settings.BASE_DIR / "requirements.lock")
    yield from home(settings.PORTAL_HOME)
    wanted = Wanted.from_environment()
    yield from programs(wanted)
    yield from configuration()
    is_running = _is_running(settings.PORTAL_HOME)
    if wanted.anything and not is_running:
        yield note("servers", "the embedded servers are stopped; ./manage.py up starts them")
    if is_running or not wanted.database:
        yield from database()
    if is_running or not wanted.broker:
        yield from broker()
    if is_running:
        yield from web()


# --- The machine


def packages(lock: Path) -> Iterator[Finding]:
    """Whether what is installed is what the lock file says."""
    pins = dict(
        re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\\n]+)", lock.read_text(encoding="utf-8"), re.M)
    )
    stale = [
        f"{name} {_installed(name)} instead of {pin}"
        for name, pin in pins.items()
        if _installed(name) not in {pin, "none"}
    ]
    python = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        yield problem("python", f"Python {python}", "Use Python 3.11, 3.12 or 3.13.")
    if stale:
        yield problem("packages", "; ".join(stale[:5]), "Run make install.")
    else:
        yield ok("packages", f"Python {python}, {len(pins)} locked packages as locked")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        # Locked for another system or Python; a missing one that matters would not have let us come this far.
        return "none"


def home(place: Home) -> Iterator[Finding]:
    """Whether the home can be written, is private, and has room."""
    if not place.root.exists():
        yield note("home", f"{place.root} does not exist yet; the first start makes it")
        return
    if not os.access(place.root, os.W_OK):
        yield problem(
            "home", f"{place.root} cannot be written", "Set PORTAL_HOME to a folder you own."
        )
    if place.keys.exists() and place.keys.stat().st_mode & 0o077:
        yield problem("home", f"{place.keys} is open to others", f"Run chmod 700 '{place.keys}'.")
    usage = shutil.disk_usage(place.root)
    free = f"{usage.free / 1e9:.1f} GB free"
    if usage.free < LEAST_DISK_SHARE * usage.total:
        yield problem(
            "disk",
            f"only {free} at {place.root}",
            "Make room: PostgreSQL stops when the disk is full (nothing is lost by that).",
        )
    else:
        yield ok("home", f"{place.root}, {free}")


def programs(wanted: Wanted) -> Iterator[Finding]:
    """Whether the servers that would be embedded are there."""
    searches: list[tuple[bool, str, Callable[[], object]]] = [
        (wanted.database, "postgres", lambda: find_postgres().folder),
        (wanted.broker, "valkey", find_valkey),
    ]
    for is_wanted, name, find in searches:
        if is_wanted:
            try:
                yield ok(name, f"{find()}")
            except Unavailable as error:
                yield problem(name, "no server program", str(error))


def configuration() -> Iterator[Finding]:
    """Django's own system checks, those for public servers included in production."""
    found = checks.run_checks(include_deployment_checks=settings.IS_PRODUCTION)
    serious = [message for message in found if message.level >= checks.WARNING]
    for message in serious:
        yield problem(
            "settings",
            f"{message.id}: {message.msg}",
            message.hint or "See the settings reference.",
        )
    if not serious:
        yield ok("settings", f"{settings.PORTAL_ENV}, {settings.PORTAL_URL}")


# --- What runs


def _is_running(place: Home) -> bool:
    if not place.state.exists():
        return False
    with run_lock(place) as lock:
        return not lock.try_exclusive()


def database() -> Iterator[Finding]:
    """PostgreSQL: reachable, new enough, migrated, its clock, its search extension, its last tick."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield problem(
            "database",
            f"does not answer: {_first_line(error)}",
            "Check DATABASE_URL and that the server runs; without DATABASE_URL, ./manage.py up brings one.",
        )
        return
    yield from _server()
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield problem(
            "tables", f"{len(pending)} migrations are pending", "Run ./manage.py migrate."
        )
        return
    yield ok("tables", "every migration has run")
    yield from _tick()
    yield from _telling()
    yield from warehouses()
    yield from native()


def native() -> Iterator[Finding]:
    """Native access: warehouses that could not be compared, whose use nobody sees, or that others changed."""
    for access in NativeAccess.objects.filter(Q(is_on=True) | Q(cleared_at=None)):
        subject = f"native {access.warehouse}"
        n_found = NativeFinding.objects.filter(native=access, gone_at=None).count()
        if access.failure:
            yield problem(subject, access.failure, "What it says; it is tried again every minute.")
        elif n_found:
            yield problem(subject, f"others changed {n_found} things there", "Look at /native/.")
        else:
            yield ok(subject, "as the portal put it")
        if access.evidence_failure:
            yield note(subject, access.evidence_failure)


def _server() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, abs(extract(epoch FROM clock_timestamp()) "
            "- extract(epoch FROM %s::timestamptz)), "
            "EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm')",
            [_now()],
        )
        number, drift, has_trigrams = cursor.fetchone()
    if number < LEAST_POSTGRES:
        yield problem(
            "database", f"PostgreSQL {number // 10000}", "Gatehouse needs PostgreSQL 15 or newer."
        )
    else:
        yield ok("database", f"PostgreSQL {number // 10000}.{number % 10000}")
    if drift > CLOCK_TOLERANCE:
        yield problem(
            "clock",
            f"this machine and the database differ by {drift:.0f} s",
            "Set both by NTP: the database's clock decides when access ends.",
        )
    if not has_trigrams:
        yield problem(
            "search",
            "the extension pg_trgm is missing",
            "Install your system's postgresql-contrib.",
        )


def _now() -> str:
    from django.utils import timezone

    return timezone.now().isoformat()


def _tick() -> Iterator[Finding]:
    """The tick moves the clock's mark every few seconds; nobody's access depends on it, tidying and mail do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM access_clockmark"
        )
        (silence,) = cursor.fetchone()
    if silence is None:
        yield note("worker", "has not run yet")
    elif silence > LONGEST_SILENCE:
        yield problem(
            "worker",
            f"no tick for {silence:.0f} s",
            "See the lines of worker and beat in the output of ./manage.py up, or restart your services.",
        )
    else:
        yield ok("worker", f"last tick {max(silence, 0):.0f} s ago")


def _telling() -> Iterator[Finding]:
    """What could not be told: mails, posts and messages set aside, and webhooks that are off."""
    n_aside = sum(
        rows.exclude(quarantined_at=None).count()
        for rows in (OutboxMessage.objects, Letter.objects, Post.objects)
    )
    off = Endpoint.objects.exclude(disabled_at=None).values_list("name", flat=True)
    if n_aside:
        yield problem(
            "telling",
            f"{n_aside} messages could not be sent and were set aside",
            "See /deliveries/ for what failed and why, mend it, and try them again there.",
        )
    if off:
        yield note("telling", f"webhooks that are off: {', '.join(sorted(off))}")
    if not n_aside and not off:
        yield ok("telling", "nothing was set aside")


def warehouses() -> Iterator[Finding]:
    """Whether each warehouse's file is there or its port answers; asking it anything is the gate's business."""
    for warehouse in Warehouse.objects.all():
        subject = f"warehouse {warehouse.name}"
        # A reference to a file or command may hold slashes, and says nothing about where the server is.
        plain = REFERENCE.sub(lambda found: found[0] if found[1] else "secret", warehouse.url)
        url = urlsplit(os.path.expandvars(plain))
        reason = _without_driver(warehouse.url) or _unreachable(
            url.scheme, url.hostname, url.port, url.path
        )
        if reason:
            yield problem(
                subject, reason, "Check its url in your configuration file and run apply again."
            )
        else:
            yield ok(subject, f"{warehouse.engine} is reachable")
            yield from _rights(warehouse)


def _rights(warehouse: Warehouse) -> Iterator[Finding]:
    """What weakens a warehouse that answers: a role that can more than read, tables without a screen, an open port."""
    if warehouse.engine not in (EngineKind.POSTGRESQL, EngineKind.SPARK):
        return
    subject = f"warehouse {warehouse.name}"
    try:
        found = engine_for(warehouse.url, warehouse.manage).concerns()
    except EngineError as error:
        yield problem(subject, str(error), "Check its url and whether its role may sign in.")
        return
    for sentence in found:
        yield note(subject, sentence)


def _without_driver(url: str) -> str:
    try:
        engine_for(url)
    except EngineError as error:
        return str(error)
    return ""


def _unreachable(scheme: str, host: str | None, port: int | None, path: str) -> str:
    if scheme == "duckdb":
        file = Path(path)
        return "" if file.is_file() and os.access(file, os.R_OK) else "its file cannot be read"
    if not host:
        return ""
    try:
        socket.create_connection((host, port or PORTS.get(scheme, 5432)), timeout=3).close()
    except OSError as error:
        return f"its server does not answer ({error.strerror or 'no such host'})"
    return ""


def broker() -> Iterator[Finding]:
    """Valkey or Redis: reachable, and set to refuse rather than to forget."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3) as client:
            facts = client.info()
    except (RedisError, OSError, ValueError):
        yield problem(
            "queue",
            "does not answer",
            "Check REDIS_URL and that the server runs. Access still ends on time; mail and tidying wait.",
        )
        return
    name, number = (
        ("Valkey", facts["valkey_version"])
        if "valkey_version" in facts
        else ("Redis", facts.get("redis_version", "?"))
    )
    if facts.get("maxmemory_policy", "noeviction") != "noeviction":
        yield problem(
            "queue",
            f"forgets tasks when full ({facts['maxmemory_policy']})",
            "Set maxmemory-policy noeviction.",
        )
    yield ok("queue", f"{name} {number}")


def web() -> Iterator[Finding]:
    """Whether something answers on the port this environment names."""
    port = settings.PORTAL_PORT
    try:
        socket.create_connection(("127.0.0.1", port), timeout=3).close()
    except OSError:
        yield note("web", f"nothing listens on port {port}")
        return
    yield ok("web", f"http://localhost:{port}")


def _first_line(error: Exception) -> str:
    """The cause without the address, which may hold a password."""
    return str(error).strip().splitlines()[-1].rpartition(": ")[2] or type(error).__name__
