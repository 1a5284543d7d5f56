"""400 nights replayed over a seeded history: what the review would take from whom, and how often wrongly.

The rival is a review that knows only the look-back: no seasons, no rhythm, no columns.
"""

from __future__ import annotations

import resource
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock

from access.sweep import verdicts
from access.sweep.lives import Outcome
from access.sweep.recorded import history
from access.sweep.replaying import replay
from bench.habits import Company, write

FIRST = date(2025, 3, 3)


def run() -> list[dict[str, Any]]:
    """The figures of the replay, and those of one that has only the look-back."""
    company = Company()
    write(company, FIRST)
    first = datetime(FIRST.year, FIRST.month, FIRST.day, 3, tzinfo=UTC) + timedelta(days=1)
    last = first + timedelta(days=company.n_days - 1)
    start = time.perf_counter()
    recorded = history(first, last)
    loaded = time.perf_counter() - start
    ours = replay(recorded, first, last, beyond_brake=True)
    took = time.perf_counter() - start - loaded
    plain = _without_seasons(lambda: replay(recorded, first, last, beyond_brake=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yearly = {f"user:hab{number:06}" for number in range(company.n_yearly)}
    note = f"{', '.join(f'{name} {n:,}' for name, n in sorted(ours.counts.items()))}; read {loaded:.1f} s, {memory} MiB; nights braked {ours.n_braked}, doubted {ours.n_doubted}."
    return [
        _figure("false revocations, of all revocations", ours.false_share, plain.false_share, "share", note),
        _figure(
            "privilege gap after 400 nights, of the gap before", ours.after.share, ours.before.share, "share",
            f"{ours.before.granted:,} columns granted before, {ours.after.granted:,} after.",
        ),
        _figure(
            "yearly people who woke their access in one click", len(yearly & ours.woken), len(yearly & plain.woken),
            "people", f"Of {company.n_yearly}; {len(yearly & ours.wanted_back)} had to ask again.",
        ),
        _figure("400 nights over the history", took, took, "s", f"{ours.days_removed:,} days of access removed."),
    ]  # fmt: skip


def _without_seasons(act: Any) -> Outcome:
    """What it would be with the look-back alone."""
    with (
        mock.patch.object(verdicts, "RHYTHM", 0.0),
        mock.patch.object(verdicts.Facts, "season", ""),
    ):
        outcome: Outcome = act()
    return outcome


def _figure(name: str, ours: float, rival: float, unit: str, note: str) -> dict[str, Any]:
    ratio = round(ours / rival, 4) if rival else 0.0
    return {"name": name, "ours": round(ours, 4), "rival": round(rival, 4), "ratio": ratio, "unit": unit, "note": note}  # fmt: skip
