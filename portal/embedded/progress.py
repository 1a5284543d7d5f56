"""How far the first start has come: a note in the home that the web process shows until the portal is ready."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.home import Home


@dataclass(frozen=True)
class Progress:
    """One step of the start, `done` of `total` parts; a total of 0 means that nobody can know."""

    text: str
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        """0 to 100."""
        return round(100 * self.done / self.total) if self.total else 0


def note(home: Home) -> Path:
    """The file that exists for as long as the portal is not ready."""
    return home.state / "starting.json"


def tell(home: Home, progress: Progress) -> None:
    """Replaces the note as a whole, so that no reader sees half of it."""
    draft = note(home).with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    draft.replace(note(home))


def read(path: Path) -> Progress | None:
    """The note at `path`, None once the portal is ready."""
    with contextlib.suppress(FileNotFoundError):
        return Progress(**json.loads(path.read_text(encoding="utf-8")))
    return None


def finish(home: Home) -> None:
    """Takes the note away: the portal is ready."""
    note(home).unlink(missing_ok=True)
