"""The assertions a run made about datasets, as results of checks: of a check we know by name, else of one of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from catalog.checks import Claim, Look, keep_checks, record_all
from catalog.importers.openlineage_events import Assertion, Event
from catalog.importers.openlineage_names import Known
from catalog.importers.reports import ImportReport
from catalog.models import Check, CheckStatus, Dataset, Source

# Before a run has begun, nothing was looked at, whatever its event repeats.
NOT_LOOKED = frozenset({"START", "ABORT"})
Made = tuple[Dataset, Assertion, Event]


def keep(events: Sequence[Event], known: Known, report: ImportReport) -> None:
    """Records what runs found out about datasets.

    dbt reports a relationship test on the table it points to, while its project defines it on the table that points;
    the test's own name joins the two, where only one check of the warehouse bears it.
    Cost: two queries to find the checks, and up to seven to write.
    """
    made = [
        (known.datasets[dataset.name], assertion, event)
        for event in events
        if event.state not in NOT_LOOKED
        for dataset in event.datasets
        if dataset.name in known.datasets
        for assertion in dataset.assertions
    ]
    if not made:
        return
    checks = _by_name(made)
    ours: dict[Dataset, list[Claim]] = {}
    for dataset, assertion, _ in made:
        if _found(dataset, assertion, checks) is None:
            ours.setdefault(dataset, []).append(_claim(assertion))
    kept = keep_checks(ours, source=Source.OPENLINEAGE, and_remove=False)
    report.count("checks", kept.tally, kept.datasets)
    _record(made, checks, report)


def _by_name(made: Sequence[Made]) -> dict[tuple[int, str], list[Check]]:
    """The checks of other sources that bear the assertions' names, by warehouse and name."""
    names = {assertion.name for _, assertion, _ in made if assertion.name}
    warehouses = {dataset.warehouse_id for dataset, _, _ in made}
    checks = (
        Check.objects.filter(name__in=names, dataset__warehouse__in=warehouses)
        .exclude(source=Source.OPENLINEAGE)
        .select_related("dataset")
    )
    found: dict[tuple[int, str], list[Check]] = {}
    for check in checks:
        found.setdefault((check.dataset.warehouse_id, check.name), []).append(check)
    return found


def _found(
    dataset: Dataset, assertion: Assertion, checks: dict[tuple[int, str], list[Check]]
) -> Check | None:
    named = checks.get((dataset.warehouse_id, assertion.name), [])
    own = [check for check in named if check.dataset_id == dataset.pk]
    chosen = own or named
    return chosen[0] if len(chosen) == 1 else None


def _claim(assertion: Assertion) -> Claim:
    definition = {"kind": assertion.assertion, **assertion.params}
    if assertion.column:
        definition["column"] = assertion.column
    words = json.dumps([assertion.name, definition], sort_keys=True, default=str)
    return Claim(
        key=sha256(words.encode()).hexdigest(),
        name=assertion.name or " ".join((assertion.assertion, assertion.column)).strip(),
        definition=definition,
        column=assertion.column,
        severity=assertion.severity,
    )


def _record(
    made: Sequence[Made], checks: dict[tuple[int, str], list[Check]], report: ImportReport
) -> None:
    datasets = {dataset.pk for dataset, _, _ in made}
    ours = {
        (check.dataset_id, check.key): check
        for check in Check.objects.filter(source=Source.OPENLINEAGE, dataset__in=datasets)
    }
    looks = []
    for dataset, assertion, event in made:
        check = _found(dataset, assertion, checks) or ours[dataset.pk, _claim(assertion).key]
        looks.append((check, Look(_status(assertion), event.at, assertion.failures)))
    tally = record_all(looks)
    touched = set() if tally.is_quiet else {check.dataset_id for check, _ in looks}
    report.count("check results", tally, touched)


def _status(assertion: Assertion) -> CheckStatus:
    if assertion.is_success:
        return CheckStatus.PASS
    return CheckStatus.WARN if assertion.severity.startswith("warn") else CheckStatus.FAIL
