"""What one person may see of one dataset, in a sentence: "You can see 14 of 18 columns until 3 March 2027. Ana Ruiz approved it." """

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from access.grants.waking import left_out_of
from access.models import AccessRequest, Grant, GrantState, Principal, RequestState
from access.words import day
from catalog.models import Column, Dataset

SOON = timedelta(days=7)


@dataclass(frozen=True)
class AccessSummary:
    """One person's access to one dataset.

    `state` is none, pending, scheduled, live, expiring, suspended, expired or ended. `grant` is the one that lasts
    longest of those behind the state, `request` one that waits for a decision.
    """

    state: str
    columns_seen: int
    columns_total: int
    until: datetime | None
    approved_by: str
    grant: Grant | None
    request: AccessRequest | None
    sentence: str


def summary(principal: Principal, dataset: Dataset, now: datetime) -> AccessSummary:
    """Where somebody stands with a dataset at `now`. Cost: four queries."""
    return summaries(principal, [dataset], now)[dataset.pk]


def summaries(
    principal: Principal, datasets: Iterable[Dataset], now: datetime
) -> dict[int, AccessSummary]:
    """Where somebody stands with each of these datasets at `now`, by key of the dataset. Cost: four queries."""
    keys = [dataset.pk for dataset in datasets]
    held: dict[int, list[Grant]] = defaultdict(list)
    left_out = left_out_of(principal)
    for grant in (
        Grant.objects.filter(_of(principal), dataset__in=keys)
        .select_related("decision__decider", "principal", "team", "dataset")
        .order_by("-expires_at", "-pk")
    ):
        held[grant.dataset_id].append(grant)
    names: dict[int, set[str]] = defaultdict(set)
    columns = Column.objects.filter(dataset__in=keys, removed_at=None)
    for key, name in columns.values_list("dataset", "name"):
        names[key].add(name)
    waiting: dict[int, AccessRequest] = {}
    for asked in AccessRequest.objects.filter(
        _of(principal) | Q(requester=principal), dataset__in=keys, state=RequestState.PENDING
    ):
        waiting.setdefault(asked.dataset_id, asked)
    return {key: _summary(held[key], names[key], waiting.get(key), left_out, now) for key in keys}


def _summary(
    every: list[Grant],
    names: set[str],
    waiting: AccessRequest | None,
    left_out: set[int],
    now: datetime,
) -> AccessSummary:
    held = [grant for grant in every if grant.pk not in left_out]
    seen = _seen(held, names, now)
    state, grant = _state(held, waiting, now)
    if state in ("none", "pending", "expired", "ended"):
        through = next((each for each in every if _is_left_out(each, left_out, now)), None)
        state, grant = (GrantState.SUSPENDED.value, through) if through else (state, grant)
    approved_by = _approver(grant) if grant else ""
    return AccessSummary(
        state=state,
        columns_seen=len(seen),
        columns_total=len(names),
        until=grant.expires_at if grant else None,
        approved_by=approved_by,
        grant=grant,
        request=waiting,
        sentence=_sentence(state, grant, waiting, len(seen), len(names), approved_by),
    )


def _is_left_out(grant: Grant, left_out: set[int], now: datetime) -> bool:
    return grant.pk in left_out and grant.state_at(now) == GrantState.LIVE


def _of(principal: Principal) -> Q:
    return Q(principal=principal) | Q(team__in=principal.groups.values("pk"))


def _seen(held: list[Grant], names: set[str], now: datetime) -> set[str]:
    seen: set[str] = set()
    for grant in held:
        if grant.state_at(now) == GrantState.LIVE:
            seen |= names if grant.columns is None else names & set(grant.columns)
    return seen


def _state(
    held: list[Grant], waiting: AccessRequest | None, now: datetime
) -> tuple[str, Grant | None]:
    by_state: dict[GrantState, Grant] = {}
    for grant in held:
        by_state.setdefault(grant.state_at(now), grant)
    live = by_state.get(GrantState.LIVE)
    if live is not None:
        return ("expiring" if live.expires_at - now <= SOON else "live"), live
    for state in (GrantState.SUSPENDED, GrantState.SCHEDULED):
        if state in by_state:
            return state.value, by_state[state]
    if waiting is not None:
        return "pending", None
    over = [grant for grant in held if grant.ended_at or grant.expires_at <= now]
    if not over:
        return "none", None
    latest = max(over, key=lambda grant: min(grant.ended_at or grant.expires_at, grant.expires_at))
    return latest.state_at(now).value, latest


def _approver(grant: Grant) -> str:
    """Who decided, as people say it: a name, or what stood in for one."""
    decision = grant.decision
    if decision.kind == "person" and decision.decider is not None:
        return str(decision.decider)
    return {"rule": "An approval rule", "configuration": "The configuration"}.get(decision.kind, "")


def _sentence(
    state: str,
    grant: Grant | None,
    waiting: AccessRequest | None,
    n_seen: int,
    n_total: int,
    approved_by: str,
) -> str:
    if grant is None:
        if waiting is None:
            return "You do not have access yet. Ask for the columns you need."
        return f"You asked on {day(waiting.submitted_at)}. It waits for a decision."
    if state in ("live", "expiring"):
        columns = f"all {n_total}" if n_seen == n_total else f"{n_seen} of {n_total}"
        approved = f" {approved_by} approved it." if approved_by else ""
        return f"You can see {columns} columns until {day(grant.expires_at)}.{approved}"
    if state == "scheduled":
        return (
            f"Your access starts on {day(grant.starts_at)} and lasts until {day(grant.expires_at)}."
        )
    if state == "suspended" and grant.suspended_at is None:
        return (
            "You did not use what your team holds, so you were left out. Come back with one click."
        )
    if state == "suspended":
        return f"Your access is suspended. {grant.suspend_reason}".strip()
    return _over(state, grant)


def _over(state: str, grant: Grant) -> str:
    if state == "expired" or grant.ended_at is None:
        return f"Your access expired on {day(grant.expires_at)}. Ask again if you still need it."
    because = {
        "returned": "You returned it.",
        "revoked": grant.end_note,
        "unused": "It was not used.",
        "replaced": "Another grant took its place.",
    }.get(grant.end_reason, "")
    return f"Your access ended on {day(grant.ended_at)}. {because}".strip()
