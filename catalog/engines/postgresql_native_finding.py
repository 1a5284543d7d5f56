"""What became of the logins that were put in place: each compared with what was written down when it was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from catalog.engines.native import PRIVATE, Registered
from catalog.engines.postgresql_native_catalog import CHANGED_VIEWS, LOGINS, MISSING_READS
from catalog.engines.postgresql_native_views import CONNECTIONS, settings_of

Connection = psycopg.Connection[tuple[Any, ...]]


class _Login(NamedTuple):
    """A row of `LOGINS`."""

    role: str
    digest: str
    is_there: bool
    is_ours: bool
    has_schema: bool
    is_our_schema: bool
    has_powers: bool
    logs_in_as_put: bool
    ends_as_put: bool
    n_connections: int
    settings: list[str]
    grants: list[int]
    starts: list[int | None]
    ends: list[int | None]
    owns_as_put: bool
    may_use_schema: bool
    principal: str
    teams: list[str]


def logins_found(connection: Connection) -> dict[str, Registered]:
    """Every login that was put in place, by role, with what is no longer as it was."""
    changed: dict[str, list[str]] = defaultdict(list)
    for role, view, is_gone in connection.execute(CHANGED_VIEWS.encode()):
        changed[role].append(f"The view {view} {'is gone' if is_gone else 'was changed'}.")
    found = {}
    for row in connection.execute(LOGINS.encode()):
        login = _Login(*row)
        found[login.role] = Registered(
            login.role,
            login.digest,
            login.principal,
            tuple(login.teams),
            tuple(zip(login.grants, login.starts, login.ends, strict=True)),
            (*_drift(login), *changed[login.role]),
        )
    return found


def _drift(login: _Login) -> Iterator[str]:
    """What is not as it was put, one sentence each."""
    if not login.is_there:
        yield "The role is gone."
        return
    if not login.is_ours:
        yield "The role is another one of the same name."
        return
    if login.has_powers:
        yield "The role was given powers beyond reading."
    if not login.logs_in_as_put:
        yield "Whether the role may log in was changed."
    if not login.ends_as_put:
        yield "VALID UNTIL of the role was changed."
    if login.n_connections != CONNECTIONS or set(login.settings) != settings_of(login.role):
        yield "Settings of the role were changed."
    if not login.has_schema:
        yield "The schema is gone."
    elif not login.is_our_schema:
        yield "The schema is another one of the same name."
    elif not (login.owns_as_put and login.may_use_schema):
        yield "Who owns or may use the schema was changed."


def warehouse_drift(connection: Connection) -> tuple[str, ...]:
    """What the owner of the views may no longer read that it was let read."""
    rows = connection.execute(MISSING_READS.encode()).fetchall()
    return tuple(f"The views may no longer read {name}." for (name,) in rows)


def forget_missing(connection: Connection) -> None:
    """Forgets what the owner may no longer read, so that it is let read again."""
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE format('%I.%I', table_schema, table_name) IN ({})").format(
            sql.Identifier(PRIVATE, "reads"), sql.SQL(MISSING_READS)
        )
    )
