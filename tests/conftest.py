"""What every test may ask for: the migrated test database, the standing cast, a browser."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as generated
from playwright.sync_api import expect

from tests import spark
from tests.boot import BOOTED, TEMPLATE

if TYPE_CHECKING:
    from access.models import Principal

# Playwright's synchronous interface runs an event loop, in which Django would refuse to use its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
REQUIRED = "GATEHOUSE_REQUIRE_BROWSER"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """The real hasher takes a tenth of a second on purpose, which a test with five people in it has no use for."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _quick_clients(settings: Any) -> None:
    """Every test client would look through all static files first, which few ask for."""
    settings.WHITENOISE_AUTOREFRESH = True


# Generated cases are seeded, so that a run can be repeated; how long one takes says nothing on a shared machine.
generated.register_profile("gatehouse", deadline=None, derandomize=True)
generated.load_profile("gatehouse")


# --- Databases


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Makes the test database a copy of the migrated template, instead of running every migration again."""
    from django.db import connections

    connection = connections["default"]
    if os.environ.get(BOOTED) == TEMPLATE:
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> None:
    """Empties the tables between tests that commit row by row, without triggers and foreign keys.

    A TRUNCATE of all tables takes half a second, and the audit refuses it as it does a DELETE. The lock waits for what a
    test's threads still write, as TRUNCATE does. On the class, because a browser test's event loop makes Django open
    connections of its own.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    def flush(self: Any, style: Any, tables: list[str], **options: bool) -> list[str]:
        names = [self.quote_name(table) for table in tables]
        return [
            "SET session_replication_role = replica",
            f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE",
            *(f"DELETE FROM {name}" for name in names),
            "SET session_replication_role = origin",
        ]

    DatabaseOperations.sql_flush = flush


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL of this run's own, for warehouses and roles a test makes; any role may connect by its name."""
    return os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[spark.Server]":
    """A Spark Connect server with two executors, started when the first test asks for it."""
    with spark.running(tmp_path_factory.mktemp("spark")) as server:
        yield server


# --- The standing cast: people without any right, until a test gives them one


def _person(username: str, name: str) -> "Principal":
    from access.models import Principal

    return Principal.objects.create_user(username, f"{username}@example.com", "pass", name=name)


@pytest.fixture
def analyst(db: None) -> "Principal":
    """Asks for data and reads it."""
    return _person("alice", "Alice Analyst")


@pytest.fixture
def steward(db: None) -> "Principal":
    """Decides, once a test appoints them."""
    return _person("olga", "Olga Owner")


@pytest.fixture
def scientist(db: None) -> "Principal":
    """Reads in bulk."""
    return _person("samir", "Samir Scientist")


@pytest.fixture
def outsider(db: None) -> "Principal":
    """Has no right to anything, and every access rule is tested against them."""
    return _person("otto", "Otto Outsider")


@pytest.fixture
def administrator(db: None) -> "Principal":
    """Runs the portal, and reads no data because of it."""
    from access.models import Principal

    return Principal.objects.create_superuser("root", "root@example.com", "pass", name="Adam Min")


# --- The browser


def browser_path() -> str | None:
    """The Chromium of this machine, None where there is none."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test whose browser or Spark is not here, and says so; under continuous integration that is a failure."""
    if item.get_closest_marker("browser") is not None and not browser_path():
        _without("browser", "no chromium on this machine (make test installs it as root on Debian)")
    if item.get_closest_marker("spark") is not None and (reason := spark.missing()):
        _without("spark", reason)


def _without(what: str, reason: str) -> None:
    if os.environ.get({"browser": REQUIRED, "spark": spark.REQUIRED}[what]):
        pytest.fail(f"A {what} test was not run: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _patient_browser() -> None:
    """How long a page takes says nothing on a shared machine; what never comes is still found."""
    expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a download; root has no use for its sandbox."""
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": browser_path(), "args": sandbox}
