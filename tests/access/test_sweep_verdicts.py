"""What the review does about one grant: pure verdicts, as a table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access.sweep.verdicts import (
    Action,
    Evidence,
    Facts,
    Verdict,
    doubt,
    hold_back,
    judge,
)
from tests.access.lifecycle import DAY
from tests.datasets import NOW

FACTS = Facts(
    grant=1,
    holder="user:alice",
    dataset="wh.sales.customers",
    label="Customers",
    sensitivity="confidential",
    starts_at=NOW - 100 * DAY,
    expires_at=NOW + 80 * DAY,
    last_used_at=NOW - DAY,
)
IDLE = replace(FACTS, last_used_at=NOW - 61 * DAY)
WARNED = replace(IDLE, warned_at=NOW - 14 * DAY, revoke_due_at=NOW)


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        pytest.param(FACTS, Action.KEEP, id="in use"),
        pytest.param(replace(FACTS, expires_at=NOW), Action.EXPIRE, id="run out to the instant"),
        pytest.param(
            replace(FACTS, expires_at=NOW + timedelta(microseconds=1)), Action.KEEP, id="not yet"
        ),
        pytest.param(replace(FACTS, is_held=False), Action.LEAVE, id="holder left"),
        pytest.param(IDLE, Action.WARN, id="idle for longer than 60 days"),
        pytest.param(
            replace(FACTS, last_used_at=NOW - 60 * DAY), Action.WARN, id="idle for 60 days exactly"
        ),
        pytest.param(
            replace(FACTS, last_used_at=NOW - 60 * DAY + timedelta(seconds=1)),
            Action.KEEP,
            id="idle for just less",
        ),
        pytest.param(
            replace(FACTS, last_used_at=None, starts_at=NOW - 30 * DAY),
            Action.WARN,
            id="never used for half of it",
        ),
        pytest.param(
            replace(FACTS, last_used_at=None, starts_at=NOW - 29 * DAY),
            Action.KEEP,
            id="never used but new",
        ),
        pytest.param(
            replace(FACTS, sensitivity="restricted", last_used_at=NOW - 30 * DAY),
            Action.WARN,
            id="restricted after 30 days",
        ),
        pytest.param(
            replace(FACTS, sensitivity="internal", last_used_at=NOW - 89 * DAY),
            Action.KEEP,
            id="internal before 90 days",
        ),
        pytest.param(
            replace(IDLE, sensitivity="public", last_used_at=NOW - 900 * DAY),
            Action.KEEP,
            id="public is only reported",
        ),
        pytest.param(
            replace(FACTS, unused_after=7 * DAY, last_used_at=NOW - 7 * DAY),
            Action.WARN,
            id="the owner's own time",
        ),
        pytest.param(replace(IDLE, longest_gap=50 * DAY), Action.KEEP, id="own rhythm of 75 days"),
        pytest.param(
            replace(IDLE, longest_gap=50 * DAY, last_used_at=NOW - 75 * DAY),
            Action.WARN,
            id="beyond the own rhythm",
        ),
        pytest.param(replace(IDLE, is_suspended=True), Action.KEEP, id="suspended"),
        pytest.param(
            replace(IDLE, last_used_at=None, starts_at=NOW + DAY), Action.KEEP, id="scheduled"
        ),
        pytest.param(
            replace(IDLE, expires_at=NOW + 14 * DAY), Action.KEEP, id="runs out within the grace"
        ),
        pytest.param(WARNED, Action.REVOKE, id="warned and due"),
        pytest.param(
            replace(WARNED, revoke_due_at=NOW + timedelta(seconds=1)), Action.KEEP, id="not yet due"
        ),
        pytest.param(
            replace(WARNED, last_used_at=NOW - DAY), Action.SPARE, id="used after the warning"
        ),
        pytest.param(
            replace(WARNED, unused_after=365 * DAY), Action.SPARE, id="the rules were relaxed"
        ),
        pytest.param(replace(WARNED, is_suspended=True), Action.KEEP, id="warned and suspended"),
    ],
)
def test_a_grant_meets(facts: Facts, action: Action) -> None:
    verdict = judge(facts, NOW)

    assert verdict.action is action
    assert verdict.reason.endswith(".")


def test_a_warning_says_when_it_ends_by_sensitivity() -> None:
    graces = {}
    for sensitivity in ("restricted", "confidential", "internal"):
        due_at = judge(replace(IDLE, sensitivity=sensitivity, unused_after=DAY), NOW).due_at
        assert due_at is not None
        graces[sensitivity] = due_at - NOW

    assert graces == {"restricted": 7 * DAY, "confidential": 14 * DAY, "internal": 14 * DAY}


def _endings(n: int, dataset: str = "wh.a.b") -> list[Verdict]:
    return [judge(replace(WARNED, grant=number, dataset=dataset), NOW) for number in range(n)]


@pytest.mark.parametrize(
    ("n_ending", "n_open", "is_held"),
    [(10, 10, False), (11, 100, True), (20, 1000, False), (21, 1000, True)],
)
def test_the_brake_holds_a_night_that_would_end_too_much(
    n_ending: int, n_open: int, is_held: bool
) -> None:
    ending = [
        replace(each, dataset=f"wh.a.t{number}") for number, each in enumerate(_endings(n_ending))
    ]

    held, stopped = hold_back(ending, "", n_open, {})

    assert bool(stopped) is is_held
    assert {each.action for each in held} == {Action.KEEP if is_held else Action.REVOKE}


def test_the_brake_of_one_dataset_holds_only_that_one() -> None:
    verdicts = [*_endings(4, "wh.a.many"), *_endings(2, "wh.a.few")]

    held, stopped = hold_back(verdicts, "", 1000, {"wh.a.many": 10, "wh.a.few": 3})

    assert "wh.a.many" in stopped
    assert [each.dataset for each in held if each.action is Action.REVOKE] == ["wh.a.few"] * 2


@pytest.mark.parametrize(
    ("evidence", "is_doubted"),
    [
        pytest.param(Evidence(5, (0, 0, 0, 0)), False, id="young but alive"),
        pytest.param(Evidence(0, (0, 0, 0, 0)), True, id="nothing at all"),
        pytest.param(Evidence(0, (9, 9, 9, 9)), False, id="too little to judge"),
        pytest.param(Evidence(49, (100, 100, 100, 100)), True, id="half as much as usual"),
        pytest.param(Evidence(50, (100, 100, 100, 100)), False, id="just enough"),
        pytest.param(Evidence(100, (100, 100, 100, 100), 1), True, id="something not counted"),
    ],
)
def test_thin_evidence_is_no_ground(evidence: Evidence, is_doubted: bool) -> None:
    assert bool(doubt(evidence)) is is_doubted


def test_without_evidence_nobody_is_warned_or_ended_but_expiry_goes_on() -> None:
    verdicts = [judge(each, NOW) for each in (IDLE, WARNED, replace(FACTS, expires_at=NOW))]

    held, stopped = hold_back(verdicts, "Nothing was recorded.", 100, {})

    assert stopped == "Nothing was recorded."
    assert [each.action for each in held] == [Action.KEEP, Action.KEEP, Action.EXPIRE]
