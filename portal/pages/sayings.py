"""Rules of approval in words: what holds for a dataset, and what one place says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from access.deciding.approval import LONGEST, Approval, AutoRule, Said, Stage
from access.deciding.approvers import in_words
from access.words import span
from catalog.models import Domain, Sensitivity

PLACES = {
    "dataset": "said here",
    "domain": "said by the domain",
    "sensitivity": "said for all data this sensitive",
}
TITLES = {
    "stages": "Who decides",
    "longest": "Longest access",
    "auto_approve": "Granted at once",
    "responders": "May break glass",
}


@dataclass(frozen=True)
class Saying:
    """One member of the rules in words; `place` is who says it, `is_left` that it is left to somebody else."""

    title: str
    text: str
    place: str = ""
    is_left: bool = False


def what_holds(found: Approval) -> list[Saying]:
    """What holds for a dataset, each with the place that says it."""
    texts = _texts(found.stages, found.longest, found.auto_approve, found.responders)
    return [
        Saying(
            TITLES[member], texts[member], PLACES.get(found.sources.get(member, ""), "by default")
        )
        for member in TITLES
    ]


def what_it_says(about: Domain | Sensitivity, said: Said) -> list[Saying]:
    """What a domain or a sensitivity says; where it says nothing, who is asked instead."""
    default = _texts((Stage(),), LONGEST[about] if isinstance(about, Sensitivity) else None, (), ())
    texts = _texts(said.stages, said.longest, said.auto_approve, said.responders)
    return [
        Saying(title, texts[member])
        if getattr(said, member) is not None
        else Saying(title, _left(about, default[member]), is_left=True)
        for member, title in TITLES.items()
    ]


def _left(about: Domain | Sensitivity, default: str) -> str:
    return "left to the sensitivity" if isinstance(about, Domain) else f"{default}, by default"


def _texts(
    stages: Sequence[Stage] | None,
    longest: timedelta | None,
    rules: Sequence[AutoRule] | None,
    responders: Sequence[str] | None,
) -> dict[str, str]:
    at_once = [f"{rule.team}: {_columns(rule)}" for rule in rules or ()]
    return {
        "stages": ", then ".join(in_words(stage) for stage in stages or ()),
        "longest": span(longest) if longest else "",
        "auto_approve": "; ".join(at_once) or "nothing",
        "responders": ", ".join(label.partition(":")[2] for label in responders or ()) or "nobody",
    }


def _columns(rule: AutoRule) -> str:
    named = "all columns" if rule.columns is None else ", ".join(rule.columns)
    return f"{named} but those tagged {', '.join(rule.except_tags)}" if rule.except_tags else named
