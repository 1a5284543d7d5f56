"""Seeing data as somebody else would get it, to decide about it: for stewards, and never beyond what they may see.

A charge gives no right to data, and a look through somebody's eyes must not become one: whoever decides about a
dataset could otherwise read it through the first colleague who asks for it. So the steward sees the cells that both
may see: rows that both policies show, in columns that the steward's own grants show in the clear, behind the other's
masks. Without a grant of their own they see which columns, masks and filters apply, and no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from access.errors import NotFound, Refusal
from access.gate.lookup import Tables
from access.grants.standing import live
from access.models import AccessRequest, Principal, Team
from access.people.permissions import Permission, over, require
from access.policies.expressions import DIALECTS
from access.policies.policy import Cell, GrantRule, TablePolicy, VisibleColumn, cells, row_filters
from access.policies.reading import Reading, Standing, reading_of, readings
from access.policies.sight import seen_in
from access.sql import Plan, PolicyProblem
from access.sql.dialects import render
from access.sql.rules import filled, frozen, names_in
from catalog.models import Dataset, EngineKind, Warehouse

MOST_ROWS = 50
MOST_HOLDERS = 2_000
ASKED_FOR = 0
"""The number of the grant that does not exist yet, in the preview of a request."""

NO_GRANT = (
    "You hold no access to this data yourself, so no values are shown: a charge to decide is no right to read. Ask for "
    "access like everybody else, and somebody else decides."
)
NO_COLUMN = "Your own access shows none of these columns as they are, so no values are shown."
NO_ROWS = "Which rows they see depends on columns that your own access does not show as they are, so no values are shown."


@dataclass(frozen=True)
class Eyes:
    """Whose view is looked through, with what they would hold beyond today by the name of the dataset."""

    holder: Principal | Team
    asked_for: Mapping[str, GrantRule] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, Any]:
        """What `:principal` and `:teams` mean for them. Cost: a query."""
        if isinstance(self.holder, Team):
            return {"principal": "", "teams": [self.holder.name]}
        teams = self.holder.groups.order_by("name").values_list("name", flat=True)
        return {"principal": self.holder.username, "teams": list(teams)}


def eyes_of(access_request: AccessRequest) -> Eyes:
    """The eyes of whoever would hold it, were the request approved as asked."""
    asked = access_request
    rule = GrantRule(
        ASKED_FOR,
        None if asked.columns is None else frozenset(asked.columns),
        frozenset(asked.unmasked),
        rows=(asked.grant.rows or None) if asked.grant else None,
    )
    return Eyes(asked.holder, {asked.dataset.name: rule})


@dataclass(frozen=True)
class Shared:
    """The policy that shows what both may see, or why there is nothing of it."""

    policy: TablePolicy | None
    reason: str = ""


def shared(
    mine: TablePolicy, theirs: TablePolicy, variables: Mapping[str, Any], dialect: str
) -> Shared:
    """What the reader of `mine` may see of what the reader of `theirs` sees. Pure.

    `variables` are those of `mine`; the result is read with those of `theirs`. Errors: PolicyProblem.
    """
    if not mine.grants:
        return Shared(None, NO_GRANT)
    clear = {cell.column.name for cell in cells(mine) if _is_clear(cell)}
    columns = _columns(mine, theirs, clear)
    if not columns:
        return Shared(None, NO_COLUMN)
    if not _decided_by(theirs, dialect) <= clear:
        return Shared(None, NO_ROWS)
    grants = tuple(
        replace(grant, columns=frozenset(column for column in columns if grant.covers(column)))
        for grant in theirs.grants
    )
    rows = _both(theirs.rows, _own_rows(mine, variables, dialect))
    related = {**mine.related, **theirs.related}
    return Shared(replace(theirs, grants=grants, rows=rows, related=related))


def _is_clear(cell: Cell) -> bool:
    return cell.everywhere and all(case.mask is None for case in cell.cases)


def _columns(mine: TablePolicy, theirs: TablePolicy, clear: set[str]) -> frozenset[str]:
    """Those whose every value may be shown: seen in the clear, or behind the very mask that both get."""
    own = {cell.column.name: cell for cell in cells(mine)}
    whole = clear >= {column.name for column in mine.columns}
    found = set()
    for cell in cells(theirs):
        name = cell.column.name
        masks = {case.mask for case in cell.cases}
        # An owner's expression may show something of other columns too.
        is_plain = whole or not any(mask is not None and mask.looks_up for mask in masks)
        is_alike = name in own and own[name].everywhere and masks == _masks(own[name])
        if (name in clear and is_plain) or (is_alike and len(masks) == 1):
            found.add(name)
    return frozenset(found)


def _masks(cell: Cell) -> set[object]:
    return {case.mask for case in cell.cases}


def _decided_by(theirs: TablePolicy, dialect: str) -> set[str]:
    """The columns of the table by which rows or masks are theirs; a filter that is everybody's tells nothing."""
    texts = [*row_filters(theirs), *(text for text in (theirs.rows,) if _is_personal(text))]
    texts += [grant.rows for grant in theirs.grants if grant.rows]
    spelled = {name.lower() for text in texts if text for name in names_in(text, dialect)}
    return {column.name for column in theirs.columns if column.name.lower() in spelled}


def _is_personal(text: str | None) -> bool:
    return text is not None and ":" in text


def _own_rows(mine: TablePolicy, variables: Mapping[str, Any], dialect: str) -> str | None:
    values = frozen(variables)
    always = filled(mine.rows, dialect, values) if mine.rows else None
    granted = [f"({filled(text, dialect, values)})" for text in row_filters(mine)]
    return _both(always, " OR ".join(granted) or None)


def _both(one: str | None, other: str | None) -> str | None:
    return f"({one}) AND ({other})" if one and other else one or other


class SharedTables(Tables):
    """The tables of a query that looks through somebody's eyes: the guard's lookup for a steward."""

    def __init__(self, viewer: Principal, eyes: Eyes, warehouse: Warehouse, dialect: str) -> None:
        super().__init__(viewer, warehouse, dialect)
        self._eyes = eyes
        self._own: dict[str, Reading] = {}
        self.is_fleeting = True

    def variables(self, stands: Standing) -> dict[str, Any]:
        """Those of whoever is looked through; the viewer's own filters carry the viewer's already."""
        return self._eyes.variables

    def fetch(self, identities: frozenset[str]) -> None:
        """Reads both policies of each table. Cost: five queries."""
        super().fetch(identities)
        self._own |= {name: found for name in identities if (found := self._asked[name])}
        theirs = readings(self._eyes.holder, self._warehouse, identities)
        charges = over(self._principal, Permission.DECIDE).filter(
            pk__in=[own.dataset_id for own in self._own.values()]
        )
        decided = set(charges.values_list("pk", flat=True))
        for identity, own in self._own.items():
            if identity in identities and self._visible(own) is not None:
                self._asked[identity] = self._shared(own, theirs[identity], decided)

    def settled(self, plan: Plan) -> Plan:
        """The plan with the viewer's own grants behind it: by their authority, not the other's, the cells are shown."""
        own = {
            reading.policy.dataset: frozenset(rule.grant_id for rule in reading.policy.grants)
            for reading in self._own.values()
        }
        return replace(plan, grants={name: own[name] for name in plan.grants})

    def behind(self, plan: Plan) -> tuple[Reading, ...]:
        """The viewer's own readings: when one of them ends, the look ends."""
        return tuple(own for own in self._own.values() if own.policy.dataset in plan.grants)

    def _shared(self, own: Reading, their: Reading, decided: set[int]) -> Reading:
        name = own.policy.dataset
        if own.dataset_id not in decided:
            raise Refusal(
                f"You do not decide about {name}, so you cannot look at it through somebody else’s eyes. Query it as "
                "yourself.",
                code="not_allowed",
            )
        policy = hypothetical(their.policy, self._eyes)
        if not policy.grants:
            raise Refusal(f"{self._eyes.holder} has no access to {name} now.", code="no_grant")
        try:
            found = shared(own.policy, policy, self._viewer_variables(), self._dialect)
        except PolicyProblem:
            raise Refusal(
                f"The rules that protect {name} no longer fit it. Its stewards can mend them.",
                code="policy_broken",
            ) from None
        if found.policy is None:
            raise Refusal(found.reason, code="not_yours_to_see")
        return replace(own, policy=found.policy)

    def _viewer_variables(self) -> dict[str, Any]:
        return Eyes(self._principal).variables


def hypothetical(policy: TablePolicy, eyes: Eyes) -> TablePolicy:
    """The policy with what is asked for beside what is held."""
    rule = eyes.asked_for.get(policy.dataset)
    return replace(policy, grants=(*policy.grants, rule)) if rule else policy


@dataclass(frozen=True)
class Outlook:
    """A dataset as somebody gets it: what applies, without a single value of it."""

    eyes: Eyes
    policy: TablePolicy
    columns: tuple[VisibleColumn, ...]
    hidden: tuple[str, ...]
    filters: tuple[str, ...]
    is_broken: bool


def outlook(viewer: Principal, eyes: Eyes, dataset: Dataset) -> Outlook:
    """What somebody gets of a dataset, for whoever decides about it. Cost: about four queries.

    Errors: `NotAllowed` for everybody else.
    """
    require(viewer, Permission.DECIDE, dataset)
    place = dataset.schema_name, dataset.table_name
    reading = reading_of(eyes.holder, dataset.warehouse, *place)
    if reading is None:
        raise NotFound
    policy = hypothetical(reading.policy, eyes)
    columns = seen_in(policy, dataset.warehouse.engine)
    names = {column.name for column in columns}
    filters = [policy.rows, *row_filters(policy)] if policy.grants else []
    return Outlook(
        eyes=eyes,
        policy=policy,
        columns=columns,
        hidden=tuple(column.name for column in policy.columns if column.name not in names),
        filters=tuple(text for text in filters if text),
        is_broken=reading.is_broken,
    )


def sample_of(dataset: Dataset, limit: int = 20) -> str:
    """The query for a few rows of a dataset, whatever columns of it somebody sees."""
    dialect = DIALECTS[EngineKind(dataset.warehouse.engine)]
    place = exp.Table(
        this=exp.to_identifier(dataset.table_name, quoted=True),
        db=exp.to_identifier(dataset.schema_name, quoted=True),
    )
    return render(exp.select("*").from_(place).limit(limit), dialect)


def holders_on(viewer: Principal, dataset: Dataset | None = None) -> list[Principal | Team]:
    """Everybody who holds something now on the datasets that somebody decides about, or on one of them, by name.

    Cost: one query.
    """
    found = live().filter(dataset__in=over(viewer, Permission.DECIDE, dataset).values("pk"))
    holders = {grant.holder for grant in found.select_related("principal", "team")[:MOST_HOLDERS]}
    return sorted(holders - {viewer}, key=str)
