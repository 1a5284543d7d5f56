"""PostgreSQL databases, read by a role that should own nothing.

The second wall is the database's: a read-only transaction, a statement timeout, `search_path` reduced to
`pg_catalog`, and the role in the URL. Where an administrator's URL is given too, the portal keeps screens there
(`catalog.engines.postgresql_screens`), and the role needs no right to any table.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from catalog.engines.base import ASCII_LOWER, EngineError, Relation, RelationColumn
from catalog.engines.postgresql_catalog import (
    COLUMNS,
    READABLE_TABLES,
    RELATIONS,
    ROLE_RIGHTS,
    SCREENS_IN_PLACE,
    TYPE_NAMES,
)
from catalog.engines.postgresql_screens import ScreenKeeper, in_place
from catalog.engines.postgresql_sessions import (
    Connection,
    Sessions,
    connected,
    conninfo_of,
    named,
    sessions_of,
)
from catalog.engines.postgresql_stream import OutOfPlace, PostgreSQLStream, described
from catalog.engines.screens import Screening, Table

__all__ = ["PostgreSQLEngine", "PostgreSQLStream"]

DESCRIBE_SECONDS = 60.0


class PostgreSQLEngine:
    """A PostgreSQL database at `postgresql://...`; any part of the URL may be a `${NAME}` reference.

    `manage` is the URL of a role that may keep screens; `screening` what the next statement reads through them.
    """

    dialect = "postgres"

    def __init__(self, url: str, manage: str = "", screening: Screening | None = None) -> None:
        self._sessions = sessions_of(url)
        self._keeper = _keeper(url, manage) if manage else None
        # Descriptions see what may be screened, which the reader's role cannot.
        self._describing = sessions_of(manage) if manage else self._sessions
        self._screening = screening

    def describe(self) -> tuple[Relation, ...]:
        """See `Engine.describe`. Only what the role may read is seen; partitions count as their parent.

        Cost: two queries of the system catalog.
        """
        with _session(self._describing) as connection:
            columns: dict[int, list[RelationColumn]] = defaultdict(list)
            for relation, name, kind, is_nullable, comment in connection.execute(COLUMNS):
                columns[relation].append(RelationColumn(name, kind, is_nullable, comment))
            return tuple(
                Relation(schema, name, kind, tuple(columns[oid]), rows, comment, definition)
                for oid, schema, name, kind, rows, comment, definition in connection.execute(
                    RELATIONS
                )
            )

    def run(
        self,
        sql: str,
        *,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        stood_back: Callable[[], object] | None = None,
        is_compressed: bool = False,
    ) -> PostgreSQLStream:
        """See `Engine.run`. Cost: one connection until the stream ends or is closed; more when a screen is missing."""
        begin = partial(self._begin, sql, deadline, max_rows, first_by)
        try:
            return begin()
        except OutOfPlace:
            if self._keeper is None or self._screening is None:
                raise
        if self._keeper.secure(self._screening.screens, afresh=True):
            raise EngineError("unreachable")
        try:
            return begin()
        except OutOfPlace:
            raise EngineError("unreachable") from None

    def secure(self) -> frozenset[Table]:
        """Makes the screens that the next statement needs; gives the tables for which that does not work now.

        Cost: nothing for screens that were used today.
        """
        if self._keeper is None or self._screening is None:
            return frozenset()
        return self._keeper.secure(self._screening.screens)

    def unscreened(self) -> frozenset[Table] | None:
        """The tables that could not be screened lately; None where the portal keeps no screens at all."""
        return None if self._keeper is None else self._keeper.refused()

    def tidy(self, *, everything: bool = False) -> int:
        """Removes screens that nobody used for a week, or all there are; gives how many.

        Errors: `EngineError` when the administrator's connection cannot be made.
        """
        if self._keeper is None:
            return 0
        return self._keeper.release() if everything else self._keeper.sweep()

    def fold(self, identifier: str, quoted: bool) -> str:
        """Unquoted names are lower-cased, quoted ones are exact."""
        return identifier if quoted else identifier.translate(ASCII_LOWER)

    def parse_tree(self, sql: str) -> None:
        """PostgreSQL shows nobody its parse tree; preparing the statement is its confirmation."""
        return

    def shape(self, sql: str) -> tuple[tuple[str, str], ...]:
        """See `Engine.shape`. Cost: one statement prepared, none run but a look for the names of its types."""
        with _session(self._describing) as connection:
            names, types = described(connection, sql)
            spelled = connection.execute(TYPE_NAMES, [[a for a, _ in types], [b for _, b in types]])
            return tuple(zip(names, (kind for (kind,) in spelled), strict=True))

    def concerns(self) -> tuple[str, ...]:
        """What the role in the URL can do beyond reading, one sentence each, and which tables have no screen."""
        with _session(self._sessions) as connection:
            row = connection.execute(ROLE_RIGHTS).fetchone()
            readable = connection.execute(READABLE_TABLES).fetchone()
        assert row is not None
        assert readable is not None
        found = [sentence for holds, sentence in zip(row, RIGHTS, strict=True) if holds]
        if self._keeper is not None:
            found += self._about_screens(int(readable[0]))
        return tuple(found)

    def _about_screens(self, n_readable: int) -> Iterator[str]:
        assert self._keeper is not None
        if n_readable:
            yield (
                f"The role may read {n_readable} tables directly. It needs none of that for screens; it only lets "
                "queries run, more slowly, where no screen can be made."
            )
        for table, reason in sorted(self._keeper.reasons().items()):
            yield f"{table.schema}.{table.name} has no screen: {reason}."

    def _begin(
        self, sql: str, deadline: float, max_rows: int | None, first_by: float | None
    ) -> PostgreSQLStream:
        settings = self._screening.settings if self._screening else None
        connection = self._sessions.take(deadline, settings)
        try:
            return PostgreSQLStream(
                self._sessions, connection, sql, deadline, max_rows, first_by, self._confirming()
            )
        except BaseException:
            self._sessions.give(connection, is_clean=False)
            raise

    def _confirming(self) -> Callable[[Connection], None] | None:
        """The look at whether every screen still is what its name says, before the first row is read."""
        if self._screening is None:
            return None
        screens = self._screening.screens

        def confirm(connection: Connection) -> None:
            parameters = in_place(screens, connection.info.dbname)
            if connection.execute(SCREENS_IN_PLACE, parameters).fetchone() != (0,):
                raise OutOfPlace("name")

        return confirm


RIGHTS = (
    "The role is a superuser. Give the portal a role that owns nothing.",
    "The role owns tables. Give the portal a role that may only read.",
    "The role may read files of the server or run its programs.",
    "The role may write to tables. Give the portal a role that may only read.",
    "The role may make roles or databases. Give the portal a role that may only read.",
    "The role is a member of roles that read or write everything. Take it out of them.",
    "Nothing limits the temporary files of a query. ALTER ROLE ... SET temp_file_limit does.",
)

_keepers: dict[tuple[str, str], ScreenKeeper] = {}
_keepers_lock = threading.Lock()


def _keeper(url: str, manage: str) -> ScreenKeeper:
    """The one keeper of a warehouse in this process."""
    with _keepers_lock:
        return _keepers.setdefault(
            (url, manage),
            ScreenKeeper(
                lambda: connected(conninfo_of(manage), time.monotonic() + 10),
                lambda: _role(sessions_of(url)),
            ),
        )


def _role(sessions: Sessions) -> str:
    with _session(sessions) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def _session(sessions: Sessions) -> Iterator[Connection]:
    """A session for questions about the database itself."""
    connection = sessions.take(time.monotonic() + DESCRIBE_SECONDS)
    is_clean = False
    try:
        with named():
            yield connection
        is_clean = True
    finally:
        sessions.give(connection, is_clean=is_clean)
