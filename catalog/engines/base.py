"""What every engine offers: a description for importers, and a stream of Arrow batches for the gate.

An engine is the driver of one warehouse. It must never decide who may see what, and `run` answers only to
`access.gate`. What leaves a stream is opaque Arrow IPC, so that whoever serves it forwards bytes and never rows.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

Cause = Literal[
    "conversion",
    "arithmetic",
    "name",
    "memory",
    "deadline",
    "busy",
    "unreachable",
    "crash",
    "not_a_query",
    "other",
]

# Both engines fold A to Z and leave every other letter alone.
ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
REFERENCE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)|(file|command):([^{}]+))\}")


class EngineError(Exception):
    """An engine could not do its work; carries a cause from a fixed set and never the engine's own words.

    Error texts of engines quote values and statements, so they are dropped where they arise.
    """

    def __init__(self, cause: Cause, sentence: str = "") -> None:
        super().__init__(sentence or SENTENCES[cause])
        self.cause: Cause = cause


SENTENCES: dict[Cause, str] = {
    "conversion": "A value could not be converted to the type the query asks for.",
    "arithmetic": "A calculation left the range of its type or divided by zero.",
    "name": "The warehouse does not know a column, type or function this query needs.",
    "memory": "The query needs more memory than one query may take.",
    "deadline": "The query took longer than a query may take.",
    "busy": "The warehouse file is being written by its owner. Try again in a moment.",
    "unreachable": "The warehouse cannot be reached.",
    "crash": "The warehouse process ended while it worked on this query.",
    "not_a_query": "The warehouse reads one SELECT statement at a time.",
    "other": "The warehouse could not answer this query.",
}


@dataclass(frozen=True)
class RelationColumn:
    """One column as the engine reports it; `type` is spelled by the engine."""

    name: str
    type: str
    is_nullable: bool = True
    comment: str = ""


@dataclass(frozen=True)
class Relation:
    """One table or view of a warehouse with its columns in order.

    `rows_estimate` is the engine's own guess and None where it has none; `definition` is a view's SQL text.
    """

    schema: str
    name: str
    kind: Literal["table", "view"]
    columns: tuple[RelationColumn, ...]
    rows_estimate: int | None = None
    comment: str = ""
    definition: str = ""


@dataclass(frozen=True)
class Batch:
    """One record batch as an encapsulated Arrow IPC message, and how many rows it holds."""

    ipc: bytes = field(repr=False)
    rows: int


class BatchStream(Protocol):
    """The result of one statement: a schema message, then batches until it ends or raises `EngineError`.

    `close` may be called at any time, any number of times, and stops the engine's work; `cancel` may be called by
    another thread than the reader's, which then meets an `EngineError`. `is_truncated` is known once the stream has
    ended: True when `max_rows` cut it. Reading `columns` or `schema_ipc` may wait for the engine and raise.
    """

    @property
    def schema_ipc(self) -> bytes: ...

    @property
    def columns(self) -> tuple[tuple[str, str], ...]: ...

    @property
    def is_truncated(self) -> bool: ...

    def __iter__(self) -> Iterator[Batch]: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Engine(Protocol):
    """The driver of one warehouse."""

    dialect: str

    def describe(self) -> tuple[Relation, ...]:
        """Every table and view that is not the engine's own, one `Relation` each, by schema and name.

        Errors: `EngineError` when the warehouse cannot be reached.
        """
        ...

    def run(
        self,
        sql: str,
        *,
        deadline: float,
        max_rows: int | None,
        first_by: float | None = None,
        stood_back: Callable[[], object] | None = None,
        is_compressed: bool = False,
    ) -> BatchStream:
        """A stream of one reading statement's result. Only `access.gate` may call this.

        Units: `deadline` is an instant of `time.monotonic()`, in seconds; the engine's work is stopped when it
        passes, also in the middle of a stream. `first_by` is one too, for the first batch alone: a long pull may
        stream for long, but a query that yields nothing must not hold a worker as long. `max_rows` cuts the result after so many rows.
        `stood_back` is called by engines that work in this machine's processor, once a query took so much of it that it
        leaves the rest to others. `is_compressed` asks for LZ4 buffers, of an engine whose process can do that while
        the portal's goes on; any other sends them plain.
        Errors: `EngineError`, here or while iterating.
        """
        ...

    def fold(self, identifier: str, quoted: bool) -> str:
        """An identifier as the engine looks it up."""
        ...

    def parse_tree(self, sql: str) -> str | None:
        """The statement as the engine's own parser reads it, as JSON; None where the engine has no such service.

        Errors: `EngineError` when the parser refuses the text or reads anything but one SELECT.
        """
        ...

    def shape(self, sql: str) -> tuple[tuple[str, str], ...]:
        """The columns one reading statement would return, with the engine's types: planned, never run.

        Errors: `EngineError`; the cause is "name" where a column, type or function is unknown or does not fit.
        """
        ...

    def concerns(self) -> tuple[str, ...]:
        """Sentences about what weakens the second wall, such as a role with too many rights."""
        ...


def resolve_references(text: str) -> str:
    """The text with every `${NAME}`, `${file:PATH}` and `${command:WORDS}` replaced by what it stands for.

    Done when a connection is made, never earlier.
    Errors: `EngineError` naming the missing variable or file, never a value.
    """
    from catalog.engines.credentials import value_of

    return REFERENCE.sub(lambda found: value_of(found[2], found[1] or found[3]), text)
