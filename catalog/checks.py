"""What must hold for datasets, and whether it did: definitions kept per source, results kept in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Check, CheckResult, CheckStatus, Dataset, Source
from catalog.reconciliation import Tally, reconcile, save

MESSAGE_LENGTH = 2000


@dataclass(frozen=True)
class Claim:
    """A check as a source defines it; `key` is stable within the source."""

    key: str
    name: str
    definition: Mapping[str, Any]
    column: str = ""
    description: str = ""
    severity: str = "error"


@dataclass(frozen=True)
class Look:
    """The outcome of one look at a check. `failures` counts failing rows where the source counts them."""

    status: CheckStatus
    run_at: datetime
    failures: int | None = None
    message: str = ""


@dataclass(frozen=True)
class ChecksKept:
    """What keeping checks did, and which datasets it touched."""

    tally: Tally
    datasets: frozenset[int] = field(default_factory=frozenset)


def keep_checks(
    wanted: Mapping[Dataset, Iterable[Claim]],
    *,
    source: Source,
    among: QuerySet[Check] | None = None,
    and_remove: bool = True,
) -> ChecksKept:
    """Makes these the checks `source` defines; results of checks that stay are kept.

    `among` bounds what may be changed or removed (default: this source's checks of the given datasets).
    Cost: one query to read, up to three to write.
    """
    if among is None:
        among = Check.objects.filter(dataset__in=list(wanted), source=source)
    rows = [
        Check(
            dataset=dataset,
            source=source,
            key=claim.key[:500],
            name=claim.name[:300],
            column_name=claim.column[:255],
            description=claim.description,
            definition=dict(claim.definition),
            severity=claim.severity[:10],
        )
        for dataset, claims in wanted.items()
        for claim in claims
    ]
    told = ["name", "column_name", "description", "definition", "severity"]
    tally, touched = reconcile(
        among, rows, key=["dataset_id", "key"], fields=told, and_remove=and_remove
    )
    return ChecksKept(tally, frozenset(check.dataset_id for check in touched))


def record_result(
    check: Check,
    *,
    status: CheckStatus,
    run_at: datetime,
    failures: int | None = None,
    message: str = "",
) -> bool:
    """Remembers one look at a check; True if it was not known yet. A late report of an old look changes no status."""
    look = Look(status, run_at, failures, message)
    return not record_all([(check, look)]).is_quiet


@transaction.atomic
def record_all(looks: Sequence[tuple[Check, Look]]) -> Tally:
    """Remembers looks at checks, and shows the newest on each check.

    Cost: one query to read, up to three to write.
    """
    known = CheckResult.objects.filter(
        check_of__in={check.pk for check, _ in looks}, run_at__in={look.run_at for _, look in looks}
    )
    rows = [
        CheckResult(
            check_of=check,
            status=look.status,
            failures=look.failures,
            message=look.message[:MESSAGE_LENGTH],
            run_at=look.run_at,
        )
        for check, look in looks
    ]
    told = ["status", "failures", "message"]
    tally, _ = reconcile(known, rows, key=["check_of_id", "run_at"], fields=told, and_remove=False)
    _show_newest(looks)
    return tally


def _show_newest(looks: Sequence[tuple[Check, Look]]) -> None:
    edited = {}
    for check, look in sorted(looks, key=lambda one: one[1].run_at):
        told = (look.status, look.run_at, look.failures, look.message[:MESSAGE_LENGTH])
        is_late = check.last_run_at is not None and check.last_run_at > look.run_at
        if is_late or _shown(check) == told:
            continue
        check.last_status, check.last_run_at, check.last_failures, check.last_message = told
        edited[check.pk] = check
    save(list(edited.values()), ["last_status", "last_run_at", "last_failures", "last_message"])


def _shown(check: Check) -> tuple[Any, ...]:
    return (check.last_status, check.last_run_at, check.last_failures, check.last_message)
