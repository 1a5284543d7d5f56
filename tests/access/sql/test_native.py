"""The text of a view for its holder's own tools: which grants a row and a cell hang on, each judged by the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access.errors import Refusal
from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from access.sql.native import native_view
from catalog.engines import native
from catalog.engines.screens import Table

COLUMNS = (ColumnFact("id", "integer"), ColumnFact("name", "text"), ColumnFact("team", "text"))
PLAIN = TablePolicy("wh.hr.staff", "hr", "staff", COLUMNS, grants=(GrantRule(7),))
ONE, TWO, THREE = (native.live(number) for number in (1, 2, 3))
ROW = '"__gh_row"'


def test_what_every_grant_shows_hangs_on_the_row_alone() -> None:
    made = native_view(PLAIN, "wh")

    assert made.shown == tuple(f'{ROW}."{name}" AS "{name}"' for name in ("id", "name", "team"))
    assert made.condition == f"({native.live(7)})"
    assert (made.table, made.grants, made.looks_into) == (Table("hr", "staff"), (7,), frozenset())
    assert not made.has_expressions


def test_a_column_of_one_grant_ends_with_it() -> None:
    grants = (GrantRule(2, frozenset({"id"})), GrantRule(1))
    made = native_view(replace(PLAIN, grants=grants), "wh")

    assert made.shown[0] == f'{ROW}."id" AS "id"'
    assert made.shown[1] == f'CASE WHEN ({ONE}) THEN {ROW}."name" END AS "name"'
    assert made.condition == f"({ONE}) OR ({TWO})"
    assert made.grants == (1, 2)


def test_each_grant_shows_its_rows_and_its_mask_and_the_dataset_s_filter_cuts_all() -> None:
    grants = (
        GrantRule(1, None, frozenset({"name"}), rows="team = 'a'"),
        GrantRule(2),
        GrantRule(3, frozenset({"id", "name"})),
    )
    policy = replace(PLAIN, grants=grants, masks={"name": Mask("redact")}, rows="id > 0")
    made = native_view(policy, "wh")

    clear = f"""WHEN ({ONE} AND ({ROW}."team" = 'a')) THEN {ROW}."name\""""
    masked = f"WHEN ({TWO}) OR ({THREE}) THEN CAST('REDACTED' AS text)"
    assert made.shown[1] == f'CASE {clear} {masked} END AS "name"'
    assert made.condition == (
        f"""({ROW}."id" > 0) AND (({ONE} AND ({ROW}."team" = 'a')) OR ({TWO}) OR ({THREE}))"""
    )
    assert made.has_expressions


def test_the_key_of_a_hash_is_none_that_is_written_down() -> None:
    made = native_view(replace(PLAIN, masks={"name": Mask("hash")}), "wh")

    assert native.KEY in made.shown[1]
    assert not made.has_expressions


@pytest.mark.parametrize(
    "policy",
    [
        replace(PLAIN, rows="team IN (SELECT team FROM hr.teams WHERE lead = :principal)"),
        replace(PLAIN, grants=(GrantRule(7, rows="team IN (SELECT team FROM hr.teams)"),)),
    ],
    ids=["dataset", "grant"],
)
def test_tables_a_filter_looks_into_are_named(policy: TablePolicy) -> None:
    made = native_view(policy, "wh")

    assert made.looks_into == {Table("hr", "teams")}
    assert made.has_expressions


def test_who_asks_is_the_session_s_own_user() -> None:
    made = native_view(replace(PLAIN, rows="team = :principal"), "wh")

    assert native.PRINCIPAL in made.condition


def test_a_list_of_teams_keeps_what_stands_beside_it() -> None:
    made = native_view(replace(PLAIN, rows="team IN ('a', :teams)"), "wh")

    assert "'a'" in made.condition
    assert native.TEAMS in made.condition


def test_a_filter_that_no_longer_fits_closes_the_table() -> None:
    with pytest.raises(Refusal) as refused:
        native_view(replace(PLAIN, rows="gone = 1"), "wh")

    assert refused.value.code == "policy_broken"
