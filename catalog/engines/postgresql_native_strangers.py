"""What others gave to our roles, or to somebody else of what is ours: found in PostgreSQL's own books.

PostgreSQL keeps for each role a list of every object whose privileges name it, or that belongs to it, in any database
of the server. So nothing has to be looked for by kind, and what is not on our own list was done by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from catalog.engines.native import Stranger
from catalog.engines.postgresql_native_catalog import (
    HELD,
    MEMBERSHIPS,
    OPEN_TO_ALL,
    OTHERS,
    PLANTED,
)

Connection = psycopg.Connection[tuple[Any, ...]]

MEMBER, PRIVILEGE, OWNS, OTHER, PLANT, OPEN = (
    "member", "privilege", "owns", "other", "planted", "open",
)  # fmt: skip
"""A role in a role; a privilege beyond ours; something that belongs to a login; a privilege on what is ours; an object
among our views; a table that everybody may read."""


def strangers_found(connection: Connection, role: str = "") -> tuple[Stranger, ...]:
    """Everything that somebody else did to our roles or to what is ours; with `role`, to that role alone."""
    every = (*_members(connection), *_held(connection), *_others(connection), *_planted(connection))
    if role:
        return tuple(each for each in every if each.role == role)
    return (*every, *_open(connection))


def _members(connection: Connection) -> Iterator[Stranger]:
    for group, member, is_ours in connection.execute(MEMBERSHIPS.encode()).fetchall():
        undo = sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(member))
        role = group if is_ours else member
        what = f"{member} is a member of {group}"
        yield Stranger(MEMBER, role, what, undo.as_string(connection))


def _held(connection: Connection) -> Iterator[Stranger]:
    for role, kind, what, target in connection.execute(HELD.encode()).fetchall():
        if kind == "o":
            yield Stranger(OWNS, role, f"{role} owns {what}")
            continue
        undo = None
        if target is not None:
            # `target` was spelled by the server, names quoted.
            undo = f"REVOKE ALL ON {target} FROM {_quoted(connection, role)} CASCADE"
        yield Stranger(PRIVILEGE, role, f"{role} has privileges on {what}", undo)


def _others(connection: Connection) -> Iterator[Stranger]:
    for role, what, privilege in connection.execute(OTHERS.encode()).fetchall():
        holder = "PUBLIC" if role == "PUBLIC" else _quoted(connection, role)
        undo = f"REVOKE {privilege} ON {what} FROM {holder} CASCADE"
        yield Stranger(OTHER, role, f"{role} has {privilege} on {what.lower()}", undo)


def _planted(connection: Connection) -> Iterator[Stranger]:
    for role, name in connection.execute(PLANTED.encode()).fetchall():
        yield Stranger(PLANT, role, f"{name} stands among the views of {role}")


def _open(connection: Connection) -> Iterator[Stranger]:
    for (name,) in connection.execute(OPEN_TO_ALL.encode()).fetchall():
        yield Stranger(OPEN, "PUBLIC", f"Everybody who may connect may read {name}")


def _quoted(connection: Connection, name: str) -> str:
    return sql.Identifier(name).as_string(connection)
