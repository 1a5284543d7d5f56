"""Draws the raw tables of the demo company: a pure function of the moment it is anchored at.

The scripts in `raw/` do all the work inside DuckDB. They call nothing random: every value is a hash of a key and a word,
so two builds with one anchor are equal, row by row, and a build takes seconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

RAW = Path(__file__).parent / "raw"

# The nightly copies of the day before are in by this time of day.
COPIED_BY = timedelta(hours=6)

Progress = Callable[[str], None]


def generate(
    connection: duckdb.DuckDBPyConnection, *, anchor: datetime, progress: Progress
) -> None:
    """Fills the schemas `shop`, `erp`, `hr` and `desk` of the connection's current database.

    Units: `anchor` is an aware moment, used to the hour. The last day with orders is the day before it (UTC), or the one
    before that where the nightly copy would not have been through yet.
    Cost: about three seconds on two cores; 1.07 million order lines.
    """
    moment = anchor.astimezone(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    connection.execute(f"set variable anchor_at = timestamp '{moment:%Y-%m-%d %H:%M:%S}'")
    connection.execute(f"set variable anchor_day = date '{moment - COPIED_BY:%Y-%m-%d}'")
    for script in sorted(RAW.glob("*.sql")):
        progress(script.stem.partition("_")[2])
        for statement in connection.extract_statements(script.read_text(encoding="utf-8")):
            connection.execute(statement)
