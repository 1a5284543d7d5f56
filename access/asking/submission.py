"""Placing a request: what is asked is checked, frozen and hashed; a rule decides it at once, or stewards are told.

`access.asking.requests` and renewals both come through here. Who may ask for whom was settled before.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from access import notices
from access.audit.events import Kind, record
from access.deciding import approval, automatic, decisions
from access.deciding.approvers import asked_first, waits_for
from access.errors import Conflict, Invalid
from access.models import AccessRequest, Grant, Principal, RequestKind, Team
from access.people.presence import keep_here
from access.words import span
from catalog.models import Dataset

PURPOSE_LIMIT = 2_000


@dataclass(frozen=True)
class Asked:
    """What somebody asks for; `columns` None asks for all."""

    dataset: Dataset
    holder: Principal | Team
    purpose: str
    duration: timedelta
    columns: tuple[str, ...] | None = None
    unmasked: tuple[str, ...] = ()
    kind: RequestKind = RequestKind.ACCESS
    grant: Grant | None = None
    origin: str = ""
    starts_at: datetime | None = None

    @property
    def content_hash(self) -> str:
        """The SHA-256 of everything asked, as 64 hexadecimal digits."""
        content = [
            self.holder.label,
            self.dataset.name,
            self.kind.value,
            self.grant.pk if self.grant else None,
            None if self.columns is None else sorted(self.columns),
            sorted(self.unmasked),
            self.purpose,
            self.duration.total_seconds(),
            self.starts_at.isoformat() if self.starts_at else None,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@transaction.atomic
def place(asked: Asked, *, actor: Principal, now: datetime) -> AccessRequest:
    """The request, pending, or approved when a rule of the owner covers it.

    Errors: `Invalid` with the field; `Conflict` when the same request is already waiting, or when somebody left.
    """
    _check_purpose(asked.purpose)
    check_duration(asked, now)
    access_request = _create(asked, actor, now)
    keep_here(*{actor, *([] if isinstance(asked.holder, Team) else [asked.holder])})
    record(
        Kind.REQUEST_SUBMITTED,
        actor=actor,
        subject=f"request:{access_request.pk}",
        dataset=asked.dataset,
        reason=asked.purpose,
        data={
            "holder": asked.holder.label,
            "kind": asked.kind.value,
            "columns": asked.columns,
            "unmasked": asked.unmasked,
            "duration": asked.duration,
            "content_hash": access_request.content_hash,
        },
        now=now,
    )
    rule = automatic.rule_for(access_request)
    if rule is not None:
        decisions.approve_by_rule(access_request, rule, now=now)
    else:
        access_request.waits_for = waits_for(access_request, access_request.waits_for)
        access_request.save(update_fields=["waits_for"])
        notices.tell_submitted(access_request, asked_first(access_request), now=now)
    return access_request


def _create(asked: Asked, actor: Principal, now: datetime) -> AccessRequest:
    stages = [stage.as_json() for stage in approval.approval_of(asked.dataset).stages]
    try:
        with transaction.atomic():
            return AccessRequest.objects.create(
                requester=actor,
                principal=None if isinstance(asked.holder, Team) else asked.holder,
                team=asked.holder if isinstance(asked.holder, Team) else None,
                dataset=asked.dataset,
                kind=asked.kind,
                grant=asked.grant,
                columns=None if asked.columns is None else list(asked.columns),
                unmasked=list(asked.unmasked),
                purpose=asked.purpose,
                duration=asked.duration,
                starts_at=asked.starts_at,
                origin=asked.origin[:40],
                stages=stages,
                waits_for=stages[0]["by"],
                content_hash=asked.content_hash,
                submitted_at=now,
            )
    except IntegrityError as error:
        raise Conflict("The same request is already waiting for a decision.") from error


def known_columns(
    dataset: Dataset, names: Sequence[str] | None, field: str
) -> tuple[str, ...] | None:
    """The named columns in the order of the table, each once; None, which asks for all, stays None.

    Errors: `Invalid` for an unknown column, and for a list that names none.
    """
    if names is None:
        return None
    present = list(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    for name in names:
        if name not in present:
            raise Invalid(f"{dataset.name} has no column {name}.", field)
    if not names:
        raise Invalid("Name at least one column.", field)
    wanted = set(names)
    return tuple(name for name in present if name in wanted)


def check_duration(asked: Asked, now: datetime) -> None:
    """Errors: `Invalid` when it is nothing, or longer than the owner or the sensitivity allows."""
    longest = approval.approval_of(asked.dataset).longest
    if asked.duration <= timedelta(0):
        raise Invalid("Access lasts for some time: say 30 days.", "duration")
    if asked.duration > longest:
        raise Invalid(
            f"Access to {asked.dataset.label} lasts at most {span(longest)}. Ask for that, and renew it then.",
            "duration",
        )
    if asked.starts_at is not None and asked.starts_at < now - timedelta(minutes=5):
        raise Invalid("Access cannot start in the past.", "starts_at")


def _check_purpose(purpose: str) -> None:
    if not purpose:
        raise Invalid("Say in a sentence what you need the data for.", "purpose")
    if len(purpose) > PURPOSE_LIMIT:
        raise Invalid(f"Keep the purpose below {PURPOSE_LIMIT:,} characters.", "purpose")
