"""What a rule grants without waiting for anybody.

A rule is written by whoever answers for the data, so it never decides for one of them: whoever could have written it,
and everybody through whom they would gain, asks a person like all others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from access.deciding.approval import Approval, AutoRule, approval_of, authors
from access.deciding.separation import gains_through
from access.models import AccessRequest, Principal, Team
from catalog.models import Dataset


@dataclass(frozen=True)
class Offer:
    """What a rule would grant at once, and for how long at most."""

    columns: tuple[str, ...]
    longest: timedelta


def rule_for(access_request: AccessRequest) -> AutoRule | None:
    """The rule that covers this whole request, if there is one and nobody who could have written it would gain."""
    asked = access_request
    tags = tags_of(asked.dataset)
    for rule in _open_rules(
        approval_of(asked.dataset), asked.dataset, asked.requester, asked.holder
    ):
        if covers(rule, tags, asked.columns, asked.unmasked, asked.duration):
            return rule
    return None


def covers(
    rule: AutoRule,
    tags: Mapping[str, Collection[str]],
    columns: Sequence[str] | None,
    unmasked: Sequence[str],
    duration: timedelta,
) -> bool:
    """Whether a rule gives all of this; `tags` are those of each column. Pure."""
    if rule.longest is not None and duration > rule.longest:
        return False
    if not set(unmasked) <= set(rule.unmasked):
        return False
    if rule.columns is None and not rule.except_tags:
        return True
    # Who asks for all asks for the columns of tomorrow too, and nobody knows their tags.
    return columns is not None and set(columns) <= covered(rule, tags)


def covered(rule: AutoRule, tags: Mapping[str, Collection[str]]) -> set[str]:
    """The columns a rule gives, of those there are. Pure."""
    named = set(tags) if rule.columns is None else set(rule.columns) & set(tags)
    return {name for name in named if not set(tags[name]) & set(rule.except_tags)}


def offer(
    dataset: Dataset,
    *,
    requester: Principal,
    holder: Principal | Team,
    columns: Sequence[str] | None,
    unmasked: Sequence[str],
) -> Offer | None:
    """The most of these columns that one rule would grant at once; a column wanted in the clear counts only if so."""
    approval = approval_of(dataset)
    tags = tags_of(dataset)
    asked = list(tags) if columns is None else [name for name in tags if name in set(columns)]
    best: Offer | None = None
    for rule in _open_rules(approval, dataset, requester, holder):
        open_columns = covered(rule, tags) - (set(unmasked) - set(rule.unmasked))
        given = tuple(name for name in asked if name in open_columns)
        if given and (best is None or len(given) > len(best.columns)):
            best = Offer(given, min(rule.longest or approval.longest, approval.longest))
    return best


def tags_of(dataset: Dataset) -> dict[str, list[str]]:
    """The tags of each column there is, in the order of the table."""
    rows = dataset.columns.filter(removed_at=None).values_list("name", "tags")
    return {name: list(tags or ()) for name, tags in rows}


def _open_rules(
    approval: Approval, dataset: Dataset, requester: Principal, holder: Principal | Team
) -> list[AutoRule]:
    rules = approval.auto_approve
    if not rules or _favours_an_author(approval, dataset, requester, holder):
        return []
    if isinstance(holder, Team):
        return [rule for rule in rules if rule.team == holder.name]
    teams = set(holder.groups.values_list("name", flat=True))
    return [rule for rule in rules if rule.team in teams]


def _favours_an_author(
    approval: Approval, dataset: Dataset, requester: Principal, holder: Principal | Team
) -> bool:
    """Whether somebody who could have written the rules asks, or would gain by the grant."""
    writers = authors(dataset, approval.sources.get("auto_approve", "dataset"))
    asking = [requester.pk, requester.owner_id]
    if not isinstance(holder, Team):
        asking += [holder.pk, holder.owner_id]
    if writers.filter(pk__in=[pk for pk in asking if pk]).exists():
        return True
    return isinstance(holder, Team) and any(gains_through(writer, holder) for writer in writers)
