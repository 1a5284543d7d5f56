"""Two worlds that differ only in what Alice may not see, and a copy cut down and masked by hand, on both engines.

Hidden are rows (by entitlements), cells (by a second grant's filter) and what masks leave out: the worlds agree in a
mail address's first letter and domain, in a phone number's last four characters, in the month of a birthday, and so
on, and in nothing else there. The entitlement table is larger than what it protects, so that engines evaluate a
person's conditions before the row filter when nothing keeps them from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import psycopg

from access.gate.results import ENGINE_CODES
from access.policies.masks import Mask, mask_of
from access.policies.policy import ColumnFact, GrantRule, TablePolicy
from access.sql import guard
from catalog.engines.base import Cause
from catalog.engines.postgresql_sessions import cause_of
from tests.access.sql.company import DUCKDB, alike

ORDERS = "id bigint, tenant integer, email text, tag text, amount integer, odd text, day date"
ITEMS = "id bigint, order_id bigint, tenant integer, tag text, n integer, email text"
PEOPLE = (
    "id bigint, tenant integer, mail text, phone text, note text, ssn text, city text, nick text, pay integer,"
    " score integer, born date"
)
# Seconds: only what never ends takes longer. On a busy machine one world may come too late, and gets more time then.
PATIENCE, MORE = 30, 600
TIME = {"duckdb": "set max_execution_time = {}000", "postgres": "set statement_timeout = '{}s'"}
LATE = f"failed: {ENGINE_CODES['deadline'].sentence}"
NEVER = "t % 2 = 0 and t < 4000"
CLEAR = "t % 4 = 0"
ROWS = "tenant IN (SELECT tenant FROM ent WHERE username = :principal)"
SERIES = {
    "duckdb": "(select range as i from range({})) s",
    "postgres": "generate_series(0, {} - 1) s(i)",
}
VARIABLES = {"principal": "alice", "teams": [], "mask_key": "k"}

POLICIES: dict[str, dict[str, Any]] = {
    "orders": {"grants": (GrantRule(1),), "columns": ORDERS},
    "items": {"grants": (GrantRule(1),), "columns": ITEMS},
    "people": {
        "columns": PEOPLE,
        "masks": {
            "mail": Mask("email"),
            "phone": Mask("partial"),
            "note": Mask("redact"),
            "ssn": Mask("hash"),
            "city": mask_of("generalise", None, {"table": "places", "from": "city", "to": "land"}),
            "nick": Mask("sql", "upper(left(nick, 2))"),
            "pay": mask_of("bucket", None, {"width": 100}),
            "born": Mask("month"),
        },
        "grants": (
            GrantRule(1, frozenset(name.split()[0] for name in PEOPLE.split(", ")) - {"score"}),
            GrantRule(2, None, frozenset({"phone"}), rows="tenant % 4 = 0"),
        ),
    },
}


def statements(world: str, series: str) -> Iterator[str]:
    """The tables of one world."""
    first = world == "first"
    email, tag = ("'SECRET' || i", "'gold'") if first else ("'7'", "'plain'")
    amount, odd = ("5000 + i % 7", "'zz'") if first else ("0", "'2'")
    yield "create schema sales"
    yield "create table sales.ent (username text, tenant integer)"
    yield f"insert into sales.ent select 'alice', (i % 2000) * 2 from {series.format(30000)}"
    # As many different tenants in both: how the row filter is joined, and so the order of rows, hangs on their number.
    bob = "i" if first else "case when i < 2000 then 2 * i else -i end"
    yield f"insert into sales.ent select 'bob', {bob} from {series.format(8000)}"
    yield "create table sales.places (city text, land text)"
    yield "insert into sales.places values ('Lyon', 'FR'), ('Nice', 'FR'), ('Bonn', 'DE'), ('Kiel', 'DE')"
    yield f"""create table sales.orders as select cast(i as bigint) as id, cast(t as integer) as tenant,
      case when {NEVER} then cast(i % 100 as text) else {email} end as email,
      case when {NEVER} then 'plain' else {tag} end as tag,
      cast(case when {NEVER} then 1 + i % 900 else {amount} end as integer) as amount,
      case when {NEVER} and i <> 14 then '1' when {NEVER} then 'x' else {odd} end as odd,
      date '2020-01-01' + cast(i % 100 as integer) as day
      from (select i, (i * 7919) % 5000 as t from {series.format(4500)}) numbered"""
    yield f"""create table sales.items as select cast(i as bigint) as id, cast((i * 31) % 5000 as bigint) as order_id,
      cast(t as integer) as tenant, case when {NEVER} then 'plain' else {tag} end as tag, cast(i % 9 as integer) as n,
      case when {NEVER} then cast(i % 50 as text) else {email} end as email
      from (select i, (i * 7919) % 5000 as t from {series.format(5000)}) numbered"""
    yield _people(first, series)


def _people(first: bool, series: str) -> str:
    """Where a row is visible, what its masks show is the same in both worlds and the rest is not."""
    hidden = "'9'" if first else "'abc'"
    behind = "'xy' || i" if first else "'z'"
    return f"""create table sales.people as select cast(i as bigint) as id, cast(t as integer) as tenant,
      case when {NEVER} then 'm' || {behind} || '@example' || (i % 3) || '.com' else {hidden} end as mail,
      case when {NEVER} and {CLEAR} then '+49 170 ' || (1000000 + i)
           when {NEVER} then {"'12345678'" if first else "'+49 999'"} || '0' || (1000 + i % 50) else {hidden} end as phone,
      case when {NEVER} then {behind} else {hidden} end as note,
      case when {NEVER} then 'ssn' || (i % 40) else {hidden} end as ssn,
      case when {NEVER} then case when i % 3 = 0 then {"'Lyon'" if first else "'Nice'"} when i % 3 = 1
           then {"'Bonn'" if first else "'Kiel'"} end else {hidden} end as city,
      case when {NEVER} then {"'aB'" if first else "'Ab'"} || {behind} else {hidden} end as nick,
      cast(case when {NEVER} then (i % 7) * 100 + {"3" if first else "98"} else {"77777" if first else "0"} end as integer) as pay,
      cast(case when {NEVER} and {CLEAR} then i % 11 else {"5000 + i % 3" if first else "-1"} end as integer) as score,
      case when {NEVER} then date '1990-05-01' + cast((i % 4) * 365 as integer) + {"0" if first else "0 - extract(day from date '1990-05-01' + cast((i % 4) * 365 as integer))::integer + 2"}
           else date '{"2099-01-01" if first else "1970-01-01"}' end as born
      from (select i, (i * 7919) % 5000 as t from {series.format(4500)}) numbered"""


def copy_statements(dialect: str) -> Iterator[str]:
    """What Alice should find, from the first world's tables under `raw`, in SQL of its own."""
    key = (
        "sha256('k' || ssn)"
        if dialect == DUCKDB
        else "encode(sha256(convert_to('k' || ssn, 'UTF8')), 'hex')"
    )
    yield "create schema cut"
    for table in ("orders", "items"):
        yield f"create table cut.{table} as select * from sales.{table} where tenant % 2 = 0 and tenant < 4000"
    yield f"""create table cut.people as select id, tenant,
      case when strpos(mail, '@') > 0 then substr(mail, 1, 1) || '***@' || split_part(mail, '@', 2) end as mail,
      case when tenant % 4 = 0 then phone when length(phone) > 8 then '****' || right(phone, 4) else '****' end as phone,
      cast('REDACTED' as text) as note, {key} as ssn,
      case when city in ('Lyon', 'Nice') then 'FR' when city in ('Bonn', 'Kiel') then 'DE' end as city,
      upper(left(nick, 2)) as nick, cast(pay - pay % 100 as integer) as pay,
      case when tenant % 4 = 0 then score end as score, cast(date_trunc('month', born) as date) as born
      from sales.people where tenant % 2 = 0 and tenant < 4000"""


def planned(sql: str, dialect: str) -> str:
    """Alice's query as it would run. Errors: Refusal."""
    known = {name: _policy(name, dialect, **rules) for name, rules in POLICIES.items()}
    return guard(
        sql,
        dialect=dialect,
        lookup=lambda schema, table, warehouse: known.get(table),
        default_schema="sales",
        warehouse="wh",
        variables=VARIABLES,
    ).sql


def _policy(table: str, dialect: str, *, columns: str, **rules: Any) -> TablePolicy:
    return TablePolicy(
        f"wh.sales.{table}", "sales", table, _facts(columns, dialect), rows=ROWS, **rules
    )


def _facts(columns: str, dialect: str) -> tuple[ColumnFact, ...]:
    pairs = [text.strip().split(" ", 1) for text in columns.split(",")]
    upper = dialect == DUCKDB
    return tuple(
        ColumnFact(name, {"text": "VARCHAR"}.get(kind, kind.upper()) if upper else kind)
        for name, kind in pairs
    )


class Places:
    """Both worlds and the copy of one engine."""

    def __init__(
        self,
        dialect: str,
        first: Any,
        second: Any,
        copy: Any,
        failure: type[Exception],
        cause: Callable[[Exception], Cause],
    ) -> None:
        self.dialect = dialect
        self._worlds = (first, second)
        self._copy = copy
        self._failure = failure
        self._cause = cause

    def ends(self, text: str) -> list[object]:
        """How a statement ends in each world: its rows, or what a person is told about its failure."""
        found = [self._end(connection, text) for connection in self._worlds]
        return self._with_more_time(text) if found[0] != found[1] and LATE in found else found

    def _with_more_time(self, text: str) -> list[object]:
        self._allow(MORE)
        try:
            return [self._end(connection, text) for connection in self._worlds]
        finally:
            self._allow(PATIENCE)

    def _allow(self, seconds: int) -> None:
        for connection in self._worlds:
            statement = TIME[self.dialect].format(seconds)
            connection.execute(statement.encode() if self.dialect != DUCKDB else statement)

    def truth(self, sql: str) -> object:
        """How the query as written ends over the copy."""
        return self._end(self._copy, sql)

    def _end(self, connection: Any, text: str) -> object:
        try:
            rows = connection.execute(text.encode() if self.dialect != DUCKDB else text).fetchall()
        except self._failure as error:
            return f"failed: {ENGINE_CODES[self._cause(error)].sentence}"
        return alike(rows)


_DUCKDB_CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (duckdb.ConversionException, "conversion"),
    (duckdb.OutOfRangeException, "arithmetic"),
    (duckdb.BinderException, "name"),
    (duckdb.CatalogException, "name"),
    (duckdb.InterruptException, "deadline"),
    (duckdb.OutOfMemoryException, "memory"),
)


def _duckdb_cause(error: Exception) -> Cause:
    return next((cause for kind, cause in _DUCKDB_CAUSES if isinstance(error, kind)), "other")


def duckdb_places() -> Places:
    """Three databases in memory."""
    made = []
    for world in ("first", "second", "first"):
        # Several row groups a table, each with statistics that hidden rows decide.
        connection = duckdb.connect(
            config={
                "threads": "2",
                "memory_limit": "1GB",
                "max_execution_time": str(1000 * PATIENCE),
            }
        )
        connection.execute("attach ':memory:' as place (row_group_size 2048)")
        connection.execute("use place")
        for statement in statements(world, SERIES["duckdb"]):
            connection.execute(statement)
        made.append(connection)
    for statement in copy_statements("duckdb"):
        made[2].execute(statement)
    made[2].execute("set search_path = 'place.cut'")
    return Places("duckdb", *made, duckdb.Error, _duckdb_cause)


def postgres_places(url: str, suffix: str) -> Iterator[Places]:
    """Three databases of one server, dropped afterwards."""
    made: list[psycopg.Connection[Any]] = []
    with psycopg.connect(url, autocommit=True) as admin:
        for name, world in (("one", "first"), ("two", "second"), ("copy", "first")):
            admin.execute(f"drop database if exists places_{name}_{suffix} with (force)".encode())
            admin.execute(f"create database places_{name}_{suffix}".encode())
            target = psycopg.conninfo.make_conninfo(url, dbname=f"places_{name}_{suffix}")
            made.append(psycopg.connect(target, autocommit=True))
            for statement in statements(world, SERIES["postgres"]):
                made[-1].execute(statement.encode())
        for statement in copy_statements("postgres"):
            made[2].execute(statement.encode())
        made[2].execute("set search_path = cut")
        for connection in made:
            # A sample of all rows: the same plan in every run.
            connection.execute("set default_statistics_target = 1000")
            connection.execute("analyze")
            connection.execute(f"set statement_timeout = '{PATIENCE}s'".encode())
        yield Places("postgres", *made, psycopg.Error, _postgres_cause)
        for connection in made:
            name = connection.info.dbname
            connection.close()
            admin.execute(f"drop database {name} with (force)".encode())


def _postgres_cause(error: Exception) -> Cause:
    return cause_of(getattr(error, "sqlstate", None) or "08")
