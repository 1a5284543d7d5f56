"""The record of a campaign for whoever has to prove that it was held: one row a grant."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from access.models import CampaignItem

COLUMNS = (
    "grant", "holder", "dataset", "sensitivity", "columns", "unmasked", "expires_at", "last_used_at", "findings",
    "recommended", "because", "state", "reason", "dropped", "decided_by", "on_behalf_of", "decided_at",
    "carried_out_at", "suspended_at", "moot_at",
)  # fmt: skip


def rows_of(items: QuerySet[CampaignItem]) -> Iterator[dict[str, Any]]:
    """A row for each item, most urgent first; moments are aware datetimes, lists are lists.

    Shape: `COLUMNS`, one row per grant. Cost: one query.
    """
    for item in items.select_related("on_behalf_of").order_by("-priority", "pk"):
        grant = item.grant
        yield {
            "grant": grant.pk,
            "holder": grant.holder.label,
            "dataset": grant.dataset.name,
            "sensitivity": grant.dataset.sensitivity,
            "columns": grant.columns,
            "unmasked": grant.unmasked,
            "expires_at": grant.expires_at,
            "last_used_at": item.last_used_at,
            "findings": item.findings,
            "recommended": item.recommended or None,
            "because": item.because,
            "state": item.state,
            "reason": item.reason or None,
            "dropped": item.columns,
            "decided_by": item.decided_by.label if item.decided_by else None,
            "on_behalf_of": item.on_behalf_of.label if item.on_behalf_of else None,
            "decided_at": item.decided_at,
            "carried_out_at": item.carried_out_at,
            "suspended_at": item.suspended_at,
            "moot_at": item.moot_at,
        }
