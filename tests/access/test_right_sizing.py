"""Columns that nobody reads: named, masked, dropped; and back by a click or by being read."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from access import grants, sweep
from access.clock import database_now
from access.errors import Conflict, Invalid, NotAllowed
from access.models import AuditEvent, Grant, GrantUse, Notice, Principal, RightSizing
from access.policies.policy import TablePolicy
from access.policies.reading import reading_of
from access.sweep import Action
from access.sweep.sizes import Reads, SizeFacts, Sizing, judge_size, unread_columns
from tests.access.lifecycle import DAY, approve, granted, stewarded, use
from tests.datasets import NOW

# --- Verdicts

FACTS = SizeFacts(
    grant=1,
    holder="user:alice",
    dataset="wh.sales.customers",
    label="Customers",
    sensitivity="confidential",
    starts_at=NOW - 100 * DAY,
    expires_at=NOW + 80 * DAY,
    granted=("customer_id", "email", "country"),
    reads={"customer_id": Reads(NOW - DAY, NOW - DAY)},
    n_queries=20,
)
STAR = Reads(None, NOW - DAY)
PROPOSED = Sizing(("email", "country"), NOW - 14 * DAY, NOW)
MASKED = Sizing(("email", "country"), NOW - 28 * DAY, NOW - 14 * DAY, NOW - 14 * DAY, NOW)


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        pytest.param(FACTS, Action.PROPOSE, id="two of three never read"),
        pytest.param(
            replace(FACTS, starts_at=NOW - 89 * DAY), None, id="not watched for long enough"
        ),
        pytest.param(replace(FACTS, longest_gap=60 * DAY), None, id="two cycles are longer"),
        pytest.param(replace(FACTS, settled_at=NOW - 80 * DAY), None, id="settled not long ago"),
        pytest.param(replace(FACTS, sensitivity="public"), None, id="public is only reported"),
        pytest.param(replace(FACTS, reads={}), None, id="nothing was named at all"),
        pytest.param(replace(FACTS, expires_at=NOW + 28 * DAY), None, id="runs out before"),
        pytest.param(replace(FACTS, exempt_until=NOW + DAY), None, id="exempt"),
        pytest.param(replace(FACTS, sizing=PROPOSED), Action.MASK, id="proposed and due"),
        pytest.param(
            replace(FACTS, sizing=replace(PROPOSED, mask_due_at=NOW + DAY)), None, id="not yet due"
        ),
        pytest.param(replace(FACTS, sizing=MASKED), Action.DROP, id="masked and due"),
        pytest.param(
            replace(FACTS, sizing=replace(MASKED, drop_due_at=NOW + DAY)), None, id="still masked"
        ),
        pytest.param(
            replace(
                FACTS,
                sizing=replace(MASKED, columns=("email",)),
                reads={"email": Reads(NOW - DAY, NOW - DAY)},
            ),
            Action.RELEASE,
            id="named since",
        ),
        pytest.param(
            replace(FACTS, sizing=MASKED, reads={"email": STAR}), Action.DROP, id="starred since"
        ),
        pytest.param(replace(FACTS, sizing=replace(PROPOSED, columns=())), None, id="all kept"),
    ],
)
def test_the_columns_of_a_grant_meet(facts: SizeFacts, action: Action | None) -> None:
    verdicts = judge_size(facts, NOW)

    assert [each.action for each in verdicts] == ([] if action is None else [action])


@pytest.mark.parametrize(
    ("n_stars", "unread"),
    [
        pytest.param(9, ("email", "country"), id="most reads name what they want"),
        pytest.param(10, ("country",), id="half of them take everything"),
    ],
)
def test_a_star_is_weak_evidence(n_stars: int, unread: tuple[str, ...]) -> None:
    facts = replace(FACTS, reads={**FACTS.reads, "email": STAR}, n_stars=n_stars)

    assert unread_columns(facts, NOW) == unread


# --- The review


def _read(grant: Grant, column: str, at: datetime, *, starred: bool = False) -> None:
    assert grant.principal is not None
    GrantUse.objects.update_or_create(
        grant=grant,
        principal=grant.principal,
        day=at.date(),
        column_name=column,
        defaults={"n_queries": 1, "n_starred": int(starred), "last_used_at": at},
    )


@pytest.fixture
def wide(analyst: Principal, steward: Principal) -> Grant:
    """A grant of three columns in the clear, watched for a hundred days, of which one is read."""
    now = database_now()
    grant = grants.grant_directly(
        analyst,
        stewarded(steward),
        actor=None,
        reason="Churn report",
        now=now - 100 * DAY,
        expires_at=now + 80 * DAY,
        columns=["customer_id", "email", "country"],
        unmasked=["email"],
    )
    use(grant, now)
    _read(grant, "customer_id", now)
    return grant


def _policy(grant: Grant, principal: Principal) -> TablePolicy:
    data = grant.dataset
    found = reading_of(principal, data.warehouse, data.schema_name, data.table_name)
    assert found is not None
    return found.policy


@pytest.mark.django_db
def test_unread_columns_are_named_then_masked_then_dropped_and_told_once(
    wide: Grant, analyst: Principal
) -> None:
    now = database_now()
    end = wide.expires_at

    sweep.run(now)
    assert _policy(wide, analyst).grants[0].unmasked == {"email"}
    use(wide, now + 14 * DAY)
    sweep.run(now + 14 * DAY)
    masked = _policy(wide, analyst).grants[0]
    assert (masked.unmasked, {name: mask.kind for name, mask in masked.masks.items()}) == (
        frozenset(),
        {"email": "null_value", "country": "null_value"},
    )
    use(wide, now + 28 * DAY)
    sweep.run(now + 28 * DAY)

    wide.refresh_from_db()
    assert (wide.columns, wide.unmasked, wide.expires_at) == (["customer_id"], [], end)
    assert RightSizing.objects.get().dropped_at is not None
    assert Notice.objects.filter(kind__startswith="columns.").count() == 1
    narrowed = AuditEvent.objects.get(kind="grant.narrowed")
    assert narrowed.data["columns"] == ["email", "country"]
    assert narrowed.data["old"] == ["customer_id", "email", "country"]


@pytest.mark.django_db
def test_a_column_named_while_masked_comes_back_and_the_other_goes(
    wide: Grant, analyst: Principal
) -> None:
    now = database_now()
    for days in (0, 14):
        use(wide, now + days * DAY)
        sweep.run(now + days * DAY)
    _read(wide, "email", now + 15 * DAY)

    assert sweep.run(now + 16 * DAY).counts["release"] == 1
    assert set(_policy(wide, analyst).grants[0].masks) == {"country"}
    sweep.run(now + 28 * DAY)

    wide.refresh_from_db()
    assert (wide.columns, wide.unmasked) == (["customer_id", "email"], ["email"])


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [None, ["email", "country"]])
def test_one_step_brings_masked_columns_back_for_good(
    wide: Grant, analyst: Principal, columns: list[str] | None
) -> None:
    now = database_now()
    for days in (0, 14):
        use(wide, now + days * DAY)
        sweep.run(now + days * DAY)

    kept = grants.keep_columns(wide, actor=analyst, now=now + 15 * DAY, columns=columns)

    assert kept == ("email", "country")
    assert _policy(wide, analyst).grants[0].masks == {}
    assert sweep.plan(now + 60 * DAY).of(Action.DROP) == []
    with pytest.raises(Conflict):
        grants.keep_columns(wide, actor=analyst, now=now + 16 * DAY)


@pytest.mark.django_db
def test_only_holder_and_steward_keep_columns(
    wide: Grant, steward: Principal, outsider: Principal, administrator: Principal
) -> None:
    now = database_now()
    sweep.run(now)

    for somebody in (outsider, administrator):
        with pytest.raises(NotAllowed):
            grants.keep_columns(wide, actor=somebody, now=now)
    with pytest.raises(Invalid):
        grants.keep_columns(wide, actor=steward, now=now, columns=["customer_id"])
    assert grants.keep_columns(wide, actor=steward, now=now, columns=["email"]) == ("email",)


@pytest.mark.django_db
def test_a_grant_of_everything_becomes_one_of_what_is_left(
    analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    every = granted(stewarded(steward), analyst, steward, now=now - 100 * DAY, duration=180 * DAY)
    use(every, now)
    _read(every, "country", now)
    for days in (0, 14, 28):
        use(every, now + days * DAY)
        sweep.run(now + days * DAY)

    every.refresh_from_db()
    assert every.columns == ["country"]


@pytest.mark.django_db
def test_a_column_read_after_the_plan_was_made_is_not_dropped(wide: Grant) -> None:
    now = database_now()
    for days in (0, 14):
        use(wide, now + days * DAY)
        sweep.run(now + days * DAY)
    planned = sweep.plan(now + 28 * DAY).of(Action.DROP)
    _read(wide, "email", now + 28 * DAY)

    from access.sweep.applying import carry_out

    assert len(planned) == 1
    assert carry_out(Action.DROP, planned, now + 28 * DAY) == 0


@pytest.mark.django_db
def test_postgresql_lets_no_right_sizing_take_more_than_was_told(wide: Grant) -> None:
    sweep.run(database_now())
    sizing = RightSizing.objects.get()

    for change in (
        {"columns": ["customer_id", "email"]},
        {"mask_due_at": sizing.proposed_at + timedelta(seconds=1)},
        {"dropped_at": database_now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RightSizing.objects.filter(pk=sizing.pk).update(**change)


@pytest.mark.django_db
def test_a_renewal_that_waited_while_columns_were_dropped_does_not_bring_them_back(
    wide: Grant, analyst: Principal, steward: Principal
) -> None:
    now = database_now()
    asked = grants.request_renewal(wide, actor=analyst, duration=170 * DAY, now=now)
    for days in (0, 14, 28):
        use(wide, now + days * DAY)
        sweep.run(now + days * DAY)

    renewed = approve(asked, steward, now=now + timedelta(minutes=1))

    assert (renewed.pk, renewed.columns, renewed.unmasked) == (wide.pk, ["customer_id"], [])
    assert renewed.expires_at > wide.expires_at
