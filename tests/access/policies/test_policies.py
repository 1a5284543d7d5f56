"""The cell rule against a brute-force reference on both engines; fingerprints; what a reader is told to expect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.policies.masks import mask_of
from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy, cells, visible_columns
from access.sql import guard
from access.sql.views import hidden_cells

COLUMNS = (
    ColumnFact("id", "INTEGER"),
    ColumnFact("name", "VARCHAR"),
    ColumnFact("team", "VARCHAR"),
    ColumnFact("pay", "INTEGER"),
)
POSTGRES_COLUMNS = tuple(
    ColumnFact(name, {"VARCHAR": "text"}.get(kind, "integer")) for name, kind in COLUMNS
)
NAMES = [column.name for column in COLUMNS]
TEXTS = ("name", "team")
ROWS: list[dict[str, Any]] = [
    {
        "id": i,
        "name": f"n{i}@x{i}.org" if i % 2 else f"n{i}",
        "team": [None, "a", "b"][i % 3],
        "pay": None if i % 5 == 0 else i * 150 - 700,
    }
    for i in range(12)
]
TEAMS = {"n1@x1.org": "odd", "n3@x3.org": "odd", "n2": "even", "a": "first"}

Row = dict[str, Any]
FILTERS: dict[str, Callable[[Row], bool | None]] = {
    "id > 6": lambda row: row["id"] > 6,
    "id % 2 = 0": lambda row: row["id"] % 2 == 0,
    "team = 'a'": lambda row: None if row["team"] is None else row["team"] == "a",
    "team <> 'b'": lambda row: None if row["team"] is None else row["team"] != "b",
    "pay > 500": lambda row: None if row["pay"] is None else row["pay"] > 500,
    "pay IS NULL": lambda row: row["pay"] is None,
    "FALSE": lambda row: False,
}


def _partly(text: str) -> str:
    return f"{text[:1]}****{text[-2:]}" if len(text) > 6 else "****"


def _addressed(text: str) -> str:
    return f"{text[:1]}***@{text.split('@')[1]}" if "@" in text else "***"


def _of_text(show: Callable[[str], Any]) -> Callable[[Row, str], Any]:
    return lambda row, column: (
        show(row[column]) if column in TEXTS and row[column] is not None else None
    )


def _of_number(show: Callable[[int], Any]) -> Callable[[Row, str], Any]:
    return lambda row, column: None if column in TEXTS or row[column] is None else show(row[column])


MASKS: dict[Mask, Callable[[Row, str], Any]] = {
    Mask("null_value"): lambda row, column: None,
    Mask("redact"): lambda row, column: "REDACTED" if column in TEXTS else None,
    Mask("round"): _of_number(lambda value: int(value / 100) * 100),
    mask_of("bucket", None, {"width": 70}): _of_number(lambda value: value // 70 * 70),
    mask_of("partial", None, {"first": 1, "last": 2}): _of_text(_partly),
    Mask("email"): _of_text(_addressed),
}
# An expression of somebody's own belongs to one column; beside it, both are shown as text.
OWN: dict[str, dict[Mask, Callable[[Row, str], Any]]] = {
    "name": {
        Mask("sql", "upper(name)"): _of_text(str.upper),
        Mask("sql", "name || coalesce(team, '-')"): lambda row, column: (
            row["name"] + (row["team"] or "-")
        ),
        mask_of("generalise", None, {"table": "hr.groups", "from": "member", "to": "label"}): (
            _of_text(TEAMS.get)
        ),
    },
    "team": {
        Mask("sql", "(SELECT max(label) FROM hr.groups WHERE member = staff.team)"): _of_text(
            TEAMS.get
        )
    },
}


filters = st.one_of(st.none(), st.sampled_from(sorted(FILTERS)))
masks = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(sorted([*MASKS, *OWN.get(name, {})], key=str)) for name in NAMES
    },
)
grants = st.builds(
    lambda columns, unmasked, own, rows: (columns, unmasked, own, rows),
    st.one_of(st.none(), st.frozensets(st.sampled_from(NAMES), min_size=1)),
    st.frozensets(st.sampled_from(NAMES), max_size=2),
    masks,
    filters,
)


@st.composite
def policy(draw: st.DrawFn) -> TablePolicy:
    drawn = draw(st.lists(grants, min_size=1, max_size=4))
    rules = tuple(GrantRule(number, *parts) for number, parts in enumerate(drawn, start=1))
    return TablePolicy("wh.hr.staff", "hr", "staff", COLUMNS, draw(masks), draw(filters), rules)


def _holds(text: str | None, row: Row) -> bool:
    return text is None or FILTERS[text](row) is True


def _reference(made: TablePolicy) -> list[tuple[Any, ...]]:
    """The rule as the design says it, cell by cell, with nothing clever."""
    seen = []
    for row in ROWS:
        passing = [grant for grant in made.grants if _holds(grant.rows, row)]
        if passing and _holds(made.rows, row):
            seen.append(tuple(_cell(made, passing, row, name) for name in _names(made)))
    return seen


def _names(made: TablePolicy) -> list[str]:
    return [name for name in NAMES if any(grant.covers(name) for grant in made.grants)]


def _cell(made: TablePolicy, passing: list[GrantRule], row: Row, name: str) -> Any:
    covering = sorted(
        (grant for grant in passing if grant.covers(name)), key=lambda grant: grant.grant_id
    )
    applied = [
        None if name in grant.unmasked else grant.masks.get(name) or made.masks.get(name)
        for grant in covering
    ]
    if not covering:
        return None
    if None in applied:
        return row[name]
    everybody = [
        None if name in grant.unmasked else grant.masks.get(name) or made.masks.get(name)
        for grant in sorted(made.grants, key=lambda grant: grant.grant_id)
        if grant.covers(name)
    ]
    ordered = [mask for mask in dict.fromkeys(everybody) if mask in applied]
    chosen = ordered[0]
    return None if chosen is None else {**MASKS, **OWN.get(name, {})}[chosen](row, name)


class Staff:
    """The table of staff in one engine."""

    def __init__(self, dialect: str, execute: Callable[[str], Any]) -> None:
        self._dialect = dialect
        self._execute = execute
        execute("create schema hr")
        execute("create table hr.staff (id integer, name text, team text, pay integer)")
        execute("create table hr.groups (member text, label text)")
        for row in ROWS:
            values = ", ".join(_literal(value) for value in row.values())
            execute(f"insert into hr.staff values ({values})")
        for member, label in TEAMS.items():
            execute(f"insert into hr.groups values ('{member}', '{label}')")

    def answer(self, made: TablePolicy, sql: str) -> list[tuple[Any, ...]]:
        if self._dialect == "postgres":
            made = replace(made, columns=POSTGRES_COLUMNS)
        plan = guard(
            sql,
            dialect=self._dialect,
            lookup=lambda schema, table, warehouse: made if table == "staff" else None,
            default_schema="hr",
            warehouse="wh",
            variables={"principal": "alice", "teams": [], "mask_key": "k"},
        )
        found: list[tuple[Any, ...]] = self._execute(plan.sql).fetchall()
        return found


def _literal(value: object) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def staff(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Staff]:
    if request.param == "duckdb":
        yield Staff("duckdb", duckdb.connect().execute)
        return
    with psycopg.connect(postgres_url) as connection:
        yield Staff("postgres", lambda sql: connection.execute(sql.encode()))
        connection.rollback()


@settings(max_examples=150, deadline=None)
@given(made=policy())
def test_cells_combine_as_the_brute_force_reference_says(staff: Staff, made: TablePolicy) -> None:
    found = staff.answer(made, "select * from staff")

    assert sorted(found, key=repr) == sorted(_reference(made), key=repr)


@settings(max_examples=150, deadline=None)
@given(made=policy())
def test_a_filter_on_a_cell_sees_what_the_reader_sees(staff: Staff, made: TablePolicy) -> None:
    name = _names(made)[-1]
    kept = [row for row in _reference(made) if row[-1] is not None]

    found = staff.answer(made, f"select * from staff where {name} is not null")

    assert sorted(found, key=repr) == sorted(kept, key=repr)


@settings(max_examples=150, deadline=None)
@given(made=policy())
def test_the_reader_is_told_how_each_column_will_look(staff: Staff, made: TablePolicy) -> None:
    told = visible_columns(made)

    assert [column.name for column in told] == _names(made)
    for position, column in enumerate(told):
        if column.how == "clear":
            shown = {row[position] for row in staff.answer(made, "select * from staff")}
            assert shown <= {row[column.name] for row in ROWS}


def test_no_grant_shows_no_column() -> None:
    made = TablePolicy("wh.hr.staff", "hr", "staff", COLUMNS)

    assert cells(made) == ()
    assert visible_columns(made) == ()


def test_a_column_that_some_rows_show_otherwise_is_hidden_in_part() -> None:
    """A clear case first does not make it clear: the rows of the others show the mask."""
    clear = GrantRule(1, None, frozenset({"name"}), rows="pay > 100")
    made = TablePolicy("wh.hr.staff", "hr", "staff", COLUMNS, {"name": Mask("redact")})

    assert hidden_cells(replace(made, grants=(clear, GrantRule(2)))) == {"name"}
    assert hidden_cells(replace(made, grants=(replace(clear, rows=None),))) == set()
    assert hidden_cells(replace(made, grants=(GrantRule(2),))) == {"name"}
    (_, name, *_) = visible_columns(replace(made, grants=(clear, GrantRule(2))))
    assert (name.how, name.mask) == ("conditional", "redact")
    part = GrantRule(1, frozenset({"id", "name"}), frozenset({"name"}), rows="pay > 100")
    rest = GrantRule(2, frozenset({"id"}))
    assert hidden_cells(replace(made, grants=(part, rest))) == {"name"}


def test_a_mask_of_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="Unknown mask"):
        Mask("scramble")
    with pytest.raises(ValueError, match="Unknown mask"):
        Mask("sql")


CHANGES: dict[str, dict[str, Any]] = {
    "a column's type": {"columns": (ColumnFact("id", "BIGINT"), *COLUMNS[1:])},
    "the dataset's mask": {"masks": {"pay": Mask("redact")}},
    "the dataset's filter": {"rows": "id > 6"},
    "another grant": {"grants": (GrantRule(1), GrantRule(2))},
    "a grant's columns": {"grants": (GrantRule(1, frozenset({"id"})),)},
    "a grant's unmasked columns": {"grants": (GrantRule(1, None, frozenset({"id"})),)},
    "a grant's masks": {"grants": (GrantRule(1, None, frozenset(), {"id": Mask("round")}),)},
    "a grant's filter": {"grants": (GrantRule(1, None, frozenset(), {}, "id > 6"),)},
    "the schema's version": {"schema_version": 2},
    "a table it looks into": {"related": {"hr.ent": ("u",)}},
}


@pytest.mark.parametrize("change", CHANGES, ids=list(CHANGES))
def test_the_fingerprint_changes_with(change: str) -> None:
    base: dict[str, Any] = {"columns": COLUMNS, "grants": (GrantRule(1),)}
    before = TablePolicy("wh.hr.staff", "hr", "staff", **base)
    after = TablePolicy("wh.hr.staff", "hr", "staff", **{**base, **CHANGES[change]})

    assert before.fingerprint != after.fingerprint
    assert len(before.fingerprint) == hashlib.sha256().digest_size * 2


def test_the_fingerprint_ignores_the_order_of_grants() -> None:
    one = TablePolicy(
        "d", "s", "t", COLUMNS, grants=(GrantRule(1), GrantRule(2, None, rows="id > 6"))
    )
    two = TablePolicy(
        "d", "s", "t", COLUMNS, grants=(GrantRule(2, None, rows="id > 6"), GrantRule(1))
    )

    assert one.fingerprint == two.fingerprint
