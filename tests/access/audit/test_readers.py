"""Who could read a column on a day, who did, who approved it and why: worked out for days past as the gate judged then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from access import grants
from access.audit.readers import Answer, parse_subject, readers
from access.clock import database_now
from access.errors import NotAllowed, NotFound
from access.models import Exclusion, Grant, GrantUse, Principal, RightSizing
from access.people import principals, teams, tokens
from access.policies import rules
from access.policies.masks import Mask
from catalog.models import Dataset
from tests.access.lifecycle import DAY, approve, ask, granted, stewarded
from tests.people import make_team

pytestmark = pytest.mark.django_db


@contextmanager
def told_at(moment: datetime) -> Iterator[datetime]:
    """What happens inside is noted as having happened then, as in a story told afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gatehouse.moment', %s, true)", [moment.isoformat()])
        yield moment
        cursor.execute("SELECT set_config('gatehouse.moment', '', true)")


@pytest.fixture
def now() -> datetime:
    return database_now()


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    return stewarded(steward)


@pytest.fixture
def grant(dataset: Dataset, analyst: Principal, steward: Principal, now: datetime) -> Grant:
    """A month of two columns, begun fifty days ago."""
    return granted(
        dataset,
        analyst,
        steward,
        now=now - 50 * DAY,
        duration=30 * DAY,
        columns=["email", "country"],
    )


def _could(answer: Answer) -> list[tuple[str, str]]:
    return [(each.principal, each.sight) for each in answer.readers]


def _ask(dataset: Dataset, moment: datetime, column: str = "email") -> Answer:
    return readers(dataset, viewer=None, on=moment.date(), column=column)


def test_a_right_is_there_from_its_first_day_to_its_last_and_on_no_other(
    grant: Grant, dataset: Dataset, now: datetime
) -> None:
    days = {ago: bool(_ask(dataset, now - ago * DAY).readers) for ago in (51, 50, 35, 20, 18, 0)}

    assert days == {51: False, 50: True, 35: True, 20: True, 18: False, 0: False}


def test_the_answer_says_who_approved_it_and_why(
    grant: Grant, dataset: Dataset, now: datetime
) -> None:
    (reader,) = _ask(dataset, now - 40 * DAY).readers

    assert (reader.name, reader.approval.by, reader.approval.asked_by) == (
        "Alice Analyst",
        ("Olga Owner",),
        "Alice Analyst",
    )
    assert reader.approval.purpose == "Quarterly churn report"


def test_a_column_outside_the_grant_could_not_be_read(
    grant: Grant, dataset: Dataset, now: datetime
) -> None:
    assert _ask(dataset, now - 40 * DAY, "customer_id").readers == ()
    with pytest.raises(NotFound):
        _ask(dataset, now, "salary")


def test_who_did_is_told_apart_from_who_could(
    grant: Grant, dataset: Dataset, scientist: Principal, steward: Principal, now: datetime
) -> None:
    granted(dataset, scientist, steward, now=now - 45 * DAY)
    then = now - 40 * DAY
    assert grant.principal is not None
    GrantUse.objects.create(
        grant=grant,
        principal=grant.principal,
        day=then.date(),
        column_name="email",
        n_queries=3,
        last_used_at=then,
    )

    answer = _ask(dataset, then)

    assert [(each.principal, each.n_reads) for each in answer.readers] == [
        ("user:alice", 3),
        ("user:samir", 0),
    ]
    assert (answer.n_could, answer.n_did) == (2, 1)


def test_what_was_narrowed_since_was_readable_before(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    grant = granted(dataset, analyst, steward, now=now - 20 * DAY)
    with told_at(now - 5 * DAY):
        Grant.objects.filter(pk=grant.pk).update(columns=["country"])

    assert _could(_ask(dataset, now - 10 * DAY)) == [("user:alice", "in the clear")]
    assert _could(_ask(dataset, now - 5 * DAY)) == [("user:alice", "in the clear")]
    assert _could(_ask(dataset, now - 4 * DAY)) == []
    assert _could(_ask(dataset, now - 4 * DAY, "country")) == [("user:alice", "in the clear")]


def test_a_suspension_leaves_its_gap(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    grant = granted(dataset, analyst, steward, now=now - 20 * DAY)
    with told_at(now - 10 * DAY) as moment:
        grants.suspend(grant, actor=steward, reason="Looking into it", now=moment)
    with told_at(now - 5 * DAY) as moment:
        grants.resume(grant, actor=steward, now=moment)

    days = {ago: bool(_ask(dataset, now - ago * DAY).readers) for ago in (15, 10, 7, 5, 1)}

    assert days == {15: True, 10: True, 7: False, 5: True, 1: True}


def test_who_read_through_a_team_did_so_while_they_belonged_to_it(
    dataset: Dataset, analyst: Principal, scientist: Principal, steward: Principal, now: datetime
) -> None:
    with told_at(now - 30 * DAY):
        team = make_team("sales", analyst)
    asked = ask(dataset, analyst, holder=team, now=now - 20 * DAY)
    approve(asked, steward, now=now - 20 * DAY)
    with told_at(now - 10 * DAY) as moment:
        teams.add_member(team, scientist, actor=None, now=moment)
    with told_at(now - 5 * DAY) as moment:
        teams.remove_member(team, scientist, actor=None, now=moment)

    could = {
        ago: {each.principal for each in _ask(dataset, now - ago * DAY).readers}
        for ago in (15, 7, 2)
    }

    assert could == {15: {"user:alice"}, 7: {"user:alice", "user:samir"}, 2: {"user:alice"}}
    assert _ask(dataset, now).readers[0].through == "team:sales"


def test_a_member_who_was_left_out_could_not_read(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    with told_at(now - 30 * DAY):
        team = make_team("sales", analyst)
    grant = approve(
        ask(dataset, analyst, holder=team, now=now - 20 * DAY), steward, now=now - 20 * DAY
    )
    Exclusion.objects.create(
        grant=grant,
        member=analyst,
        warned_at=now - 15 * DAY,
        due_at=now - 10 * DAY,
        excluded_at=now - 10 * DAY,
        lifted_at=now - 5 * DAY,
    )

    days = {ago: bool(_ask(dataset, now - ago * DAY).readers) for ago in (12, 7, 2)}

    assert days == {12: True, 7: False, 2: True}


def test_masks_are_those_of_the_day(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    granted(dataset, analyst, steward, now=now - 20 * DAY)
    rules.set_policy(dataset, actor=steward, now=now - 10 * DAY, masks={"email": Mask("hash")})
    rules.set_policy(dataset, actor=steward, now=now - 5 * DAY, masks={"email": Mask("redact")})

    sights = [_ask(dataset, now - ago * DAY).readers[0].sight for ago in (15, 7, 2)]

    assert sights == ["in the clear", "masked: hash", "masked: redact"]


def test_a_column_masked_because_nobody_read_it_is_said_to_be(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    grant = granted(dataset, analyst, steward, now=now - 20 * DAY)
    RightSizing.objects.create(
        grant=grant,
        columns=["email"],
        reason="x",
        proposed_at=now - 15 * DAY,
        mask_due_at=now - 10 * DAY,
        masked_at=now - 10 * DAY,
        drop_due_at=now + 4 * DAY,
    )

    assert "nobody had read it" in _ask(dataset, now - 5 * DAY).readers[0].sight
    assert _ask(dataset, now - 12 * DAY).readers[0].sight == "in the clear"


def test_somebody_deactivated_that_day_could_until_then(
    dataset: Dataset, analyst: Principal, steward: Principal, now: datetime
) -> None:
    with told_at(now - 30 * DAY):
        team = make_team("sales", analyst)
    approve(ask(dataset, analyst, holder=team, now=now - 20 * DAY), steward, now=now - 20 * DAY)
    principals.deactivate(analyst, actor=None, now=now - 10 * DAY)
    principals.reactivate(analyst, actor=None, now=now - 5 * DAY)

    days = {ago: bool(_ask(dataset, now - ago * DAY).readers) for ago in (12, 7, 2)}

    assert days == {12: True, 7: False, 2: True}


def test_a_closed_dataset_is_said_to_have_been_closed(
    dataset: Dataset, grant: Grant, steward: Principal, now: datetime
) -> None:
    rules.close(dataset, reason="The mask does not fit.", actor=steward, now=now - 40 * DAY)

    assert _ask(dataset, now - 39 * DAY).closed == "The mask does not fit."
    assert _ask(dataset, now - 45 * DAY).closed == ""


def test_only_auditors_of_the_dataset_are_told(
    dataset: Dataset,
    grant: Grant,
    steward: Principal,
    administrator: Principal,
    analyst: Principal,
    outsider: Principal,
    now: datetime,
) -> None:
    for viewer in (steward, administrator):
        assert readers(dataset, viewer=viewer, on=now.date()).dataset == dataset.name
    for viewer in (analyst, outsider):
        with pytest.raises(NotAllowed):
            readers(dataset, viewer=viewer, on=now.date())


def test_a_dataset_and_a_column_are_told_apart(dataset: Dataset) -> None:
    assert parse_subject("wh.sales.customers") == (dataset, "")
    assert parse_subject("wh.sales.customers.email") == (dataset, "email")
    with pytest.raises(NotFound):
        parse_subject("wh.sales.nothing")


def test_the_command_says_it_in_words(
    grant: Grant, dataset: Dataset, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    on = (now - 40 * DAY).date()

    call_command("audit", "who", f"{dataset.name}.email", "--on", on.isoformat())

    said = capsys.readouterr().out
    assert "1 could read it, 0 did" in said
    assert "all day" in said
    assert "approved by Olga Owner" in said
    with pytest.raises(CommandError, match="no dataset"):
        call_command("audit", "who", "wh.sales.nothing")


def test_the_api_answers_the_same(
    grant: Grant, dataset: Dataset, steward: Principal, outsider: Principal, now: datetime
) -> None:
    path = f"/api/v1/datasets/{dataset.name}/readers?on={(now - 40 * DAY).date()}&column=email"

    answer = _call(steward, path)
    assert (answer.status_code, answer.json()["n_could"]) == (200, 1)
    assert answer.json()["items"][0]["approved_by"] == ["Olga Owner"]
    assert _call(outsider, path).status_code in (403, 404)


def _call(principal: Principal, path: str) -> Any:
    _, secret = tokens.issue(
        principal, scopes=["audit"], expires_at=None, actor=None, now=database_now()
    )
    return Client().get(path, headers={"Authorization": f"Bearer {secret}"})
