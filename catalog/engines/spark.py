"""Spark, reached through its Connect server and told nothing but SQL text.

The second wall is Spark's own analyzer: a statement is wrapped so that it can only be a query, explained without being
run, and every relation and operator of the plan is judged before the first row is asked for. Results are Arrow already;
each batch is handed on as the server sent it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import nanoarrow as na

from catalog.engines.arrow import END_OF_STREAM, BatchWriter, head, rows_of
from catalog.engines.base import ASCII_LOWER, Batch, EngineError, Relation, RelationColumn
from catalog.engines.spark_connect import Session, address_of
from catalog.engines.spark_messages import message
from catalog.engines.spark_types import columns_of

DESCRIBE_SECONDS = 300.0
PARSE_SECONDS = 30.0
CONCERN_SECONDS = 5.0
# Ends an executor whose task does not stop; an executor is new within seconds.
REAPER = "spark.task.reaper.enabled"
# Spark keeps temporary views here; nobody's data lives in it.
OWN_SCHEMAS = frozenset({"information_schema", "global_temp", "sys"})


class SparkEngine:
    """A Spark Connect server at `sc://HOST:PORT`; see `spark_connect.address_of` for what may follow."""

    dialect = "spark"

    def __init__(self, url: str) -> None:
        self._url = url

    def describe(self) -> tuple[Relation, ...]:
        """See `Engine.describe`. Cost: one question to the catalog per schema, table and view."""
        session = self._session(DESCRIBE_SECONDS)
        try:
            found = [
                _relation(session, schema, *table)
                for schema in sorted(_schemas(session))
                for table in sorted(_tables(session, schema))
            ]
        finally:
            session.close()
        return tuple(found)

    def run(
        self,
        sql: str,
        *,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        stood_back: Callable[[], object] | None = None,
        is_compressed: bool = False,
    ) -> SparkStream:
        """See `Engine.run`. Cost: one session of the server, until the stream ends or is closed."""
        session = Session(address_of(self._url), deadline)
        try:
            return SparkStream(session, sql, deadline, max_rows, first_by)
        except BaseException:
            session.close()
            raise

    def fold(self, identifier: str, quoted: bool) -> str:
        """Spark ignores case, quoted or not; as elsewhere here, only of A to Z."""
        return identifier.translate(ASCII_LOWER)

    def parse_tree(self, sql: str) -> str:
        """What Spark's analyzer makes of the statement: the text of `EXPLAIN EXTENDED`, which runs nothing."""
        session = self._session(PARSE_SECONDS)
        try:
            ((plan,),) = answer(session, sql_relation(f"EXPLAIN EXTENDED {_as_query(sql)}"))
        finally:
            session.close()
        return str(plan)

    def shape(self, sql: str) -> tuple[tuple[str, str], ...]:
        """See `Engine.shape`. Cost: one question to the analyzer."""
        session = self._session(PARSE_SECONDS)
        try:
            return columns_of(session.shape_of(sql_relation(_as_query(sql))))
        finally:
            session.close()

    def concerns(self) -> tuple[str, ...]:
        """What leaves the server open to others, or to statements that were stopped, one sentence each."""
        return (*self._reachable_by_others(), *self._not_stopping())

    def _not_stopping(self) -> tuple[str, ...]:
        """Spark asks a task to stop and waits: inside one long value nobody hears it, unless a reaper is set."""
        try:
            session = self._session(CONCERN_SECONDS)
        except EngineError:
            return ()
        try:
            if session.setting(REAPER) == "true":
                return ()
        finally:
            session.close()
        return (
            "A statement that was stopped may go on in the executors and keep others waiting. Start the server with "
            f"{REAPER}=true and {REAPER.replace('enabled', 'killTimeout')}=10s.",
        )

    def _reachable_by_others(self) -> tuple[str, ...]:
        address = address_of(self._url)
        host = address.target.rpartition(":")[0].strip("[]")
        if address.is_encrypted or host in ("localhost", "127.0.0.1", "::1"):
            return ()
        return (
            "The connection to Spark is not encrypted, and whoever reaches its port can run code there. "
            "Let only the portal reach it, or use certificates (ssl_ca, ssl_cert, ssl_key).",
        )

    def _session(self, seconds: float) -> Session:
        return Session(address_of(self._url), time.monotonic() + seconds)


class SparkStream:
    """A running statement: batches are taken from the server as they are asked for."""

    def __init__(
        self,
        session: Session,
        sql: str,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
    ) -> None:
        self._session = session
        self._room = max_rows
        self.is_truncated = False
        self._responses = session.responses(sql_relation(_as_query(sql)))
        self._opened: tuple[tuple[tuple[str, str], ...], Any] | None = None
        self._late = _timer(deadline if first_by is None else min(deadline, first_by), self._expire)
        self._cut = _timer(deadline, self._expire)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """See `BatchStream`: known once the server has begun to answer."""
        return self._opening()[0]

    @property
    def schema_ipc(self) -> bytes:
        """See `BatchStream`: the server sends it with the first batch."""
        return split_stream(self._opening()[1].data)[0]

    def __iter__(self) -> Iterator[Batch]:
        try:
            yield from self._batches()
        finally:
            self.close()

    def cancel(self) -> None:
        """See `BatchStream`."""
        self._session.cancel()

    def close(self) -> None:
        """Stops the statement on the server, unless it has ended, and lets go of its session."""
        self._late.cancel()
        self._cut.cancel()
        self._session.close()

    def _opening(self) -> tuple[tuple[tuple[str, str], ...], Any]:
        if self._opened is None:
            self._opened = _first_of(self._responses)
            self._late.cancel()
        return self._opened

    def _expire(self) -> None:
        """The time is over: whoever reads gets `deadline`, and the server stops."""
        self._session.expire()
        self._session.cancel()

    def _batches(self) -> Iterator[Batch]:
        for batch in self._arriving():
            if batch.row_count == 0:
                continue
            if self._room is not None and batch.row_count > self._room:
                self.is_truncated = True
                if self._room:
                    yield self._cut_short(batch.data, self._room)
                return
            if self._room is not None:
                self._room -= batch.row_count
            yield Batch(split_stream(batch.data)[1], batch.row_count)

    def _arriving(self) -> Iterator[Any]:
        yield self._opening()[1]
        for response in self._responses:
            if response.HasField("arrow_batch"):
                yield response.arrow_batch

    def _cut_short(self, stream: bytes, n_rows: int) -> Batch:
        with na.ArrayStream.from_readable(stream) as arrays:
            array = na.c_array(next(iter(arrays)))
        return Batch(BatchWriter().message(head(array, n_rows)), n_rows)


def _timer(moment: float, act: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(max(0.0, moment - time.monotonic()), act)
    timer.daemon = True
    timer.start()
    return timer


def _first_of(responses: Iterator[Any]) -> tuple[tuple[tuple[str, str], ...], Any]:
    """The columns of a result and its first batch, which a server sends even when there are no rows."""
    columns: tuple[tuple[str, str], ...] = ()
    for response in responses:
        if response.HasField("schema"):
            columns = columns_of(response.schema)
        if response.HasField("arrow_batch"):
            return columns, response.arrow_batch
    raise EngineError("not_a_query")


def split_stream(stream: bytes) -> tuple[bytes, bytes]:
    """The schema message of an Arrow IPC stream, and the messages after it without the end marker."""
    first = 8 + int.from_bytes(stream[4:8], "little")
    return stream[:first], stream[first:].removesuffix(END_OF_STREAM)


def _as_query(sql: str) -> str:
    """The statement where only a query can stand: Spark would run a command as soon as it reads it.

    Source: `Dataset.ofRows`, whose constructor executes the commands of a plan.
    """
    # The inner statement passed the gate.
    return f"SELECT * FROM (\n{sql}\n)"  # noqa: S608


def sql_relation(text: str) -> Any:
    return message("Relation")(sql=message("Sql")(query=text))


def _catalog(**question: Any) -> Any:
    return message("Relation")(catalog=message("Catalog")(**question))


def answer(session: Session, relation: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for response in session.responses(relation):
        if response.HasField("arrow_batch"):
            schema, batches = split_stream(response.arrow_batch.data)
            rows += rows_of(schema, batches)
    return rows


def _schemas(session: Session) -> list[str]:
    rows = answer(session, _catalog(list_databases=message("ListDatabases")()))
    return [row[0] for row in rows if row[0].lower() not in OWN_SCHEMAS]


def _tables(session: Session, schema: str) -> list[tuple[str, bool, str]]:
    """Name, whether it is a view, and comment of everything in a schema that outlives a session."""
    question = message("ListTables")(db_name=_quoted(schema))
    rows = answer(session, _catalog(list_tables=question))
    return [
        (name, "VIEW" in (kind or ""), comment or "")
        for name, _, _, comment, kind, is_temporary in rows
        if not is_temporary
    ]


def _relation(session: Session, schema: str, name: str, is_view: bool, comment: str) -> Relation:
    question = message("ListColumns")(table_name=f"{_quoted(schema)}.{_quoted(name)}")
    columns = tuple(
        RelationColumn(column, kind, bool(is_nullable), said or "")
        for column, said, kind, is_nullable, *_ in answer(session, _catalog(list_columns=question))
    )
    definition = _definition(session, schema, name) if is_view else ""
    kind = "view" if is_view else "table"
    return Relation(schema, name, kind, columns, None, comment, definition)  # type: ignore[arg-type]


def _definition(session: Session, schema: str, name: str) -> str:
    described = answer(
        session, sql_relation(f"DESCRIBE EXTENDED {_quoted(schema)}.{_quoted(name)}")
    )
    return next((value or "" for key, value, _ in described if key == "View Text"), "")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
