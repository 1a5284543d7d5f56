"""`doctor`: finds what is wrong, says what to do, shows no secret."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from portal import checkup
from portal.checkup import State
from portal.embedded.servers import Wanted
from portal.home import Home
from tests.architecture.sources import ROOT
from tests.portal.embedded.portals import clean_environment


def problems(found: object) -> dict[str, str]:
    return {one.subject: one.remedy for one in found if one.state is State.PROBLEM}  # type: ignore[attr-defined]


def test_a_package_that_differs_from_the_lock_is_a_problem(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==1.0 \\\n    --hash=sha256:00\n")

    assert problems(checkup.packages(lock)) == {"packages": "Run make install."}


def test_the_installed_packages_are_as_locked() -> None:
    assert problems(checkup.packages(ROOT / "requirements.lock")) == {}


def test_keys_that_others_can_read_are_a_problem(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.make()
    home.keys.chmod(0o755)

    assert "chmod 700" in problems(checkup.home(home))["home"]


def test_a_missing_server_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name, **_: None)

    found = problems(checkup.programs(Wanted(database=True, broker=True)))

    assert "PORTAL_PG_BIN" in found["postgres"]
    assert "valkey-server" in found["valkey"]


@pytest.mark.django_db
def test_a_healthy_database_has_no_problem() -> None:
    assert problems(checkup.database()) == {}


@pytest.mark.django_db
def test_a_silent_worker_is_a_problem() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_clockmark (id, at) VALUES (1, clock_timestamp() - interval '10 minutes') "
            "ON CONFLICT (id) DO UPDATE SET at = excluded.at"
        )

    assert "worker and beat" in problems(checkup.database())["worker"]


@pytest.mark.django_db
def test_an_unreachable_warehouse_is_a_problem(tmp_path: Path) -> None:
    from catalog.models import Warehouse

    Warehouse.objects.create(name="gone", url=f"duckdb:///{tmp_path}/gone.duckdb", engine="duckdb")

    assert "warehouse gone" in problems(checkup.warehouses())


def test_unreachable_servers_are_problems_shown_without_the_password(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env=clean_environment(
            DATABASE_URL="postgresql://u:hush@localhost:1/db",
            REDIS_URL="redis://:hush@localhost:1",
            PORTAL_HOME=str(tmp_path / "home"),
        ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    assert "PROBLEM  database: does not answer" in answer.stdout
    assert "PROBLEM  queue: does not answer" in answer.stdout
    assert "hush" not in answer.stdout + answer.stderr
