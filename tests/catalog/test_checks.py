"""Checks: definitions per source, results by time, the newest shown."""

from datetime import timedelta

import pytest

from catalog.checks import Claim, keep_checks, record_result
from catalog.models import Check, CheckResult, CheckStatus, Source
from tests.catalog.contents import LATER, NOW, contents
from tests.datasets import make_dataset

pytestmark = pytest.mark.django_db


def claim(key: str = "k", kind: str = "unique") -> Claim:
    return Claim(key=key, name=f"{key} is {kind}", definition={"kind": kind}, column="id")


def make_check() -> Check:
    keep_checks({make_dataset(): [claim()]}, source=Source.DBT)
    return Check.objects.get()


def test_a_source_replaces_its_own_checks_and_nobody_elses() -> None:
    dataset = make_dataset()
    keep_checks({dataset: [claim("a"), claim("b")]}, source=Source.DBT)
    keep_checks({dataset: [claim("c")]}, source=Source.CONFIGURATION)

    kept = keep_checks({dataset: [claim("b", "not_null")]}, source=Source.DBT)

    assert (kept.tally.changed, kept.tally.removed) == (1, 1)
    checks = Check.objects.order_by("key").values_list("source", "key", "definition")
    assert list(checks) == [
        ("dbt", "b", {"kind": "not_null"}),
        ("configuration", "c", {"kind": "unique"}),
    ]


def test_keeping_the_same_checks_writes_nothing() -> None:
    check = make_check()
    before = contents()

    keep_checks({check.dataset: [claim()]}, source=Source.DBT)

    assert contents() == before


def test_the_newest_result_shows_on_the_check() -> None:
    check = make_check()
    record_result(check, status=CheckStatus.PASS, run_at=NOW, failures=0)

    record_result(check, status=CheckStatus.FAIL, run_at=LATER, failures=3, message="Three twins")

    check.refresh_from_db()
    assert (check.last_status, check.last_run_at) == (CheckStatus.FAIL, LATER)
    assert (check.last_failures, check.last_message) == (3, "Three twins")


def test_a_late_report_of_an_old_look_is_history_only() -> None:
    check = make_check()
    record_result(check, status=CheckStatus.PASS, run_at=LATER)

    assert record_result(check, status=CheckStatus.FAIL, run_at=NOW)

    check.refresh_from_db()
    assert check.last_status == CheckStatus.PASS
    assert CheckResult.objects.count() == 2


def test_one_look_counts_once() -> None:
    check = make_check()
    record_result(check, status=CheckStatus.PASS, run_at=NOW)

    assert not record_result(check, status=CheckStatus.PASS, run_at=NOW)
    assert record_result(check, status=CheckStatus.PASS, run_at=NOW + timedelta(seconds=1))
