"""Which columns are kept behind a barrier, and when a whole view is fenced: the list, without running anything."""

import re

import pytest

from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from tests.access.sql.company import plan

COLUMNS = {
    "id": ("BIGINT", "bigint"),
    "email": ("VARCHAR", "text"),
    "amount": ("DECIMAL(12,2)", "numeric(12,2)"),
    "day": ("DATE", "date"),
    "seen": ("TIMESTAMP", "timestamp without time zone"),
    "ok": ("BOOLEAN", "boolean"),
    "odd": ("STRUCT(a INTEGER)", "point"),
    "wide": ("DECIMAL(38,20)", "numeric"),
}


def _text(sql: str, dialect: str = "duckdb", hides: bool = True) -> str:
    index = 0 if dialect == "duckdb" else 1
    facts = tuple(ColumnFact(name, types[index]) for name, types in COLUMNS.items())
    rows = "id in (select id from ent)" if hides else None
    policy = TablePolicy("wh.sales.t", "sales", "t", facts, rows=rows, grants=(GrantRule(1),))
    return plan(sql, dialect, policies={"t": policy, "u": policy}).sql


def _held(sql: str) -> set[str]:
    return set(re.findall(r'__internal_barrier\(try\("__gh_row"\."(\w+)"\)\)', _text(sql)))


EVERYTHING = set(COLUMNS)
HELD: dict[str, set[str]] = {
    # leakproof: nothing is held
    "select id from t where id = 5": set(),
    "select id from t where id > 5 and email = 'x' and day < date '2024-01-01'": set(),
    "select id from t where id in (1, 2) and email like 'a%' and amount between 1 and 2": set(),
    "select id from t where email is null or not ok": set(),
    "select id from t where lower(email) = 'x' and year(day) = 2024": set(),
    "select id from t where day >= current_date - 30 and seen < now() - interval '1 day'": set(),
    "select id from t where coalesce(email, '') <> '' and case when ok then 1 else 0 end = 1": set(),
    "select id from t where day = '2024-02-03' and id = '5'": set(),
    "select id from t where '5' between id and id": set(),
    "select count(*), sum(amount), max(email), avg(id) from t group by day": set(),
    "select email, row_number() over (partition by ok order by day) from t": set(),
    "select try_cast(email as int) from t where try_cast(email as int) > 5": set(),
    "select id from t where id in (select id from u)": set(),
    "select a.id from t a join u b on a.id = b.id and a.day = b.day": set(),
    "select sum(amount) / count(*) from t": set(),
    # fallible: what reaches it is held
    "select id from t where email::int > 5": {"email"},
    "select id from t where amount / 2 > 1 and email = 'x'": {"amount"},
    "select id from t where amount + 1 > 1 or email = 'x'": {"amount", "email"},
    "select id from t where email = 5": {"email"},
    "select id from t where email": {"email"},
    "select id from t where not email": {"email"},
    "select id from t where email and ok": {"email"},
    "select id from t where odd = odd": {"odd"},
    "select id from t where wide = 1": {"wide"},
    "select id from t where day = 'not a date'": {"day"},
    "select id from t where id = 'x'": {"id"},
    "select id from t where day > cast('abc' as date)": {"day"},
    "select id from t where case when ok then cast('abc' as int) else 0 end = 1": {"ok"},
    "select id from t where coalesce(email, id) = 'x'": {"email", "id"},
    "select id from t where email like email": {"email"},
    "select id from t where regexp_matches(email, 'a(')": {"email"},
    "select id from t where email in (1, 2)": {"email"},
    "select id from t where id between 'a' and 'b'": {"id"},
    "select id from t where '5' between id and email": {"id", "email"},
    "select email::int as n from t where n > 5": {"email"},
    "select n from (select email::int as n, id from t) q where n > 5": {"email"},
    "with q as (select email as e from t) select e from q where e::int > 5": {"email"},
    "select sum(email::int) from t": {"email"},
    "select count(*) filter (where email::int > 1) from t": {"email"},
    "select rank() over (order by email::int) from t": {"email"},
    "select id from t order by email::int": {"email"},
    "select id from t group by id, email::int": {"email"},
    "select max(amount) from t having max(amount) / min(id) > 1": EVERYTHING,
    "select sum(amount) from t having sum(amount) > 5": set(),
    "select id from (select * from t order by id) q where email::int > 5": {"email"},
    # above a step that conditions cannot pass, everything is
    "select id from (select * from t limit 5) q where email::int > 5": EVERYTHING,
    "select id from (select *, row_number() over () as r from t) q where email::int > 5": EVERYTHING,
    "select id from (select distinct on (id) * from t) q where email::int > 5": EVERYTHING,
    "select id from (from t using sample 5) q where email::int > 5": EVERYTHING,
    "select id from t tablesample 10% where email::int > 5": EVERYTHING,
    "select id from t qualify row_number() over () = 1 and email::int > 5": EVERYTHING,
    "select id, email from t group by id, email having email::int > 5": EVERYTHING,
    "select distinct on (email::int) id from t": {"email"},
    "select list_filter([email], lambda x: x::int > 3) from t": {"email"},
    "from t, unnest([email]) u(x) select x": EVERYTHING,
    "select * from t where columns(*) is not null": set(),
    "select * from t where columns(*) > 1": EVERYTHING,
    "select id from t where #2 > 1": EVERYTHING,
    # two streams of rows and something fallible inside: everything is held
    "select 1 from t a join u b on a.id = b.id where a.email::int > 5": EVERYTHING,
    "select 1 from t a join u b on a.email = b.id": EVERYTHING,
    "select 1 from t a join u b using (odd)": EVERYTHING,
    "select 1 from t where amount / 2 > (select 1 from u limit 1)": EVERYTHING,
    "select id from t union all select email::int from u": EVERYTHING,
    "select id from t union all select email from u": EVERYTHING,
    "select 1 from t where id = (select id from u)": EVERYTHING,
    # two streams, fallible only on the final rows: just those columns
    "select a.email::int from t a join u b on a.id = b.id": {"email"},
    "select sum(a.amount * b.id) from t a join u b on a.id = b.id": {"amount", "id"},
    # nothing to hang a barrier on
    "select id from t where cast('abc' as int) = 1": EVERYTHING,
    "select * from (select cast('abc' as int) as c, id from t) q where c = 1": EVERYTHING,
    "select cast('abc' as int) from t": set(),
}


@pytest.mark.parametrize("sql", HELD)
def test_duckdb_holds(sql: str) -> None:
    assert _held(sql) == HELD[sql]


@pytest.mark.parametrize("sql", HELD)
def test_nothing_is_held_where_nothing_is_hidden(sql: str) -> None:
    text = _text(sql, hides=False)

    assert "__internal_barrier" not in text
    assert "OFFSET 0" not in text


def test_a_constant_that_may_fail_is_fenced_too() -> None:
    assert " OFFSET 0)" in _text("select id from t where cast('abc' as int) = 1")
    assert " OFFSET 0)" not in _text("select id from t where email::int = 1")


OPEN, CLOSED, BLIND = "open", "closed", "blind"
FENCES = {
    "select id from t where id = 5 and email like 'a%'": OPEN,
    "select email::int, amount / 2 from t": OPEN,
    "select sum(amount / 2) from t group by email::int": OPEN,
    "select count(*) from t having sum(amount) / 2 > 1": OPEN,
    "select * from (select email::int as n from t) q": OPEN,
    "select id from t where email::int > 5": CLOSED,
    "select id from t where email like '%\\'": CLOSED,
    "select id from t where left(email, -1) = 'x'": OPEN,
    "select 1 from t a join u b on a.id = b.id": OPEN,
    "select 1 from t a join u b on a.id = b.id and a.email::int = 1": BLIND,
    "select 1 from t where id in (select email::int from u)": BLIND,
    "select id from t where cast('abc' as int) = 1": BLIND,
    "select (select email::int from u limit 1) from t": BLIND,
}


@pytest.mark.parametrize("sql", FENCES)
def test_postgres_fences(sql: str) -> None:
    text = _text(sql, "postgres")
    found = BLIND if "UNION ALL SELECT NULL" in text else CLOSED if "OFFSET 0" in text else OPEN

    assert found == FENCES[sql]


def test_a_sample_is_drawn_by_row() -> None:
    assert "SYSTEM" not in _text("select id from t using sample 10%")
    assert "BERNOULLI" in _text("select id from t tablesample system(10%)")


def test_where_only_cells_are_hidden_only_their_columns_are_held() -> None:
    facts = tuple(ColumnFact(name, types[0]) for name, types in COLUMNS.items())
    some = GrantRule(1, frozenset({"id", "day"})), GrantRule(2, None, rows="id > 5")
    policy = TablePolicy("wh.sales.t", "sales", "t", facts, grants=some)
    sql = "select id from t where email::int > 5 and id / 2 > 1"

    text = plan(sql, policies={"t": policy}).sql

    assert text.count("__internal_barrier") == 1
    assert 'THEN "__gh_row"."email" END)) AS "email"' in text
