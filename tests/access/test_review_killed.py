"""A review that is killed without warning, at any batch of any kind, and run again ends as if it had not been disturbed."""

import random

import pytest

from access import grants, sweep
from access.clock import database_now
from access.models import (
    AuditEvent,
    Dormancy,
    Exclusion,
    Grant,
    GrantUse,
    Notice,
    Principal,
    RightSizing,
)
from access.sweep import Action
from tests.access.lifecycle import DAY, stewarded, use
from tests.access.test_review_agrees import _done, _size
from tests.access.test_sweep import _kill_after
from tests.people import make_person, make_team

EVERY = {
    Action.WARN,
    Action.REVOKE,
    Action.SLEEP,
    Action.EXCLUDE,
    Action.MASK,
    Action.DROP,
    Action.SPARE,
    Action.PROPOSE,
}


def _one_of_each(steward: Principal) -> None:
    now = database_now()
    data = stewarded(steward)
    member, idle = make_person("mia"), make_person("max")
    team = make_team("sales", member, idle)

    def grant(number: int, holder: Principal | None = None) -> Grant:
        return grants.grant_directly(
            holder or make_person(f"p{number}"),
            data,
            actor=None,
            reason=f"Purpose {number}",
            now=now - 100 * DAY,
            expires_at=now + 80 * DAY,
        )

    def warned(each: Grant) -> None:
        Grant.objects.filter(pk=each.pk).update(warned_at=now - 15 * DAY, revoke_due_at=now - DAY)

    grant(0)
    warned(grant(1))
    seasonal = grant(2)
    use(seasonal, now - 360 * DAY)
    warned(seasonal)
    shared = grants.grant_directly(
        team, data, actor=None, reason="Team", now=now - 100 * DAY, expires_at=now + 80 * DAY
    )
    use(shared, now, member)
    Exclusion.objects.create(grant=shared, member=idle, warned_at=now - 15 * DAY, due_at=now - DAY)
    for number, state in ((3, "due"), (4, "masked")):
        sized = grant(number)
        use(sized, now)
        _size(sized, state, now)
    spared = grant(5)
    use(spared, now)
    warned(spared)
    wide = grant(6)
    use(wide, now)
    _named(wide)


def _named(grant: Grant) -> None:
    whole = GrantUse.objects.get(grant=grant, column_name="")
    GrantUse.objects.create(
        grant=grant,
        principal=whole.principal,
        day=whole.day,
        column_name="country",
        n_queries=1,
        last_used_at=whole.last_used_at,
    )


def _kill_and_run_again(steward: Principal, n_batches: int) -> None:
    _one_of_each(steward)
    as_of = database_now()
    planned = sweep.plan(as_of, beyond_brake=True)
    assert {row.action for row in planned.rows} == EVERY
    since = AuditEvent.objects.latest("id").pk

    _kill_after(n_batches, as_of)
    n_before = len(_done(since))
    sweep.run(as_of, beyond_brake=True)

    assert n_batches <= n_before < len(planned.rows)
    assert _done(since) == sorted((row.grant, row.action.value, row.reason) for row in planned.rows)
    keys = list(Notice.objects.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys))
    assert Dormancy.objects.count() == 1
    assert RightSizing.objects.filter(dropped_at__isnull=False).count() == 1
    assert Exclusion.objects.filter(excluded_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n_batches", [2, 5])
def test_a_review_killed_between_its_kinds_of_work_goes_on(
    steward: Principal, n_batches: int
) -> None:
    _kill_and_run_again(steward, n_batches)


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(50))
def test_a_review_killed_anywhere_goes_on(steward: Principal, seed: int) -> None:
    _kill_and_run_again(steward, random.Random(seed).randrange(1, 7))
