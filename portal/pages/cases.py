"""One request with what helps to decide it: what would be gained, by whom, who has the same, and what became of it before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from access.asking import questions
from access.deciding.approvers import in_words, mandates_of, stages_of
from access.deciding.delegation import delegators_of
from access.deciding.narrowing import Gain, gain
from access.discovery import discoverable_by
from access.evidence import NONE, Evidence, evidence
from access.grants import live
from access.grants.standing import live_of
from access.models import AccessRequest, Escalation, Grant, Principal, Question, Team
from access.words import counted, day, listed
from catalog.models import Column, ExposureInput, LineageEdge
from portal.forms.asking import spans_up_to

PEERS = 50


@dataclass(frozen=True)
class Case:
    """What the inbox shows of one request.

    `peers` read the dataset now, `n_alike` of them at least what is asked. `others` are datasets the holder reads
    already, `n_unnamed` more that the viewer may not know of. `downstream` says what is made from the dataset.
    `on_behalf_of` is set where the viewer decides in somebody's place.
    """

    access_request: AccessRequest
    gain: Gain
    lines: list[dict[str, str]]
    columns: tuple[str, ...]
    used: Evidence | None
    past: tuple[str, ...]
    peers: tuple[str, ...]
    n_alike: int
    others: tuple[str, ...]
    n_unnamed: int
    downstream: str
    stage: str
    approvals: int
    n_approved: int
    escalation: str
    on_behalf_of: Principal | None
    thread: tuple[Question, ...]
    shorter: list[tuple[str, str]]


def cases_of(rows: Sequence[AccessRequest], viewer: Principal, now: datetime) -> list[Case]:
    """A case for each request. Cost: about fifteen queries each; a page of an inbox is short."""
    behalf = _on_behalf(rows, viewer, now)
    return [_case(each, viewer, now, behalf.get(each.pk)) for each in rows]


def _on_behalf(
    rows: Sequence[AccessRequest], viewer: Principal, now: datetime
) -> dict[int, Principal]:
    """In whose place the viewer decides what is not theirs to decide. Cost: one query where there is nobody."""
    if not delegators_of(viewer, now):
        return {}
    mandates = {each.pk: mandates_of(viewer, each, now) for each in rows}
    return {pk: found[0] for pk, found in mandates.items() if found and found[0] != viewer}


def _case(
    access_request: AccessRequest, viewer: Principal, now: datetime, on_behalf_of: Principal | None
) -> Case:
    gained = gain(access_request, now)
    columns = columns_asked(access_request)
    peers = _peers(access_request)
    others, n_unnamed = _others(access_request.holder, viewer)
    stage = access_request.present_stage
    return Case(
        access_request=access_request,
        gain=gained,
        lines=_lines(gained),
        columns=columns,
        used=_used(access_request),
        past=_past(access_request, now),
        peers=tuple(sorted({str(grant.holder) for grant in peers})),
        n_alike=len({grant.holder for grant in peers if _covers(grant, access_request)}),
        others=others,
        n_unnamed=n_unnamed,
        downstream=_downstream(access_request),
        stage=_stage(access_request),
        approvals=stage["approvals"],
        n_approved=access_request.votes.filter(approves=True, stage=access_request.stage).count(),
        escalation=Escalation(access_request.escalation).label if access_request.escalation else "",
        on_behalf_of=on_behalf_of,
        thread=tuple(questions.thread(access_request)),
        shorter=spans_up_to(access_request.duration),
    )


def columns_asked(access_request: AccessRequest) -> tuple[str, ...]:
    """The names of the columns asked for, all there are where all were asked for."""
    if access_request.columns is not None:
        return tuple(access_request.columns)
    names = Column.objects.filter(dataset=access_request.dataset, removed_at=None)
    return tuple(names.values_list("name", flat=True))


def _lines(gained: Gain) -> list[dict[str, str]]:
    masked = dict(gained.masked)
    clear = set(gained.in_the_clear)
    lines = [
        {
            "change": "added",
            "label": name,
            "note": "in the clear"
            if name in clear
            else f"masked: {masked[name]}"
            if name in masked
            else "",
        }
        for name in gained.new
    ]
    lines += [
        {"change": "changed", "label": name, "note": "from masked to in the clear"}
        for name in gained.in_the_clear
        if name not in gained.new
    ]
    return lines


def _peers(access_request: AccessRequest) -> list[Grant]:
    """The grants through which others can read the dataset now, the asker's aside."""
    held = live().filter(dataset=access_request.dataset).select_related("principal", "team")[:PEERS]
    return [grant for grant in held if grant.holder != access_request.holder]


def _covers(grant: Grant, access_request: AccessRequest) -> bool:
    """Whether a grant gives at least the columns that are asked for, as clear as they are asked for."""
    columns = grant.columns is None or (
        access_request.columns is not None and set(access_request.columns) <= set(grant.columns)
    )
    return columns and set(access_request.unmasked) <= set(grant.unmasked)


def _used(access_request: AccessRequest) -> Evidence | None:
    """What became of the grant that would last longer; None for a first request."""
    grant = access_request.grant_id
    return None if grant is None else evidence([grant]).get(grant, NONE)


def _past(access_request: AccessRequest, now: datetime) -> tuple[str, ...]:
    """The last three grants of the same holder on the same dataset that are over, and how they were used."""
    holder = access_request.holder
    owner = Q(team=holder) if isinstance(holder, Team) else Q(principal=holder)
    over = Grant.objects.filter(owner, dataset=access_request.dataset).filter(
        Q(ended_at__isnull=False) | Q(expires_at__lte=now)
    )
    found = list(over.order_by("-created_at")[:3])
    used = evidence([grant.pk for grant in found]) if found else {}
    return tuple(_told(grant, used.get(grant.pk, NONE)) for grant in found)


def _told(grant: Grant, used: Evidence) -> str:
    until = day(grant.ended_at or grant.expires_at)
    reads = f"read {counted(used.n_queries, 'time')}" if used.n_queries else "never used"
    return f"until {until}, {reads}"


def _others(holder: Principal | Team, viewer: Principal) -> tuple[tuple[str, ...], int]:
    """What the holder can read already, as far as the viewer may know of it; how much more there is."""
    held = live().filter(team=holder) if isinstance(holder, Team) else live_of(holder)
    datasets = held.order_by().values("dataset").distinct()
    known = discoverable_by(viewer).filter(pk__in=datasets).order_by("title", "table_name")
    names = tuple(each.label for each in known.only("title", "table_name", "name"))
    return names, datasets.count() - len(names)


def _downstream(access_request: AccessRequest) -> str:
    """How much is made from the dataset: a leak of it reaches that far, and so does a mistake in it."""
    dataset = access_request.dataset
    n_datasets = (
        LineageEdge.objects.filter(upstream=dataset).values("downstream").distinct().count()
    )
    n_exposures = (
        ExposureInput.objects.filter(dataset=dataset).values("exposure").distinct().count()
    )
    parts = [
        counted(n, noun) for n, noun in ((n_datasets, "dataset"), (n_exposures, "dashboard")) if n
    ]
    return listed(parts)


def _stage(access_request: AccessRequest) -> str:
    if access_request.n_stages == 1:
        return ""
    words = in_words(stages_of(access_request)[access_request.stage - 1])
    return f"{access_request.stage} of {access_request.n_stages}: {words}"
