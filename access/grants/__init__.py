"""The right to read a dataset until a moment: who holds it, how it is given, moved, and how it ends.

Whether a grant is live is a fact about time, asked of PostgreSQL in the statement that reads; no task opens or closes
anything. Every way to a grant goes through a decision, and every change leaves one event of the audit.
"""

from access.grants.ending import (
    ORPHANED,
    end_all_of,
    give_back,
    resume,
    resume_orphaned,
    revoke,
    stamp_expired,
    suspend,
    suspend_all_of,
)
from access.grants.issuing import Terms, grant_directly, issue
from access.grants.readable import ReadablePage, readable_page
from access.grants.renewing import request_renewal
from access.grants.restoring import RESTORE_WINDOW, is_restorable, restore
from access.grants.standing import (
    held_by,
    is_holder,
    is_live,
    live,
    live_of,
    on_data_of,
    readable_by,
    stands_for,
)
from access.grants.summary import AccessSummary, summaries, summary

__all__ = [
    "ORPHANED",
    "RESTORE_WINDOW",
    "AccessSummary",
    "ReadablePage",
    "Terms",
    "end_all_of",
    "give_back",
    "grant_directly",
    "held_by",
    "is_holder",
    "is_live",
    "is_restorable",
    "issue",
    "live",
    "live_of",
    "on_data_of",
    "readable_by",
    "readable_page",
    "request_renewal",
    "restore",
    "resume",
    "resume_orphaned",
    "revoke",
    "stamp_expired",
    "stands_for",
    "summaries",
    "summary",
    "suspend",
    "suspend_all_of",
]
