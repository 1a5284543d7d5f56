"""What logins ran in a PostgreSQL, as its own statistics counted it: `pg_stat_statements`.

The server keeps one line for each role and kind of statement, constants taken out, with how often it ran. When it ran
last it does not say, so whoever asks regularly compares with what was said before.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from catalog.engines.postgresql_sessions import connected, conninfo_of, named

Connection = psycopg.Connection[tuple[Any, ...]]

EXTENSION = "pg_stat_statements"
HIDDEN = "<insufficient privilege>"
_PLACE = (
    "SELECT n.nspname::text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
    " WHERE e.extname = %s"
)
_STATEMENTS = """
    SELECT r.rolname::text, s.queryid::int8, min(s.query), sum(s.calls)::int8, sum(s.rows)::int8
      FROM {} s JOIN pg_catalog.pg_roles r ON r.oid = s.userid
     WHERE r.rolname = ANY (%s) AND s.queryid IS NOT NULL
       AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     GROUP BY r.rolname, s.queryid ORDER BY 1, 2
"""


class Statement(NamedTuple):
    """One kind of statement that a role ran, by the number the server gave it, since the server counts."""

    role: str
    number: int
    text: str
    n_calls: int
    n_rows: int


class NoEvidence(Exception):
    """The server cannot tell what was run; the sentence says what to do about it."""


def statements(manage: str, roles: Iterable[str]) -> tuple[Statement, ...]:
    """Every kind of statement that these roles ran. Cost: one connection, two queries.

    Errors: `NoEvidence` when the server keeps no such statistics or shows them to others only; `EngineError` when it does
    not answer.
    """
    with named(), connected(conninfo_of(manage), time.monotonic() + 10) as connection:
        connection.execute("SET search_path = pg_catalog; SET statement_timeout = '20s'")
        row = connection.execute(_PLACE, [EXTENSION]).fetchone()
        if row is None:
            raise NoEvidence(
                f"The warehouse does not count statements. CREATE EXTENSION {EXTENSION}; in its database."
            )
        return _said(connection, str(row[0]), list(roles))


def _said(connection: Connection, schema: str, roles: list[str]) -> tuple[Statement, ...]:
    query = sql.SQL(_STATEMENTS).format(sql.Identifier(schema, EXTENSION))
    try:
        found = tuple(Statement(*row) for row in connection.execute(query, [roles]))
    except psycopg.errors.ObjectNotInPrerequisiteState:
        raise NoEvidence(
            f"The warehouse does not count statements. Add {EXTENSION} to its shared_preload_libraries and restart it."
        ) from None
    if any(statement.text == HIDDEN for statement in found):
        raise NoEvidence(
            "The administrator's role may not see what others run. GRANT pg_read_all_stats to it."
        )
    return found
