"""What an approver leaves of a request: fewer columns, fewer in the clear, fewer rows, less time. Never more.

`gain` is the other side of it: what the holder would see that they do not see today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from access.errors import Conflict, Invalid
from access.grants.standing import live
from access.models import AccessRequest, Principal, Vote
from access.policies import expressions, rules
from access.words import listed, span


@dataclass(frozen=True)
class Narrowed:
    """The terms that were agreed; `columns` None covers all, as asked."""

    columns: tuple[str, ...] | None
    unmasked: tuple[str, ...]
    rows: str
    duration: timedelta


@dataclass(frozen=True)
class Gain:
    """What a holder would see beyond today, as column names in the order of the table.

    `new` in any form, `in_the_clear` those of a masked column shown as they are, `masked` those shown through the
    mask named beside them, `already` what live grants give today. `until` is when it would end if approved now;
    `ends_now` when the grant it renews ends.
    """

    new: tuple[str, ...]
    in_the_clear: tuple[str, ...]
    masked: tuple[tuple[str, str], ...]
    already: tuple[str, ...]
    until: datetime
    ends_now: datetime | None


def narrow(
    access_request: AccessRequest,
    *,
    author: Principal,
    columns: Sequence[str] | None,
    unmasked: Sequence[str] | None,
    rows: str,
    duration: timedelta | None,
) -> Narrowed:
    """The request as one approver leaves it. Errors: `Invalid` with the field for anything wider than asked."""
    kept = _columns(access_request, columns)
    clear = _subset(access_request.unmasked, unmasked, "unmasked")
    if kept is not None:
        clear = tuple(name for name in clear if name in kept)
    rows = rows.strip()
    if rows:
        expressions.check_rows(access_request.dataset, rows, author=author)
    return Narrowed(kept, clear, rows, _duration(access_request, duration))


def agreed(access_request: AccessRequest, votes: Sequence[Vote]) -> Narrowed:
    """What is left when every approver's narrowing holds, with the filter of the grant it renews.

    Errors: `Conflict` when nothing is left.
    """
    columns: tuple[str, ...] | None = None
    for vote in votes:
        if vote.columns is not None:
            said = vote.columns
            columns = tuple(said if columns is None else (name for name in columns if name in said))
    if columns == ():
        raise Conflict("The approvals have no column in common. Deny it, or agree first.")
    clear = [set(vote.unmasked or ()) for vote in votes]
    unmasked = tuple(name for name in access_request.unmasked if all(name in one for one in clear))
    if columns is not None:
        unmasked = tuple(name for name in unmasked if name in columns)
    filters = [access_request.grant.rows] if access_request.grant else []
    filters += [vote.rows for vote in votes]
    spans = [vote.duration for vote in votes if vote.duration is not None]
    return Narrowed(columns, unmasked, _all_of(filters), min([*spans, access_request.duration]))


def gain(access_request: AccessRequest, now: datetime) -> Gain:
    """What approving as asked would add to what the holder reads today. Cost: four queries."""
    dataset, holder = access_request.dataset, access_request.holder
    names = list(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    owner = Q(team=access_request.team) if access_request.team else Q(principal=holder)
    seen: set[str] = set()
    clear: set[str] = set()
    for grant in live().filter(owner, dataset=dataset):
        seen |= set(names if grant.columns is None else grant.columns)
        clear |= set(grant.unmasked)
    asked = set(names if access_request.columns is None else access_request.columns)
    masks = rules.masks_of(dataset)
    unmasked = set(access_request.unmasked)
    start = max(now, access_request.starts_at or now)
    return Gain(
        new=tuple(name for name in names if name in asked - seen),
        in_the_clear=tuple(name for name in names if name in unmasked - clear and name in masks),
        masked=tuple(
            (name, masks[name].words)
            for name in names
            if name in asked and name in masks and name not in unmasked
        ),
        already=tuple(name for name in names if name in seen),
        until=start + access_request.duration,
        ends_now=access_request.grant.expires_at if access_request.grant else None,
    )


def _columns(
    access_request: AccessRequest, columns: Sequence[str] | None
) -> tuple[str, ...] | None:
    present = access_request.dataset.columns.filter(removed_at=None)
    names = list(present.values_list("name", flat=True))
    asked = names if access_request.columns is None else access_request.columns
    if columns is None:
        if access_request.columns is None:
            return None
        columns = [name for name in asked if name in names]
        if not columns:
            raise Conflict("None of the columns asked for is there any more. Deny it and say so.")
    if not columns:
        raise Invalid("Leave at least one column, or deny the request.", "columns")
    _refuse_wider(columns, asked, "columns")
    return tuple(name for name in names if name in set(columns))


def _subset(asked: Sequence[str], left: Sequence[str] | None, field: str) -> tuple[str, ...]:
    if left is None:
        return tuple(asked)
    _refuse_wider(left, asked, field)
    return tuple(name for name in asked if name in set(left))


def _refuse_wider(left: Sequence[str], asked: Sequence[str], field: str) -> None:
    wider = [name for name in left if name not in asked]
    if wider:
        raise Invalid(f"{listed(wider)} was not asked for. An approval may only narrow.", field)


def _duration(access_request: AccessRequest, duration: timedelta | None) -> timedelta:
    if duration is None:
        return access_request.duration
    if duration <= timedelta(0):
        raise Invalid("Access lasts for some time. To give none, deny the request.", "duration")
    if duration > access_request.duration:
        raise Invalid(
            f"They asked for {span(access_request.duration)}. An approval may only shorten.",
            "duration",
        )
    return duration


def _all_of(filters: Sequence[str]) -> str:
    """Several row filters as one that all rows must pass; each once."""
    said = list(dict.fromkeys(each for each in filters if each))
    return said[0] if len(said) == 1 else " AND ".join(f"({each})" for each in said)
