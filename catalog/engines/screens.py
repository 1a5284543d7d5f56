"""A screen: the only sight a reader role has of one table, as a view with fewer rows and other columns.

Whoever decides what stands in a screen is above this room; here it is text with a name made from that text. So a screen
that is there shows what its name promises, and one whose content changed is another screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

SCHEMA = "gatehouse"
"""The schema of the warehouse in which everything that the portal makes lives."""

ROW = "__gh_row"
"""The alias under which `shown` names the table."""

SETTINGS = ("gatehouse.principal", "gatehouse.teams", "gatehouse.mask_key")
"""What a screen may ask its session for; the engine sets all of them before every statement."""

_VERSION = "1"


class Table(NamedTuple):
    """A table by its schema and name, as the engine spells them."""

    schema: str
    name: str


@dataclass(frozen=True)
class Screen:
    """What a reader sees of `table`: the rows where `condition` holds, and the expressions of `shown`.

    `condition` names the table's columns in full (`"schema"."table"."column"`), `shown` by the alias `ROW`;
    `looks_into` are the further tables either of them reads. Empty `condition` means every row.
    """

    table: Table
    shown: tuple[str, ...]
    condition: str = ""
    looks_into: frozenset[Table] = frozenset()

    @cached_property
    def rule(self) -> str:
        """A digest of which rows are seen, and of what has to be readable for that."""
        return _digest(*self.table, self.condition, repr(sorted(self.looks_into)))

    @cached_property
    def view(self) -> str:
        """The name of its view in `SCHEMA`."""
        return f"v_{_digest(self.rule, *self.shown)}"

    def role(self, database: str) -> str:
        """The name of the role that owns the view and whose rows the condition limits; roles span databases."""
        return f"{SCHEMA}_{_digest(database, self.rule)}"


@dataclass(frozen=True)
class Screening:
    """The screens one statement reads through, and the values of `SETTINGS` for whom it runs."""

    screens: tuple[Screen, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


def _digest(*parts: str) -> str:
    return hashlib.sha256(repr((_VERSION, *parts)).encode()).hexdigest()[:32]
