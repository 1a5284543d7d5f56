"""The record of who did what, when and why: one event per transition, written in the transaction that did it.

PostgreSQL refuses to change or remove an event and computes its digest itself; `access.audit.sealing` chains the digests.
Nothing here ever holds a value of somebody's data, a query's result, or a credential.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from access.clock import database_now
from access.models import AuditEvent, Principal, Team
from access.people.permissions import Permission, over
from access.spans import write_span
from catalog.models import Dataset

OPERATOR = "operator"


class Kind(StrEnum):
    """Every kind of event, as `subject.verb`. Each has a line in docs/reference/audit.md."""

    PERSON_CREATED = "person.created"
    SERVICE_CREATED = "service.created"
    PRINCIPAL_AMENDED = "principal.amended"
    PRINCIPAL_DEACTIVATED = "principal.deactivated"
    PRINCIPAL_REACTIVATED = "principal.reactivated"
    TEAM_CREATED = "team.created"
    TEAM_DELETED = "team.deleted"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    STEWARD_APPOINTED = "steward.appointed"
    STEWARD_DISMISSED = "steward.dismissed"
    TOKEN_ISSUED = "token.issued"
    TOKEN_REVOKED = "token.revoked"
    SIGNED_IN = "session.started"
    SIGN_IN_FAILED = "session.refused"
    SIGNED_OUT = "session.ended"

    REQUEST_SUBMITTED = "request.submitted"
    REQUEST_VOTED = "request.voted"
    REQUEST_ADVANCED = "request.advanced"
    REQUEST_QUESTIONED = "request.questioned"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_APPROVED = "request.approved"
    REQUEST_DENIED = "request.denied"
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_ESCALATED = "request.escalated"
    REQUEST_LAPSED = "request.lapsed"
    REQUEST_SUPERSEDED = "request.superseded"

    DELEGATION_MADE = "delegation.made"
    DELEGATION_ENDED = "delegation.ended"
    APPROVAL_CHANGED = "approval.changed"
    TERMS_CHANGED = "terms.changed"
    TERMS_ACCEPTED = "terms.accepted"
    GLASS_BROKEN = "glass.broken"
    GLASS_REVIEWED = "glass.reviewed"
    GLASS_OVERDUE = "glass.overdue"

    GRANT_ISSUED = "grant.issued"
    GRANT_RENEWED = "grant.renewed"
    GRANT_NARROWED = "grant.narrowed"
    GRANT_SUSPENDED = "grant.suspended"
    GRANT_RESUMED = "grant.resumed"
    GRANT_SLEPT = "grant.slept"
    GRANT_WOKEN = "grant.woken"
    GRANT_EXCLUDED = "grant.excluded"
    GRANT_READMITTED = "grant.readmitted"
    GRANT_EXEMPTED = "grant.exempted"
    GRANT_UNEXEMPTED = "grant.unexempted"
    COLUMNS_PROPOSED = "columns.proposed"
    COLUMNS_KEPT = "columns.kept"
    COLUMNS_MASKED = "columns.masked"
    GRANT_CERTIFIED = "grant.certified"
    GRANT_UNCERTIFIED = "grant.uncertified"
    CAMPAIGN_OPENED = "campaign.opened"
    CAMPAIGN_REMINDED = "campaign.reminded"
    CAMPAIGN_CLOSED = "campaign.closed"
    GRANT_WARNED = "grant.warned"
    GRANT_SPARED = "grant.spared"
    GRANT_EXPIRED = "grant.expired"
    GRANT_RETURNED = "grant.returned"
    GRANT_REVOKED = "grant.revoked"
    GRANT_UNUSED = "grant.unused"
    GRANT_LEFT = "grant.left"
    GRANT_REPLACED = "grant.replaced"
    GRANT_RESTORED = "grant.restored"

    POLICY_CHANGED = "policy.changed"
    POLICY_CLOSED = "policy.closed"
    POLICY_BROKEN = "policy.broken"
    POLICY_MENDED = "policy.mended"
    QUERY_OPENED = "query.opened"
    QUERY_REFUSED = "query.refused"
    QUERY_ENDED = "query.ended"
    QUERY_SEEN_AS = "query.seen_as"

    NATIVE_SWITCHED_ON = "native.switched_on"
    NATIVE_CHANGED = "native.changed"
    NATIVE_SWITCHED_OFF = "native.switched_off"
    NATIVE_CLEARED = "native.cleared"
    LOGIN_OPENED = "login.opened"
    LOGIN_KEYED = "login.keyed"
    LOGIN_ENDED = "login.ended"
    DRIFT_FOUND = "drift.found"
    DRIFT_REPAIRED = "drift.repaired"
    DRIFT_GONE = "drift.gone"
    QUERY_OBSERVED = "query.observed"

    WAREHOUSE_CREATED = "warehouse.created"
    WAREHOUSE_CHANGED = "warehouse.changed"
    WAREHOUSE_REMOVED = "warehouse.removed"
    METADATA_IMPORTED = "metadata.imported"
    DATASET_DESCRIBED = "dataset.described"
    DATASET_RELEASED = "dataset.released"
    DATASET_DEPRECATED = "dataset.deprecated"
    DATASET_UNDEPRECATED = "dataset.undeprecated"
    DOMAIN_CHANGED = "domain.changed"
    DASHBOARD_CHANGED = "dashboard.changed"
    DASHBOARD_REMOVED = "dashboard.removed"
    CONFIGURATION_APPLIED = "configuration.applied"

    PREFERENCES_CHANGED = "preferences.changed"
    ENDPOINT_CREATED = "endpoint.created"
    ENDPOINT_CHANGED = "endpoint.changed"
    ENDPOINT_ROTATED = "endpoint.rotated"
    ENDPOINT_DISABLED = "endpoint.disabled"
    ENDPOINT_ENABLED = "endpoint.enabled"
    ENDPOINT_REMOVED = "endpoint.removed"
    DELIVERIES_RETRIED = "deliveries.retried"

    SWEEP_FINISHED = "sweep.finished"
    SWEEP_HELD_BACK = "sweep.held_back"
    CLOCK_MENDED = "clock.mended"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_CHECKPOINTED = "audit.checkpointed"


def record(
    kind: Kind,
    *,
    actor: Principal | None,
    subject: str = "",
    dataset: Dataset | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> AuditEvent:
    """Write one event in the current transaction; without an actor it is the operator's or the portal's own doing.

    `subject` is `kind:id`, as `grant:17`. `data` holds old and new values of what changed; moments and spans in it
    are written as text. Errors: the database's own, and they must end the transaction: no record, no act.
    """
    return AuditEvent.objects.create(
        at=now or database_now(),
        kind=kind.value,
        actor=actor,
        actor_label=actor.label if actor else OPERATOR,
        subject=subject,
        dataset=dataset.name if dataset else "",
        reason=reason,
        data={key: _plain(value) for key, value in (data or {}).items()},
    )


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return write_span(value)
    if isinstance(value, Principal | Team):
        return value.label
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def story(
    viewer: Principal,
    *,
    dataset: Dataset | None = None,
    subject: str = "",
    actor: Principal | None = None,
    kind: Kind | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEvent]:
    """What `viewer` may read of the record, newest first: administrators all of it, stewards their datasets' part.

    `since` is included, `until` is not.
    """
    events = _open_to(viewer)
    if dataset is not None:
        events = events.filter(dataset=dataset.name)
    if subject:
        events = events.filter(subject=subject)
    if actor is not None:
        events = events.filter(actor=actor)
    if kind is not None:
        events = events.filter(kind=kind.value)
    if since is not None:
        events = events.filter(at__gte=since)
    return events.filter(at__lt=until) if until is not None else events


def _open_to(viewer: Principal) -> QuerySet[AuditEvent]:
    if not viewer.is_active:
        return AuditEvent.objects.none()
    if viewer.is_administrator:
        return AuditEvent.objects.select_related("actor")
    names = over(viewer, Permission.DECIDE).values("name")
    return AuditEvent.objects.filter(dataset__in=names).select_related("actor")
