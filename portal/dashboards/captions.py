"""Where a tile's numbers come from: dataset, who answers for it, how fresh it is, its checks, and what policy did."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from access.clock import database_now
from access.models import Principal
from access.people import stewardship
from access.policies.policy import CLEAR, row_filters, visible_columns
from access.policies.reading import reading_of
from catalog.freshness import Freshness, freshness, spell
from catalog.models import Check, CheckStatus, Dataset
from portal.dashboards.tiles import Drawn
from portal.templatetags.words import ago


@dataclass(frozen=True)
class Caption:
    """The line under a tile."""

    dataset: str = ""
    dataset_url: str = ""
    owner: str = ""
    freshness: str = ""
    freshness_state: str = ""
    updated_at: datetime | None = None
    checks_failed: int = 0
    took_ms: int | None = None
    cached: bool = False
    policy: str = ""
    why_url: str = ""


def caption_of(
    dataset: Dataset | None, principal: Principal, drawn: Drawn | None = None
) -> Caption:
    """The caption as this person may know it; a dataset they may not know of is not named. Cost: four queries."""
    took = drawn.milliseconds if drawn and drawn.query_id else None
    if dataset is None:
        return Caption(took_ms=took)
    fresh = freshness(dataset, database_now())
    stewards = stewardship.stewards_of(dataset)
    return Caption(
        dataset=dataset.label,
        dataset_url=reverse("dataset", args=[dataset.name]),
        owner=str(stewards[0]) if stewards else "",
        freshness=_freshness(fresh),
        freshness_state=fresh.state,
        updated_at=fresh.updated_at,
        checks_failed=Check.objects.filter(
            dataset=dataset, last_status__in=[CheckStatus.FAIL, CheckStatus.ERROR]
        ).count(),
        took_ms=took,
        policy=_policy(dataset, principal) if drawn and drawn.query_id else "",
        why_url=reverse("query", args=[drawn.query_id]) if drawn and drawn.query_id else "",
    )


def _freshness(fresh: Freshness) -> str:
    """How old the data is, short enough for the line under a tile."""
    if fresh.updated_at is None:
        return "freshness unknown"
    late = f", promised within {spell(fresh.within)}" if fresh.within else ""
    return f"changed {ago(fresh.updated_at)}{late if fresh.state == 'stale' else ''}"


def _policy(dataset: Dataset, principal: Principal) -> str:
    """What the policy changes for this person, in words; nothing when it changes nothing."""
    reading = reading_of(principal, dataset.warehouse, dataset.schema_name, dataset.table_name)
    if reading is None:
        return ""
    policy = reading.policy
    seen = visible_columns(policy)
    masked = sum(column.how != CLEAR for column in seen)
    hidden = len(policy.columns) - len(seen)
    parts = [
        f"{count} column{'s'[: count != 1]} {word}"
        for count, word in ((masked, "masked"), (hidden, "not granted"))
        if count > 0
    ]
    parts += ["some rows left out"] if policy.rows or row_filters(policy) else []
    return ", ".join(parts)
