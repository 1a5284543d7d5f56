"""The demo company: Tarnfell, which sells tents, boots and packs in thirty-one shops and online.

Everything a newcomer meets in `make demo` comes from here: the data, what dbt knows of it, the people, their rules, the
dashboards and the history. Nothing here is used by a portal started with `--empty`, and no other package may import it
except the command that prepares the demo.
"""

from collections.abc import Callable
from datetime import datetime

from portal.home import Home

Step = Callable[[str, int, int], None]


def load(home: Home, progress: Step = lambda *_: None, now: datetime | None = None) -> str:
    """Makes the demo in a migrated, otherwise empty portal and gives the text that greets whoever started it.

    May be run again after it was interrupted: what is there stays, what is missing is made. Errors: whatever stopped it;
    every step is all or nothing.
    """
    # Drawing the raw tables, as dbt needs them, works without Django; only loading needs its models.
    from portal.demo.loading import bring_about

    return bring_about(home, progress, now)
