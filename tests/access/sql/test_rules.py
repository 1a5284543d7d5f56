"""An owner's expressions: what they may say, how they bind, and what happens when they no longer fit."""

from collections.abc import Mapping

import duckdb
import pytest

from access.errors import Refusal
from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from access.sql import PolicyProblem, check_expression, guard

COLUMNS = (
    ColumnFact("id", "INTEGER"),
    ColumnFact("team", "VARCHAR"),
    ColumnFact("phone", "VARCHAR"),
)

BOUND = {
    "id > 5": '"__gh_row"."id" > 5',
    "staff.id > 5": '"__gh_row"."id" > 5',
    "hr.staff.id > 5": '"__gh_row"."id" > 5',
    "wh.hr.staff.id > 5": '"__gh_row"."id" > 5',
    "ID > 5": '"__gh_row"."ID" > 5',
    "team in (select team from ent where who = 'x')": (
        '"__gh_row"."team" IN (SELECT "ent"."team" FROM "hr"."ent" AS "ent" WHERE "ent"."who" = \'x\')'
    ),
    "exists (select 1 from wh.hr.ent e where e.team = staff.team)": (
        'EXISTS(SELECT 1 FROM "hr"."ent" AS "e" WHERE "e"."team" = "__gh_row"."team")'
    ),
    "exists (select 1 from ent a join ent b on a.x = b.x where a.team = team)": None,
    "concat('+** ', right(phone, 2))": 'concat(\'+** \', right("__gh_row"."phone", 2))',
}


def _check(
    sql: str, kind: str = "rows", related: Mapping[str, tuple[str, ...]] | None = None
) -> str:
    return check_expression(
        sql,
        columns=COLUMNS,
        dialect="duckdb",
        kind=kind,
        warehouse="wh",
        schema="hr",
        table="staff",
        related=related,
    ).text


@pytest.mark.parametrize("sql", [sql for sql, bound in BOUND.items() if bound is not None])
def test_every_name_is_bound_to_the_gates_alias_or_a_real_table(sql: str) -> None:
    assert _check(sql) == BOUND[sql]


def test_postgresql_lowers_what_is_not_quoted() -> None:
    made = check_expression(
        'TEAM IN (SELECT Team FROM HR.Ent WHERE "Who" = 1)',
        columns=COLUMNS, dialect="postgres", kind="rows", warehouse="wh", schema="hr", table="staff",
    )  # fmt: skip

    assert made.text == (
        '"__gh_row"."team" IN (SELECT "ent"."team" FROM "hr"."ent" AS "ent" WHERE "ent"."Who" = 1)'
    )


def test_a_column_that_no_table_in_sight_has_is_refused() -> None:
    with pytest.raises(PolicyProblem, match="The table has no column nope"):
        _check("team in (select nope from ent)", related={"hr.ent": ("team", "who")})


def test_an_ambiguous_name_in_a_join_asks_for_its_table() -> None:
    with pytest.raises(PolicyProblem, match="Say which table"):
        _check("exists (select 1 from ent a join ent2 b on a.x = b.x where a.team = team)")


def test_known_columns_of_a_neighbour_bind_as_the_engine_binds_them() -> None:
    related = {"hr.ent": ("who", "group_name")}

    bound = _check(
        "exists (select 1 from ent where who = 'x' and group_name = team)", related=related
    )

    assert bound.endswith('"ent"."group_name" = "__gh_row"."team")')


REFUSED = {
    "nope > 5": "no column nope",
    "other.id > 5": "Unknown column",
    "id > :nobody": "Unknown variable",
    "id > 5; drop table x": "",
    "select 1": "",
    "id > 5 and": "",
    "": "Write an expression",
    "   ": "Write an expression",
    "count(*) > 1": "Summaries",
    "sum(id) over () > 1": "Summaries",
    "pg_sleep(1) is null": "not on the list",
    "id in (select x from other.hr.t)": "own warehouse",
    "id in (select id from information_schema.tables)": "catalog",
    "id in (select oid from pg_class)": "catalog",
    "id in (with a as (select 1) select * from a)": "WITH",
    "id in (select x from read_csv('x'))": "not on the list",
    "id in (select x from (select 1 as x) t)": "plain tables",
    "id in (select id from range(3))": "cannot be used|plain tables",
    "id in (delete from staff returning id)": "",
    "id > $1": "Unknown variable|supported",
    "'yes'": "condition",
    "__gh_row.id > 5": "reserved",
    "id::regclass = 'x'": "",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_an_expression_is_refused_in_words(sql: str) -> None:
    with pytest.raises(PolicyProblem, match=REFUSED[sql]):
        _check(sql)


def _staff() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema hr")
    connection.execute("create table hr.staff (id integer, team varchar, phone varchar)")
    connection.execute(
        "insert into hr.staff values (1, 'a', '123'), (2, 'b', '456'), (3, 'c', null)"
    )
    connection.execute("create table hr.ent (who varchar, team varchar)")
    connection.execute("insert into hr.ent values ('o''hara', 'a'), ('bob', 'b')")
    return connection


def _rows(
    rows: str | None,
    principal: str = "o'hara",
    teams: tuple[str, ...] = ("a", "x'y"),
    sql: str = "select id from staff",
) -> list[tuple[object, ...]]:
    policy = TablePolicy("wh.hr.staff", "hr", "staff", COLUMNS, rows=rows, grants=(GrantRule(1),))
    plan = guard(
        sql,
        dialect="duckdb",
        lookup=lambda schema, table, warehouse: policy if table == "staff" else None,
        default_schema="hr",
        warehouse="wh",
        variables={"principal": principal, "teams": teams, "mask_key": "k"},
    )
    return sorted(_staff().execute(plan.sql).fetchall())


FILTERED = {
    "team in (:teams)": [(1,)],
    "team not in (:teams)": [(2,), (3,)],
    "list_contains(:teams, team)": [(1,)],
    "team in (select team from ent where who = :principal)": [(1,)],
    "exists (select 1 from ent e where e.who = :principal and e.team = staff.team)": [(1,)],
    "team = 'b' or :principal = 'nobody'": [(2,)],
    "phone is null": [(3,)],
    "phone > '2'": [(2,)],
    "null": [],
    "true": [(1,), (2,), (3,)],
}


@pytest.mark.parametrize("rows", FILTERED)
def test_a_row_filter_keeps(rows: str) -> None:
    assert _rows(rows) == FILTERED[rows]


def test_someone_in_no_team_matches_none() -> None:
    assert _rows("team in (:teams)", teams=()) == []
    assert _rows("list_contains(:teams, team)", teams=()) == []


@pytest.mark.parametrize("name", ["' or true or '", "x' union select 1 --", "\\", "$1", ":teams"])
def test_a_principals_name_is_only_ever_a_value(name: str) -> None:
    assert _rows("team in (select team from ent where who = :principal)", principal=name) == []


def test_a_policy_name_never_binds_to_the_readers_columns() -> None:
    sql = "select s.id from (select 'a' as gone) g, staff s"

    with pytest.raises(Refusal) as caught:
        _rows("gone = 'a'", sql=sql)

    assert caught.value.code == "policy_broken"


def test_a_broken_mask_closes_the_dataset() -> None:
    policy = TablePolicy(
        "wh.hr.staff",
        "hr",
        "staff",
        COLUMNS,
        masks={"phone": Mask("sql", "right(telephone, 2)")},
        grants=(GrantRule(1),),
    )
    with pytest.raises(Refusal, match="stewards can repair") as caught:
        guard(
            "select id from staff",
            dialect="duckdb",
            lookup=lambda schema, table, warehouse: policy,
            default_schema="hr",
            warehouse="wh",
            variables={"principal": "x", "teams": [], "mask_key": "k"},
        )

    assert caught.value.code == "policy_broken"
