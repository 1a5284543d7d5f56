"""What the access room remembers: who, what they asked, what was decided, what they hold, what they read."""

from access.models.audit import AuditEvent, AuditSeal
from access.models.clock import ClockMark
from access.models.grants import EndReason, Grant, GrantState
from access.models.outbox import Notice, OutboxMessage
from access.models.policies import ColumnMask, DatasetPolicy
from access.models.principals import Principal, PrincipalKind, Team, Token
from access.models.requests import (
    AccessRequest,
    Decision,
    DecisionKind,
    RequestKind,
    RequestState,
    Vote,
)
from access.models.stewardship import (
    Stewardship,
    StewardshipTeamPermission,
    StewardshipUserPermission,
)
from access.models.sweeps import SweepRun
from access.models.usage import GrantUse, QueryRecord, Surface

__all__ = [
    "AccessRequest",
    "AuditEvent",
    "AuditSeal",
    "ClockMark",
    "ColumnMask",
    "DatasetPolicy",
    "Decision",
    "DecisionKind",
    "EndReason",
    "Grant",
    "GrantState",
    "GrantUse",
    "Notice",
    "OutboxMessage",
    "Principal",
    "PrincipalKind",
    "QueryRecord",
    "RequestKind",
    "RequestState",
    "Stewardship",
    "StewardshipTeamPermission",
    "StewardshipUserPermission",
    "Surface",
    "SweepRun",
    "Team",
    "Token",
    "Vote",
]
