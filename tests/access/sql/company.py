"""A small company for the guard's tests: real tables, Alice's policies, and the same tables cut down by hand.

The cut-down copy is written in SQL of its own, without the policy compiler, so that an answer over it is an
independent truth for what Alice should get.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import psycopg

from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from access.sql import Plan, guard, verify

DUCKDB = "duckdb"
POSTGRES = "postgres"
SPARK = "spark"
BOTH = (DUCKDB, POSTGRES)
VARIABLES = {"principal": "alice", "teams": ["sales", "o'brien"], "mask_key": "pepper"}

_COLUMNS = {
    "customers": "id bigint, name text, email text, phone text, ssn text, country text, score double precision,"
    " birth date",
    "orders": "id bigint, customer_id bigint, tenant integer, status text, amount decimal(12,2), tax decimal(12,2),"
    " ordered_at timestamp, day date, note text",
    "items": "order_id bigint, product text, quantity integer, price decimal(10,2)",
    "ent": "username text, tenant integer",
    "closed": "a integer, b text",
    "vault": "secret text",
}
_ROWS = (
    """insert into sales.customers select i, 'name' || i, 'user' || i || '@example' || (i % 3) || '.com',
       '+49 170 ' || (1000000 + i), 'ssn' || i,
       case i % 5 when 0 then 'XX' when 1 then 'DE' when 2 then 'FR' when 3 then 'US' end,
       i / 7.0, date '1970-01-01' + cast(i * 37 % 9000 as integer) from {series} where i between 1 and 60""",
    """insert into sales.orders select i, i % 60 + 1, i % 8, case i % 3 when 0 then 'open' when 1 then 'paid' end,
       i * 3.25, i * 0.5, timestamp '2024-01-01 08:00:00' + i * interval '7 hours',
       date '2024-01-01' + cast(i * 7 / 24 as integer), case when i % 8 in (1, 3, 6) then 'note ' || i else 'SECRET' end
       from {series} where i between 1 and 300""",
    """insert into sales.items select i % 300 + 1, 'product ' || (i % 11), i % 9, i * 1.1 from {series}""",
    """insert into sales.ent values ('alice', 1), ('alice', 3), ('alice', 6), ('bob', 0), ('bob', 2)""",
    """insert into sales.closed values (1, 'x')""",
    """insert into sales.vault values ('GOLD')""",
)
_SERIES = {
    DUCKDB: "(select range as i from range(1, 701)) s",
    POSTGRES: "generate_series(1, 700) s(i)",
    SPARK: "(select id as i from range(1, 701)) s",
}
_COPY = (
    """create table sales.customers as select id, name,
       case when email is null then null when strpos(email, '@') > 0
            then substr(email, 1, 1) || '***@' || split_part(email, '@', 2) else '***' end as email,
       '****' || substr(phone, length(phone) - 3, 4) as phone, country, score, birth
       from {source}.customers where country <> 'XX'""",
    """create table sales.orders as select id, customer_id, tenant, status, amount, tax, ordered_at, day,
       upper(note) as note from {source}.orders where tenant in (1, 3, 6)""",
    """create table sales.items as select order_id, product, quantity,
       case when quantity > 5 then price end as price from {source}.items""",
)

CUSTOMERS_VISIBLE = frozenset({"id", "name", "email", "phone", "country", "score", "birth"})


def facts(table: str, dialect: str = DUCKDB) -> tuple[ColumnFact, ...]:
    """The columns as the engine's own catalog spells their types."""
    found = []
    for text in _COLUMNS[table].replace(", ", "; ").split(";"):
        name, _, type_ = text.strip().partition(" ")
        found.append(ColumnFact(name, _type(type_, dialect)))
    return tuple(found)


def _type(text: str, dialect: str) -> str:
    if dialect == SPARK:
        return {"text": "string", "double precision": "double", "integer": "int"}.get(text, text)
    plain = {"text": "VARCHAR", "double precision": "DOUBLE"}
    return plain.get(text, text.upper()) if dialect == DUCKDB else text


def policies(dialect: str = DUCKDB) -> dict[str, TablePolicy]:
    """What Alice may see: customers masked, orders by entitlement, items by two grants, closed not at all."""
    return {
        "customers": TablePolicy(
            "wh.sales.customers",
            "sales",
            "customers",
            facts("customers", dialect),
            masks={"email": Mask("email"), "phone": Mask("partial"), "ssn": Mask("null_value")},
            rows="country <> 'XX'",
            grants=(GrantRule(1, CUSTOMERS_VISIBLE),),
        ),
        "orders": TablePolicy(
            "wh.sales.orders",
            "sales",
            "orders",
            facts("orders", dialect),
            masks={"note": Mask("sql", "upper(note)")},
            rows="tenant IN (SELECT tenant FROM ent WHERE username = :principal)",
            grants=(GrantRule(2),),
        ),
        "items": TablePolicy(
            "wh.sales.items",
            "sales",
            "items",
            facts("items", dialect),
            grants=(
                GrantRule(3, frozenset({"order_id", "product", "quantity"})),
                GrantRule(4, None, rows="quantity > 5"),
            ),
        ),
        "closed": TablePolicy("wh.sales.closed", "sales", "closed", facts("closed", dialect)),
    }


def plan(sql: str, dialect: str = DUCKDB, **options: Any) -> Plan:
    """Alice's plan for a query."""
    known = options.pop("policies", None) or policies(dialect)

    def lookup(schema: str | None, table: str, warehouse: str | None) -> TablePolicy | None:
        return known.get(table) if schema == "sales" else None

    return guard(
        sql,
        dialect=dialect,
        lookup=lookup,
        default_schema="sales",
        warehouse="wh",
        variables=VARIABLES,
        **options,
    )


def build(dialect: str, execute: Any) -> None:
    """Makes the company's tables with everything in them."""
    execute("create schema sales")
    for table in _COLUMNS:
        columns = ", ".join(f"{one.name} {one.type}" for one in facts(table, dialect))
        execute(f"create table sales.{table} ({columns})")
    for statement in _ROWS:
        execute(statement.replace("{series}", _SERIES[dialect]))


def build_copy(dialect: str, execute: Any, source: str) -> None:
    """Makes the tables as Alice should find them, from the real ones reachable as `source`."""
    execute("create schema sales")
    for statement in _COPY:
        text = statement.replace("{source}", source)
        execute(text.replace("strpos(", "instr(") if dialect == SPARK else text)


class DuckCompany:
    """The company in DuckDB: `real` holds everything, `copy` what Alice should find."""

    dialect = DUCKDB

    def __init__(self) -> None:
        self.real = duckdb.connect()
        build(DUCKDB, self.real.execute)
        self.copy = duckdb.connect()
        self.copy.execute("create schema raw")
        for table in _COLUMNS:
            arrow = self.real.execute(f"select * from sales.{table}").to_arrow_table()
            self.copy.register("arriving", arrow)
            self.copy.execute(f"create table raw.{table} as select * from arriving")
            self.copy.unregister("arriving")
        build_copy(DUCKDB, self.copy.execute, "raw")
        self.copy.execute("set search_path = 'sales,main'")

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        made = self.planned(sql)
        serialized = self.real.execute("select json_serialize_sql(?)", [made.sql]).fetchone()
        assert serialized is not None
        verify(serialized[0], made)
        return _fetched(self.real.execute(made.sql))

    def planned(self, sql: str) -> Plan:
        """The plan, with the values of a PIVOT without IN looked up as Alice may see them."""
        return plan(sql, DUCKDB, values=self._values)

    def _values(self, sql: str) -> list[Any]:
        return [row[0] for row in self.answer(sql)[1]]

    def truth(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        return _fetched(self.copy.execute(sql))


class PostgresCompany:
    """The company in PostgreSQL, in two databases of one test server."""

    dialect = POSTGRES

    def __init__(self, url: str, suffix: str) -> None:
        self._admin = psycopg.connect(url, autocommit=True)
        self._names = [f"guard_real_{suffix}", f"guard_copy_{suffix}"]
        for name in self._names:
            self._admin.execute(f"drop database if exists {name} with (force)")
            self._admin.execute(f"create database {name}")
        self.real, self.copy = (_connected(url, name) for name in self._names)
        build(POSTGRES, self.real.execute)
        self._fill_copy()
        self.real.execute("set search_path = pg_catalog")
        self.copy.execute("set search_path = sales")

    def _fill_copy(self) -> None:
        build(POSTGRES, self.copy.execute)
        self.copy.execute("alter schema sales rename to raw")
        build_copy(POSTGRES, self.copy.execute, "raw")

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        return _fetched(self.real.execute(plan(sql, POSTGRES).sql.encode(), prepare=True))

    def truth(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        return _fetched(self.copy.execute(sql.encode()))

    def close(self) -> None:
        self.real.close()
        self.copy.close()
        for name in self._names:
            self._admin.execute(f"drop database {name} with (force)")
        self._admin.close()


def _connected(url: str, name: str) -> psycopg.Connection[Any]:
    return psycopg.connect(psycopg.conninfo.make_conninfo(url, dbname=name), autocommit=True)


def _fetched(cursor: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    names = [column[0] for column in cursor.description]
    return names, cursor.fetchall()


def alike(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Rows as comparable text, without regard to order; floats to nine digits."""
    return sorted(repr([_plain(value) for value in row]) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
