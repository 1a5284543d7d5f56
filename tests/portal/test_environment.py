"""The typed readers: right values, and failures that name the variable and never a secret."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from portal import environment
from portal.environment import Misconfigured
from tests.architecture.sources import ROOT
from tests.portal.embedded.portals import clean_environment


@pytest.mark.parametrize(
    ("value", "expected"), [("yes", True), ("0", False), ("OFF", False), ("", True)]
)
def test_a_switch_is_read(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("SWITCH", value)

    assert environment.flag("SWITCH", default=True) is expected


@pytest.mark.parametrize("value", ["perhaps", "2", "truely"])
def test_a_mistyped_switch_ends_the_start_by_name(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SWITCH", value)

    with pytest.raises(Misconfigured, match=r"^SWITCH: expected"):
        environment.flag("SWITCH", default=True)


@pytest.mark.parametrize("value", ["eighty", "0", "70000", "1.5"])
def test_a_port_outside_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)

    with pytest.raises(Misconfigured, match="whole number from 1 to 65535"):
        environment.whole("PORT", default=1, least=1, most=65535)


def test_a_span_is_a_length_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGE", "90m")

    assert environment.span("AGE", default="1d") == timedelta(minutes=90)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))

    assert environment.secret("KEY") == "hush"


def test_a_missing_secret_names_both_ways_to_give_it() -> None:
    with pytest.raises(Misconfigured, match=r"KEY: must be set, .* KEY_FILE"):
        environment.secret("KEY")


@pytest.mark.parametrize("url", ["mysql://u:hush@host/db", "postgresql://u:hush@host:5432", "hush"])
def test_a_broken_database_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        environment.database("DATABASE_URL", url)

    assert "hush" not in str(caught.value)


def test_a_database_url_becomes_settings() -> None:
    read = environment.database("DATABASE_URL", "postgresql://u:p@host:5433/db?sslmode=require")

    assert (read["NAME"], read["HOST"], read["PORT"]) == ("db", "host", "5433")
    assert read["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h:6379/1", "redis://h:6379/1"),
        ("unix:///a/v.sock?db=0", "redis+socket:///a/v.sock?virtual_host=0"),
    ],
)
def test_the_queue_is_addressed_as_celery_wants_it(url: str, expected: str) -> None:
    assert environment.broker("REDIS_URL", url) == expected


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_URL"])
def test_production_does_not_start_without_explicit_values(missing: str) -> None:
    given = {
        "PORTAL_ENV": "production",
        "DATABASE_URL": "postgresql://u:p@localhost:1/db",
        "REDIS_URL": "redis://localhost:1",
        "SECRET_KEY": "long enough to be one",
        "PORTAL_URL": "https://data.example.com",
    }
    del given[missing]

    answer = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        cwd=ROOT,
        env=clean_environment(**given),
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"{missing}: must be set")
