"""The kinds of notices, in topics that people set together, and how each topic is told to who never chose.

A kind belongs to a topic by its name or by what stands before its full stop, so that a new kind is told from the first
day; one that nobody placed is told at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from access.models import How


@dataclass(frozen=True)
class Topic:
    """What people set together. Of `kinds`, one that ends in `.*` stands for all that begin so.

    `is_urgent` cannot be turned off, and is told in quiet hours too.
    """

    name: str
    title: str
    words: str
    kinds: tuple[str, ...]
    default: How = How.AT_ONCE
    is_urgent: bool = False


TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(
            "emergencies",
            "Emergencies",
            "Somebody broke glass on data you answer for, or its review is due.",
            ("glass.*",),
            is_urgent=True,
        ),
        Topic(
            "deciding",
            "Requests for you to decide",
            "Somebody asks for data you answer for, or answered your question.",
            ("request.submitted", "request.answered"),
        ),
        Topic(
            "asking",
            "Your requests",
            "What was decided about what you asked for, and questions to you.",
            ("request.*",),
        ),
        Topic(
            "holding",
            "Your access",
            "Access that was given, taken, suspended or brought back.",
            ("grant.*", "member.*", "login.*"),
        ),
        Topic(
            "ending",
            "Access that ends or lies unused",
            "What runs out soon, what you do not use, and columns you never read.",
            (
                "grant.expiring",
                "grant.warned",
                "grant.unused",
                "grant.slept",
                "member.warned",
                "columns.*",
            ),
            default=How.DIGEST,
        ),
        Topic(
            "reviews",
            "Reviews",
            "Access of others that you are asked to confirm, and how it goes.",
            ("campaign.*", "review.*", "certification.*"),
        ),
        Topic(
            "delegation",
            "Delegation",
            "Who decides in whose place, from when until when.",
            ("delegation.*",),
        ),
        Topic(
            "stewarding",
            "Data you answer for",
            "Its rules broke, or its warehouse shows something that needs you.",
            ("policy.*", "quality.*", "provisioning.*", "drift.*"),
        ),
        Topic(
            "running",
            "Running the portal",
            "Background work that failed, a held-back review, an endpoint that is off.",
            ("tick.*", "sweep.*", "endpoint.*"),
        ),
        Topic("other", "Everything else", "Whatever has no topic of its own.", ()),
    )
}
OTHER = TOPICS["other"]
URGENT = frozenset(topic.name for topic in TOPICS.values() if topic.is_urgent)

_placed = {kind: topic for topic in TOPICS.values() for kind in topic.kinds}


def topic_of(kind: str) -> Topic:
    """The topic of a kind: its own place first, then that of its family."""
    return _placed.get(kind) or _placed.get(f"{kind.split('.')[0]}.*") or OTHER


def is_wanted(kind: str, patterns: list[str]) -> bool:
    """Whether a kind is among the patterns (`request.submitted`, `grant.*`); no patterns want everything."""
    return not patterns or kind in patterns or f"{kind.split('.')[0]}.*" in patterns
