"""Rewritten queries kept in memory, under everything that could change them.

A plan is found by the text, where its names live, the limit, the variables and the fingerprint of every policy it
asked for. A policy that changed, a grant that came or went, a new schema version: each is another key, so nothing
ever has to be thrown out in time to stay right.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from access.sql import Plan

Value = TypeVar("Value")

PLANS_KEPT = 2_000
LONGEST_SQL_KEPT = 20_000


class Recent(Generic[Value]):
    """A mapping that forgets what was not asked for longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value, which is now the most recent; None if it is not there."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keeps a value, forgetting the oldest beyond the size."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._values.clear()


@dataclass(frozen=True)
class Question:
    """What was asked, apart from who asks: the text and where its names live."""

    warehouse_id: int
    warehouse: str
    dialect: str
    schema: str
    sql: str
    limit: int | None


# Which tables a text asked for last time, so that their policies come in one query before anything is parsed.
tables_asked: Recent[frozenset[str]] = Recent(PLANS_KEPT)
plans: Recent[Plan] = Recent(PLANS_KEPT)


def forget() -> None:
    """Empties both, for tests and measurements of the cold path."""
    tables_asked.clear()
    plans.clear()
