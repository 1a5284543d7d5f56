"""The trust strip: fresh, checked, used, how sensitive, who decides; each in a word and a note."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.asking import requests
from access.policies import rules
from catalog.freshness import Freshness
from catalog.models import Check, CheckStatus, Dataset
from portal.templatetags.words import ago, counted, listed, span


@dataclass(frozen=True)
class Trust:
    """One part of the trust strip; `tone` is good, warn, bad or empty."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    icon: str = ""
    url: str = ""


def trust_of(
    dataset: Dataset, fresh: Freshness, checks: Sequence[Check], stewards: Sequence[str]
) -> tuple[Trust, ...]:
    """The strip for one dataset; `stewards` are the names of those who decide. Cost: three queries."""
    longest = rules.rules_of(dataset).limit
    usual = requests.usual_wait(dataset)
    return (
        _freshness(fresh),
        _checks(checks),
        Trust(
            "Read by",
            counted(dataset.popularity, "person,people"),
            "in the last 30 days",
            icon="people",
        ),
        Trust(
            "Sensitivity",
            dataset.get_sensitivity_display(),
            f"access for at most {span(longest)}",
            icon="lock" if dataset.sensitivity in ("confidential", "restricted") else "unlock",
        ),
        Trust(
            "Who decides",
            listed(stewards, 2) or "Nobody yet",
            f"usually in {span(usual)}" if usual else "",
            icon="person",
        ),
    )


def _freshness(fresh: Freshness) -> Trust:
    match fresh.state:
        case "fresh":
            return Trust("Freshness", "Fresh", fresh.words, "good", "tick")
        case "stale":
            return Trust("Freshness", "Stale", fresh.words, "warn", "clock")
    return Trust("Freshness", "Not promised", fresh.words, "", "question")


def _checks(checks: Sequence[Check]) -> Trust:
    failed = [c for c in checks if c.last_status in (CheckStatus.FAIL, CheckStatus.ERROR)]
    passed = [c for c in checks if c.last_status == CheckStatus.PASS]
    if not checks:
        return Trust("Checks", "None", "Nothing is checked yet", "", "question")
    if failed:
        words = f"{len(failed)} of {len(checks)} failing"
        return Trust("Checks", words, _plain_name(failed[0]), "bad", "failed", "#checks")
    if len(passed) == len(checks):
        last = max((check.last_run_at for check in passed if check.last_run_at), default=None)
        note = f"last run {ago(last)}" if last else ""
        words = f"{len(passed)} of {len(checks)} passed"
        return Trust("Checks", words, note, "good", "tick", "#checks")
    others = len(checks) - len(passed)
    return Trust(
        "Checks", f"{len(passed)} passed", f"{others} warned or not run", "", "info", "#checks"
    )


def _plain_name(check: Check) -> str:
    return check.description or check.name
