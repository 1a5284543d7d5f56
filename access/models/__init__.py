"""What the access room remembers: who, what they asked, what was decided, what they hold, what they read."""

from access.models.approval import ApprovalRule
from access.models.audit import AuditEvent, AuditSeal
from access.models.campaigns import Campaign, CampaignItem, Certification
from access.models.clock import ClockMark
from access.models.delegations import Delegation
from access.models.emergencies import BreakGlassReview
from access.models.endpoints import Endpoint, EndpointKind, Post
from access.models.grants import EndReason, Grant, GrantState
from access.models.history import AuditCheckpoint, GrantVersion, Membership
from access.models.letters import ByMail, Letter
from access.models.native import NativeAccess, NativeFinding, NativeLogin, NativeTally
from access.models.outbox import Notice, OutboxMessage
from access.models.policies import ColumnMask, DatasetPolicy
from access.models.preferences import DecisionLink, How, TellingChoice, TellingPreference
from access.models.principals import Principal, PrincipalKind, Team, Token
from access.models.questions import Question
from access.models.requests import (
    BREAK_GLASS_LONGEST,
    STEWARDS,
    AccessRequest,
    Decision,
    DecisionKind,
    Escalation,
    RequestKind,
    RequestState,
    Vote,
)
from access.models.stewardship import (
    Stewardship,
    StewardshipTeamPermission,
    StewardshipUserPermission,
)
from access.models.sweeps import SweepForecast, SweepRun
from access.models.terms import TermsAcceptance, TermsOfUse
from access.models.unused import Dormancy, Exclusion, Exemption, RightSizing
from access.models.usage import GrantUse, QueryRecord, Surface

__all__ = [
    "BREAK_GLASS_LONGEST",
    "STEWARDS",
    "AccessRequest",
    "ApprovalRule",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditSeal",
    "BreakGlassReview",
    "ByMail",
    "Campaign",
    "CampaignItem",
    "Certification",
    "ClockMark",
    "ColumnMask",
    "DatasetPolicy",
    "Decision",
    "DecisionKind",
    "DecisionLink",
    "Delegation",
    "Dormancy",
    "EndReason",
    "Endpoint",
    "EndpointKind",
    "Escalation",
    "Exclusion",
    "Exemption",
    "Grant",
    "GrantState",
    "GrantUse",
    "GrantVersion",
    "How",
    "Letter",
    "Membership",
    "NativeAccess",
    "NativeFinding",
    "NativeLogin",
    "NativeTally",
    "Notice",
    "OutboxMessage",
    "Post",
    "Principal",
    "PrincipalKind",
    "QueryRecord",
    "Question",
    "RequestKind",
    "RequestState",
    "RightSizing",
    "Stewardship",
    "StewardshipTeamPermission",
    "StewardshipUserPermission",
    "Surface",
    "SweepForecast",
    "SweepRun",
    "Team",
    "TellingChoice",
    "TellingPreference",
    "TermsAcceptance",
    "TermsOfUse",
    "Token",
    "Vote",
]
