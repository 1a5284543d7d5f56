"""What a person's own tools show is what the gate shows: cell by cell, under every kind of rule, for two people."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.db.models.functions import Now

from access.models import Grant, Principal, Team
from tests.access.provisioning.world import World, view

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_gate(world: World, holder: Principal, table: str = "customers") -> list[Any]:
    with world.house.open(holder, f"select * from sales.{table} order by id") as result:
        names = [name for name, _ in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows()]


def _plain(value: Any) -> Any:
    """A value as both sides can be compared: the gate hands documents and identifiers over as text."""
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value) if isinstance(value, UUID) else value


def with_own_tools(world: World, holder: Principal, table: str = "customers") -> list[Any]:
    role = world.row(holder).role
    with world.connect(role) as session:
        cursor = session.execute(f"select * from {view(table)} order by id".encode())
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor]


def same(world: World, *holders: Principal) -> None:
    world.settle()
    for holder in holders:
        expected = at_the_gate(world, holder)
        assert with_own_tools(world, holder) == expected
        assert expected, "A comparison of nothing with nothing tells nothing"


MASKS: dict[str, Any] = {
    "redact": [("email", "redact", "", {}), ("visits", "redact", "", {})],
    "null_value": [("email", "null_value", "", {}), ("born", "null_value", "", {})],
    "hash": [("email", "hash", "", {}), ("visits", "hash", "", {}), ("seen", "hash", "", {})],
    "partial": [("phone", "partial", "", {}), ("email", "partial", "", {"first": 2, "last": 3})],
    "email": [("email", "email", "", {})],
    "moments": [("born", "year", "", {}), ("seen", "month", "", {})],
    "weeks": [("born", "week", "", {}), ("seen", "quarter", "", {})],
    "days": [("seen", "day", "", {})],
    "hours": [("seen", "hour", "", {})],
    "round": [("spent", "round", "", {}), ("visits", "round", "", {}), ("score", "round", "", {})],
    "bucket": [("visits", "bucket", "", {"width": 100}), ("spent", "bucket", "", {"edges": [0, 500]})],
    "generalise": [
        ("country", "generalise", "", {"table": "sales.territories", "from": "country", "to": "person"})
    ],
    "own": [("phone", "sql", "concat('+** ', right(phone, 2))", {}),
            ("spent", "sql", "(select sum(o.amount) from sales.orders o where o.customer = id)", {})],
    "own by who asks": [("email", "sql", "case when :principal = 'ana' then email else 'no' end", {})],
}  # fmt: skip


def test_every_mask_shows_what_the_gate_shows(world: World, ana: Principal, ben: Principal) -> None:
    world.grant(ana, unmasked=["email"])
    world.grant(ben)
    for holder in (ana, ben):
        world.login(holder)

    for masks in MASKS.values():
        world.rules(masks=masks)
        same(world, ana, ben)


ROWS = (
    "country <> 'XX'",
    "country IN (SELECT t.country FROM sales.territories t WHERE t.person = :principal)",
    "'blue' IN (:teams) OR id > 40",
    "born < '1980-01-01'",
    "seen >= '2026-01-05'",
    "email IS NULL OR email LIKE 'person1%'",
)


def test_every_filter_shows_what_the_gate_shows(
    world: World, ana: Principal, ben: Principal
) -> None:
    blue = Team.objects.create(name="blue")
    ben.groups.add(blue)
    world.grant(ana)
    world.grant(blue)
    for holder in (ana, ben):
        world.login(holder)

    for rows in ROWS:
        world.rules(rows=rows, masks=MASKS["hash"])
        same(world, ana, ben)


# Several grants, which combine by cell: each a set of fields, of a person's own or of their team's.
HOLDINGS: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"columns": ["id", "email", "country"]},),
    ({"rows": "country = 'DE'"}, {"columns": ["id", "country", "spent"], "rows": "spent > 500"}),
    ({"columns": ["id", "email"]}, {"columns": ["id", "phone"], "team": True}),
    ({"unmasked": ["email"], "rows": "id < 10"}, {"rows": "id < 30", "team": True}),
    ({"masks": {"phone": {"kind": "partial", "sql": ""}}}, {"columns": ["id", "visits"], "unmasked": ["visits"]}),
    ({"masks": {"visits": {"kind": "hash", "sql": ""}}}, {"masks": {"visits": {"kind": "round", "sql": ""}}, "rows": "id < 20"}),
    ({"rows": "country = 'FR'"}, {"rows": "country = 'ES'", "unmasked": ["email"]}, {"columns": ["id"], "team": True}),
    ({"team": True}, {"rows": "'blue' IN (:teams)", "unmasked": ["phone"]}),
)  # fmt: skip


def test_grants_combine_by_cell_as_at_the_gate(
    world: World, ana: Principal, ben: Principal
) -> None:
    blue = Team.objects.create(name="blue")
    ben.groups.add(blue)
    world.rules(
        rows="country <> 'XX'",
        masks=[("email", "email", "", {}), ("phone", "redact", "", {}), ("visits", "bucket", "", {"width": 50})],
    )  # fmt: skip
    world.grant(ana)
    world.grant(ben)
    for holder in (ana, ben):
        world.login(holder)

    for holding in HOLDINGS:
        Grant.objects.filter(ended_at=None).update(ended_at=Now(), end_reason="revoked")
        for number, given in enumerate(holding):
            fields = {key: value for key, value in given.items() if key != "team"}
            world.grant(ben if not given.get("team") else blue, purpose=f"One {number}", **fields)
            world.grant(ana, purpose=f"One {number}", **fields)
        same(world, ana, ben)


def test_views_and_odd_names_are_read_too(world: World, ana: Principal) -> None:
    world.grant(ana, "big_orders")
    world.grant(ana, "Café - 1")
    role = world.login(ana)

    assert with_own_tools(world, ana, "big_orders") == at_the_gate(world, ana, "big_orders")
    assert world.ask(role, f"select * from {view('Café - 1', 'Odd one')} order by 1") == [
        (1, "one"),
        (2, "two"),
    ]


def test_two_people_see_their_own_rows_through_views_of_their_own(
    world: World, ana: Principal, ben: Principal
) -> None:
    mine = "country IN (SELECT t.country FROM sales.territories t WHERE t.person = :principal)"
    world.grant(ana, rows=mine)
    world.grant(ben, rows=mine)
    roles = [world.login(holder) for holder in (ana, ben)]

    seen = [{row[0] for row in world.ask(role, f"select country from {view()}")} for role in roles]
    assert seen == [{"DE", "FR"}, {"ES"}]
