"""What the walker knows about relations while it resolves a query: plain records, no behaviour of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from access.policies.policy import TablePolicy
from access.sql import kinds


class Instance:
    """One appearance of a real table in the query, with the columns that must be kept behind a barrier."""

    __slots__ = ("held", "node", "policy")

    def __init__(self, policy: TablePolicy, node: exp.Table) -> None:
        self.policy = policy
        self.node = node
        self.held: set[str] = set()

    def hold_all(self) -> None:
        self.held.update(column.name for column in self.policy.columns)


Base = tuple[Instance, str]
Reach = frozenset[Base]
NOTHING: Reach = frozenset()


class Fact(NamedTuple):
    """What is known about an expression.

    `reach` are the base columns whose values flow into it row by row; `fallible` that evaluating it might raise;
    `held` that it stands above an aggregate or window, so no optimiser can run it before the row filters; `digits` how
    many an exact number can have at most, zero where that is not known.
    """

    reach: Reach = NOTHING
    fallible: bool = False
    kind: str = kinds.OTHER
    held: bool = False
    digits: int = 0


class Output(NamedTuple):
    """One column that a relation offers: `uses` are the base columns counted as used when somebody names it."""

    name: str
    fact: Fact
    uses: Reach = NOTHING


def merged(outputs: Iterable[Output]) -> Output:
    """Several candidates for one name as one that is at least as careful as each."""
    found = list(outputs)
    if len(found) == 1:
        return found[0]
    families = {output.fact.kind for output in found}
    fact = Fact(
        frozenset().union(*(output.fact.reach for output in found)),
        any(output.fact.fallible for output in found),
        families.pop() if len(families) == 1 else kinds.OTHER,
        all(output.fact.held for output in found),
    )
    return Output(found[0].name, fact, frozenset().union(*(output.uses for output in found)))


@dataclass(slots=True)
class Relation:
    """The columns a query or FROM item offers; `open` when only the engine can name them all."""

    outputs: list[Output] = field(default_factory=list)
    open: bool = False
    single: bool = False
    fallible: bool = False

    def all(self, name: str = "*") -> Output:
        """Every column at once: a star, a whole row, or a name that only the engine can resolve."""
        if not self.outputs:
            return Output(name, Fact())
        whole = merged(self.outputs)
        return Output(name, whole.fact._replace(kind=kinds.OTHER), whole.uses)


@dataclass(slots=True)
class Source:
    """One item of a FROM clause under its alias, with the qualified names that also mean it."""

    alias: str
    relation: Relation
    keys: dict[str, Output]
    path: tuple[str, ...] = ()
    instance: Instance | None = None
    hidden: dict[str, str] = field(default_factory=dict)
    outside: bool = False


class Merge(NamedTuple):
    """A join that compares columns by name: of which FROM items, as positions in the scope, and by which columns."""

    start: int
    before: int
    after: int
    keys: tuple[str, ...]


@dataclass(slots=True)
class Scope:
    """The names visible at one place of a query.

    `top` marks the final query, `late` one that chooses rows after its clauses worked something out for them (see
    `access.sql.stages.is_late`). `lone` is a final query that merely wraps another.
    """

    outer: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    aliases: dict[str, Output] = field(default_factory=dict)
    locals: frozenset[str] = frozenset()
    top: bool = False
    late: bool = False
    lone: bool = False

    @property
    def is_last(self) -> bool:
        """Whether what is worked out here is so for rows of the final result only."""
        return self.top and not self.late

    def visible(self) -> list[Source]:
        return [source for source in self.sources if not source.outside]
