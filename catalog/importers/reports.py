"""What an import did: counts of what was added, changed, removed and left alone, and what a person should know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.reconciliation import Tally


@dataclass
class ImportReport:
    """Tallies by what was imported ("datasets", "checks", ...), notes in sentences, and the datasets touched.

    `reshaped` are those of them whose columns changed: what was written about the old columns may no longer fit.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    datasets: set[int] = field(default_factory=set)
    reshaped: set[int] = field(default_factory=set)

    def count(self, what: str, tally: Tally, datasets: Iterable[int] = ()) -> None:
        """Adds a tally under a name, and the keys of the datasets it changed."""
        self.tallies[what] = self.tallies.get(what, Tally()) + tally
        self.datasets.update(datasets)

    @property
    def total(self) -> Tally:
        """Everything together."""
        return sum(self.tallies.values(), Tally())

    @property
    def added(self) -> int:
        """How many things are new."""
        return self.total.added

    @property
    def changed(self) -> int:
        """How many things changed or went away."""
        return self.total.changed + self.total.removed

    @property
    def unchanged(self) -> int:
        """How many things were found as they were."""
        return self.total.unchanged

    def lines(self) -> list[str]:
        """The report for a terminal: one line per kind of thing, then the notes."""
        counted = [
            f"{what}: {_words(tally)}" for what, tally in self.tallies.items() if tally != Tally()
        ]
        return [*counted, *(f"note: {note}" for note in self.notes)]


def _words(tally: Tally) -> str:
    counts = (
        (tally.added, "added"),
        (tally.changed, "changed"),
        (tally.removed, "removed"),
        (tally.unchanged, "unchanged"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)
