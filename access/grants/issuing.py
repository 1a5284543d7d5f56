"""How a grant comes to be: out of a decision that approved it, within what was decided.

One holder has one open grant per dataset and purpose. Where another one is still open for the same purpose, the new
one takes its place if it gives at least as much for at least as long; otherwise it is refused in words, because
quietly taking columns or days from somebody who asked for more would surprise them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from access import notices
from access.audit.events import Kind, record
from access.deciding.separation import stands_to_gain
from access.errors import Conflict, Invalid, NotAllowed
from access.grants.ending import close
from access.models import Decision, DecisionKind, EndReason, Grant, Principal, Team
from access.people.permissions import Permission, require
from access.people.presence import keep_here
from access.policies import expressions
from access.policies.masks import Mask, from_json
from access.words import day
from catalog.models import Dataset


@dataclass(frozen=True)
class Terms:
    """What a grant gives, to whom, for what and how long; `columns` None covers all."""

    holder: Principal | Team
    dataset: Dataset
    purpose: str
    starts_at: datetime
    expires_at: datetime
    columns: tuple[str, ...] | None = None
    unmasked: tuple[str, ...] = ()
    rows: str = ""
    masks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def owner(self) -> Q:
        """The holder as a condition over Grant."""
        return Q(team=self.holder) if isinstance(self.holder, Team) else Q(principal=self.holder)

    def covers(self, grant: Grant, now: datetime) -> bool:
        """Whether these terms give from now on at least what `grant` gives."""
        columns = self.columns is None or (
            grant.columns is not None and set(grant.columns) <= set(self.columns)
        )
        clear = set(grant.unmasked) <= set(self.unmasked)
        rows = self.rows in ("", grant.rows)
        lasts = self.expires_at >= grant.expires_at and self.starts_at <= max(now, grant.starts_at)
        return columns and clear and rows and lasts and _masks(self.masks) == _masks(grant.masks)


def open_alike(
    holder: Principal | Team, dataset: Dataset, purpose: str, now: datetime
) -> QuerySet[Grant]:
    """The open grant of this holder for the same purpose, if one has not run out by `now`."""
    owner = Q(team=holder) if isinstance(holder, Team) else Q(principal=holder)
    return Grant.objects.filter(
        owner, dataset=dataset, purpose=purpose, ended_at__isnull=True, expires_at__gt=now
    )


@transaction.atomic
def issue(
    decision: Decision,
    terms: Terms,
    *,
    actor: Principal | None,
    now: datetime,
    restored_from: Grant | None = None,
    kind: Kind = Kind.GRANT_ISSUED,
    replaces: bool = False,
) -> Grant:
    """The grant that `decision` approves; PostgreSQL holds it to what was decided.

    `replaces` ends another open grant for the same purpose whatever it gives. Errors: `Conflict` when one is open
    that gives something these terms do not, or when the holder has left, or whoever answered for them.
    """
    holder = terms.holder
    if isinstance(holder, Principal):
        keep_here(holder)
    _make_room(terms, actor, now, replaces)
    try:
        with transaction.atomic():
            grant = Grant.objects.create(
                principal=None if isinstance(holder, Team) else holder,
                team=holder if isinstance(holder, Team) else None,
                dataset=terms.dataset,
                decision=decision,
                purpose=terms.purpose,
                columns=None if terms.columns is None else list(terms.columns),
                unmasked=list(terms.unmasked),
                masks=dict(terms.masks),
                rows=terms.rows,
                starts_at=terms.starts_at,
                expires_at=terms.expires_at,
                restored_from=restored_from,
                created_at=now,
            )
    except IntegrityError as error:
        raise Conflict("Another grant for the same purpose was given a moment ago.") from error
    _note(kind, grant, decision, actor, now)
    return grant


def _make_room(terms: Terms, actor: Principal | None, now: datetime, replaces: bool) -> None:
    alike = Grant.objects.select_for_update().filter(
        terms.owner, dataset=terms.dataset, purpose=terms.purpose, ended_at__isnull=True
    )
    for grant in alike:
        if grant.expires_at <= now:
            close(grant, EndReason.EXPIRED, actor=None, now=grant.expires_at)
        elif replaces or terms.covers(grant, now):
            close(grant, EndReason.REPLACED, actor=actor, now=now)
        else:
            raise Conflict(
                f"There already is a grant for this purpose until {day(grant.expires_at)}, and it gives something "
                "this one would not. End that one first, or state the purpose differently."
            )


@transaction.atomic
def grant_directly(
    holder: Principal | Team,
    dataset: Dataset,
    *,
    actor: Principal | None,
    expires_at: datetime,
    reason: str,
    now: datetime,
    columns: Sequence[str] | None = None,
    unmasked: Sequence[str] = (),
    masks: Mapping[str, Any] | None = None,
    rows: str = "",
    starts_at: datetime | None = None,
) -> Grant:
    """A grant that the configuration gives, with a decision of that kind; it replaces an open one of the same purpose.

    `masks` maps a column to a `Mask` or to `{kind, sql, options}`. Errors: `NotAllowed` unless the operator or an
    administrator acts, and never for an administrator's own good; `Invalid` with the field.
    """
    _require(actor, holder)
    starts = starts_at or now
    _check(dataset, holder, columns, unmasked, reason, starts, expires_at, now)
    given = {
        column: mask if isinstance(mask, Mask) else from_json(mask)
        for column, mask in (masks or {}).items()
    }
    checked = expressions.check_masks(dataset, given)
    if rows.strip():
        expressions.check_rows(dataset, rows)
    decision = Decision.objects.create(
        kind=DecisionKind.CONFIGURATION,
        approves=True,
        decider=actor,
        columns=None if columns is None else list(columns),
        unmasked=list(unmasked),
        rows=rows,
        duration=expires_at - starts,
        reason=reason,
        decided_at=now,
    )
    terms = Terms(
        holder=holder,
        dataset=dataset,
        purpose=reason,
        starts_at=starts,
        expires_at=expires_at,
        columns=None if columns is None else tuple(columns),
        unmasked=tuple(unmasked),
        rows=rows,
        masks={column: {**mask.as_json(), "type": mask.type} for column, mask in checked.items()},
    )
    return issue(decision, terms, actor=actor, now=now, replaces=True)


def _require(actor: Principal | None, holder: Principal | Team) -> None:
    if actor is None:
        return
    require(actor, Permission.ADMINISTER)
    if stands_to_gain(actor, holder):
        raise NotAllowed("This would give access to you. Ask for it like everybody else.")


def _check(
    dataset: Dataset,
    holder: Principal | Team,
    columns: Sequence[str] | None,
    unmasked: Sequence[str],
    reason: str,
    starts_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> None:
    known = set(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    for field_name, names in (("columns", columns), ("unmasked", unmasked)):
        for name in names or ():
            if name not in known:
                raise Invalid(f"{dataset.name} has no column {name}.", field_name)
    if columns is not None and not set(unmasked) <= set(columns):
        raise Invalid("A column in the clear must be among the columns.", "unmasked")
    if not reason.strip():
        raise Invalid("Say what the access is for.", "reason")
    if expires_at <= max(starts_at, now):
        raise Invalid("Access must end in the future, after it starts.", "expires_at")
    if isinstance(holder, Principal) and not holder.is_active:
        raise Invalid(f"{holder.label} is not active.", "principal")


def _masks(kept: Mapping[str, Any]) -> dict[str, Mask]:
    return {column: from_json(mask) for column, mask in kept.items()}


def _note(
    kind: Kind, grant: Grant, decision: Decision, actor: Principal | None, now: datetime
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=decision.reason,
        data={
            "holder": grant.holder.label,
            "decision": decision.pk,
            "decided_as": decision.kind,
            "purpose": grant.purpose,
            "columns": grant.columns,
            "unmasked": grant.unmasked,
            "rows": grant.rows,
            "starts_at": grant.starts_at,
            "expires_at": grant.expires_at,
            "restored_from": grant.restored_from_id,
        },
        now=now,
    )
    if decision.kind == DecisionKind.CONFIGURATION:
        notices.tell_given(grant, now=now)
