"""What can be wrong with a configuration file, told with the file, the line and the field."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing wrong: where it stands and what was expected there."""

    file: str
    line: int
    field: str
    expected: str

    def __str__(self) -> str:
        field = f" {self.field}:" if self.field else ""
        return f"{self.file}:{self.line}:{field} {self.expected}"


class BrokenConfiguration(Exception):
    """The files cannot be applied; nothing was changed. `mistakes` are in the order of the files."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
