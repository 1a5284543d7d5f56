"""The nightly access review: it stamps what ran out, warns of what goes unused, ends it after a grace, and explains.

It tidies; it is not the lock. What it does is decided by pure verdicts over facts, so that a simulation, the page that
shows tonight's review and the review itself cannot differ.
"""

from access.sweep.plans import SweepPlan, forecast, plan, tonight
from access.sweep.recorded import replayed
from access.sweep.runs import BUSY, forecast_if_due, is_due, next_due, run, run_if_due
from access.sweep.verdicts import Action, Verdict

__all__ = [
    "BUSY",
    "Action",
    "SweepPlan",
    "Verdict",
    "forecast",
    "forecast_if_due",
    "is_due",
    "next_due",
    "plan",
    "replayed",
    "run",
    "run_if_due",
    "tonight",
]
