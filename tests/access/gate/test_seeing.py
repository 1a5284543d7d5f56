"""Looking through somebody's eyes: what both may see, for who decides, written down, and nobody's use."""

from __future__ import annotations

from typing import Any

import pytest

from access import gate, usage
from access.errors import Refusal
from access.gate.seeing import MOST_ROWS, Eyes
from access.models import AuditEvent, GrantUse, Principal, QueryRecord, Team
from access.policies.policy import GrantRule
from tests.access.gate.house import House
from tests.people import put_in_charge

pytestmark = pytest.mark.django_db

ALL = "SELECT * FROM customers ORDER BY id"


@pytest.fixture
def olga(house: House) -> Principal:
    """Decides about customers, and may read all of it."""
    person = house.person("olga")
    put_in_charge(person, house.datasets["customers"])
    return person


def look(
    house: House, viewer: Principal, holder: Principal | Team, sql: str = ALL, **more: Any
) -> Any:
    eyes = Eyes(holder, **more)
    return gate.look(viewer, eyes, sql, warehouse=house.warehouse, schema="sales").to_table()


def refused(
    house: House, viewer: Principal, holder: Principal | Team, sql: str = ALL, **more: Any
) -> str:
    with pytest.raises(Refusal) as caught:
        look(house, viewer, holder, sql, **more)
    return caught.value.code


def test_a_steward_sees_rows_and_masks_as_the_other_would(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.policy(masks={"email": "email"}, rows="country <> 'XX'")
    house.grant(analyst, columns=["id", "email", "country"], rows="country = 'DE'")
    house.grant(olga, unmasked=["email"])

    assert look(house, olga, analyst) == house.rows(analyst, ALL)
    assert look(house, olga, analyst)[0][1].startswith("a")
    assert "ana@" not in str(look(house, olga, analyst))


def test_a_charge_alone_shows_no_value(house: House, analyst: Principal, olga: Principal) -> None:
    house.grant(analyst)

    assert refused(house, olga, analyst) == "not_yours_to_see"


def test_nothing_is_seen_beyond_the_own_rows_and_columns(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.grant(analyst)
    house.grant(olga, columns=["id", "country"], rows="country = 'FR'")

    assert look(house, olga, analyst) == [(2, "FR")]
    assert refused(house, olga, analyst, "SELECT email FROM customers") == "column_not_granted"


def test_a_column_that_is_masked_for_the_viewer_shows_only_behind_the_same_mask(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.policy(masks={"email": "redact"})
    house.grant(olga)
    plain = house.grant(analyst, columns=["id", "email"], unmasked=["email"], purpose="Plain")

    assert refused(house, olga, analyst, "SELECT email FROM customers") == "column_not_granted"
    type(plain).objects.filter(pk=plain.pk).update(unmasked=[])

    assert look(house, olga, analyst, "SELECT DISTINCT email FROM customers") == [("REDACTED",)]


def test_an_owners_expression_may_show_other_columns_and_needs_them_all(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.policy(masks={"email": "concat(country, ' ', email)"})
    house.grant(analyst)
    house.grant(olga, columns=["id", "email"], unmasked=["email"])

    assert refused(house, olga, analyst, "SELECT email FROM customers") == "column_not_granted"


def test_rows_that_are_theirs_by_a_column_hidden_from_the_viewer_are_not_told(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.grant(analyst, rows="spent > 5")
    house.grant(olga, columns=["id", "email"])

    assert refused(house, olga, analyst, "SELECT id FROM customers") == "not_yours_to_see"


def test_variables_are_those_of_each_reader(
    house: House, analyst: Principal, olga: Principal
) -> None:
    mine = "country IN (SELECT country FROM sales.territories WHERE person = :principal)"
    house.grant(analyst, rows=mine)
    house.grant(olga)
    assert [row[2] for row in look(house, olga, analyst)] == ["FR"]

    other = house.person("other")
    house.grant(other, rows=mine)

    assert look(house, olga, other) == []


def test_the_viewers_own_filter_is_filled_with_the_viewer(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.grant(analyst)
    house.grant(olga, rows=":principal = 'olga' AND country = 'DE'")

    assert [row[2] for row in look(house, olga, analyst)] == ["DE"]


def test_a_request_is_seen_as_if_it_were_approved(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.policy(masks={"email": "redact"})
    house.grant(olga, unmasked=["email"])
    asked = {"wh.sales.customers": GrantRule(0, frozenset({"id", "email"}))}

    assert refused(house, olga, analyst) == "no_grant"
    rows = look(house, olga, analyst, asked_for=asked)

    assert rows == [(1, "REDACTED"), (2, "REDACTED"), (3, "REDACTED")]
    with pytest.raises(Refusal):
        house.rows(analyst, ALL)


def test_a_team_is_seen_as_a_member_who_holds_nothing_else(house: House, olga: Principal) -> None:
    team = Team.objects.create(name="sales")
    house.grant(team, columns=["id"], rows="'sales' IN (:teams)")
    house.grant(olga)

    assert look(house, olga, team) == [(1,), (2,), (3,)]


def test_an_outsider_a_holder_and_an_administrator_look_through_nobodys_eyes(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.grant(analyst)
    otto = house.person("otto")
    root = house.person("root", is_superuser=True)
    for viewer in (otto, root, analyst):
        if viewer != analyst:
            house.grant(viewer)
        assert refused(house, viewer, analyst) == "not_allowed"


def test_a_dataset_beside_those_decided_about_closes_the_whole_look(
    house: House, analyst: Principal, olga: Principal
) -> None:
    for person in (analyst, olga):
        house.grant(person)
        house.grant(person, "events")

    sql = "SELECT c.id FROM customers c JOIN events e USING (id)"

    assert refused(house, olga, analyst, sql) == "not_allowed"


def test_a_look_is_short_written_down_under_its_own_name_and_nobodys_use(
    house: House, analyst: Principal, olga: Principal
) -> None:
    put_in_charge(olga, house.datasets["events"])
    house.grant(analyst, "events")
    own = house.grant(olga, "events")

    rows = look(house, olga, analyst, "SELECT id FROM events")
    usage.count()

    assert len(rows) == MOST_ROWS
    record = QueryRecord.objects.get()
    assert (record.surface, record.seen_as, record.principal) == ("view_as", "user:analyst", olga)
    assert record.grants == [own.pk]
    event = AuditEvent.objects.get(kind="query.seen_as")
    assert (event.actor, event.data["seen_as"]) == (olga, "user:analyst")
    assert not AuditEvent.objects.filter(kind="query.opened").exists()
    assert not GrantUse.objects.exists()


def test_a_look_never_leaves_a_plan_behind_for_a_query_of_ones_own(
    house: House, analyst: Principal, olga: Principal
) -> None:
    house.grant(analyst, columns=["id"])
    house.grant(olga)

    before = house.rows(olga, ALL, limit=MOST_ROWS)
    seen = look(house, olga, analyst)
    after = house.rows(olga, ALL, limit=MOST_ROWS)

    assert before == after
    assert (len(seen[0]), len(after[0])) == (1, 4)
