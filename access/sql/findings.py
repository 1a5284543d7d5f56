"""What the walk over one query has found so far, and the verdict at its end.

Names that are unknown, and columns or datasets that are known but not granted, are collected instead of refused on
sight, so that one answer lists everything to ask for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from access.errors import Need, Refusal
from access.policies.policy import TablePolicy
from access.sql.clauses import SELECTED, STARRED, note
from access.sql.sources import Fact, Instance, Output

_SHOWN = 80


@dataclass(slots=True)
class Findings:
    """Collected while walking: tables met, columns used, what was missing, what must be fenced."""

    instances: list[Instance] = field(default_factory=list)
    policies: dict[str, TablePolicy] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)
    clauses: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    clause: str = SELECTED
    listed: list[tuple[exp.Table, exp.Select]] = field(default_factory=list)
    missing: dict[str, set[str]] = field(default_factory=dict)
    unknown_tables: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    fence: bool = False
    inner_fallible: bool = False
    n_branches: int = 0
    seen: set[int] = field(default_factory=set)
    n_fallible: int = 0

    def met(self, instance: Instance) -> None:
        dataset = instance.policy.dataset
        self.instances.append(instance)
        self.policies[dataset] = instance.policy
        self.used.setdefault(dataset, set())

    def use(self, output: Output, star: bool = False) -> None:
        """Counts the base columns behind a name under the clause it stands in, or as come by a star."""
        for instance, column in output.uses:
            self.used[instance.policy.dataset].add(column)
        reach = output.uses if star else output.uses | output.fact.reach
        note(self, reach, STARRED if star else self.clause)

    def lacks(self, instance: Instance, column: str) -> None:
        dataset = instance.policy.dataset
        self.used[dataset].add(column)
        self.missing.setdefault(dataset, set()).add(column)

    def settle(self, fact: Fact, is_last: bool) -> None:
        """Keeps an expression that might raise away from rows below the policy filters.

        A fallible expression without any column can be moved anywhere, so it asks for a fence around everything.
        """
        if not fact.fallible:
            return
        self.n_fallible += 1
        for instance, column in fact.reach:
            instance.held.add(column)
        if not is_last:
            self.inner_fallible = True
            if not fact.reach and not fact.held:
                self.fence = True

    def verdict(self) -> None:
        """Raises what the walk collected, most basic first: unknown names, then what has not been granted."""
        if self.unknown_tables:
            names = _list(self.unknown_tables)
            raise Refusal(
                f"There is no table {names} that you can use here. Check the spelling and the schema, or search "
                "for the dataset.",
                code="unknown_table",
            )
        if self.unknown_columns:
            names = _list(self.unknown_columns)
            raise Refusal(
                f"The tables of this query have no column {names} that you can use. Check the spelling, or open "
                "the dataset to see its columns.",
                code="unknown_column",
            )
        self._ungranted()

    def _ungranted(self) -> None:
        closed = {name for name, policy in self.policies.items() if not policy.grants}
        lacking = closed | set(self.missing)
        if not lacking:
            return
        needs = tuple(self._need(name) for name in sorted(lacking))
        datasets = _list(sorted(closed))
        columns = _list(
            f"{name}.{column}"
            for name in sorted(set(self.missing) - closed)
            for column in sorted(self.missing[name])
        )
        if closed and columns:
            message = f"You have no access to {datasets} yet, and none to {columns}. Request both in one step."
        elif closed:
            message = f"You have no access to {datasets} yet. Request it to run this query."
        else:
            message = f"Your access does not cover {columns}. Request it to run this query."
        raise Refusal(message, code="no_grant" if closed else "column_not_granted", needs=needs)

    def _need(self, dataset: str) -> Need:
        """The columns the query needed, in table order; one column where it only counted rows."""
        used = self.used[dataset]
        names = [column.name for column in self.policies[dataset].columns]
        return Need(dataset, tuple(name for name in names if name in used) or tuple(names[:1]))


def _list(names: Iterable[str]) -> str:
    shown = [name if len(name) <= _SHOWN else name[:_SHOWN] + "…" for name in dict.fromkeys(names)]
    if len(shown) > 1:
        return ", ".join(shown[:-1]) + " and " + shown[-1]
    return "".join(shown)
