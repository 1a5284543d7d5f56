"""Certification campaigns: every grant of a domain, a dataset or a team gets somebody's word by a day.

The evidence sorts them and says what it would do; people decide; silence suspends at the deadline. Nobody certifies
what they hold or would gain by.
"""

from access.campaigns.closing import run
from access.campaigns.deciding import (
    SECOND_THOUGHTS,
    carry_out,
    certify,
    certify_several,
    last_of,
    take_back,
)
from access.campaigns.exporting import COLUMNS, rows_of
from access.campaigns.listing import following, settled_for, suggested, waiting_for
from access.campaigns.opening import open_campaign, scopes_for
from access.campaigns.standing import (
    Progress,
    campaign_for,
    certifiable_by,
    items_of,
    n_waiting_for,
    oversees,
    progress_by_campaign,
    progress_of,
    reviewers_of,
    visible_to,
)

__all__ = [
    "COLUMNS",
    "SECOND_THOUGHTS",
    "Progress",
    "campaign_for",
    "carry_out",
    "certifiable_by",
    "certify",
    "certify_several",
    "following",
    "items_of",
    "last_of",
    "n_waiting_for",
    "open_campaign",
    "oversees",
    "progress_by_campaign",
    "progress_of",
    "reviewers_of",
    "rows_of",
    "run",
    "scopes_for",
    "settled_for",
    "suggested",
    "take_back",
    "visible_to",
    "waiting_for",
]
