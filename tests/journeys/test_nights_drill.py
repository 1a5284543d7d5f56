"""Nights pass for a real portal: the database's clock is moved, and beat, nobody else, warns and ends an idle grant."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from portal.embedded.binaries import find_postgres
from portal.home import Home
from tests.journeys.conftest import CONFIGURATION
from tests.portal.embedded.portals import (
    ROOT,
    RunningPortal,
    clean_environment,
    eventually,
    scratch_home,
)

pytestmark = pytest.mark.drill

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
POSTGRES_WITH_ANOTHER_CLOCK = """#!/bin/sh
export LD_PRELOAD='{library}' FAKETIME_TIMESTAMP_FILE='{clock}' FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
exec '{postgres}' "$@"
"""


class Night:
    """A portal whose database believes in another day, and what people and operators do to it from outside."""

    def __init__(self, home: Home, shop: str) -> None:
        self._clock = home.root.parent / "clock"
        self.today(0)
        variables = {"PORTAL_PG_BIN": str(self._binaries(home)), "PORTAL_TICK": "1s"}
        self.portal = RunningPortal(home, variables=variables)
        self._environment = clean_environment(**variables, PORTAL_HOME=str(home.root))
        assert self.portal.is_ready(), self.portal.said()
        configuration = home.root.parent / "shop.yaml"
        configuration.write_text(CONFIGURATION.replace("WAREHOUSE", shop), encoding="utf-8")
        self.command("apply", str(configuration))

    def today(self, day: int) -> None:
        """Moves the database's clock to so many days after the true one."""
        self._clock.write_text(f"+{day}d", encoding="ascii")
        self._clock.chmod(0o644)

    def command(self, *words: str) -> str:
        """What a command of the portal prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def token(self, name: str) -> str:
        """A token of somebody."""
        return self.command("token", name).strip().splitlines()[-1]

    def call(self, token: str, method: str, path: str, **body: object) -> tuple[int, Any]:
        """Status and body of one call of the API."""
        request = Request(
            f"http://127.0.0.1:{self.portal.port}/api/v1{path}",
            method=method,
            data=json.dumps(body).encode() if method == "POST" else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            return error.code, json.loads(error.read())

    def _binaries(self, home: Home) -> Path:
        """The programs of PostgreSQL, with a server among them that asks another clock."""
        real = find_postgres().folder
        folder = home.root.parent / "bin"
        folder.mkdir(mode=0o755)
        for program in real.iterdir():
            (folder / program.name).symlink_to(program)
        server = folder / "postgres"
        server.unlink()
        server.write_text(
            POSTGRES_WITH_ANOTHER_CLOCK.format(
                library=FAKETIME, clock=self._clock, postgres=real / "postgres"
            )
        )
        server.chmod(0o755)
        return folder


@pytest.fixture
def night(duckdb_shop: str) -> Iterator[Night]:
    """A portal with the shop, at day zero."""
    if FAKETIME is None:
        pytest.skip("moving PostgreSQL's clock needs libfaketime: apt-get install faketime")
    with scratch_home() as home:
        this = Night(home, duckdb_shop)
        yield this
        this.portal.stop()


def granted(night: Night, asker: str, steward: str) -> int:
    """A grant asked for and approved over the API."""
    status, made = night.call(
        asker, "POST", "/access-requests",
        dataset="wh.sales.customers", purpose="Churn report", duration="180d",
    )  # fmt: skip
    assert status == 201, made
    status, decided = night.call(
        steward, "POST", f"/access-requests/{made['id']}/decision", verdict="approve"
    )
    assert status == 200, decided
    number: int = decided["grant"]
    return number


def test_beat_warns_and_ends_an_idle_grant_and_its_holder_brings_it_back(night: Night) -> None:
    alice, otto, olga = (night.token(name) for name in ("alice", "otto", "olga"))
    idle, used = granted(night, alice, olga), granted(night, otto, olga)

    def state(token: str, grant: int) -> Any:
        _, held = night.call(token, "GET", "/grants")
        return next((each for each in held["items"] if each["id"] == grant), {})

    def reads(token: str) -> int:
        return night.call(token, "POST", "/queries", sql="select customer_id from sales.customers")[
            0
        ]

    def becomes(claim: Callable[[], bool]) -> bool:
        return eventually(claim, 30)

    assert reads(otto) == 200
    assert becomes(lambda: "first review is due" in sweeps(night))

    night.today(31)
    assert becomes(lambda: bool(state(alice, idle)["ends_unused_at"]))
    assert reads(otto) == 200
    night.today(46)
    assert becomes(lambda: state(alice, idle)["state"] == "ended")

    assert reads(alice) == 403
    assert reads(otto) == 200, "who reads keeps reading"
    assert state(otto, used)["state"] == "live"
    status, restored = night.call(alice, "POST", f"/grants/{idle}/restoration")
    assert (status, restored["state"]) == (201, "live")
    assert reads(alice) == 200
    assert "ended" in night.command("audit", "export")
    night.command("audit", "verify")


def sweeps(night: Night) -> str:
    """What the reviews so far said of themselves."""
    code = "from access.models import SweepRun; print(*SweepRun.objects.values_list('stopped', 'counts'))"
    return night.command("shell", "-c", code)
