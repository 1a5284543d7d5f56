"""How a person stands with a dataset, and the one action that fits: the access button, state by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from access.grants import AccessSummary, is_restorable, is_wakeable
from access.models import Grant
from catalog.models import Dataset
from portal.templatetags.words import ago, counted, days_left, listed


@dataclass(frozen=True)
class Action:
    """A button that goes somewhere."""

    label: str
    url: str
    icon: str = ""
    primary: bool = False
    method: str = "get"


@dataclass(frozen=True)
class Standing:
    """What the access card says: see the partial `_standing.html`."""

    state: str
    title: str
    text: str
    actions: tuple[Action, ...]
    starts_at: datetime | None = None
    expires_at: datetime | None = None


def standing_of(
    dataset: Dataset, summary: AccessSummary, *, deciders: Sequence[str], now: datetime
) -> Standing:
    """The card for one dataset; `deciders` are the names of those who would decide, the viewer left out. Cost: at most one query."""
    grant = summary.grant
    is_timed = grant is not None and summary.state in ("live", "expiring", "suspended")
    return Standing(
        state=summary.state,
        title=_title(dataset, summary),
        text=_text(summary, deciders),
        actions=_actions(dataset, summary, now),
        starts_at=grant.starts_at if grant and is_timed else None,
        expires_at=grant.expires_at if grant and is_timed else None,
    )


def query_url(dataset: Dataset) -> str:
    """The workbench with a first query over the dataset."""
    return f"{reverse('workbench')}?{urlencode({'dataset': dataset.name})}"


def _title(dataset: Dataset, summary: AccessSummary) -> str:
    match summary.state:
        case "live":
            return _seen(summary)
        case "expiring":
            return f"Your access ends soon: {days_left(summary.until)}"
        case "pending":
            asked_at = summary.request.submitted_at if summary.request else None
            return f"You asked {ago(asked_at)}"
        case "scheduled":
            return "Your access has not started yet"
        case "suspended":
            return "Your access is paused"
        case "expired":
            return "Your access has expired"
        case "ended":
            return "Your access has ended"
    return "You have no access to the data"


def _seen(summary: AccessSummary) -> str:
    columns = counted(summary.columns_total, "column")
    if summary.columns_seen == summary.columns_total:
        return f"You can see all {columns}"
    return f"You can see {summary.columns_seen} of {columns}"


def _text(summary: AccessSummary, deciders: Sequence[str]) -> str:
    who = "Nobody decides about their own access, so an administrator will."
    if deciders:
        who = f"{listed(deciders)} decide{'s' if len(deciders) == 1 else ''}."
    match summary.state:
        case "none":
            return f"Ask for the columns you need. {who}"
        case "pending":
            return who
        case "live" | "expiring":
            approved = f"{summary.approved_by} approved it." if summary.approved_by else ""
            seen = "" if summary.state == "live" else f"{_seen(summary)}."
            return f"{seen} {approved}".strip()
    return summary.sentence


def _actions(dataset: Dataset, summary: AccessSummary, now: datetime) -> tuple[Action, ...]:
    ask = Action(
        "Request access", reverse("request-access", args=[dataset.name]), "send", primary=True
    )
    query = Action("Query it", query_url(dataset), "workbench", primary=True)
    mine = _grant_url(summary.grant)
    match summary.state:
        case "live":
            return (
                (query, Action("Ask for more", ask.url, "plus"))
                if _is_partial(summary)
                else (query,)
            )
        case "expiring":
            return (
                Action("Renew", mine, "refresh", primary=True),
                Action("Query it", query.url, "workbench"),
            )
        case "pending" if summary.request:
            page = reverse("request", args=[summary.request.pk])
            return (Action("See your request", page, "arrow"),)
        case "scheduled":
            return (Action("See the grant", mine, "arrow"),)
        case "suspended" if summary.grant and (back := _way_back(summary.grant, now)):
            return (back, Action("See why", mine, "arrow"))
        case "suspended":
            return (Action("See why", mine, "arrow", primary=True),)
        case "ended" if summary.grant and is_restorable(summary.grant, now):
            return (Action("Restore", mine, "history", primary=True),)
    return (ask,)


def _way_back(grant: Grant, now: datetime) -> Action | None:
    """The one click that ends a sleep, or a time in which a team's grant left its member out."""
    if grant.suspended_at is None:
        return Action("Come back", reverse("come-back", args=[grant.pk]), "history", True, "post")
    if is_wakeable(grant, now):
        return Action("Wake it", reverse("wake-grant", args=[grant.pk]), "history", True, "post")
    return None


def _is_partial(summary: AccessSummary) -> bool:
    return summary.columns_seen < summary.columns_total


def _grant_url(grant: Grant | None) -> str:
    page = reverse("my-access")
    return f"{page}#grant-{grant.pk}" if grant else page
