"""Native access: what people's own tools find in a warehouse, as values, and what was found there instead.

A login is a role that may read the views of its own schema and nothing else. Who may see what is decided above this
room; here it is text and moments to be put in place, and the difference between what was put there and what is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from catalog.engines.screens import Table

PRIVATE = "gatehouse_native"
"""The schema with the register of what was made and what views look up; no login may use it."""

PREFIX = "gatehouse_"
"""How the name of every role made for native access begins."""

ROW = "__gh_row"
"""The alias under which a view's texts name its table."""

PRINCIPAL = "(SELECT l.principal FROM gatehouse_native.logins AS l WHERE l.role = SESSION_USER)"
TEAMS = (
    "CAST((SELECT l.teams FROM gatehouse_native.logins AS l WHERE l.role = SESSION_USER) AS text[])"
)
KEY = "(SELECT k.key FROM gatehouse_native.keys AS k)"
"""Who asks, their teams and the key of hash masks. A session can set any variable, but never its `SESSION_USER`."""

LONGEST_NAME = 63
_VERSION = "1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def live(grant: int) -> str:
    """The condition that a grant of whoever asks is live, by the warehouse's own clock as the statement began."""
    return (
        f"EXISTS (SELECT FROM gatehouse_native.rights AS r WHERE r.role = SESSION_USER AND r.grant_id = {int(grant)}"
        " AND r.starts_at <= pg_catalog.statement_timestamp() AND pg_catalog.statement_timestamp() < r.expires_at)"
    )


def view_name(table: Table) -> str:
    """The name of a table's view: `sales__customers`, with a digest where that could be another table's or is too long."""
    plain = f"{table.schema}__{table.name}"
    parts_are_plain = not any(
        "__" in part or part.startswith("_") or part.endswith("_") for part in table
    )
    if parts_are_plain and len(plain.encode()) <= LONGEST_NAME:
        return plain
    short = plain.encode()[:48].decode(errors="ignore")
    return f"{short}__{_digest(*table)[:10]}"


@dataclass(frozen=True)
class NativeView:
    """What one person sees of `table`: the rows where `condition` holds, and the expressions of `shown`.

    Both name the table by the alias `ROW` and judge each grant with `live`. `grants` are those it rests on. It
    `has_expressions` when an owner's own text decides rows or cells.
    """

    table: Table
    shown: tuple[str, ...]
    condition: str
    grants: tuple[int, ...]
    looks_into: frozenset[Table] = frozenset()
    has_expressions: bool = False

    @property
    def name(self) -> str:
        """Its name in the schema of its login."""
        return view_name(self.table)

    @cached_property
    def digest(self) -> str:
        """A digest of everything it shows."""
        return _digest(*self.table, self.condition, *self.shown, repr(self.grants))


class Right(NamedTuple):
    """One grant behind the views of a login, and from when until when it counts."""

    grant_id: int
    starts_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class NativeLogin:
    """One person's login as it should be. Without rights it may not log in and has no views."""

    role: str
    principal: str
    teams: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    views: tuple[NativeView, ...] = ()

    @property
    def valid_until(self) -> datetime | None:
        """When the last of its rights ends; the server lets nobody in with its password from then on."""
        return max((right.expires_at for right in self.rights), default=None)

    @cached_property
    def digest(self) -> str:
        """A digest of all of it."""
        views = sorted((view.name, view.digest) for view in self.views)
        return _digest(self.role, self.principal, repr(self.teams), repr(self.lines), repr(views))

    @cached_property
    def lines(self) -> tuple[tuple[int, int | None, int | None], ...]:
        """Its rights with their moments as PostgreSQL keeps them, by grant."""
        return tuple(
            (right.grant_id, micros(right.starts_at), micros(right.expires_at))
            for right in sorted(self.rights)
        )


@dataclass(frozen=True)
class NativeState:
    """What a warehouse should hold: its logins, and the key that hash masks take."""

    logins: tuple[NativeLogin, ...]
    key: str = field(default="", repr=False)

    @property
    def tables(self) -> frozenset[Table]:
        """Every table that some view reads."""
        views = [view for login in self.logins for view in login.views]
        return frozenset({view.table for view in views}).union(*(view.looks_into for view in views))


@dataclass(frozen=True)
class Place:
    """Which portal's part of a warehouse this is (`mark`), and the role that owns its views."""

    mark: str
    owner: str


@dataclass(frozen=True)
class Registered:
    """A login as it was put in place, and in `drift` what is not as it was put."""

    role: str
    digest: str
    principal: str
    teams: tuple[str, ...]
    rights: tuple[tuple[int, int | None, int | None], ...]
    drift: tuple[str, ...] = ()

    def looks_up_as(self, login: NativeLogin) -> bool:
        """Whether what its views look up is what they should."""
        return (self.principal, self.teams, self.rights) == (
            login.principal,
            login.teams,
            login.lines,
        )


@dataclass(frozen=True)
class Stranger:
    """Something that gives one of our roles more, or somebody else something of ours, and that we did not make.

    `undo` is the statement that takes it away, None where only people can.
    """

    kind: str
    role: str
    what: str
    undo: str | None = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> str:
        """What tells it from every other."""
        return _digest(self.kind, self.role, self.what)


@dataclass(frozen=True)
class Found:
    """What is in a warehouse: the logins put there, what others added, and how far its clock is from ours."""

    logins: Mapping[str, Registered]
    strangers: tuple[Stranger, ...] = ()
    drift: tuple[str, ...] = ()
    now: datetime | None = None


class Difference(NamedTuple):
    """Which logins have to be put in place again, and which must go."""

    put: tuple[NativeLogin, ...]
    go: tuple[str, ...]


def difference(wanted: NativeState, found: Found) -> Difference:
    """What has to be done so that a warehouse holds what it should. Pure: nothing is asked and nothing done."""
    put = tuple(login for login in wanted.logins if _differs(login, found.logins.get(login.role)))
    wanted_roles = {login.role for login in wanted.logins}
    return Difference(put, tuple(sorted(set(found.logins) - wanted_roles)))


def _differs(login: NativeLogin, there: Registered | None) -> bool:
    if there is None:
        return True
    return bool(there.drift) or there.digest != login.digest or not there.looks_up_as(login)


def narrows(there: Registered, login: NativeLogin) -> bool:
    """Whether a login loses something it has: then its sessions, too, must not go on as if nothing had happened."""
    if (there.principal, there.teams) != (login.principal, login.teams):
        return True
    after = {right[0]: right for right in login.lines}
    return any(
        grant not in after
        or (start is None or end is None)
        or (after[grant][1] or 0) > start
        or (after[grant][2] or 0) < end
        for grant, start, end in there.rights
    )


def tampered(wanted: NativeState, found: Found) -> tuple[str, ...]:
    """The roles of which what their views look up was changed by somebody else since it was put there."""
    return tuple(
        login.role
        for login in wanted.logins
        if (there := found.logins.get(login.role)) is not None
        and there.digest == login.digest
        and not there.looks_up_as(login)
    )


def micros(moment: datetime) -> int:
    """A moment as whole microseconds since 1970, as PostgreSQL keeps it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr((_VERSION, *parts)).encode()).hexdigest()[:40]


def tables_of(views: Iterable[NativeView]) -> frozenset[Table]:
    """Every table that these views read."""
    return frozenset().union(*({view.table, *view.looks_into} for view in views))
