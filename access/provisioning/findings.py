"""What others did behind the portal's back: noted once when it is seen first, told once, and noted again when it is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from access import notices
from access.audit.events import Kind, record
from access.models import NativeAccess, NativeFinding
from access.people.permissions import administrators
from catalog.engines.native import Found, NativeState, Stranger, tampered

DRIFT, CLOCK = "drift", "clock"
# The warehouse's clock judges what its views show; that of the portal's database judges the gate.
CLOCKS_MAY_DIFFER = timedelta(seconds=5)
LINK = "/native/"


@dataclass(frozen=True)
class Seen:
    """One thing found, as it is written down."""

    key: str
    kind: str
    role: str
    what: str


def seen_in(found: Found, wanted: NativeState, now: datetime) -> tuple[Seen, ...]:
    """Everything in a warehouse that is not as the portal put it. Pure."""
    drift = [
        Stranger(DRIFT, role, sentence)
        for role, there in found.logins.items()
        for sentence in there.drift
    ]
    drift += [Stranger(DRIFT, "", sentence) for sentence in found.drift]
    drift += [
        Stranger(DRIFT, role, "What its views look up was changed.")
        for role in tampered(wanted, found)
    ]
    if found.now is not None and abs(found.now - now) > CLOCKS_MAY_DIFFER:
        drift.append(
            Stranger(CLOCK, "", "The clock of the warehouse differs from that of the portal.")
        )
    return tuple(
        Seen(each.key, each.kind, each.role, each.what) for each in (*found.strangers, *drift)
    )


@transaction.atomic
def note(
    access: NativeAccess, seen: Iterable[Seen], *, was_ours: Iterable[str] = (), now: datetime
) -> int:
    """Write down what is new, and what is gone; gives how much is new. The same again writes nothing.

    `was_ours` are the keys of what the portal itself put right since the last look.
    """
    there = {each.key: each for each in seen}
    known = dict(open_findings(access).values_list("key", "pk"))
    new = [each for key, each in sorted(there.items()) if key not in known]
    made = NativeFinding.objects.bulk_create(
        [
            NativeFinding(
                native=access, key=each.key, kind=each.kind, role=each.role, what=each.what, found_at=now
            )
            for each in new
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    for each in new:
        _record(Kind.DRIFT_FOUND, access, each.kind, each.role, each.what, now)
    mended = set(was_ours)
    for finding in open_findings(access).exclude(key__in=there):
        _close(finding, finding.key in mended, now)
    if new:
        _tell(access, new, now)
    return len(made)


def open_findings(access: NativeAccess) -> QuerySet[NativeFinding]:
    """What is not as it should be, as of the last look, newest first."""
    return NativeFinding.objects.filter(native=access, gone_at=None)


def _close(finding: NativeFinding, was_ours: bool, now: datetime) -> None:
    standing = NativeFinding.objects.filter(pk=finding.pk, gone_at=None)
    if standing.update(gone_at=now, was_ours=was_ours):
        kind = Kind.DRIFT_REPAIRED if was_ours else Kind.DRIFT_GONE
        _record(kind, finding.native, finding.kind, finding.role, finding.what, now)


def _record(
    kind: Kind, access: NativeAccess, what_kind: str, role: str, what: str, now: datetime
) -> None:
    record(
        kind,
        actor=None,
        subject=f"warehouse:{access.warehouse.name}",
        reason=what,
        data={"kind": what_kind, "role": role},
        now=now,
    )


def _tell(access: NativeAccess, new: list[Seen], now: datetime) -> None:
    """One notice for all that was found at once."""
    some = "\n".join(f"- {each.what}" for each in new[:20])
    more = f"\nand {len(new) - 20} more" if len(new) > 20 else ""
    for person in administrators():
        notices.tell(
            person,
            "drift.found",
            f"{access.warehouse.name}: something was changed in the warehouse",
            f"Not done by the portal:\n{some}{more}",
            link=LINK,
            dedupe_key=f"drift:{access.pk}:{new[0].key}:{now.isoformat()}:{person.pk}",
            now=now,
        )
