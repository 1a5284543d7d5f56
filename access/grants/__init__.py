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
from access.grants.exempting import exempt, exemptions, exemptions_on_data_of, withdraw
from access.grants.issuing import Terms, grant_directly, issue
from access.grants.readable import ReadablePage, readable_page
from access.grants.renewing import request_renewal
from access.grants.restoring import RESTORE_WINDOW, is_restorable, restore
from access.grants.rightsizing import going, keep_columns
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
from access.grants.waking import is_wakeable, left_out_of, readmit, wake

__all__ = [
    "ORPHANED",
    "RESTORE_WINDOW",
    "AccessSummary",
    "ReadablePage",
    "Terms",
    "end_all_of",
    "exempt",
    "exemptions",
    "exemptions_on_data_of",
    "give_back",
    "going",
    "grant_directly",
    "held_by",
    "is_holder",
    "is_live",
    "is_restorable",
    "is_wakeable",
    "issue",
    "keep_columns",
    "left_out_of",
    "live",
    "live_of",
    "on_data_of",
    "readable_by",
    "readable_page",
    "readmit",
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
    "wake",
    "withdraw",
]
