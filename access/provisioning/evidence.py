"""What people ran in the warehouse with their own tools, counted as use of the grants behind it, each run once.

The warehouse's server says how often a login has run a kind of statement. What was not there at the last look happened
since; the tally of what was counted moves in the transaction that writes the use down.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from access import usage
from access.audit.events import Kind, record
from access.models import NativeAccess, NativeLogin, NativeTally, QueryRecord, Surface
from access.policies.reading import Reading
from access.provisioning import desired
from access.provisioning.reading_text import ReadOf, reads
from catalog.engines.native import view_name
from catalog.engines.postgresql_evidence import NoEvidence, Statement, statements
from catalog.engines.screens import Table
from catalog.models import Dataset

COLLECT_EVERY = timedelta(seconds=60)
PURPOSE = "With their own tools"


def collect_if_due(access: NativeAccess, now: datetime) -> int:
    """As `collect`, unless that was done a moment ago."""
    if access.evidence_at is not None and now - access.evidence_at < COLLECT_EVERY:
        return 0
    return collect(access, now=now)


def collect(access: NativeAccess, *, now: datetime) -> int:
    """Writes down what was run since the last look; gives how many kinds of statements that were.

    Where the server keeps no count, that is noted, and the review of unused access judges nobody by it.
    Errors: `EngineError` when the warehouse does not answer.
    """
    logins = {login.role: login for login in desired.open_logins(access)}
    try:
        said = statements(access.warehouse.manage, logins) if logins else ()
    except NoEvidence as error:
        NativeAccess.objects.filter(pk=access.pk).update(evidence_failure=str(error)[:300])
        return 0
    by_role: dict[str, list[Statement]] = defaultdict(list)
    for statement in said:
        by_role[statement.role].append(statement)
    n_new = sum(_count(logins[role], found, now) for role, found in by_role.items())
    NativeAccess.objects.filter(pk=access.pk).update(evidence_at=now, evidence_failure="")
    return n_new


@transaction.atomic
def _count(login: NativeLogin, said: Iterable[Statement], now: datetime) -> int:
    """One login's part; a second counter waits, and then finds nothing new."""
    NativeLogin.objects.select_for_update().get(pk=login.pk)
    tallies = NativeTally.objects.filter(login=login)
    before = {each.statement: (each.n_calls, each.n_rows) for each in tallies}
    new = [
        (statement, n_rows)
        for statement in said
        if (n_rows := _rows_since(before.get(statement.number, (0, 0)), statement)) is not None
    ]
    if not new:
        return 0
    behind = {view_name(_table(each)): each for each in desired.readings_of(login)}
    for statement, n_rows in new:
        _write(login, statement, n_rows, behind, now)
    NativeTally.objects.bulk_create(
        [
            NativeTally(
                login=login, statement=each.number, n_calls=each.n_calls, n_rows=each.n_rows
            )
            for each, _ in new
        ],
        update_conflicts=True,
        unique_fields=["login", "statement"],
        update_fields=["n_calls", "n_rows"],
    )
    return len(new)


def _rows_since(before: tuple[int, int], statement: Statement) -> int | None:
    """The rows a statement gave since; None when it did not run. A server that began to count anew says less than before."""
    n_calls, n_rows = before
    if statement.n_calls == n_calls:
        return None
    if statement.n_calls < n_calls:
        return statement.n_rows
    return max(0, statement.n_rows - n_rows)


def _write(
    login: NativeLogin,
    statement: Statement,
    n_rows: int,
    behind: dict[str, Reading],
    now: datetime,
) -> None:
    """One record, as of a query at the gate, for what a statement read of the login's views; other text is nobody's."""
    columns = {name: reading.policy.visible for name, reading in behind.items()}
    found = {
        name: read
        for name, read in reads(statement.text, columns).items()
        if behind[name].policy.grants
    }
    if not found:
        return
    used = {behind[name].policy.dataset: sorted(read.columns) for name, read in found.items()}
    credits = [credit for name, read in found.items() for credit in _credits(behind[name], read)]
    made = uuid.uuid4()
    QueryRecord.objects.create(
        id=made,
        principal=login.principal,
        warehouse=login.native.warehouse,
        surface=Surface.NATIVE,
        purpose=PURPOSE,
        sql=statement.text,
        schema_name=login.role,
        datasets=sorted(used),
        columns=used,
        grants=sorted({credit.grant_id for credit in credits}),
        credits=usage.stored(credits),
        started_at=login.native.evidence_at or login.opened_at,
        finished_at=now,
        rows=n_rows,
    )
    record(
        Kind.QUERY_OBSERVED,
        actor=login.principal,
        subject=f"query:{made}",
        dataset=Dataset(name=next(iter(used))) if len(used) == 1 else None,
        data={"login": login.role, "warehouse": login.native.warehouse.name, "columns": used},
        now=now,
    )


def _credits(reading: Reading, read: ReadOf) -> list[usage.Credit]:
    """The grants that covered something of what was read; all of them when only rows were counted."""
    return [
        usage.Credit(
            rule.grant_id,
            {name: clauses for name, clauses in read.columns.items() if rule.covers(name)},
        )
        for rule in reading.policy.grants
        if not read.columns or any(rule.covers(name) for name in read.columns)
    ]


def _table(reading: Reading) -> Table:
    return Table(reading.policy.schema, reading.policy.table)
