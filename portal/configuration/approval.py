"""Brings the rules of approval to what the files say, for domains and for sensitivities; datasets bring their own."""

from typing import Any

from access.deciding import approval
from access.deciding.approval import ROLES, AutoRule, Said, Stage
from access.errors import AccessError
from catalog.models import Domain, Sensitivity
from portal.configuration.schema import ApprovalRules, SensitivityEntry
from portal.configuration.work import Entry, Work


def bring_sensitivities(work: Work) -> None:
    """Settle what each named sensitivity says."""
    for entry in work.entries("sensitivities"):
        said: SensitivityEntry = entry.value
        if work.name(entry, "sensitivity", said.name):
            bring_approval(work, entry, Sensitivity(said.name), said.access)


def bring_approval(
    work: Work, entry: Entry[Any], about: Domain | Sensitivity, rules: ApprovalRules
) -> None:
    """Make what a domain or a sensitivity says exactly what the entry says."""
    said = said_in(work, entry, rules)
    if said is None:
        return
    before = approval.said_by(about)
    try:
        if not approval.say(about, said, actor=None, now=work.now):
            return
    except AccessError as error:
        field = str(getattr(error, "field", "") or "")
        work.wrong(entry, error, "access", *([field] if field else []))
        return
    kind = "domain" if isinstance(about, Domain) else "sensitivity"
    work.changed(kind, entry.value.name, "update", **differing(before, said))


def said_in(work: Work, entry: Entry[Any], rules: ApprovalRules) -> Said | None:
    """What the entry says about deciding, with everybody it names found; None, with mistakes noted, when somebody is not."""
    n_mistakes = len(work.mistakes)
    stages = _stages(work, entry, rules)
    responders = rules.responders
    if responders is not None:
        responders = tuple(
            _label(work, entry, name, "access", "responders", index)
            for index, name in enumerate(responders)
        )
    said = Said(
        stages=stages,
        longest=rules.longest,
        auto_approve=None
        if rules.auto_approve is None
        else tuple(
            AutoRule(rule.team, rule.columns, rule.unmasked, rule.longest, rule.except_tags)
            for rule in rules.auto_approve
        ),
        responders=responders,
    )
    return said if len(work.mistakes) == n_mistakes else None


def differing(before: Said, after: Said) -> dict[str, tuple[object, object]]:
    """The members that differ, as the plan prints them."""
    old, new = before.as_json(), after.as_json()
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def _stages(work: Work, entry: Entry[Any], rules: ApprovalRules) -> tuple[Stage, ...] | None:
    if rules.stages is None:
        return None if rules.approvals is None else (Stage(approvals=rules.approvals),)
    return tuple(
        Stage(
            tuple(
                name
                if name in ROLES
                else _label(work, entry, name, "access", "stages", number, "by", index)
                for index, name in enumerate(stage.by)
            ),
            stage.approvals,
        )
        for number, stage in enumerate(rules.stages)
    )


def _label(work: Work, entry: Entry[Any], name: str, *steps: str | int) -> str:
    holder = work.holder(entry, name, *steps)
    return holder.label if holder is not None else name
