"""The owner's rules for one dataset: masks, a row filter, and how requests for it are decided.

A rule that decides at once is written by a steward, so it never decides for one: whoever could have written it, and
everybody through whom they would gain, asks a person like all others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from access.audit import Kind, record
from access.errors import Invalid
from access.models import (
    AccessRequest,
    ColumnMask,
    DatasetPolicy,
    Principal,
    Team,
)
from access.permissions import Permission, deciders, over, require
from access.policies import ColumnFact, Mask
from access.separation import gains_through
from access.spans import parse_span, write_span
from access.sql import PolicyProblem, check_expression, dialects
from catalog.identity import identity_of
from catalog.models import Column, Dataset, EngineKind, Sensitivity

# The longest access where the owner says nothing, by how much harm a leak would do.
LONGEST = {
    Sensitivity.RESTRICTED: timedelta(days=90),
    Sensitivity.CONFIDENTIAL: timedelta(days=180),
    Sensitivity.INTERNAL: timedelta(days=365),
    Sensitivity.PUBLIC: timedelta(days=365),
}

DIALECTS = {EngineKind.DUCKDB: dialects.DUCKDB, EngineKind.POSTGRESQL: dialects.POSTGRES}


@dataclass(frozen=True)
class AutoRule:
    """What members of a team get without waiting; `columns` None means all of them."""

    team: str
    columns: tuple[str, ...] | None
    unmasked: tuple[str, ...] = ()
    longest: timedelta | None = None


@dataclass(frozen=True)
class Offer:
    """What a rule would grant at once, and for how long at most."""

    columns: tuple[str, ...]
    longest: timedelta


@dataclass(frozen=True)
class Rules:
    """The rules of a dataset as they stand. `limit` is the longest access allowed, the owner's word or the default."""

    rows: str = ""
    masks: Mapping[str, Mask] = field(default_factory=dict)
    approvals: int = 1
    longest: timedelta | None = None
    unused_after: timedelta | None = None
    auto_approve: tuple[AutoRule, ...] = ()
    limit: timedelta = LONGEST[Sensitivity.INTERNAL]
    version: int = 0
    broken_reason: str = ""


def rules_of(dataset: Dataset) -> Rules:
    """The rules of a dataset; without a policy, the defaults. Cost: two queries."""
    default = LONGEST[Sensitivity(dataset.sensitivity)]
    policy = DatasetPolicy.objects.filter(dataset=dataset).first()
    if policy is None:
        return Rules(limit=default)
    masks = ColumnMask.objects.filter(policy=policy)
    return Rules(
        rows=policy.rows,
        masks={mask.column_name: Mask(mask.kind, mask.sql or None) for mask in masks},
        approvals=policy.approvals,
        longest=policy.longest,
        unused_after=policy.unused_after,
        auto_approve=tuple(_auto_rule(said) for said in policy.auto_approve),
        limit=policy.longest or default,
        version=policy.version,
        broken_reason=policy.broken_reason if policy.broken_at else "",
    )


@transaction.atomic
def set_policy(
    dataset: Dataset,
    *,
    actor: Principal | None,
    now: datetime,
    rows: str = "",
    masks: Mapping[str, Mask] | None = None,
    approvals: int = 1,
    longest: timedelta | None = None,
    unused_after: timedelta | None = None,
    auto_approve: Iterable[Mapping[str, Any] | AutoRule] = (),
) -> bool:
    """Make these the rules, all of them; False when they were already. Mends a policy that was closed or broken.

    Errors: `NotAllowed` unless the operator or a steward acts; `Invalid` with the field (`masks.email`,
    `auto_approve`), expressions that do not compile against the dataset's columns included.
    """
    if actor is not None:
        require(actor, Permission.DECIDE, dataset)
    wanted = Rules(
        rows=rows.strip(),
        masks=dict(masks or {}),
        approvals=approvals,
        longest=longest,
        unused_after=unused_after,
        auto_approve=tuple(_checked_rule(dataset, said) for said in auto_approve),
        limit=longest or LONGEST[Sensitivity(dataset.sensitivity)],
    )
    _check(dataset, wanted)
    before = rules_of(dataset)
    if _content(before) == _content(wanted) and not before.broken_reason:
        return False
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
    """Close a dataset to every reader until its rules are set again; False when it was closed. Grants stay."""
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
    return True


def rule_for(access_request: AccessRequest) -> AutoRule | None:
    """The rule that covers this whole request, if there is one and no steward would gain by it."""
    asked = access_request
    for rule in _open_rules(asked.dataset, asked.requester, asked.holder):
        if covers(rule, asked.columns, asked.unmasked, asked.duration):
            return rule
    return None


def covers(
    rule: AutoRule, columns: Sequence[str] | None, unmasked: Sequence[str], duration: timedelta
) -> bool:
    """Whether a rule gives all of this. Pure."""
    if rule.longest is not None and duration > rule.longest:
        return False
    if not set(unmasked) <= set(rule.unmasked):
        return False
    if rule.columns is None:
        return True
    return columns is not None and set(columns) <= set(rule.columns)


def offer(
    dataset: Dataset,
    *,
    requester: Principal,
    holder: Principal | Team,
    columns: Sequence[str] | None,
    unmasked: Sequence[str],
) -> Offer | None:
    """The most of these columns that one rule would grant at once; a column wanted in the clear counts only if so."""
    present = list(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    asked = present if columns is None else [name for name in present if name in set(columns)]
    best: Offer | None = None
    for rule in _open_rules(dataset, requester, holder):
        hidden = set(unmasked) - set(rule.unmasked)
        covered = set(present if rule.columns is None else rule.columns) - hidden
        given = tuple(name for name in asked if name in covered)
        if given and (best is None or len(given) > len(best.columns)):
            best = Offer(given, rule.longest or rules_of(dataset).limit)
    return best


def check_rows(dataset: Dataset, rows: str, *, author: Principal | None = None) -> None:
    """Errors: `Invalid` unless `rows` is a filter that compiles against the dataset's columns.

    A filter reads other tables unfiltered, and who may read its result learns what stands in them. An `author` may
    therefore look only into what they decide about, and into what the dataset's own rules look into; the operator,
    who has no author, into everything.
    """
    tables = _check_expression(dataset, rows, "rows", kind="rows")
    strange = tables - _open_to(author, dataset) if author and tables else frozenset()
    if strange:
        raise Invalid(
            f"You do not answer for a table called {min(strange)}, so a filter of yours cannot look into it. Use the "
            "columns of the dataset itself, or ask an administrator to put this into the dataset's rules.",
            "rows",
        )


def _open_to(author: Principal, dataset: Dataset) -> frozenset[str]:
    """The identities of the tables that somebody's filter of a dataset may look into."""
    charges = over(author, Permission.DECIDE).filter(warehouse=dataset.warehouse_id)
    policy = DatasetPolicy.objects.filter(dataset=dataset).first()
    standing = policy.rows if policy else ""
    known = _check_expression(dataset, standing, "rows", kind="rows") if standing else frozenset()
    return frozenset({dataset.identity, *charges.values_list("identity", flat=True), *known})


def check_masks(dataset: Dataset, masks: Mapping[str, Mask]) -> None:
    """Errors: `Invalid` (`masks.email`) unless each column exists and an owner's expression compiles against them."""
    known = set(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    for column, mask in masks.items():
        if column not in known:
            raise Invalid(f"{dataset.name} has no column {column}.", f"masks.{column}")
        if mask.sql is not None:
            _check_expression(dataset, mask.sql, f"masks.{column}", kind="mask")


def _open_rules(dataset: Dataset, requester: Principal, holder: Principal | Team) -> list[AutoRule]:
    rules = rules_of(dataset).auto_approve
    if not rules or _favours_a_steward(dataset, requester, holder):
        return []
    if isinstance(holder, Team):
        return [rule for rule in rules if rule.team == holder.name]
    teams = set(holder.groups.values_list("name", flat=True))
    return [rule for rule in rules if rule.team in teams]


def _favours_a_steward(dataset: Dataset, requester: Principal, holder: Principal | Team) -> bool:
    """Whether somebody who may decide about the dataset asks, or would gain by the grant."""
    stewards = deciders(dataset.pk, dataset.domain_id)
    asking = [requester.pk, requester.owner_id]
    if not isinstance(holder, Team):
        return stewards.filter(
            pk__in=[pk for pk in (*asking, holder.pk, holder.owner_id) if pk]
        ).exists()
    if stewards.filter(pk__in=[pk for pk in asking if pk]).exists():
        return True
    return any(gains_through(steward, holder) for steward in stewards)


def _auto_rule(said: Mapping[str, Any]) -> AutoRule:
    columns = said.get("columns")
    longest = said.get("longest")
    return AutoRule(
        team=str(said["team"]),
        columns=None if columns is None else tuple(columns),
        unmasked=tuple(said.get("unmasked") or ()),
        longest=parse_span(longest) if isinstance(longest, str) else longest,
    )


def _checked_rule(dataset: Dataset, said: Mapping[str, Any] | AutoRule) -> AutoRule:
    try:
        rule = said if isinstance(said, AutoRule) else _auto_rule(said)
    except (KeyError, ValueError) as error:
        raise Invalid(f"An approval rule is wrong: {error}.", "auto_approve") from error
    if not Team.objects.filter(name=rule.team).exists():
        raise Invalid(f"There is no team called {rule.team}.", "auto_approve")
    known = set(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    for name in (*(rule.columns or ()), *rule.unmasked):
        if name not in known:
            raise Invalid(f"{dataset.name} has no column {name}.", "auto_approve")
    return rule


def _check(dataset: Dataset, wanted: Rules) -> None:
    if wanted.approvals < 1:
        raise Invalid("At least one approval is needed.", "approvals")
    for name in ("longest", "unused_after"):
        length = getattr(wanted, name)
        if length is not None and length <= timedelta(0):
            raise Invalid("Say a span longer than nothing.", name)
    check_masks(dataset, wanted.masks)
    if wanted.rows:
        check_rows(dataset, wanted.rows)


def _check_expression(
    dataset: Dataset, expression: str, field: str, *, kind: str
) -> frozenset[str]:
    """The identities of the tables an owner's expression looks into.

    Errors: `Invalid` with the field unless the guard can bind it to this table.
    """
    columns = dataset.columns.filter(removed_at=None)
    try:
        bound = check_expression(
            expression,
            columns=[ColumnFact(column.name, column.type) for column in columns],
            dialect=DIALECTS[EngineKind(dataset.warehouse.engine)],
            kind=kind,
            warehouse=dataset.warehouse.name,
            schema=dataset.schema_name,
            table=dataset.table_name,
            related=_neighbours(dataset),
        )
    except PolicyProblem as problem:
        raise Invalid(str(problem), field) from problem
    engine = dataset.warehouse.engine
    return frozenset(identity_of(engine, schema, table) for schema, table in bound.relations)


def _neighbours(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """The columns of every table an expression may look into, by `schema.table`."""
    found: dict[str, tuple[str, ...]] = {}
    columns = Column.objects.filter(dataset__warehouse=dataset.warehouse_id, removed_at=None)
    for schema, table, name in columns.order_by("dataset", "position").values_list(
        "dataset__schema_name", "dataset__table_name", "name"
    ):
        key = f"{schema}.{table}"
        found[key] = (*found.get(key, ()), name)
    return found


def _content(rules: Rules) -> dict[str, Any]:
    """The rules as JSON, to compare and to record."""
    return {
        "rows": rules.rows,
        "masks": {
            column: {"kind": mask.kind, "sql": mask.sql or ""}
            for column, mask in sorted(rules.masks.items())
        },
        "approvals": rules.approvals,
        "longest": write_span(rules.longest) if rules.longest else None,
        "unused_after": write_span(rules.unused_after) if rules.unused_after else None,
        "auto_approve": [
            {
                "team": rule.team,
                "columns": None if rule.columns is None else list(rule.columns),
                "unmasked": list(rule.unmasked),
                "longest": write_span(rule.longest) if rule.longest else None,
            }
            for rule in rules.auto_approve
        ],
    }


def _store(dataset: Dataset, wanted: Rules) -> None:
    content = _content(wanted)
    policy, is_new = DatasetPolicy.objects.select_for_update().get_or_create(dataset=dataset)
    policy.rows = wanted.rows
    policy.approvals = wanted.approvals
    policy.longest = wanted.longest
    policy.unused_after = wanted.unused_after
    policy.auto_approve = content["auto_approve"]
    policy.broken_at, policy.broken_reason = None, ""
    policy.version = 1 if is_new else policy.version + 1
    policy.save()
    policy.masks.all().delete()
    ColumnMask.objects.bulk_create(
        ColumnMask(policy=policy, column_name=column, kind=mask.kind, sql=mask.sql or "")
        for column, mask in wanted.masks.items()
    )
