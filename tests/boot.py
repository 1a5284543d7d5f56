"""Boots a private PostgreSQL and Valkey for one test run, before Django reads its settings.

Loaded by `-p` in pyproject.toml, because pytest-django imports the settings before any conftest. The cluster is a
copy of one that was made and migrated earlier, kept under a key that changes with every migration; so a run starts in
a second. Workers of pytest-xdist use the controller's servers, which it names to them in the environment.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from portal.embedded.locks import FileLock
from portal.embedded.servers import Servers, Wanted, programs
from portal.home import Home

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "portal_template"
BOOTED = "GATEHOUSE_TEST_SERVERS"
# Tests make roles of their own; the folder of the socket is closed to every other user.
TRUST = ("local all all trust",)
KEPT_CLUSTERS = 3
SCRATCH = "gatehouse-tests-"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Starts the servers, unless this process is a worker of a run that has them or only shows help."""
    options = early_config.known_args_namespace
    if os.environ.get(BOOTED) or options.help or options.version:
        return
    stack = contextlib.ExitStack()
    early_config.add_cleanup(stack.close)
    stack.enter_context(servers())


@contextlib.contextmanager
def servers() -> Iterator[None]:
    _remove_dead_scratch()
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH))
    claim = FileLock(scratch / "lock")
    claim.try_exclusive()
    # Root's servers run under an unprivileged account, which must get to its folder below this one.
    scratch.chmod(0o700 if os.getuid() else 0o711)
    home = Home.at(scratch / "home")
    servers = None
    try:
        home.make()
        template = _copy_cluster(home)
        servers = _new_servers(home, Wanted(database=True, broker=True))
        servers.start()
        os.environ.update(_environment(home), **{BOOTED: template or "no template"})
        yield
    finally:
        if servers is not None:
            servers.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_dead_scratch() -> None:
    """Folders of runs that were killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        lock = folder / "lock"
        if lock.exists() and os.access(lock, os.W_OK):
            with FileLock(lock) as claim:
                if claim.try_exclusive():
                    shutil.rmtree(folder, ignore_errors=True)


def _new_servers(home: Home, wanted: Wanted) -> Servers:
    found = programs(home, wanted, is_durable=False, extra_access=TRUST)
    return Servers(home, found, home.state / "servers.log")


def _environment(home: Home) -> dict[str, str]:
    return {
        "PORTAL_HOME": str(home.root),
        "DATABASE_URL": home.database_url,
        "REDIS_URL": home.redis_url,
        "SECRET_KEY": "only for tests",
        "PORTAL_ENV": "demo",
    }


# --- The migrated cluster that runs are copied from


def _copy_cluster(home: Home) -> str:
    """Puts a migrated cluster in the home and names its template database; empty when migrating failed."""
    cache = ROOT / ".pytest_cache" / "clusters"
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / _key()
    lock = FileLock(cache / "lock")
    lock.wait_exclusive(300)
    with lock:
        if not kept.exists() and not _build(cache, kept):
            return ""
        kept.touch()
        subprocess.run(["cp", "-a", "--reflink=auto", kept, home.postgres], check=True)
        _prune(cache)
    return TEMPLATE


def _key() -> str:
    digest = hashlib.sha256()
    for word in (version("django"), version("django-guardian"), platform.python_version()):
        digest.update(word.encode())
    for room in ("catalog", "access", "portal"):
        for path in sorted((ROOT / room / "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return f"{os.getuid()}-{digest.hexdigest()[:16]}"


def _build(cache: Path, kept: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="gatehouse-cluster-") as scratch:
        Path(scratch).chmod(0o700 if os.getuid() else 0o711)
        home = Home.at(Path(scratch) / "home")
        home.make()
        servers = _new_servers(home, Wanted(database=True, broker=False))
        servers.start()
        try:
            is_migrated = _migrate(home)
        finally:
            servers.stop()
        if is_migrated:
            shutil.move(home.postgres, kept)
        return is_migrated


def _migrate(home: Home) -> bool:
    import psycopg

    with psycopg.connect(home.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = home.database_url.replace("/portal?", f"/{TEMPLATE}?")
    answer = subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--no-input", "--verbosity=0"],
        env={
            **os.environ,
            **_environment(home),
            "DATABASE_URL": url,
            "REDIS_URL": "redis://unused",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        print(f"The migrations fail:\n{answer.stderr[-2000:]}", file=sys.stderr)
    return answer.returncode == 0


def _prune(cache: Path) -> None:
    clusters = [path for path in cache.iterdir() if path.is_dir()]
    for old in sorted(clusters, key=lambda path: path.stat().st_mtime)[:-KEPT_CLUSTERS]:
        shutil.rmtree(old, ignore_errors=True)
