"""Whether a dataset's data is as recent as its owner promised, in a state and in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from catalog.models import Dataset

State = Literal["fresh", "stale", "unknown"]


@dataclass(frozen=True)
class Freshness:
    """How recent the data is. `within` is the promise; None where nobody made one."""

    state: State
    updated_at: datetime | None
    within: timedelta | None
    words: str


def freshness(dataset: Dataset, now: datetime) -> Freshness:
    """Whether the data is fresh now: unknown where no source told when it changed, or nobody promised a limit."""
    updated_at, within = dataset.data_updated_at, dataset.freshness_within
    if updated_at is None:
        promise = f"; promised within {spell(within)}" if within else ""
        words = f"Nobody has told when this data last changed{promise}."
        return Freshness("unknown", None, within, words)
    age = max(now - updated_at, timedelta())
    changed = f"Last changed {spell(age)} ago"
    if within is None:
        return Freshness("unknown", updated_at, None, f"{changed}; no limit is promised.")
    if age <= within:
        words = f"{changed}, within the promised {spell(within)}."
        return Freshness("fresh", updated_at, within, words)
    return Freshness("stale", updated_at, within, f"{changed}; promised within {spell(within)}.")


def spell(span: timedelta) -> str:
    """A span in its two largest whole units at most: `3 days`, `1 hour 20 minutes`, `less than a minute`."""
    minutes = int(span.total_seconds()) // 60
    counts = (
        (minutes // 1440, "day"),
        (minutes // 60 % 24, "hour"),
        (minutes % 60, "minute"),
    )
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count]
    # Beyond a few days hours say nothing, and minutes say nothing beyond a day.
    if minutes >= 3 * 1440:
        parts = parts[:1]
    return " ".join(parts[:2]) or "less than a minute"
