"""Who could read a column on a day, who did, who approved it and why: the answer for an auditor, from one set of rows.

A right is worked out as the gate would have judged it then: the grant's terms of that time, who belonged to the team,
who was left out, what was suspended, masked or closed. Rights that ended long ago answer as well as those of today.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from access import usage
from access.audit.events import Kind
from access.errors import Invalid, NotFound
from access.models import AuditEvent, ColumnMask, GrantUse, Principal, RightSizing, Vote
from access.models.audit import RULES
from access.people.permissions import Permission, require
from catalog.models import Column, Dataset

DAY = timedelta(days=1)
CLEAR, MASKED = "in the clear", "masked"


@dataclass(frozen=True)
class Span:
    """From one moment to another; empty when it ends before it starts."""

    start: datetime
    end: datetime

    def meet(self, other: "Span") -> "Span":
        """What both cover."""
        return Span(max(self.start, other.start), min(self.end, other.end))

    def without(self, others: Iterable["Span"]) -> list["Span"]:
        """What is left of it, in order."""
        left = [self]
        for other in others:
            left = [
                part
                for each in left
                for part in (
                    Span(each.start, min(each.end, other.start)),
                    Span(max(each.start, other.end), each.end),
                )
                if part
            ]
        return left

    def __bool__(self) -> bool:
        return self.start < self.end


@dataclass(frozen=True)
class Approval:
    """Who approved, as what, when and why; `asked_by` and `purpose` are the request's, where there was one."""

    kind: str
    by: tuple[str, ...]
    at: datetime
    reason: str
    asked_by: str = ""
    request: int | None = None
    purpose: str = ""


@dataclass(frozen=True)
class Reader:
    """One principal who could read through one grant, or one team's, during `spans` of the day.

    `sight` is how the column was seen; without a column it is empty and `columns` says which were covered (None: all).
    `n_reads` counts what was really read that day of the column, or at all.
    """

    principal: str
    name: str
    through: str
    grant: int
    spans: tuple[Span, ...]
    sight: str
    columns: tuple[str, ...] | None
    rows: str
    approval: Approval
    expires_at: datetime
    n_reads: int = 0
    last_read_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """Everybody who could read on a day. `closed` says that the dataset was closed to all at its end."""

    dataset: str
    column: str
    on: date
    readers: tuple[Reader, ...]
    masks: Mapping[str, str] = field(default_factory=dict)
    closed: str = ""

    @property
    def n_did(self) -> int:
        """How many of them did."""
        return len({each.principal for each in self.readers if each.n_reads})

    @property
    def n_could(self) -> int:
        """How many people and service accounts could."""
        return len({each.principal for each in self.readers})


# Terms over time: each version holds from the one before it, what stands on the grant from the last.
RIGHTS = """
WITH these AS (
    SELECT g.* FROM access_grant g
     WHERE g.dataset_id = %(dataset)s AND g.starts_at < %(end)s AND coalesce(g.ended_at > %(start)s, true)
), terms AS (
    SELECT v.grant_id, coalesce(lag(v.until) OVER (PARTITION BY v.grant_id ORDER BY v.until, v.id), '-infinity') AS since,
           v.until, v.columns, v.unmasked, v.expires_at, v.suspended_at
      FROM access_grantversion v JOIN these ON these.id = v.grant_id
    UNION ALL
    SELECT these.id, coalesce((SELECT max(v.until) FROM access_grantversion v WHERE v.grant_id = these.id), '-infinity'),
           'infinity', these.columns, these.unmasked, these.expires_at, these.suspended_at FROM these
), spells AS (
    SELECT g.id, g.principal_id, g.team_id, g.rows, g.masks, g.decision_id, t.columns, t.unmasked, t.expires_at,
           greatest(t.since, g.starts_at, %(start)s) AS start,
           least(t.until, t.expires_at, g.ended_at, t.suspended_at, %(end)s) AS stop
      FROM terms t JOIN these g ON g.id = t.grant_id
     WHERE %(column)s = '' OR t.columns IS NULL OR %(column)s = ANY(t.columns)
), people AS (
    SELECT s.*, s.principal_id AS reader, '' AS through, s.start AS from_at, s.stop AS to_at FROM spells s
     WHERE s.principal_id IS NOT NULL
    UNION ALL
    SELECT s.*, m.principal_id, 'team:' || m.team_name, greatest(s.start, m.joined_at), least(s.stop, m.left_at)
      FROM spells s JOIN access_membership m ON m.team_id = s.team_id
     WHERE m.joined_at < %(end)s AND coalesce(m.left_at > %(start)s, true)
)
SELECT p.id, p.reader, access_holder_label(p.reader, NULL), coalesce(nullif(who.name, ''), who.username), p.through,
       p.columns, p.unmasked, p.masks, p.rows, p.expires_at, p.from_at, p.to_at, who.is_active, who.deactivated_at,
       d.id, d.kind, coalesce(nullif(by.name, ''), by.username, ''), d.decided_at, d.reason, d.request_id,
       coalesce(nullif(asker.name, ''), asker.username, ''), coalesce(r.purpose, '')
  FROM people p
  JOIN access_principal who ON who.id = p.reader
  JOIN access_decision d ON d.id = p.decision_id
  LEFT JOIN access_principal by ON by.id = d.decider_id
  LEFT JOIN access_accessrequest r ON r.id = d.request_id
  LEFT JOIN access_principal asker ON asker.id = r.requester_id
 WHERE p.from_at < p.to_at
 ORDER BY 4, 1, p.from_at
"""

LEFT_OUT = """
SELECT x.grant_id, x.member_id, x.excluded_at, coalesce(x.lifted_at, %(end)s) FROM access_exclusion x
  JOIN access_grant g ON g.id = x.grant_id
 WHERE g.dataset_id = %(dataset)s AND x.excluded_at < %(end)s AND coalesce(x.lifted_at > %(start)s, true)
"""


def readers(dataset: Dataset, *, viewer: Principal | None, on: date, column: str = "") -> Answer:
    """Who could read the dataset, or one column of it, at some moment of a day (UTC), and who did.

    Without a viewer it is the operator who asks. Cost: nine queries, each over an index, however long the audit is.
    Errors: `NotAllowed` unless the viewer may read the dataset's audit; `NotFound` for a column it never had.
    """
    if viewer is not None:
        require(viewer, Permission.READ_AUDIT, dataset)
    if column and not Column.objects.filter(dataset=dataset, name=column).exists():
        raise NotFound(f"{dataset.name} never had a column {column}.")
    day = _day(on)
    usage.count()
    asked = {"dataset": dataset.pk, "start": day.start, "end": day.end, "column": column}
    rows = _rows(RIGHTS, asked)
    masks, closed = _rules_on(dataset, day)
    found = _Found(
        column=column,
        masks=masks,
        away=_left_out(asked, rows),
        inactive=_inactive(rows, day),
        unread=_masked_as_unread(rows, column),
        voters=_voters(row[19] for row in rows if row[19]),
    )
    merged = _merged(found.reader(row) for row in rows)
    return Answer(dataset.name, column, on, tuple(_with_reads(merged, on, column)), masks, closed)


def parse_subject(text: str) -> tuple[Dataset, str]:
    """The dataset, and the column if one is named, of `warehouse.schema.table` or `warehouse.schema.table.column`.

    Errors: `NotFound` when there is neither.
    """
    dataset = Dataset.objects.filter(name=text).first()
    if dataset is not None:
        return dataset, ""
    name, _, column = text.rpartition(".")
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        raise NotFound(
            f"There is no dataset {text}. Write warehouse.schema.table or warehouse.schema.table.column."
        )
    return dataset, column


def parse_day(text: str) -> date:
    """The day that `2026-03-01` writes. Errors: `Invalid`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Write a date as 2026-03-01.", "on") from error


Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Found:
    """What was looked up beside the rights themselves."""

    column: str
    masks: Mapping[str, str]
    away: Mapping[tuple[int, int], Sequence[Span]]
    inactive: Mapping[str, Sequence[Span]]
    unread: Mapping[int, Sequence[Span]]
    voters: Mapping[int, Sequence[str]]

    def reader(self, row: Row) -> Reader | None:
        """One right of one principal; None when nothing is left of it."""
        grant, reader, label, name, through, columns, unmasked, masks, rows, expires_at = row[:10]
        gone = [*self.away.get((grant, reader), ()), *self.inactive.get(label, ())]
        spans = Span(row[10], row[11]).without(gone)
        if not spans:
            return None
        return Reader(
            principal=label,
            name=name,
            through=through,
            grant=grant,
            spans=tuple(spans),
            sight=self._sight(grant, unmasked, masks, spans),
            columns=None if columns is None else tuple(columns),
            rows=rows,
            approval=self._approval(row[14:]),
            expires_at=expires_at,
        )

    def _sight(self, grant: int, unmasked: Sequence[str], masks: Any, spans: Sequence[Span]) -> str:
        if not self.column:
            return ""
        unread = self.unread.get(grant, ())
        if not any(span.without(unread) for span in spans):
            return f"{MASKED}: nobody had read it"
        if self.column in unmasked:
            return CLEAR
        if self.column in (masks or {}) or self.column in self.masks:
            return f"{MASKED}: {self.masks.get(self.column, 'by the grant')}"
        return CLEAR

    def _approval(self, row: Row) -> Approval:
        _, kind, by, at, reason, request, asked_by, purpose = row
        voters = tuple(self.voters.get(request, ()))
        return Approval(
            kind, voters or ((by,) if by else ()), at, reason, asked_by, request, purpose
        )


def _merged(rights: Iterable[Reader | None]) -> list[Reader]:
    """One line for each principal, grant and sight: versions that differ in nothing shown are one right."""
    found: dict[tuple[Any, ...], Reader] = {}
    for right in rights:
        if right is None:
            continue
        key = (right.principal, right.through, right.grant, right.sight, right.columns)
        before = found.get(key)
        spans = (*before.spans, *right.spans) if before else right.spans
        found[key] = replace(right, spans=spans)
    return list(found.values())


def _with_reads(readers: Sequence[Reader], on: date, column: str) -> list[Reader]:
    """The readers with what they really read on the day, those who did first."""
    uses = GrantUse.objects.filter(
        grant__in={each.grant for each in readers}, day=on, column_name=column
    ).values_list("grant", "principal", "n_queries", "last_used_at")
    people = dict(
        Principal.objects.filter(pk__in={use[1] for use in uses}).values_list("pk", "username")
    )
    reads = {(grant, people[who]): (n, at) for grant, who, n, at in uses}
    found = []
    for each in readers:
        n, at = reads.get((each.grant, each.principal.partition(":")[2]), (0, None))
        found.append(replace(each, n_reads=n, last_read_at=at))
    return sorted(found, key=lambda each: (not each.n_reads, each.name, each.grant))


def _left_out(asked: Mapping[str, Any], rows: Sequence[Row]) -> dict[tuple[int, int], list[Span]]:
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    if any(row[4] for row in rows):
        for grant, member, start, end in _rows(LEFT_OUT, asked):
            found[grant, member].append(Span(start, end))
    return dict(found)


def _inactive(rows: Sequence[Row], day: Span) -> dict[str, list[Span]]:
    """When the principals were deactivated, by label."""
    found: dict[str, list[Span]] = defaultdict(list)
    away = {row[2]: row[13] for row in rows if not row[12] and row[13]}
    for label, since in away.items():
        found[label].append(Span(since, datetime.max.replace(tzinfo=UTC)))
    kinds = (Kind.PRINCIPAL_DEACTIVATED.value, Kind.PRINCIPAL_REACTIVATED.value)
    events = AuditEvent.objects.filter(subject__in={row[2] for row in rows}, kind__in=kinds)
    since_when: dict[str, datetime] = {}
    for subject, kind, at in events.order_by("id").values_list("subject", "kind", "at"):
        if kind == kinds[0]:
            since_when[subject] = at
        elif subject in since_when:
            found[subject].append(Span(since_when.pop(subject), at))
    return found


def _masked_as_unread(rows: Sequence[Row], column: str) -> dict[int, list[Span]]:
    """When the review had masked the column, by grant."""
    found: dict[int, list[Span]] = defaultdict(list)
    if not column:
        return found
    forever = datetime.max.replace(tzinfo=UTC)
    masked = RightSizing.objects.filter(
        grant__in={row[0] for row in rows}, columns__contains=[column], masked_at__isnull=False
    )
    for sizing in masked:
        kept = sizing.kept.get(column)
        end = datetime.fromisoformat(kept) if kept else sizing.closed_at or forever
        assert sizing.masked_at is not None
        found[sizing.grant_id].append(Span(sizing.masked_at, end))
    return found


def _voters(requests: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    votes = Vote.objects.filter(request__in=set(requests), approves=True).select_related("voter")
    for vote in votes.order_by("cast_at"):
        found[vote.request_id].append(str(vote.voter))
    return found


def _rules_on(dataset: Dataset, day: Span) -> tuple[dict[str, str], str]:
    """The kind of mask of each column at the end of a day, and why the dataset was closed then, if it was."""
    events = AuditEvent.objects.filter(dataset=dataset.name, kind__in=RULES)
    changed = events.filter(kind=Kind.POLICY_CHANGED.value)
    before = changed.filter(at__lt=day.end).order_by("-at", "-id").first()
    last = events.filter(at__lt=day.end).order_by("-at", "-id").first()
    closed = last.reason if last and last.kind in ("policy.closed", "policy.broken") else ""
    if before is not None:
        return _kinds(before.data.get("new")), closed
    after = changed.filter(at__gte=day.end).order_by("at", "id").first()
    if after is not None:
        return _kinds(after.data.get("old")), closed
    now = ColumnMask.objects.filter(policy__dataset=dataset)
    return dict(now.values_list("column_name", "kind")), closed


def _kinds(content: Any) -> dict[str, str]:
    masks = (content or {}).get("masks") or {}
    return {column: str(mask.get("kind", "")) for column, mask in masks.items()}


def _day(on: date) -> Span:
    midnight = datetime.combine(on, time(), UTC)
    return Span(midnight, midnight + DAY)


def _rows(sql: str, asked: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows: list[Row] = cursor.fetchall()
    return rows
