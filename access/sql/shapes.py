"""What one person's view of a table offers, worked out once per policy: queries that read a table name it again and again."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from access.policies.policy import TablePolicy, cells
from access.sql import kinds, names
from access.sql.sources import Fact, Instance, Output
from access.sql.views import shown_type


class Shown(NamedTuple):
    """One visible column: its name, the name as the engine looks it up, and what is known of its type."""

    name: str
    key: str
    kind: str
    digits: int


class Shape(NamedTuple):
    """The visible columns in table order, and the others by the name as the engine looks it up."""

    shown: tuple[Shown, ...]
    hidden: dict[str, str]
    is_distinct: bool

    def outputs(self, instance: Instance) -> list[Output]:
        found = []
        for name, _, kind, digits in self.shown:
            reach = frozenset({(instance, name)})
            found.append(Output(name, Fact(reach, False, kind, False, digits), reach))
        return found


@lru_cache(maxsize=2048)
def shape(policy: TablePolicy, dialect: str) -> Shape:
    """The shape of a policy's view; of a table that is not granted, that of the table itself, to tell what is missing."""
    types = {cell.column.name: shown_type(cell, dialect) for cell in cells(policy)}
    visible = types if policy.grants else dict(policy.types)
    shown, hidden = [], {}
    for column in policy.columns:
        key = names.fold(column.name, True, dialect)
        if column.name in visible:
            shown.append(_shown(column.name, key, visible[column.name]))
        else:
            hidden[key] = column.name
    return Shape(tuple(shown), hidden, len({one.key for one in shown}) == len(shown))


def _shown(name: str, key: str, type_text: str) -> Shown:
    kind = kinds.of_type(type_text)
    return Shown(name, key, kind, kinds.most_digits(kind, type_text))
