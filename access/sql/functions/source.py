"""The form in which each engine's list is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """(place, reason, names) triples; leakproof signatures; the column names of table functions."""

    FUNCTIONS: tuple[tuple[str, str, str], ...]
    LEAKPROOF: Mapping[str, tuple[frozenset[str], str | None]] = field(default_factory=dict)
    COLUMNS: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def signatures(
    *entries: tuple[str, str, str | None],
) -> dict[str, tuple[frozenset[str], str | None]]:
    """(names, argument families, result family) triples as a lookup by name."""
    return {
        name: (frozenset(families.split()), result)
        for names, families, result in entries
        for name in names.split()
    }
