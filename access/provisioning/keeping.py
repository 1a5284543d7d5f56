"""The warehouse brought to what it should hold, and everything that was not so written down. Safe to run twice at once.

Every few seconds one query tells whether anything that views are made from has changed; if so, or once a minute anyway,
the whole warehouse is compared. What should be there is read after the warehouse's lock was taken, so of two that come
at once the later knows best.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from access.audit.events import Kind, record
from access.clock import database_now
from access.models import Grant, NativeAccess, NativeLogin, Principal
from access.provisioning import desired, findings
from access.provisioning.evidence import collect_if_due
from access.provisioning.sources import sources
from access.provisioning.switching import end_login
from catalog.engines import EngineError
from catalog.engines.native import Found, NativeState, Place, difference
from catalog.engines.postgresql_native import NativeKeeper, NativeTurn
from catalog.engines.postgresql_native_register import Problems

log = structlog.get_logger(__name__)

COMPARE_EVERY = timedelta(seconds=60)
# A warehouse that does not answer is asked again after so long.
AGAIN_AFTER = timedelta(seconds=20)
# Seconds one round may take of the tick that other work waits behind; what is left over is done by the next.
LONGEST_ROUND = 20.0
NOTHING_LEFT = "Nothing is granted here any more."
GONE = "Its holder left."


@dataclass
class Outcome:
    """What one round did: logins put in place and taken out, what was found that the portal had not done, and
    how much of that it tried to put right."""

    n_put: int = 0
    n_gone: int = 0
    n_found: int = 0
    n_mended: int = 0
    is_whole: bool = True
    problems: dict[str, Problems] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)


def keep(now: datetime) -> int:
    """Settles every warehouse where something is due; gives how many were. What fails is tried again soon.

    Errors: `EngineError` of a warehouse that did not answer, after the others were settled.
    Cost: one query for each warehouse where nothing is due.
    """
    n_settled = 0
    failures = []
    for access in NativeAccess.objects.select_related("warehouse").filter(
        Q(is_on=True) | Q(cleared_at=None)
    ):
        try:
            if _is_due(access, now):
                settle(access, now=now)
                n_settled += 1
            if access.is_on and access.failed_at is None:
                collect_if_due(access, now)
        except EngineError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return n_settled


def _is_due(access: NativeAccess, now: datetime) -> bool:
    if access.failed_at is not None and now - access.failed_at < AGAIN_AFTER:
        return False
    if access.compared_at is None or now - access.compared_at >= COMPARE_EVERY or not access.is_on:
        return True
    return any(then != new for then, new in sources(access).values())


def settle(access: NativeAccess, *, now: datetime) -> Outcome:
    """Compares one warehouse with what it should hold, and makes the difference good.

    Errors: `EngineError` when it does not answer or holds what somebody else made under our names; noted as well.
    """
    try:
        outcome = _settled(access) if access.is_on else _cleared(access, now)
    except EngineError as error:
        NativeAccess.objects.filter(pk=access.pk).update(failed_at=now, failure=str(error)[:300])
        raise
    done = {"compared_at": now} if outcome.is_whole else {}
    NativeAccess.objects.filter(pk=access.pk).update(failed_at=None, failure="", **done)
    log.info(
        "native access settled",
        warehouse=access.warehouse.name,
        put=outcome.n_put,
        gone=outcome.n_gone,
        found=outcome.n_found,
    )
    return outcome


def keeper_of(access: NativeAccess) -> NativeKeeper:
    """The way to a warehouse's native access. Errors: `EngineError` where the warehouse has no administrator's URL."""
    if not access.warehouse.manage:
        raise EngineError(
            "unreachable", "The warehouse has no administrator's URL (`manage`) any more."
        )
    return NativeKeeper(access.warehouse.manage, Place(access.mark, access.owner_role))


def _settled(access: NativeAccess) -> Outcome:
    with keeper_of(access).turn() as turn:
        # Whoever waited for the turn judges by the moment it came.
        now = database_now()
        finish(access, now)
        known = sources(access)
        wanted = desired.state(access)
        turn.put_key(wanted.key)
        found = turn.found()
        seen = findings.seen_in(found, wanted, now)
        outcome = Outcome(n_found=findings.note(access, seen, now=now))
        if found.drift:
            turn.mend_reading()
            turn.let_read(wanted.tables)
        _put_right(access, turn, wanted, found, outcome)
        if outcome.is_whole:
            turn.let_read_no_more_than(wanted.tables)
        for login in desired.open_logins(access):
            _noted(login, known, outcome)
        mended = {each.key for each in seen if each.kind == findings.DRIFT}
        mended |= _taken_back(access, turn, found)
        outcome.n_mended = len(mended)
        if mended:
            again = findings.seen_in(turn.found(), wanted, now)
            findings.note(access, again, was_ours=mended, now=now)
        return outcome


def finish(access: NativeAccess, now: datetime) -> int:
    """Ends the logins of people who left, and of those to whom nothing is granted any more; gives how many."""
    n_ended = 0
    for login in desired.open_logins(access):
        holder = login.principal
        if not holder.is_active:
            n_ended += end_login(login, GONE, actor=None, now=now)
        elif not _open_grants(holder, access, now).exists():
            n_ended += end_login(login, NOTHING_LEFT, actor=None, now=now)
    return n_ended


def _open_grants(holder: Principal, access: NativeAccess, now: datetime) -> QuerySet[Grant]:
    """What somebody holds in a warehouse, or will: sleeping grants too, so that a password outlives a pause."""
    theirs = Q(principal=holder) | Q(team__in=holder.groups.values("pk"))
    return Grant.objects.filter(
        theirs, dataset__warehouse=access.warehouse, ended_at=None, expires_at__gt=now
    )


def _put_right(
    access: NativeAccess, turn: NativeTurn, wanted: NativeState, found: Found, outcome: Outcome
) -> None:
    """Takes out what must go, which is never put off, then puts in place what differs."""
    put, go = difference(wanted, found)
    for role in go:
        outcome.n_gone += turn.remove(role)
    until = time.monotonic() + LONGEST_ROUND
    for login in put:
        if time.monotonic() > until:
            outcome.is_whole = False
            outcome.left |= {login.role}
            continue
        outcome.problems[login.role] = turn.put_if_possible(login, found.logins.get(login.role))
        outcome.n_put += 1


def _noted(login: NativeLogin, known: dict[int, tuple[str, str]], outcome: Outcome) -> None:
    """Notes from what a login was made, and which tables have no view. Cost: one statement where that is new."""
    if login.pk not in known or login.role in outcome.left:
        return
    missing = login.missing
    if login.role in outcome.problems:
        found = outcome.problems[login.role]
        missing = {f"{table.schema}.{table.name}": why for table, why in found.items()}
    source = known[login.pk][1]
    if (source, missing) != (login.source, login.missing):
        NativeLogin.objects.filter(pk=login.pk).update(source=source, missing=missing)


def _taken_back(access: NativeAccess, turn: NativeTurn, found: Found) -> set[str]:
    """Takes away what somebody else gave, where that is wanted; gives the keys of what it tried."""
    if not access.takes_back:
        return set()
    return {stranger.key for stranger in found.strangers if turn.undo(stranger)}


def _cleared(access: NativeAccess, now: datetime) -> Outcome:
    """Everything taken out of a warehouse that was switched off."""
    with keeper_of(access).turn(makes=False) as turn:
        n_gone = turn.release()
    with transaction.atomic():
        off = NativeAccess.objects.filter(pk=access.pk, is_on=False, cleared_at=None)
        if off.update(cleared_at=now):
            findings.note(access, (), now=now)
            record(
                Kind.NATIVE_CLEARED,
                actor=None,
                subject=f"warehouse:{access.warehouse.name}",
                data={"logins": n_gone},
                now=now,
            )
    return Outcome(n_gone=n_gone)
