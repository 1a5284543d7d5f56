"""The owner's rules for one dataset: masks, a row filter, and how requests for it are decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from access import notices
from access.audit.events import Kind, record
from access.deciding.approval import (
    LONGEST,
    NOTHING,
    AutoRule,
    Said,
    Stage,
    approval_of,
    rule_from_json,
    said_by,
    say,
)
from access.errors import Invalid
from access.models import ColumnMask, DatasetPolicy, Principal
from access.people.permissions import Permission, administrators, deciders, require
from access.policies.expressions import check_masks, check_rows
from access.policies.masks import Mask
from access.spans import write_span
from catalog.models import Dataset, Sensitivity


@dataclass(frozen=True)
class Rules:
    """The rules of a dataset as they stand.

    `said` is what the dataset itself says about deciding; `limit` is the longest access allowed, whoever said so.
    """

    rows: str = ""
    masks: Mapping[str, Mask] = field(default_factory=dict)
    unused_after: timedelta | None = None
    said: Said = NOTHING
    limit: timedelta = LONGEST[Sensitivity.INTERNAL]
    version: int = 0
    broken_reason: str = ""

    @property
    def longest(self) -> timedelta | None:
        """The longest access that the dataset itself allows."""
        return self.said.longest

    @property
    def stages(self) -> tuple[Stage, ...] | None:
        """Who decides, as the dataset itself says."""
        return self.said.stages

    @property
    def auto_approve(self) -> tuple[AutoRule, ...] | None:
        """What is granted at once, as the dataset itself says."""
        return self.said.auto_approve

    @property
    def responders(self) -> tuple[str, ...] | None:
        """Who may break glass, as the dataset itself says."""
        return self.said.responders


def rules_of(dataset: Dataset) -> Rules:
    """The rules of a dataset; without a policy, the defaults. Cost: four queries."""
    said, limit = said_by(dataset), approval_of(dataset).longest
    policy = DatasetPolicy.objects.filter(dataset=dataset).first()
    if policy is None:
        return Rules(said=said, limit=limit)
    masks = ColumnMask.objects.filter(policy=policy)
    return Rules(
        rows=policy.rows,
        masks={mask.column_name: mask.value for mask in masks},
        unused_after=policy.unused_after,
        said=said,
        limit=limit,
        version=policy.version,
        broken_reason=policy.broken_reason if policy.broken_at else "",
    )


def masks_of(dataset: Dataset) -> dict[str, Mask]:
    """The mask of each masked column. Cost: one query."""
    masks = ColumnMask.objects.filter(policy__dataset=dataset)
    return {mask.column_name: mask.value for mask in masks}


@transaction.atomic
def set_policy(
    dataset: Dataset,
    *,
    actor: Principal | None,
    now: datetime,
    rows: str = "",
    masks: Mapping[str, Mask] | None = None,
    approvals: int | None = None,
    stages: Iterable[Stage] | None = None,
    longest: timedelta | None = None,
    unused_after: timedelta | None = None,
    auto_approve: Iterable[Mapping[str, Any] | AutoRule] | None = None,
    responders: Iterable[str] | None = None,
) -> bool:
    """Make these the rules, all of them; False when they were already. Mends a policy that was closed or broken.

    `approvals` is short for one stage of that many stewards. What is left out about deciding is left to the domain
    and the sensitivity.

    Errors: `NotAllowed` unless the operator or a steward acts; `Invalid` with the field (`masks.email`,
    `auto_approve`), expressions that do not compile against the live schema included. A steward's expressions look
    only into tables that the steward answers for.
    """
    if actor is not None:
        require(actor, Permission.DECIDE, dataset)
    said = Said(
        stages=_stages(approvals, stages),
        longest=longest,
        auto_approve=None if auto_approve is None else tuple(map(_rule, auto_approve)),
        responders=None if responders is None else tuple(responders),
    )
    wanted = Rules(rows=rows.strip(), masks=dict(masks or {}), unused_after=unused_after)
    wanted = _checked(dataset, wanted, actor)
    before = rules_of(dataset)
    is_said_anew = say(dataset, said, actor=actor, now=now)
    if _content(before) == _content(wanted) and not before.broken_reason:
        return is_said_anew
    _store(dataset, wanted)
    data = {"old": _content(before), "new": _content(wanted)}
    record(
        Kind.POLICY_CHANGED,
        actor=actor,
        subject=f"dataset:{dataset.pk}",
        dataset=dataset,
        data=data,
        now=now,
    )
    return True


@transaction.atomic
def close(dataset: Dataset, *, reason: str, actor: Principal | None, now: datetime) -> bool:
    """Close a dataset to every reader until its rules are set again, and tell who can mend them.

    False when it was closed already. Grants stay. Errors: `NotAllowed` unless the operator or a steward acts.
    """
    if actor is not None:
        require(actor, Permission.DECIDE, dataset)
    policy, _ = DatasetPolicy.objects.get_or_create(dataset=dataset)
    open_policy = DatasetPolicy.objects.filter(pk=policy.pk, broken_at=None)
    if not open_policy.update(broken_at=now, broken_reason=reason, version=F("version") + 1):
        return False
    record(
        Kind.POLICY_CLOSED,
        actor=actor,
        subject=f"dataset:{dataset.pk}",
        dataset=dataset,
        reason=reason,
        now=now,
    )
    policy.refresh_from_db()
    people = deciders(dataset.pk, dataset.domain_id)
    notices.tell_closed(dataset, people or administrators(), policy.version, reason, now=now)
    return True


def _stages(approvals: int | None, stages: Iterable[Stage] | None) -> tuple[Stage, ...] | None:
    if stages is not None:
        return tuple(stages)
    return None if approvals is None else (Stage(approvals=approvals),)


def _rule(said: Mapping[str, Any] | AutoRule) -> AutoRule:
    try:
        return said if isinstance(said, AutoRule) else rule_from_json(said)
    except (KeyError, ValueError) as error:
        raise Invalid(f"An approval rule is wrong: {error}.", "auto_approve") from error


def _checked(dataset: Dataset, wanted: Rules, actor: Principal | None) -> Rules:
    """The rules as they will stand, the masks with the types the engine gives them."""
    if wanted.unused_after is not None and wanted.unused_after <= timedelta(0):
        raise Invalid("Say a span longer than nothing.", "unused_after")
    masks = check_masks(dataset, wanted.masks, author=actor)
    if wanted.rows:
        check_rows(dataset, wanted.rows, author=actor)
    return replace(wanted, masks=masks)


def _content(rules: Rules) -> dict[str, Any]:
    """The rules as JSON, to compare and to record."""
    return {
        "rows": rules.rows,
        "masks": {column: mask.as_json() for column, mask in sorted(rules.masks.items())},
        "unused_after": write_span(rules.unused_after) if rules.unused_after else None,
    }


def _store(dataset: Dataset, wanted: Rules) -> None:
    policy, is_new = DatasetPolicy.objects.select_for_update().get_or_create(dataset=dataset)
    policy.rows = wanted.rows
    policy.unused_after = wanted.unused_after
    policy.broken_at, policy.broken_reason = None, ""
    policy.version = 1 if is_new else policy.version + 1
    policy.save()
    policy.masks.all().delete()
    ColumnMask.objects.bulk_create(
        ColumnMask(
            policy=policy,
            column_name=column,
            kind=mask.kind,
            sql=mask.sql or "",
            options=mask.as_json().get("options", {}),
            type=mask.type,
        )
        for column, mask in wanted.masks.items()
    )
