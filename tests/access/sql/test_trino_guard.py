"""The guard in Trino's dialect. No Trino server can be had here, so its text is read back by the grammar and no more."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from access.errors import Refusal
from access.policies.masks import MASKS, Mask
from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import guard
from tests.access.sql.company import policies
from tests.access.sql.corpus import sections

TRINO = "trino"
TYPES = {"string": "varchar", "double precision": "double", "text": "varchar"}
# Words that Trino reads as columns, a parameter it writes otherwise, and an aggregate it has not.
OTHERWISE = ("session_user", "$1", "string_agg")


def _plan(sql: str, known: dict[str, TablePolicy] | None = None) -> str:
    found = known or policies("postgres")
    return guard(
        sql,
        dialect=TRINO,
        lookup=lambda schema, table, warehouse: found.get(table) if schema == "sales" else None,
        default_schema="sales",
        warehouse="wh",
        variables={"principal": "o'brien", "teams": ["sales"], "mask_key": "pepper"},
    ).sql


def _refused() -> list[tuple[str, str]]:
    return [
        (heading.split()[0], sql)
        for heading, queries in sections("attacks.sql").items()
        if heading.split()[1] == "both" and heading.split()[0] != "harmless"
        for sql in queries
        if not any(word in sql for word in OTHERWISE)
    ]


@pytest.mark.parametrize(("code", "sql"), _refused())
def test_an_attack_is_refused_with_its_code(code: str, sql: str) -> None:
    with pytest.raises(Refusal) as caught:
        _plan(sql)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "sql",
    [
        "select id, name from customers where country in ('DE', 'FR') order by 1 limit 5",
        "select c.country, count(*) from customers c join orders o on o.customer_id = c.id group by 1",
        "with o as (select * from orders) select * from o where amount > 100",
        "select id, row_number() over (partition by tenant order by id) from orders",
        "select t.x from items cross join unnest(array[1, 2]) as t(x)",
        "select try_cast(status as integer), filter(array[1, 2], x -> x > 1) from orders",
        "select date_trunc('month', ordered_at), sum(amount) from orders group by 1",
        "select * from items tablesample bernoulli (10)",
    ],
)
def test_a_query_reads_back_and_reads_only_policy_tables(sql: str) -> None:
    tree = parse_one(_plan(sql), dialect=TRINO)

    named = {(table.db, table.name) for table in tree.find_all(exp.Table) if table.name}
    own = {(schema, name) for schema, name in named if not schema and name.startswith("__gh")}
    assert named - own <= {("sales", name) for name in ("customers", "orders", "items", "ent")}


def test_a_principal_is_only_ever_a_text() -> None:
    assert "= 'o''brien'" in _plan("select id from orders")


def test_what_could_tell_stands_behind_the_filter() -> None:
    printed = _plan("select id from orders where cast(note as integer) > 5")

    assert 'CASE WHEN "__gh_row"."__gh_visible" THEN' in printed


def test_with_two_streams_of_rows_every_column_does() -> None:
    printed = _plan(
        "select 1 from orders o join customers c on o.id = c.id and cast(o.note as integer) = 1"
    )

    assert 'CASE WHEN "__gh_row"."__gh_visible" THEN "__gh_row"."tenant" END' in printed


def test_a_constant_that_may_fail_is_refused_where_rows_are_hidden() -> None:
    with pytest.raises(Refusal) as caught:
        _plan("select id from orders where cast('abc' as integer) = 1")

    assert caught.value.code == "unsupported"


COLUMNS = {
    "t": "varchar",
    "n": "bigint",
    "d": "decimal(12,2)",
    "f": "double",
    "day": "date",
    "at": "timestamp(3)",
}


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind not in ("bucket", "generalise")])
def test_every_mask_is_text_that_trino_reads(kind: str) -> None:
    facts = tuple(ColumnFact(name, type_) for name, type_ in COLUMNS.items())
    masks = {name: Mask(kind) for name in COLUMNS}
    policy = TablePolicy("wh.sales.m", "sales", "m", facts, masks=masks, grants=(GrantRule(1),))

    assert parse_one(_plan("select * from m", {"m": policy}), dialect=TRINO)
