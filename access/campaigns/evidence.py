"""What the evidence says about one grant under review: pure, a recommendation with its reason, and how urgent it is.

Nothing here asks a database or a clock. An empty recommendation means that somebody has to look.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from access.models import Certification
from access.words import counted, day, listed, span
from catalog.models import Sensitivity

FRESH = timedelta(days=2)
SOON = timedelta(days=14)
"""What runs out so soon is not worth a question."""
LEAST_PEERS = 3
FEW = 0.1
"""Whoever holds what fewer than this share of their team mates hold, is an outlier."""
SENSITIVE = frozenset({Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED})


class Finding(StrEnum):
    """What speaks for or against a grant."""

    LEFT = "left"
    NEVER_USED = "never_used"
    IDLE = "idle"
    EXEMPT = "exempt"
    SEASONAL = "seasonal"
    ASLEEP = "asleep"
    UNUSED_COLUMNS = "unused_columns"
    OUTLIER = "outlier"
    SENSITIVE = "sensitive"
    EXPIRING = "expiring"
    FRESH = "fresh"
    IN_USE = "in_use"
    NEW = "new"


WORDS = {
    Finding.LEFT: "holder left",
    Finding.NEVER_USED: "never used",
    Finding.IDLE: "idle",
    Finding.EXEMPT: "idle, exempt",
    Finding.SEASONAL: "idle, seasonal",
    Finding.ASLEEP: "suspended",
    Finding.UNUSED_COLUMNS: "unused columns",
    Finding.OUTLIER: "outlier",
    Finding.SENSITIVE: "sensitive, unmasked",
    Finding.EXPIRING: "ends soon anyway",
    Finding.FRESH: "used just now",
    Finding.IN_USE: "in use",
    Finding.NEW: "new",
}
WEIGHTS = {
    Finding.LEFT: 90,
    Finding.NEVER_USED: 50,
    Finding.IDLE: 40,
    Finding.OUTLIER: 25,
    Finding.SENSITIVE: 20,
    Finding.UNUSED_COLUMNS: 15,
    Finding.SEASONAL: 12,
    Finding.EXEMPT: 10,
    Finding.ASLEEP: 10,
}
# What the words of a recommendation say already.
SAID = {
    Certification.REVOKE: {Finding.LEFT, Finding.NEVER_USED, Finding.IDLE},
    Certification.NARROW: {Finding.UNUSED_COLUMNS},
}
# The more sensitive the data, the earlier it is looked at.
LEVELS = {Sensitivity.INTERNAL: 2, Sensitivity.CONFIDENTIAL: 5, Sensitivity.RESTRICTED: 9}


@dataclass(frozen=True)
class CertificationFacts:
    """One open grant as a reviewer should see it.

    `window` is how long it may go unused, None for ever; `unused` are the granted columns that nobody needed.
    `n_peers` are the holder's team mates, `n_alike` those among them who hold the dataset too. `n_clear` counts
    masked columns that this grant shows in the clear. `exempt` says who answers for it that it goes unused, `season` why its
    holder is expected back, `asleep` why it is suspended; each is empty where that is not so.
    """

    sensitivity: str
    starts_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    window: timedelta | None = None
    unused: tuple[str, ...] = ()
    n_columns: int = 0
    n_clear: int = 0
    n_peers: int = 0
    n_alike: int = 0
    is_held: bool = True
    exempt: str = ""
    season: str = ""
    asleep: str = ""


@dataclass(frozen=True)
class Advice:
    """What the evidence recommends, why, how urgent it is (0 to 250, the highest first), and what it rests on."""

    recommended: str
    because: str
    priority: int
    findings: tuple[Finding, ...]


def advise(facts: CertificationFacts, as_of: datetime) -> Advice:
    """What to say about one grant at `as_of`."""
    found = tuple(_findings(facts, as_of))
    priority = sum(WEIGHTS.get(each, 0) for each in found)
    if priority:
        priority += LEVELS.get(Sensitivity(facts.sensitivity), 0)
    recommended, because = _recommend(facts, found, as_of)
    return Advice(recommended, because, priority, found)


def besides(findings: Iterable[str], recommended: str) -> list[str]:
    """What else speaks against a grant than the reason for what is recommended, in words: `outlier`, `never used`."""
    said = SAID.get(Certification(recommended), set()) if recommended else set()
    known = [Finding(each) for each in findings]
    return [WORDS[each] for each in known if each in WEIGHTS and each not in said]


def _findings(facts: CertificationFacts, as_of: datetime) -> Iterator[Finding]:
    if not facts.is_held:
        yield Finding.LEFT
    yield _use(facts, as_of)
    if facts.unused:
        yield Finding.UNUSED_COLUMNS
    if facts.n_peers >= LEAST_PEERS and facts.n_alike < facts.n_peers * FEW:
        yield Finding.OUTLIER
    if facts.n_clear and facts.sensitivity in SENSITIVE:
        yield Finding.SENSITIVE
    if facts.expires_at <= as_of + SOON:
        yield Finding.EXPIRING


def _use(facts: CertificationFacts, as_of: datetime) -> Finding:
    used = facts.last_used_at
    if facts.asleep:
        return Finding.ASLEEP
    if used is not None and as_of - used <= FRESH:
        return Finding.FRESH
    if facts.window is not None and as_of - (used or facts.starts_at) >= facts.window:
        return _idle(facts)
    return Finding.IN_USE if used else Finding.NEW


def _idle(facts: CertificationFacts) -> Finding:
    if facts.exempt:
        return Finding.EXEMPT
    if facts.season:
        return Finding.SEASONAL
    return Finding.NEVER_USED if facts.last_used_at is None else Finding.IDLE


def _recommend(
    facts: CertificationFacts, found: tuple[Finding, ...], as_of: datetime
) -> tuple[str, str]:
    """The first rule that fits: what is worst about it comes first."""
    if Finding.LEFT in found:
        return Certification.REVOKE, "Its holder has left."
    if Finding.EXPIRING in found:
        return Certification.KEEP, f"It ends by itself on {day(facts.expires_at)}."
    if Finding.NEVER_USED in found:
        ago = span(as_of - facts.starts_at)
        return Certification.REVOKE, f"Never used in the {ago} since it was given."
    if Finding.IDLE in found and facts.last_used_at is not None:
        return Certification.REVOKE, f"Not used for {span(as_of - facts.last_used_at)}."
    if Finding.ASLEEP in found:
        return "", f"Gives nothing now. {facts.asleep}"
    if Finding.EXEMPT in found:
        return "", f"{_last(facts, as_of)} {facts.exempt}"
    if Finding.SEASONAL in found:
        return "", f"{_last(facts, as_of)} {facts.season}"
    if Finding.OUTLIER in found:
        return (
            "",
            f"{_alike(facts)} of {counted(facts.n_peers, 'team mate')} has it. {_last(facts, as_of)}",
        )
    if Finding.UNUSED_COLUMNS in found:
        return (
            Certification.NARROW,
            f"{_last(facts, as_of)} Nobody needed {listed(facts.unused)}.",
        )
    if Finding.SENSITIVE in found:
        seen = f"Sees {counted(facts.n_clear, 'masked column')} of {facts.sensitivity} data in the clear."
        return "", f"{seen} {_last(facts, as_of)}"
    return Certification.KEEP, _last(facts, as_of)


def _alike(facts: CertificationFacts) -> str:
    return f"Only {facts.n_alike}" if facts.n_alike else "None"


def _last(facts: CertificationFacts, as_of: datetime) -> str:
    if facts.last_used_at is None:
        return f"Not used yet, given on {day(facts.starts_at)}."
    days = (as_of.date() - facts.last_used_at.date()).days
    words = {0: "today", 1: "yesterday"}.get(days, f"{counted(days, 'day')} ago")
    return f"Used {words}."
