"""One login put in place: its role, its schema, its views and what those look up, in one transaction.

Whoever reads here may send any text, so nothing may depend on what was sent: views are barriers (`security_barrier`),
who asks is the session's own user, access is judged again for every row by the clock, and where an owner's text could
come out differently under other settings of a session, the view gives nothing under others than the gate's.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import psycopg
from psycopg import sql

from catalog.engines.native import ROW, NativeLogin, NativeView, Right
from catalog.engines.postgresql_native_catalog import DEPENDS_ON_SESSION, POWERS, READABLE
from catalog.engines.postgresql_screens import EVERYBODY
from catalog.engines.screens import Table

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECTIONS = 10
# What a session begins with. A reader may change them, and then some views say so instead of showing rows.
SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "default_transaction_read_only": "on",
    "statement_timeout": "15min",
    "idle_in_transaction_session_timeout": "10min",
}
_PINNED = ("TimeZone", "DateStyle", "IntervalStyle", "bytea_output")
# As the server has them; with other locales, money and formatted numbers are other texts.
_LOCAL = ("lc_monetary", "lc_numeric", "lc_time", "default_text_search_config")
_NO_POWERS = ("NOSUPERUSER", "NOCREATEROLE", "NOCREATEDB", "NOREPLICATION", "NOBYPASSRLS")
_ENDED = "your access to this data has ended or changed; look at My access"
_SESSION = (
    "this data is read with timezone UTC and datestyle ISO, YMD; set them, or use DISCARD ALL"
)


def settings_of(role: str) -> set[str]:
    """The settings of a login as PostgreSQL lists them."""
    return {f"{name}={value}" for name, value in SETTINGS.items()} | {
        f"search_path={role}, pg_catalog"
    }


class Unreadable(Exception):
    """A table that cannot be read natively now; carries why."""


def put_login(connection: Connection, login: NativeLogin, owner: str, verifier: str) -> None:
    """Makes the role and schema of a login as they should be, with its password where a verifier is given.

    The caller holds the transaction and has seen that neither name is somebody else's.
    """
    role = sql.Identifier(login.role)
    if not _exists(connection, "SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", login.role):
        connection.execute(sql.SQL("CREATE ROLE {}").format(role))
        if connection.info.parameter_status("is_superuser") != "on":
            # To end its sessions, and to drop what it holds.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    connection.execute(_attributes(connection, login, verifier))
    connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(role))
    for name, value in SETTINGS.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} TO {}").format(
                role, sql.Identifier(name), sql.Literal(value)
            )
        )
    connection.execute(sql.SQL("ALTER ROLE {0} SET search_path TO {0}, pg_catalog").format(role))
    if not _exists(
        connection, "SELECT FROM pg_catalog.pg_namespace WHERE nspname = %s", login.role
    ):
        connection.execute(
            sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(role, sql.Identifier(owner))
        )
    connection.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(role, sql.Identifier(owner)))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {0} TO {0}").format(role))
    database = connection.info.dbname
    if not _exists(
        connection,
        "SELECT WHERE has_database_privilege(%s, current_database(), 'CONNECT')",
        login.role,
    ):
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role)
        )


def _attributes(connection: Connection, login: NativeLogin, verifier: str) -> sql.Composed:
    """ALTER ROLE with all that a login is. A power is named only to take it away: naming one needs to have it."""
    held = connection.execute(POWERS, [login.role]).fetchone()
    assert held is not None
    words = " ".join(
        ["NOINHERIT", *(word for word, holds in zip(_NO_POWERS, held, strict=True) if holds)]
    )
    until = login.valid_until
    parts = [
        sql.SQL("ALTER ROLE {} WITH").format(sql.Identifier(login.role)),
        sql.SQL(words),
        sql.SQL("LOGIN" if login.rights else "NOLOGIN"),
        sql.SQL("CONNECTION LIMIT {}").format(sql.Literal(CONNECTIONS)),
        sql.SQL("VALID UNTIL {}").format(sql.Literal(until.isoformat() if until else "-infinity")),
    ]
    if verifier:
        # SCRAM-SHA-256$..., made on this side: the server, its log and its statistics never meet the password.
        parts.append(sql.SQL("PASSWORD {}").format(sql.Literal(verifier)))
    return sql.SQL(" ").join(parts)


def note_login(connection: Connection, login: NativeLogin) -> None:
    """Writes down what was put in place, as not yet whole, and what its views look up."""
    connection.execute(
        b"""
        INSERT INTO gatehouse_native.logins AS l (role, role_oid, schema_oid, principal, teams, can_login, valid_until, digest)
        SELECT r.rolname, r.oid, n.oid, %(principal)s, %(teams)s, r.rolcanlogin, r.rolvaliduntil, ''
          FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_namespace n ON n.nspname = r.rolname WHERE r.rolname = %(role)s
        ON CONFLICT (role) DO UPDATE SET role_oid = excluded.role_oid, schema_oid = excluded.schema_oid,
            principal = excluded.principal, teams = excluded.teams, can_login = excluded.can_login,
            valid_until = excluded.valid_until, digest = excluded.digest
        """,
        {
            "role": login.role,
            "principal": login.principal,
            "teams": list(login.teams),
        },
    )
    _put_rights(connection, login.role, login.rights)


def note_whole(connection: Connection, login: NativeLogin) -> None:
    """Writes down that all of a login is as it should be."""
    connection.execute(
        b"UPDATE gatehouse_native.logins SET digest = %s WHERE role = %s",
        [login.digest, login.role],
    )


def cut_rights(connection: Connection, login: NativeLogin, stale: Container[str]) -> None:
    """Leaves a login only the rights it keeps, and none behind views that are about to be replaced."""
    gone = {grant for view in login.views if view.name in stale for grant in view.grants}
    kept = [right for right in login.rights if right.grant_id not in gone]
    _put_rights(connection, login.role, kept)


def _put_rights(connection: Connection, role: str, rights: Iterable[Right]) -> None:
    connection.execute(b"DELETE FROM gatehouse_native.rights WHERE role = %s", [role])
    for right in rights:
        connection.execute(
            b"INSERT INTO gatehouse_native.rights VALUES (%s, %s, %s, %s)", [role, *right]
        )


def put_view(connection: Connection, role: str, view: NativeView, owner: str) -> None:
    """Makes one view afresh. Errors: `Unreadable` when its table is not there, or keeps rows from its readers."""
    row = connection.execute(READABLE, [EVERYBODY, *view.table]).fetchone()
    if row is None:
        raise Unreadable("there is no such table")
    if row[1]:
        raise Unreadable("it has row-level security of its owner's")
    oid = _create(connection, role, view, owner, pinned=False)
    depends = connection.execute(DEPENDS_ON_SESSION, [oid]).fetchone()
    assert depends is not None
    calls, asks_the_time, converts = depends
    if calls or asks_the_time or (converts and view.has_expressions):
        connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(role, view.name)))
        oid = _create(connection, role, view, owner, pinned=True)
    connection.execute(
        b"INSERT INTO gatehouse_native.views VALUES (%s, %s, %s, %s, md5(pg_get_viewdef(%s::oid)))",
        [role, view.name, oid, view.digest, oid],
    )


def drop_view(connection: Connection, role: str, name: str) -> None:
    """Drops a view of ours, and forgets it; one that is no longer ours is only forgotten."""
    row = connection.execute(
        b"DELETE FROM gatehouse_native.views v WHERE v.role = %s AND v.view = %s RETURNING"
        b" (SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
        b"     ON n.oid = c.relnamespace WHERE c.oid = v.view_oid AND c.relkind = 'v')",
        [role, name],
    ).fetchone()
    if row is not None and row[0] is not None:
        connection.execute(sql.SQL("DROP VIEW {}").format(sql.SQL(row[0])))


def _create(
    connection: Connection, role: str, view: NativeView, owner: str, *, pinned: bool
) -> int:
    name = sql.Identifier(role, view.name)
    conditions = [f"({view.condition})", _guard(connection, view, pinned=pinned)]
    connection.execute(
        sql.SQL("CREATE VIEW {} WITH (security_barrier = true) AS SELECT {} FROM {} AS {} WHERE {}").format(
            # Made by the policy compiler from expressions it parsed, checked and printed itself.
            name, sql.SQL(", ".join(view.shown)), sql.Identifier(*view.table), sql.Identifier(ROW),
            sql.SQL(" AND ".join(conditions)),
        )
    )  # fmt: skip
    connection.execute(sql.SQL("ALTER VIEW {} OWNER TO {}").format(name, sql.Identifier(owner)))
    connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(name, sql.Identifier(role)))
    row = connection.execute("SELECT %s::regclass::oid::int8", [name.as_string(connection)])
    found = row.fetchone()
    assert found is not None
    return int(found[0])


def _guard(connection: Connection, view: NativeView, *, pinned: bool) -> str:
    """What holds for every row that is given, and fails the statement where it does not: a result is whole or is none.

    The first of its grants to end ends it, as at the gate. It is judged row by row, because a cursor, a loop in a
    procedure and a function that changes a setting all reach behind the moment a statement began.
    """
    grants = ", ".join(str(int(grant)) for grant in view.grants)
    until = (
        # Numbers of grants and names of our own.
        f"SELECT min(r.expires_at) FROM gatehouse_native.rights AS r WHERE r.role = SESSION_USER AND r.grant_id IN ({grants})"  # noqa: S608
        " AND r.starts_at <= pg_catalog.statement_timestamp() AND pg_catalog.statement_timestamp() < r.expires_at"
    )
    cases = [f"WHEN coalesce(pg_catalog.clock_timestamp() >= ({until}), true) THEN {_text(_ENDED)}"]
    if pinned:
        cases.append(f"WHEN NOT ({_as_at_the_gate(connection)}) THEN {_text(_SESSION)}")
    return f"CAST(CASE {' '.join(cases)} ELSE 'true' END AS boolean)"


def _as_at_the_gate(connection: Connection) -> str:
    wanted = {name: SETTINGS[name] for name in _PINNED}
    for name in _LOCAL:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        wanted[name] = str(row[0])
    same = [
        f"pg_catalog.current_setting({_text(name)}) = {_text(value)}"
        for name, value in wanted.items()
    ]
    same.append("pg_catalog.current_setting('extra_float_digits') IN ('1', '2', '3')")
    return " AND ".join(same)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _exists(connection: Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None


def grant_reading(connection: Connection, table: Table, owner: str) -> None:
    """Lets the owner of the views read a table, and notes that it was us."""
    role = sql.Identifier(owner)
    connection.execute(
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(table.schema), role)
    )
    connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(*table), role))
    connection.execute(
        b"INSERT INTO gatehouse_native.reads VALUES (%s, %s) ON CONFLICT DO NOTHING", list(table)
    )
